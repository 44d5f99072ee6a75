"""The action by which operators forget what they chose in a list: first what would go, then, confirmed, a job."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from ibcm.domain.errors import IbcmError
from ibcm.jobs import services as jobs
from ibcm.records.admin import RecordAdmin
from ibcm.records.forgetting import Chosen, preview
from ibcm.records.models import Record
from ibcm.sources.admin import SourceAdmin
from ibcm.sources.models import Source

MOST = 10_000
SHOWN = 20


class Forgetting:
    """Mixin for an admin whose rows name records or sources by `named_by`."""

    actions: Any = ("forget",)
    named_by: str
    admin_site: admin.AdminSite

    def has_forget_permission(self, request: HttpRequest) -> bool:
        """Django asks for this by the name in the action's `permissions`."""
        return request.user.has_perm("records.delete_record")

    @admin.action(description="Forget the chosen for good", permissions=["forget"])
    def forget(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        names = list(chosen.order_by(self.named_by).values_list(self.named_by, flat=True)[: MOST + 1])
        if len(names) > MOST:
            messages.warning(request, f"Choose up to {MOST:,} at once, or forget the whole source.")
            return None
        wanted = Chosen.of(names)
        try:
            found = preview(wanted)
        except IbcmError as error:
            messages.warning(request, str(error))
            return None
        if request.POST.get("confirmed"):
            job = jobs.submit("forget", {"sources": list(wanted.sources), "refs": list(wanted.refs)})
            messages.success(request, f"Job {job.pk} forgets {found.records:,} records. They are cited no more.")
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": "Forget for good?",
            "found": found,
            "names": names[:SHOWN],
            "more": max(0, len(names) - SHOWN),
            "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "across": request.POST.get("select_across", "0"),
            "box": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/forget.html", context)


# Their own apps lie below jobs, and so cannot start one: they are registered once more, with the action.
admin.site.unregister([Record, Source])


@admin.register(Record)
class ForgettableRecords(Forgetting, RecordAdmin):
    named_by = "ref"


@admin.register(Source)
class ForgettableSources(Forgetting, SourceAdmin):
    named_by = "slug"
