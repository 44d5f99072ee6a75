"""The table behind MemoryLedger: current versions of records, and the indexes that the ledger reads them by."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from graph.ingest.validity import next_turn
from ibcm.domain.decisions import Hidden, hidden_hash, without_hidden
from ibcm.domain.graph import LEDGER_LABEL_BY_KIND
from ibcm.domain.ledger import Remark, StageCounts, StoredRecord, Why
from ibcm.domain.policy import SourcePolicy, bare, live
from ibcm.domain.records import SourceRecord, content_hash

FORGOTTEN = "!forgotten"
"""Hash of a forgotten record's version: no content has it, and any that was read at that very moment beats it."""


@dataclass(slots=True)
class Row:
    """One ref. `version` is the greatest one told, which outlives a deletion by absence or expiry."""

    record: SourceRecord
    hash: str
    version: tuple[datetime, str]
    sequence: int
    last_seen: datetime
    label: str
    entity: str = ""
    keys: tuple[str, ...] = ()
    ended: bool = False
    """Deleted by absence or expiry, not by a tombstone: the same version may bring it back."""
    expired: datetime | None = None
    """When its time was over, where that ended it: nothing that ends no later brings it back."""
    said: tuple[str, ...] = ()
    """Hashes of all that it said."""
    forgotten_at: datetime | None = None
    """Nothing that was read until then is heard."""
    pruned: bool = False
    """Fields were left out because their time was over."""
    hidden: tuple[Hidden, ...] = ()
    turns: datetime | None = None
    """When what it says begins or ceases to hold next."""

    def stored(self) -> StoredRecord:
        return StoredRecord(
            without_hidden(self.record, self.hidden), self.sequence, self.current_hash(), self.last_seen, self.entity
        )

    def current_hash(self) -> str:
        """Another one while something of it is hidden, so that assignment looks again."""
        return hidden_hash(self.hash, self.hidden)


@dataclass(frozen=True, slots=True)
class Taken:
    """What staging one record did. `moved`: only its clocks did, so its entity must be projected again."""

    counts: StageCounts
    moved: bool = False

    @classmethod
    def remarked(cls, number: int, why: Why) -> "Taken":
        return cls(StageCounts(remarks=(Remark(number, why),)))


def _over(row: Row, record: SourceRecord, now: datetime) -> bool:
    """Its time is over, or was over once: a clock that goes back brings nothing back."""
    until = record.expires_at
    return until is not None and (until <= now or (row.expired is not None and until <= row.expired))


class Waiting:
    """A set of names that gives its smallest ones without sorting everything each time."""

    def __init__(self) -> None:
        self._members: set[str] = set()
        self._order: list[str] = []
        self._start = 0
        self._stale = False

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def add(self, name: str) -> None:
        if name not in self._members:
            self._members.add(name)
            self._stale = True

    def discard(self, name: str) -> None:
        self._members.discard(name)

    def first(self, limit: int, wanted: Callable[[str], bool] | None = None) -> list[str]:
        """The smallest members that are wanted (all are without `wanted`), in order."""
        if self._stale:
            self._order, self._start, self._stale = sorted(self._members), 0, False
        while self._start < len(self._order) and self._order[self._start] not in self._members:
            self._start += 1
        later = (self._order[number] for number in range(self._start, len(self._order)))
        return list(
            islice((name for name in later if name in self._members and (wanted is None or wanted(name))), limit)
        )


