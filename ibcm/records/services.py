"""What operators ask of the records: figures."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, QuerySet

from ibcm.records.models import Entity, Pair, Record, RecordVersion


def stats() -> dict[str, Any]:
    """Counts as plain JSON: records by source and kind, entities by label, what waits, and how fresh it all is."""
    living = Record.objects.filter(deleted=False)
    entities = Entity.objects.filter(records__deleted=False).distinct()
    return {
        "records": living.count(),
        "deleted": Record.objects.filter(deleted=True).count(),
        "versions": RecordVersion.objects.count(),
        "entities": entities.count(),
        "merged_pairs": Pair.objects.filter(together=True).count(),
        "to_review": open_pairs(),
        "by_source": list(_by_source(living)),
        "by_kind": dict(_counted(living, "kind")),
        "by_label": dict(entities.values_list("label").annotate(n=Count("id", distinct=True)).order_by("label")),
        "by_city": dict(_counted(living.exclude(city=""), "city")),
        "by_sector": dict(_counted(living.exclude(sector=""), "sector")),
        "waiting": waiting(),
    }


def waiting() -> dict[str, int]:
    """What walk (a) has left to do: records to assign, entities to project. Both 0: nothing lags."""
    return {
        "to_assign": Record.objects.filter(staged=True).count(),
        "to_project": Entity.objects.filter(dirty=True).count(),
    }


def urgent() -> dict[str, int]:
    """What curators wait for. Both 0: every decision has taken effect."""
    return {
        "to_assign": Record.objects.filter(staged=True, urgent=True).count(),
        "to_project": Entity.objects.filter(dirty=True, urgent=True).count(),
    }


def open_pairs(*, since: datetime | None = None) -> int:
    """Pairs that a person is to look at; with `since`, those that were found or looked at again from then on."""
    found = Pair.objects.filter(together=False)
    return (found.filter(found__gte=since) if since else found).count()


def _by_source(living: QuerySet[Record]) -> Iterator[dict[str, Any]]:
    figures = living.values("source").annotate(
        records=Count("id"), oldest=Min("retrieved_at"), newest=Max("retrieved_at"), last_seen=Max("last_seen")
    )
    for row in figures.order_by("source"):
        yield {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _counted(living: QuerySet[Record], field: str) -> Iterable[tuple[str, int]]:
    return living.values_list(field).annotate(n=Count("id")).order_by(field)


def has_records_of(city: str) -> bool:
    """Whether anything living is known of this city, configured or not."""
    return Record.objects.filter(city=city, deleted=False).exists()
