"""Sources as operators see them: terms and how the last run went."""

import json

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ibcm.sources.models import Source


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin[Source]):
    list_display = ("slug", "origin", "name", "licence", "trust", "last_ended", "last_error")
    list_filter = ("origin",)
    search_fields = ("slug", "policy")
    fields = ("slug", "origin", "terms", ("last_started", "last_ended"), "counts", "last_error")
    readonly_fields = ("terms", "counts")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's
        return False

    def has_change_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:  # noqa: ARG002 - Django's
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Source | None = None) -> bool:  # noqa: ARG002 - Django's
        return False

    @admin.display(description="name")
    def name(self, source: Source) -> str:
        return str(source.policy.get("name", ""))

    @admin.display(description="licence")
    def licence(self, source: Source) -> str:
        return str(source.policy.get("licence", ""))

    @admin.display(description="trust")
    def trust(self, source: Source) -> str:
        return str(source.policy.get("trust", ""))

    @admin.display(description="terms")
    def terms(self, source: Source) -> SafeString:
        return _pretty(source.policy)

    @admin.display(description="last counts")
    def counts(self, source: Source) -> SafeString:
        return _pretty(source.last_counts)


def _pretty(value: object) -> SafeString:
    return format_html('<pre style="white-space: pre-wrap">{}</pre>', json.dumps(value, indent=2, ensure_ascii=False))