class RowTable:
    """Rows by ref, kept in step with the refs that wait, and with rows by entity, by key and by link target."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._waiting: dict[str, Waiting] = defaultdict(Waiting)
        self._urgent: set[str] = set()
        """Refs that were decided about, among those that wait."""
        self.by_entity: dict[str, set[str]] = defaultdict(set)
        self.by_key: dict[str, set[str]] = defaultdict(set)
        self._by_target: dict[str, set[str]] = defaultdict(set)
        self._forgotten: set[str] = set()
        """Hashes of contents that are not taken again."""

    def get(self, ref: str) -> Row | None:
        return self._rows.get(ref)

    def at(self, ref: str) -> Row:
        return self._rows[ref]

    def refs(self) -> Iterator[str]:
        return iter(list(self._rows))

    def take(
        self, record: SourceRecord, *, now: datetime, policy: SourcePolicy | None = None, number: int = 0
    ) -> Taken:
        """Fold one version in; the greatest (retrieved_at, content hash) wins. `number`: its place in the batch."""
        digest, row = content_hash(record), self._rows.get(record.ref)
        if not record.deleted and digest in self._forgotten:
            if row is not None:
                self._silence(row, record, now)
            return Taken.remarked(number, Why.FORGOTTEN)
        version = (record.retrieved_at, digest)
        kept = bare(record) if record.deleted else live(record, policy, now)
        if row is None:
            label = LEDGER_LABEL_BY_KIND.get(record.kind, "")
            self._rows[record.ref] = row = Row(kept, digest, version, len(self._rows) + 1, now, label)
            self._put(row, kept, version, now=now)
            row.pruned = kept is not record and not record.deleted
            return Taken(StageCounts(new=1))
        row.last_seen = max(row.last_seen, now)
        if row.forgotten_at is not None and version[0] <= row.forgotten_at:
            return Taken.remarked(number, Why.BEFORE_FORGETTING)
        if digest == row.version[1]:
            return self._take_again(row, record, kept, now)
        tie = version[0] == row.version[0] and row.version[1] != FORGOTTEN
        if version < row.version:
            row.said = (*dict.fromkeys((*row.said, digest)),)
            return Taken.remarked(number, Why.LOST_TIE if tie else Why.OLDER)
        self._put(row, kept, version, now=now)
        row.pruned = kept is not record and not record.deleted
        return Taken.remarked(number, Why.WON_TIE) if tie else Taken(StageCounts(changed=1))

    def _silence(self, row: Row, record: SourceRecord, now: datetime) -> None:
        """What its source says now was forgotten: what it said before is over, and nothing takes its place."""
        row.last_seen = max(row.last_seen, now)
        if record.retrieved_at <= row.version[0]:
            return
        if row.version[1] == FORGOTTEN:
            row.version = (record.retrieved_at, FORGOTTEN)
        else:
            self._empty(row, record.retrieved_at)

    def _empty(self, row: Row, at: datetime) -> None:
        stub = bare(row.record).model_copy(update={"deleted": True, "retrieved_at": at})
        self._set(row, stub, (at, FORGOTTEN))
        row.expired, row.pruned = None, False

    def _take_again(self, row: Row, record: SourceRecord, kept: SourceRecord, now: datetime) -> Taken:
        version = (max(record.retrieved_at, row.version[0]), row.version[1])
        back = row.ended and record.retrieved_at >= row.version[0] and not _over(row, record, now)
        if back or (row.pruned and record.retrieved_at > row.version[0]):
            self._put(row, kept, version, now=now)
            row.pruned = kept is not record and not record.deleted
            return Taken(StageCounts(changed=1))
        if record.retrieved_at < row.version[0] or row.ended:
            return Taken(StageCounts(unchanged=1))
        expires = record.expires_at
        if record.retrieved_at == row.record.retrieved_at and row.record.expires_at is not None and expires is not None:
            expires = max(expires, row.record.expires_at)
        moved = (version[0], expires) != (row.record.retrieved_at, row.record.expires_at)
        row.record = row.record.model_copy(update={"retrieved_at": version[0], "expires_at": expires})
        row.version = version
        return Taken(StageCounts(unchanged=1), moved=moved)

    def _put(self, row: Row, record: SourceRecord, version: tuple[datetime, str], *, now: datetime) -> None:
        """Make this the current version; one that is over already leaves nothing but that it was."""
        over = _over(row, record, now)
        self._set(row, record, version)
        row.turns = next_turn(row.record, now)
        row.expired = None
        row.said = (*dict.fromkeys((*row.said, version[1])),)
        if over:
            self._end(row, expired=True)

    def _set(self, row: Row, record: SourceRecord, version: tuple[datetime, str]) -> None:
        """Make this the current version and let it wait for assignment. A tombstone keeps the kind that we know."""
        kind = row.record.kind if record.deleted else record.kind
        for target in row.record.targets():
            self._by_target[target].discard(record.ref)
        row.record = record if kind == record.kind else record.model_copy(update={"kind": kind})
        row.hash, row.version, row.ended = version[1], version, False
        self._waiting[row.label].discard(record.ref)
        row.label = LEDGER_LABEL_BY_KIND.get(kind, "")
        for target in row.record.targets():
            self._by_target[target].add(record.ref)
        if row.label:
            self._waiting[row.label].add(record.ref)

    def waits(self, ref: str) -> bool:
        """Whether it is staged for assignment."""
        return ref in self._waiting[self._rows[ref].label]

    def look_again(self, ref: str, *, urgent: bool = True) -> None:
        """Let this one wait for assignment once more."""
        row = self._rows.get(ref)
        if row and row.label:
            self._waiting[row.label].add(ref)
            if urgent:
                self._urgent.add(ref)

    def turn(self, now: datetime) -> int:
        """Let those wait whose validity has begun or ended since they were looked at."""
        turned = [row for row in self._rows.values() if row.turns and row.turns <= now and not row.record.deleted]
        for row in turned:
            row.turns = next_turn(row.record, now)
            if row.label:
                self._waiting[row.label].add(row.record.ref)
        return len(turned)

    def end(self, over: Callable[[Row], bool], *, expired: bool = False) -> int:
        """Delete by absence or expiry: what was said is dropped, the version is remembered."""
        ended = [row for row in self._rows.values() if not row.record.deleted and over(row)]
        for row in ended:
            self._end(row, expired=expired)
        return len(ended)

    def _end(self, row: Row, *, expired: bool) -> None:
        version, until = row.version, row.record.expires_at
        stub = bare(row.record).model_copy(update={"deleted": True})
        self._set(row, stub, (version[0], content_hash(stub)))
        row.version, row.ended, row.expired = version, True, until if expired else None

    def forget(self, ref: str, *, now: datetime) -> bool:
        """Delete and keep nothing but what it takes to know it again."""
        row = self._rows.get(ref)
        if row is None or (row.version[1] == FORGOTTEN and not row.said):
            return False
        self._forgotten.update(row.said)
        at = max(row.version[0], now)
        self._empty(row, at)
        row.said, row.forgotten_at = (), at
        self._urgent.add(ref)
        return True

    def staged(self, label: str, limit: int) -> list[str]:
        """Refs that wait for assignment under this label: what was decided about, then the others, each in order."""
        waiting = self._waiting[label]
        if not self._urgent:
            return waiting.first(limit)
        first = waiting.first(limit, self._urgent.__contains__)
        return [*first, *waiting.first(limit - len(first), lambda ref: ref not in self._urgent)]

    def move(self, ref: str, entity: str) -> None:
        row = self._rows[ref]
        self.by_entity[row.entity].discard(ref)
        row.entity = entity
        self.by_entity[entity].add(ref)

    def settle(self, ref: str, keys: Sequence[str], *, version: str | None) -> None:
        """Write blocking keys; the ref waits no more unless it is another version now."""
        row = self._rows[ref]
        for key in row.keys:
            self.by_key[key].discard(ref)
        row.keys = tuple(keys)
        for key in keys:
            self.by_key[key].add(ref)
        if version is None or version == row.current_hash():
            self._waiting[row.label].discard(ref)
            self._urgent.discard(ref)

    def asserters(self, targets: Iterable[str]) -> list[str]:
        """Refs that link to one of these."""
        return sorted({ref for target in targets for ref in self._by_target.get(target, ())})
