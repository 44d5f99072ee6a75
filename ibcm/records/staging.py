"""Staging: a batch of records becomes rows, history and marks, in one transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db import transaction
from django.db.models import Case, QuerySet, When

from graph.ingest.validity import next_turn
from ibcm.domain.ledger import Remark, StageCounts, Why
from ibcm.domain.policy import SourcePolicy, bare, live
from ibcm.domain.records import SourceRecord, content_hash
from ibcm.records import journal
from ibcm.records.marks import mark_entities
from ibcm.records.models import BlockingKey, EntityGone, ForgottenContent, Record, RecordLink, RecordVersion
from ibcm.records.rows import chunks, lock_names, put_version, record_of, row_of

CURRENT = (
    *("kind", "label", "city", "sector", "hash", "payload"),
    *("retrieved_at", "since", "expires_at", "last_seen", "turns_at"),
)
STATE = ("deleted", "absent", "ended", "ended_at", "pruned", "staged", "entity")
Ended = Record.Ended
TURNED = 500
"""Records that are staged again in one transaction."""
FORGOTTEN = "!forgotten"
"""Hash of a forgotten record's version: no content has it, and any that was read at that very moment beats it."""


Outcome = Why | Literal["new", "changed", "unchanged"]
"""What became of one record: a count of StageCounts, or a remark."""


