"""Who decided what, and when. Written once; taken back here, or on the pages of review."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from ibcm.curation import forgetting, services
from ibcm.domain.errors import IbcmError
from ibcm.records.admin import ReadOnly
from ibcm.records.models import Decision, DecisionPair

__all__ = ["DecisionAdmin", "forgetting"]


class DecisionPairs(ReadOnly, admin.TabularInline[DecisionPair, Decision]):
    model = DecisionPair
    fields = ("left", "right")
    extra = 0


@admin.register(Decision)
class DecisionAdmin(ReadOnly, admin.ModelAdmin[Decision]):
    list_display = ("id", "kind", "about", "field", "by", "at", "stands_shown", "undone_by", "reason")
    list_filter = ("kind", "by", ("undone_at", admin.EmptyFieldListFilter))
    search_fields = ("ref", "pairs__left", "pairs__right", "reason", "by")
    search_help_text = "source:key, who decided, or words of the reason"
    date_hierarchy = "at"
    inlines = (DecisionPairs,)
    actions = ("take_back",)

    @admin.display(description="about")
    def about(self, decision: Decision) -> str:
        pairs = [str(pair) for pair in decision.pairs.all()[:2]]
        return decision.ref or " · ".join(pairs)

    @admin.display(description="stands", boolean=True)
    def stands_shown(self, decision: Decision) -> bool:
        return decision.stands

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Django asks for this by the name in the action's `permissions`."""
        return request.user.has_perm("records.add_decision")

    @admin.action(description="Take the chosen decisions back", permissions=["decide"])
    def take_back(self, request: HttpRequest, chosen: QuerySet[Decision]) -> None:
        numbers = list(chosen.values_list("pk", flat=True))
        try:
            done = services.undo_many(numbers, by=request.user.get_username())
        except IbcmError as error:
            self.message_user(request, str(error), messages.WARNING)
            return
        self.message_user(request, f"Taken back: {len(done.numbers)}.", messages.SUCCESS)
