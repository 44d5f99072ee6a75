"""Jobs as operators see them: what runs, how far it is, what went wrong; cancel from the list."""

import json

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ibcm.domain.errors import IbcmError
from ibcm.jobs import services
from ibcm.jobs.models import Job


@admin.register(Job)
class JobAdmin(admin.ModelAdmin[Job]):
    list_display = ("kind", "standing", "about", "how_far", "attempts", "created", "lasted", "problem")
    list_filter = ("state", "kind")
    search_fields = ("id", "kind", "error")
    date_hierarchy = "created"
    actions = ("cancel_jobs",)
    fields = (
        ("kind", "standing", "attempts", "max_attempts"),
        ("created", "started", "ended", "lasted"),
        ("leased_by", "lease_until", "not_before"),
        "arguments_shown",
        "how_far",
        "problem",
        "result_shown",
    )
    readonly_fields = ("standing", "created", "lasted", "arguments_shown", "how_far", "problem", "result_shown")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        return False

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Whoever may change jobs may cancel them; their fields are nobody's to edit."""
        return request.user.has_perm("jobs.change_job")

    @admin.action(description="Cancel the chosen jobs", permissions=["cancel"])
    def cancel_jobs(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        for job in chosen:
            try:
                services.cancel(job.pk)
            except IbcmError as error:
                self.message_user(request, str(error), messages.WARNING)
            else:
                self.message_user(request, f"{job.kind} {job.pk} is asked to stop")

    @admin.display(description="state", ordering="state")
    def standing(self, job: Job) -> str:
        return services.standing(job, timezone.now())[0]

    @admin.display(description="error", ordering="error")
    def problem(self, job: Job) -> str:
        return services.standing(job, timezone.now())[1]

    @admin.display(description="about")
    def about(self, job: Job) -> str:
        return str(job.arguments.get("source") or ", ".join(map(str, job.arguments.get("paths", ()))))[:80]

    @admin.display(description="progress")
    def how_far(self, job: Job) -> str:
        told = job.progress
        of = f" of {told['total']}" if told.get("total") else ""
        return f"{told.get('step', '')} {told.get('done', '')}{of}".strip()

    @admin.display(description="seconds")
    def lasted(self, job: Job) -> str:
        seconds = job.seconds(timezone.now())
        return "" if seconds is None else f"{seconds:.1f}"

    @admin.display(description="arguments")
    def arguments_shown(self, job: Job) -> SafeString:
        return _pretty(job.arguments)

    @admin.display(description="result")
    def result_shown(self, job: Job) -> SafeString:
        return _pretty(job.result)


def _pretty(value: object) -> SafeString:
    return format_html('<pre style="white-space: pre-wrap">{}</pre>', json.dumps(value, indent=2, ensure_ascii=False))