@dataclass(slots=True)
class _Batch:
    """What one batch will write."""

    now: datetime
    rows: dict[str, Record]
    policies: Mapping[str, SourcePolicy] = field(default_factory=dict)
    forgotten: frozenset[str] = frozenset()
    """Digests among the batch's that were forgotten."""
    new: dict[str, Record] = field(default_factory=dict)
    changed: dict[str, Record] = field(default_factory=dict)
    seen: dict[str, Record] = field(default_factory=dict)
    current: dict[str, SourceRecord] = field(default_factory=dict)
    """What became a current version, by ref."""
    history: list[tuple[Record, RecordVersion]] = field(default_factory=list)
    dirty: set[str] = field(default_factory=set)
    """Entities whose records' clocks moved, or that lost one."""
    lost: list[EntityGone] = field(default_factory=list)
    relabelled: list[Record] = field(default_factory=list)

    def take(self, record: SourceRecord, digest: str) -> Outcome:
        """Fold one record into the batch. What may not be kept (any more) of it is not."""
        row = self.rows.get(record.ref)
        if not record.deleted and digest in self.forgotten:
            if row is not None:
                self._silence(row, record)
            return Why.FORGOTTEN
        if row is None:
            row = Record(ref=record.ref, source=record.source, first_seen=self.now, last_seen=self.now)
            self.rows[record.ref] = self.new[record.ref] = row
            self._put(row, record, digest)
            return "new"
        row.last_seen = max(row.last_seen, self.now)
        if row.forgotten_at is not None and record.retrieved_at <= row.forgotten_at:
            self.seen[row.ref] = row
            return Why.BEFORE_FORGETTING
        if digest == row.hash:
            return self._again(row, record)
        return self._other(row, record, digest)

    def _silence(self, row: Record, record: SourceRecord) -> None:
        """What its source says now was forgotten: what it said before is over, and nothing takes its place."""
        row.last_seen = max(row.last_seen, self.now)
        self.seen[row.ref] = row
        if not newer_than(record, row):
            return
        if row.ended != Ended.FORGOTTEN:
            self._keep(row, row)
            silence_row(row, self.now)
            self.current.pop(row.ref, None)
            if row.ref not in self.new:
                self.changed[row.ref] = row
        row.retrieved_at = record.retrieved_at

    def _again(self, row: Record, record: SourceRecord) -> Outcome:
        """The same content once more."""
        back = row.absent and record.retrieved_at >= row.retrieved_at and not self._over(row, record)
        if back or (row.pruned and newer_than(record, row)):
            since = row.since
            self._put(row, record, row.hash)
            row.since = since or row.since
            return "changed"
        self.seen[row.ref] = row
        if record.retrieved_at >= row.retrieved_at and not row.absent:
            self._move_clocks(row, record)
        return "unchanged"

    def _move_clocks(self, row: Record, record: SourceRecord) -> None:
        expires = record.expires_at
        if not newer_than(record, row) and expires is not None and row.expires_at is not None:
            expires = max(expires, row.expires_at)
        moved = (record.retrieved_at, expires) != (row.retrieved_at, row.expires_at)
        row.retrieved_at, row.expires_at = record.retrieved_at, expires
        if moved and row.entity_id:
            self.dirty.add(row.entity_id)

    def _over(self, row: Record, record: SourceRecord) -> bool:
        """Its time is over, or was over once: a clock that goes back brings nothing back."""
        until = record.expires_at
        if until is None:
            return False
        ended = row.expires_at if row.ended == Ended.EXPIRED else None
        return until <= self.now or (ended is not None and until <= ended)

    def _other(self, row: Record, record: SourceRecord, digest: str) -> Outcome:
        """Another content: current when it is the greater version, else history."""
        if self._says_what_terms_left(row, record):
            return self._again(row, record)
        tie = record.retrieved_at == row.retrieved_at and row.hash != FORGOTTEN
        if (record.retrieved_at, digest) > (row.retrieved_at, row.hash):
            self._keep(row, row)
            self._put(row, record, digest)
            return Why.WON_TIE if tie else "changed"
        older = row_of(self._live(record), digest=digest, now=self.now)
        if not self._over(row, record):
            self._keep(row, older)
        self.seen[row.ref] = row
        return Why.LOST_TIE if tie else Why.OLDER

    def _says_what_terms_left(self, row: Record, record: SourceRecord) -> bool:
        """The same reading as the stored one, of which terms that were written down since have taken values away: the
        digest alone is another, and what was read is not."""
        one_reading = row.pruned and not row.absent and record.retrieved_at == row.retrieved_at
        return one_reading and content_hash(record_of(row)) == content_hash(self._live(record))

    def _keep(self, row: Record, told: Record) -> None:
        """A version that is not current goes to the row's history, unless its payload was dropped already."""
        if told.payload:
            self.history.append((row, version_of(told)))

    def _put(self, row: Record, record: SourceRecord, digest: str) -> None:
        """Make it the current version; what is over already leaves nothing but that it was."""
        over, label, kept = self._over(row, record), row.label, self._live(record)
        put_version(row, kept, digest=digest)
        row.turns_at = next_turn(kept, self.now)
        row.pruned = kept is not record and not record.deleted
        row.ended, row.ended_at = (Ended.TOMBSTONE, self.now) if record.deleted else ("", None)
        if over:
            end_row(row, Ended.EXPIRED, self.now)
        if row.label != label:
            self.relabelled.append(row)
        self.current[row.ref] = kept
        if not row.label and row.entity_id:
            self.lost.append(EntityGone(entity_id=row.entity_id, ref=row.ref))
            self.dirty.add(row.entity_id)
            row.entity = None
        if row.ref not in self.new:
            self.changed[row.ref] = row

    def _live(self, record: SourceRecord) -> SourceRecord:
        """What may still be kept of it; a tombstone says nothing, whatever it came with."""
        return bare(record) if record.deleted else live(record, self.policies.get(record.source), self.now)


def end_row(row: Record, why: str, now: datetime) -> None:
    """Deleted without a tombstone: the version is remembered, what was said is not."""
    row.deleted, row.absent, row.payload, row.ended, row.ended_at = True, True, "", why, now
    row.turns_at = None


def silence_row(row: Record, now: datetime) -> None:
    """Deleted, and nothing is left of what it said."""
    row.hash, row.payload, row.since, row.expires_at, row.turns_at = FORGOTTEN, "", None, None, None
    row.deleted, row.absent, row.pruned, row.ended, row.ended_at = True, False, False, Ended.FORGOTTEN, now
    row.staged = bool(row.label)


def newer_than(record: SourceRecord, row: Record) -> bool:
    """Read later than what we hold."""
    return record.retrieved_at > row.retrieved_at


