"""What operators ask of the records: figures, and the purge that policy demands."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Min, Q, QuerySet

from ibcm.domain.policy import SourcePolicy, live_data
from ibcm.domain.records import SourceRecord
from ibcm.records.ledger import DjangoLedger
from ibcm.records.marks import mark_entities
from ibcm.records.models import Entity, Pair, Record, RecordVersion
from ibcm.records.rows import CLOCKS, record_of

ROWS = 500


@dataclass(frozen=True, slots=True)
class Purged:
    """What one purge did."""

    expired: int
    """Records past their time, staged for deletion; the next assignment takes them out of graph and index."""
    versions: int
    """Versions dropped from history."""
    pruned: int
    """Records and versions that lost fields whose own time was over."""

    def __bool__(self) -> bool:
        return bool(self.expired or self.versions or self.pruned)


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


def purge(now: datetime) -> Purged:
    """Drop what may not be kept at `now`: fields, then versions, then records. Safe to repeat.

    Records past `expires_at` lose their payload at once and are staged for deletion. Versions past theirs go from
    history, and so does all history of a tombstoned record whose source has a time limit. Fields with a limit of
    their own, or that a source's terms call transient now, are taken out of what stays.
    """
    ledger = DjangoLedger()
    policies = ledger.policies()
    pruned = sum(_prune(slug, policy, now) for slug, policy in policies.items() if policy.fields)
    limited = [slug for slug, policy in policies.items() if policy.retention_days is not None]
    over = Q(expires_at__lte=now) | Q(record__deleted=True, record__source__in=limited)
    versions, _ = RecordVersion.objects.filter(over).delete()
    return Purged(expired=ledger.expire(now=now), versions=versions, pruned=pruned)


def _prune(source: str, policy: SourcePolicy, now: datetime) -> int:
    limited = Q()
    for name in policy.fields:
        limited |= Q(payload__contains=json.dumps(name, ensure_ascii=False))
    records = Record.objects.filter(limited, source=source, deleted=False)
    versions = RecordVersion.objects.filter(limited, record__source=source).select_related("record")
    return _prune_records(records, policy, now) + _prune_versions(versions, policy, now)


def _prune_records(rows: QuerySet[Record], policy: SourcePolicy, now: datetime) -> int:
    changed = 0
    for page in _pages(rows):
        with transaction.atomic():
            locked = Record.objects.select_for_update(of=("self",)).filter(pk__in=page)
            stale = [row for row in locked if _without_dead_fields(row, row, policy, now)]
            for row in stale:
                row.pruned, row.staged = True, bool(row.label)
            Record.objects.bulk_update(stale, ["payload", "pruned", "staged"], batch_size=100)
            mark_entities(row.entity_id for row in stale if row.entity_id)
        changed += len(stale)
    return changed


def _prune_versions(rows: QuerySet[RecordVersion], policy: SourcePolicy, now: datetime) -> int:
    changed = 0
    for page in _pages(rows):
        versions = RecordVersion.objects.filter(pk__in=page).select_related("record")
        stale = [version for version in versions if _without_dead_fields(version, version.record, policy, now)]
        RecordVersion.objects.bulk_update(stale, ["payload"], batch_size=100)
        changed += len(stale)
    return changed


def _without_dead_fields(row: Record | RecordVersion, of: Record, policy: SourcePolicy, now: datetime) -> bool:
    """Rewrite the payload without fields that may not be kept. False where nothing had to go."""
    told = record_of(
        Record(ref=of.ref, source=of.source, kind=of.kind, payload=row.payload, retrieved_at=row.retrieved_at)
    )
    kept = _storable(live_data(told, policy, now), policy)
    if len(kept) == len(told.data):
        return False
    said: SourceRecord = told.model_copy(update={"data": dict(kept)})
    row.payload = said.model_dump_json(exclude=CLOCKS, exclude_none=True)
    return True


def _storable(data: Mapping[str, object], policy: SourcePolicy) -> Mapping[str, object]:
    transient = {name for name, terms in policy.fields.items() if terms.transient}
    return {name: value for name, value in data.items() if name not in transient}


def _pages(rows: QuerySet[Any]) -> Iterator[list[int]]:
    """Primary keys in order, a page at a time, while the rows change underneath."""
    last = 0
    while page := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:ROWS]):
        yield page
        last = page[-1]


def has_records_of(city: str) -> bool:
    """Whether anything living is known of this city, configured or not."""
    return Record.objects.filter(city=city, deleted=False).exists()
