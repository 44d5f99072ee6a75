"""Answers as curators see them: what was asked, what was said, on what it rests. Nothing is edited here."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ibcm.chat import services
from ibcm.chat.models import AskedAnswer
from ibcm.chat.page import safe_url


@admin.register(AskedAnswer)
class AskedAnswerAdmin(admin.ModelAdmin[AskedAnswer]):
    list_display = ("question_shown", "kind", "city", "language", "abstained", "created_at")
    list_filter = ("abstained", "kind", "language", "city")
    search_fields = ("question",)
    date_hierarchy = "created_at"
    readonly_fields = (
        *("question", "text", "missing", "citations", "city", "language", "kind", "abstained", "created_at"),
        *("plan", "rows", "page"),
    )
    fields = readonly_fields

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        return False

    @admin.display(description="question", ordering="question")
    def question_shown(self, asked: AskedAnswer) -> str:
        return str(asked)

    @admin.display(description="answer")
    def text(self, asked: AskedAnswer) -> str:
        return str(self._shown(asked)["text"])

    @admin.display(description="missing")
    def missing(self, asked: AskedAnswer) -> str:
        return self._shown(asked)["missing"] or "–"

    @admin.display(description="citations")
    def citations(self, asked: AskedAnswer) -> SafeString:
        cited = self._shown(asked)["citations"]
        rows = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            ((c["n"], c["value"] or c.get("total", "–"), _linked(c), c["record"], c["licence"]) for c in cited),
        )
        head = "<tr><th>#</th><th>Value</th><th>Source</th><th>Record</th><th>Licence</th></tr>"
        return format_html("<table>{}{}</table>", SafeString(head), rows) if cited else SafeString("–")

    @admin.display(description="plan")
    def plan(self, asked: AskedAnswer) -> SafeString:
        return _pretty(self._shown(asked)["plan"])

    @admin.display(description="rows")
    def rows(self, asked: AskedAnswer) -> SafeString:
        return _pretty(self._shown(asked)["rows"])

    @admin.display(description="as people see it")
    def page(self, asked: AskedAnswer) -> SafeString:
        return format_html('<a href="{}">open the answer</a>', asked.get_absolute_url())

    def _shown(self, asked: AskedAnswer) -> dict[str, Any]:
        """Checked again, like everywhere: what has expired is not shown to curators either. Once per request."""
        if not hasattr(asked, "_shown"):
            asked._shown = services.show_again(asked)  # type: ignore[attr-defined] # a cache on this instance
        shown: dict[str, Any] = asked._shown  # type: ignore[attr-defined] # see above
        return shown


def _linked(citation: dict[str, Any]) -> SafeString:
    url = safe_url(citation["url"])
    if url is None:
        return format_html("{}", citation["title"])
    return format_html('<a href="{}" rel="noopener noreferrer nofollow">{}</a>', url, citation["title"])


def _pretty(value: object) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False)) if value else SafeString("–")