def stage(
    records: Sequence[SourceRecord],
    *,
    policies: Mapping[str, SourcePolicy] | None = None,
    now: datetime,
) -> StageCounts:
    """See Ledger.stage. `policies` say until when values may be kept."""
    digests = [content_hash(record) for record in records]
    with transaction.atomic():
        lock_names("stage", [record.source for record in records])
        batch = _Batch(
            now=now,
            rows=_known(record.ref for record in records),
            policies=policies or {},
            forgotten=_forgotten_among(digests),
        )
        outcomes = [batch.take(record, digest) for record, digest in zip(records, digests, strict=True)]
        _write(batch)
        gone = [ref for ref, record in batch.current.items() if record.deleted]
        journal.note(gone, Ended.TOMBSTONE, now=now)
    return _counted(outcomes)


def _counted(outcomes: Sequence[Outcome]) -> StageCounts:
    return StageCounts(
        new=outcomes.count("new"),
        changed=outcomes.count("changed"),
        unchanged=outcomes.count("unchanged"),
        remarks=tuple(Remark(number, why) for number, why in enumerate(outcomes) if isinstance(why, Why)),
    )


def _forgotten_among(digests: Iterable[str]) -> frozenset[str]:
    return frozenset(
        digest
        for some in chunks(digests)
        for digest in ForgottenContent.objects.filter(digest__in=some).values_list("digest", flat=True)
    )


def _known(refs: Iterable[str]) -> dict[str, Record]:
    return {
        row.ref: row
        for some in chunks(refs)
        for row in Record.objects.select_for_update(of=("self",)).filter(ref__in=some).order_by("ref")
    }


def version_of(row: Record) -> RecordVersion:
    return RecordVersion(
        hash=row.hash,
        retrieved_at=row.retrieved_at,
        since=row.since,
        expires_at=row.expires_at,
        payload=row.payload,
    )


def _write(batch: _Batch) -> None:
    Record.objects.bulk_create(batch.new.values())
    Record.objects.bulk_create(
        batch.changed.values(), update_conflicts=True, unique_fields=["id"], update_fields=[*CURRENT, *STATE]
    )
    _write_seen([row for ref, row in batch.seen.items() if ref not in batch.changed and ref not in batch.new])
    versions = []
    for row, version in batch.history:
        version.record = row
        versions.append(version)
    RecordVersion.objects.bulk_create(versions, ignore_conflicts=True)
    _write_links(batch)
    for row in batch.relabelled:
        BlockingKey.objects.filter(record_id=row.pk).update(label=row.label)
    EntityGone.objects.bulk_create(batch.lost, ignore_conflicts=True)
    mark_entities(batch.dirty)


def _write_seen(rows: Sequence[Record]) -> None:
    """One statement per distinct set of clocks: usually one per batch."""
    groups: dict[tuple[datetime, datetime | None, datetime], list[int]] = defaultdict(list)
    for row in rows:
        groups[row.retrieved_at, row.expires_at, row.last_seen].append(row.pk)
    for (retrieved_at, expires_at, last_seen), ids in groups.items():
        for some in chunks(ids):
            Record.objects.filter(id__in=some).update(
                retrieved_at=retrieved_at, expires_at=expires_at, last_seen=last_seen
            )


def _write_links(batch: _Batch) -> None:
    for some in chunks(row.pk for row in batch.changed.values()):
        RecordLink.objects.filter(record_id__in=some).delete()
    RecordLink.objects.bulk_create(
        RecordLink(record=batch.rows[ref], target=target)
        for ref, record in batch.current.items()
        if not batch.rows[ref].deleted
        for target in dict.fromkeys(record.targets())
    )


def stage_absent(source: str, *, seen_since: datetime, now: datetime, city: str | None = None) -> int:
    """See Ledger.stage_absent. What was said goes to history."""
    absent = Record.objects.filter(source=source, deleted=False, last_seen__lt=seen_since)
    chosen = absent if city is None else absent.filter(city=city)
    return _end(chosen, Ended.ABSENT, now=now, lock=("stage", [source]), keep=True)


def expire(*, now: datetime) -> int:
    """See Ledger.expire. What was said is dropped: its time is over."""
    over = Record.objects.filter(deleted=False, expires_at__lte=now)
    return _end(over, Ended.EXPIRED, now=now, lock=("expire", [""]), keep=False)


def turn(*, now: datetime) -> int:
    """See Ledger.turn."""
    turned = 0
    while page := _turn_some(now):
        turned += page
    return turned


