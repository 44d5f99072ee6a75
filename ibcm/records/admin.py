"""Records and entities as curators see them. Nothing is edited here: what sources say changes by ingest alone."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ibcm.records.models import (
    BlockingKey,
    Entity,
    Lease,
    Record,
    RecordLink,
    RecordVersion,
    ResolverSnapshot,
)


class ReadOnly:
    """Mixin: look, do not touch."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's
        return False


def pretty(text: str) -> SafeString:
    """JSON a person can read; the text itself where it is none."""
    try:
        shown = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        shown = text
    return format_html('<pre style="white-space: pre-wrap; max-width: 80em">{}</pre>', shown or "(dropped)")


class VersionInline(ReadOnly, admin.TabularInline[RecordVersion, Record]):
    model = RecordVersion
    fields = ("retrieved_at", "expires_at", "hash", "said")
    readonly_fields = fields
    extra = 0

    @admin.display(description="payload")
    def said(self, version: RecordVersion) -> SafeString:
        return pretty(version.payload)


class LinkInline(ReadOnly, admin.TabularInline[RecordLink, Record]):
    model = RecordLink
    fields = ("target",)
    extra = 0


class KeyInline(ReadOnly, admin.TabularInline[BlockingKey, Record]):
    model = BlockingKey
    fields = ("label", "key")
    extra = 0


class EntityRecords(ReadOnly, admin.TabularInline[Record, Entity]):
    model = Record
    fields = ("ref", "source", "kind", "retrieved_at", "deleted")
    readonly_fields = fields
    show_change_link = True
    extra = 0


@admin.register(Record)
class RecordAdmin(ReadOnly, admin.ModelAdmin[Record]):
    list_display = ("ref", "kind", "city", "sector", "retrieved_at", "expires_at", "deleted", "staged", "entity")
    list_filter = ("kind", "source", "city", "sector", "deleted", "ended", "staged")
    search_fields = ("ref", "payload")
    search_help_text = "source:key, or words of what was said"
    date_hierarchy = "retrieved_at"
    list_select_related = ("entity",)
    show_full_result_count = False
    inlines = (VersionInline, LinkInline, KeyInline)
    fields = (
        ("ref", "kind", "label"),
        ("city", "sector"),
        ("retrieved_at", "expires_at", "first_seen", "last_seen"),
        ("deleted", "ended", "ended_at", "staged", "pruned"),
        "entity_link",
        "said",
        "hash",
    )
    readonly_fields = ("entity_link", "said")

    @admin.display(description="what was said")
    def said(self, record: Record) -> SafeString:
        return pretty(record.payload)

    @admin.display(description="entity")
    def entity_link(self, record: Record) -> str:
        if not record.entity_id:
            return "none"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:records_entity_change", args=[record.entity_id]), record.entity_id
        )


@admin.register(Entity)
class EntityAdmin(ReadOnly, admin.ModelAdmin[Entity]):
    list_display = ("id", "label", "records_held", "revision", "dirty", "redirect_to", "created")
    list_filter = ("label", "dirty")
    search_fields = ("id", "records__ref")
    search_help_text = "entity id, or the source:key of one of its records"
    show_full_result_count = False
    inlines = (EntityRecords,)
    fields = ("id", "label", "revision", "dirty", "redirect_to", "created", "correct")
    readonly_fields = ("correct",)

    @admin.display(description="correct it")
    def correct(self, entity: Entity) -> SafeString:
        return format_html('<a href="{}">values, records, evidence</a>', reverse("review:thing", args=[entity.pk]))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entity]:
        return super().get_queryset(request).annotate(records_held=Count("records"))

    @admin.display(description="records")
    def records_held(self, entity: Any) -> int:
        return int(entity.records_held)


@admin.register(Lease)
class LeaseAdmin(ReadOnly, admin.ModelAdmin[Lease]):
    list_display = ("name", "owner", "until")


@admin.register(ResolverSnapshot)
class ResolverSnapshotAdmin(ReadOnly, admin.ModelAdmin[ResolverSnapshot]):
    list_display = ("version", "made", "active")
    fields = ("version", "made", "active", "seen")
    readonly_fields = ("seen",)

    @admin.display(description="what it was fitted to, and would change")
    def seen(self, snapshot: ResolverSnapshot) -> SafeString:
        return pretty(json.dumps(snapshot.summary))
