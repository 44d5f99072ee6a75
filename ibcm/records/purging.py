"""What is stored follows the terms: when they become stricter, and when time passes.

Every step works a page at a time and may be repeated: whatever interrupts it, the next run ends what it began.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from ibcm.domain.decisions import DIGEST
from ibcm.domain.policy import SourcePolicy, live, storable
from ibcm.domain.records import SourceRecord
from ibcm.records import decisions, staging
from ibcm.records.ledger import DjangoLedger
from ibcm.records.marks import mark_entities
from ibcm.records.models import Decision, Record, RecordVersion
from ibcm.records.rows import CLOCKS, record_of, stored

ROWS = 500
LAST = datetime.max.replace(tzinfo=UTC)
Rows = QuerySet[Record] | QuerySet[RecordVersion]
Check = Callable[[], None]
"""Called between two pages; raises to stop."""


@dataclass(frozen=True, slots=True)
class Purged:
    """What one purge did."""

    expired: int
    """Records past their time, staged for deletion; the next assignment takes them out of graph and index."""
    versions: int
    """Versions dropped from history."""
    pruned: int
    """Records and versions that lost values whose own time was over, or that may not be kept at all."""

    def __bool__(self) -> bool:
        return bool(self.expired or self.versions or self.pruned)


def _go_on() -> None:
    """Nobody asks to stop."""


def purge(now: datetime, *, check: Check = _go_on) -> Purged:
    """Drop what may not be kept at `now`: values, then versions, then records.

    Records past `expires_at` lose their payload at once and are staged for deletion. Versions past theirs go from
    history, and so does all history of a tombstoned record whose source has a time limit. What a curator hid is kept as
    a digest once no record says it. Raises what `check` raises.
    """
    policies = DjangoLedger().policies()
    ended = pruned = 0
    for slug, policy in policies.items():
        check()
        followed = follow(slug, policy, now=now, check=check)
        ended, pruned = ended + followed.expired, pruned + followed.pruned
    limited = [slug for slug, policy in policies.items() if policy.retention_days is not None]
    over = Q(expires_at__lte=now) | Q(record__deleted=True, record__source__in=limited)
    versions, _ = RecordVersion.objects.filter(over).delete()
    check()
    ended += staging.expire(now=now)
    _blind()
    scrub()
    return Purged(expired=ended, versions=versions, pruned=pruned)


def follow(source: str, policy: SourcePolicy, *, now: datetime, check: Check = _go_on) -> Purged:
    """Make what is stored of a source keep to these terms, which may be stricter than when it was read."""
    if policy.keeps_nothing:
        versions, _ = RecordVersion.objects.filter(record__source=source).delete()
        return Purged(staging.end_by_terms(source, now=now), versions, 0)
    _shorten(Record.objects.filter(source=source, deleted=False), policy.retention_days)
    _shorten(RecordVersion.objects.filter(record__source=source), policy.retention_days)
    return Purged(0, 0, _prune(source, policy, now, check))


def _shorten(rows: Rows, days: int | None) -> None:
    """Nothing is kept longer than so many days after it was read."""
    if days is None or days > (LAST - datetime.min.replace(tzinfo=UTC)).days:
        return
    limit = timedelta(days=days)
    too_long = Q(expires_at__isnull=True) | Q(expires_at__gt=F("retrieved_at") + limit)
    rows.filter(too_long, retrieved_at__lt=LAST - limit).update(expires_at=F("retrieved_at") + limit)


def _prune(source: str, policy: SourcePolicy, now: datetime, check: Check) -> int:
    if not policy.fields and not policy.transient:
        return 0
    records, versions = (
        Record.objects.filter(source=source, deleted=False),
        RecordVersion.objects.filter(record__source=source).select_related("record"),
    )
    if not policy.transient:  # else everything may hold what is not named
        named = Q()
        for name in policy.spellings():
            named |= Q(payload__icontains=json.dumps(name, ensure_ascii=False)[:-1])
        records, versions = records.filter(named), versions.filter(named)
    return _prune_records(records, policy, now, check) + _prune_versions(versions, policy, now, check)


def _prune_records(rows: QuerySet[Record], policy: SourcePolicy, now: datetime, check: Check) -> int:
    changed = 0
    for page in _pages(rows):
        check()
        with transaction.atomic():
            locked = Record.objects.select_for_update(of=("self",)).filter(pk__in=page).order_by("ref")
            stale = [row for row in locked if _without_dead_values(row, row, policy, now)]
            for row in stale:
                row.pruned, row.staged = True, bool(row.label)
            Record.objects.bulk_update(stale, ["payload", "pruned", "staged"], batch_size=100)
            mark_entities(row.entity_id for row in stale if row.entity_id)
        changed += len(stale)
    return changed


def _prune_versions(rows: QuerySet[RecordVersion], policy: SourcePolicy, now: datetime, check: Check) -> int:
    changed = 0
    for page in _pages(rows):
        check()
        versions = RecordVersion.objects.filter(pk__in=page).select_related("record")
        stale = [version for version in versions if _without_dead_values(version, version.record, policy, now)]
        RecordVersion.objects.bulk_update(stale, ["payload"], batch_size=100)
        changed += len(stale)
    return changed


def _without_dead_values(row: Record | RecordVersion, of: Record, policy: SourcePolicy, now: datetime) -> bool:
    """Rewrite the payload without what may not be kept. False where nothing had to go."""
    told = record_of(
        Record(ref=of.ref, source=of.source, kind=of.kind, payload=row.payload, retrieved_at=row.retrieved_at)
    )
    kept: SourceRecord = live(storable(told, policy), policy, now)
    if kept is told:
        return False
    row.payload = kept.model_dump_json(exclude=CLOCKS, exclude_none=True)
    return True


def _blind() -> None:
    """Hidden values that no record says any more are remembered by their digests alone."""
    hides = Decision.objects.filter(kind=Decision.Kind.HIDE).exclude(value__has_key=DIGEST)
    for row in hides.iterator():
        said = Record.objects.filter(ref=row.ref, deleted=False).first()
        if said is None or stored(said, hidden=False).record.data.get(row.field) != row.value:
            decisions.blind([row.ref])


def scrub() -> None:
    """On SQLite: what was deleted is gone from the file, too. Deleting overwrites (`secure_delete`); the log of
    writes, which still holds the pages as they were, is emptied here."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _pages(rows: QuerySet[Any]) -> Iterator[list[int]]:
    """Primary keys in order, a page at a time, while the rows change underneath."""
    last = 0
    while page := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:ROWS]):
        yield page
        last = page[-1]