def _turn_some(now: datetime) -> int:
    due = Record.objects.filter(turns_at__lte=now).order_by("pk")[:TURNED]
    with transaction.atomic():
        rows = list(
            Record.objects.select_for_update(of=("self",)).filter(pk__in=[row.pk for row in due]).order_by("ref")
        )
        for row in rows:
            row.turns_at = None if row.deleted else next_turn(record_of(row), now)
            row.staged = row.staged or (bool(row.label) and not row.deleted)
        Record.objects.bulk_update(rows, ["turns_at", "staged"], batch_size=100)
    return len(rows)


def end_by_terms(source: str, *, now: datetime) -> int:
    """Drop every record of a source whose terms allow nothing to be kept. Returns how many."""
    rows = Record.objects.filter(source=source, deleted=False)
    return _end(rows, Ended.TERMS, now=now, lock=("stage", [source]), keep=False)


def end(refs: Iterable[str], why: str, *, now: datetime) -> int:
    """Drop these records for a reason that was known before: a restore brought them back. Returns how many."""
    rows = Record.objects.filter(ref__in=list(refs), deleted=False)
    return _end(rows, Ended(why), now=now, lock=("expire", [""]), keep=False)


def _end(rows: QuerySet[Record], why: str, *, now: datetime, lock: tuple[str, list[str]], keep: bool) -> int:
    with transaction.atomic():
        lock_names(*lock)
        ended = list(rows.select_for_update(of=("self",)).order_by("ref"))
        if keep:
            RecordVersion.objects.bulk_create(map(_in_history, ended), ignore_conflicts=True)
        for some in chunks(row.pk for row in ended):
            Record.objects.filter(id__in=some).update(
                deleted=True,
                absent=True,
                payload="",
                turns_at=None,
                ended=why,
                ended_at=now,
                staged=Case(When(label="", then=False), default=True),
            )
            RecordLink.objects.filter(record_id__in=some).delete()
        if why != Ended.EXPIRED:  # what may be kept for some time only says so itself
            journal.note((row.ref for row in ended), why, now=now)
    return len(ended)


def _in_history(row: Record) -> RecordVersion:
    version = version_of(row)
    version.record = row
    return version


def forget(refs: Iterable[str], *, now: datetime) -> int:
    """See Ledger.forget."""
    wanted = sorted(set(refs))
    with transaction.atomic():
        lock_names("stage", [ref.partition(":")[0] for ref in wanted])
        known = list(_known(wanted).values())
        said = _said(known)
        rows = [row for row in known if row.ended != Ended.FORGOTTEN or said[row.ref]]
        for row in rows:
            row.forgotten_at = row.retrieved_at = max(row.retrieved_at, now)
            silence_row(row, now)
            row.urgent = row.staged
        Record.objects.bulk_update(rows, [*FORGOTTEN_FIELDS], batch_size=100)
        for some in chunks(row.pk for row in rows):
            RecordVersion.objects.filter(record_id__in=some).delete()
            RecordLink.objects.filter(record_id__in=some).delete()
        remember(digest for row in rows for digest in said[row.ref])
        journal.note((row.ref for row in rows), Ended.FORGOTTEN, now=now, said=said)
    return len(rows)


def remember(digests: Iterable[str]) -> None:
    """Never take these contents again."""
    for some in chunks(digests):
        ForgottenContent.objects.bulk_create((ForgottenContent(digest=one) for one in some), ignore_conflicts=True)


FORGOTTEN_FIELDS = (
    *("hash", "payload", "retrieved_at", "since", "expires_at", "turns_at"),
    *("deleted", "absent", "pruned", "ended", "ended_at", "forgotten_at", "staged", "urgent"),
)


def _said(rows: Iterable[Record]) -> dict[str, list[str]]:
    """ref -> digests of all that is known to have been said; a tombstone's own is among them and does no harm."""
    said = {row.pk: {row.hash} if row.hash != FORGOTTEN else set() for row in rows}
    refs = {row.pk: row.ref for row in rows}
    for some in chunks(said):
        for pk, digest in RecordVersion.objects.filter(record_id__in=some).values_list("record_id", "hash"):
            said[pk].add(digest)
    return {refs[pk]: sorted(digests) for pk, digests in said.items()}
