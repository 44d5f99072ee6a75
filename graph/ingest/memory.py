"""The ledger in memory: for evaluations on a store of their own, and the double of the tests.

It holds current versions only: nothing of the protocol reads history.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from graph.ingest.rows import Row, RowTable, Waiting
from ibcm.domain.decisions import (
    CURATORS,
    CURATORS_POLICY,
    Decision,
    Hidden,
    Verdict,
    blinded,
    not_there,
    paired,
    pin_record,
    pin_ref,
    pinned_values,
    unpinned,
    value_text,
)
from ibcm.domain.ledger import Assignments, DirtyEntity, Holder, PairFinding, StageCounts, Standing, StoredRecord
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord

CLAIM_SECONDS = 300.0
Pair = tuple[str, str]


@dataclass(slots=True)
class _Entity:
    label: str
    revision: int = 0
    claimed_until: float = 0.0
    gone: set[str] = field(default_factory=set)
    """Refs that were deleted out of it since it was last cleared."""


@dataclass(slots=True)
class _Decided:
    decision: Decision
    undone: datetime | None = None

    def since(self, moment: datetime) -> bool:
        return self.decision.at > moment or (self.undone is not None and self.undone > moment)


class MemoryLedger:
    """`ibcm.domain.ledger.Ledger` without a database. Thread-safe: one lock around every method."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._policies: dict[str, SourcePolicy] = {}
        self._rows = RowTable()
        self._entities: dict[str, _Entity] = {}
        self._dirty = Waiting()
        self._redirects: dict[str, str] = {}
        self._leases: dict[str, tuple[str, float]] = {}
        self._findings: dict[Pair, PairFinding] = {}
        self._found_of: dict[str, set[Pair]] = defaultdict(set)
        self._decisions: list[_Decided] = []
        self._revision = 0
        self._projected: dict[str, int] = {}
        """Entity -> the revision that its last projection made."""

    # -- policies ------------------------------------------------------------------------------------------
    def policies(self) -> Mapping[str, SourcePolicy]:
        with self._lock:
            return dict(self._policies)

    def save_policy(self, slug: str, policy: SourcePolicy) -> None:
        with self._lock:
            self._policies[slug] = policy

    # -- staging -------------------------------------------------------------------------------------------
    def stage(self, records: Sequence[SourceRecord], *, now: datetime) -> StageCounts:
        with self._lock:
            total = StageCounts()
            for number, record in enumerate(records):
                policy = self._policies.get(record.source)
                taken = self._rows.take(record, now=now, policy=policy, number=number)
                if taken.moved and (row := self._rows.get(record.ref)) and row.entity:
                    self._mark(row.entity)
                total += taken.counts
            return total

    def stage_absent(self, source: str, *, seen_since: datetime, city: str | None = None) -> int:
        def is_absent(row: Row) -> bool:
            same_place = city is None or row.record.city == city
            return row.record.source == source and same_place and row.last_seen < seen_since

        with self._lock:
            return self._rows.end(is_absent)

    def expire(self, *, now: datetime) -> int:
        with self._lock:
            return self._rows.end(
                lambda row: row.record.expires_at is not None and row.record.expires_at <= now, expired=True
            )

    def turn(self, *, now: datetime) -> int:
        with self._lock:
            return self._rows.turn(now)

    def forget(self, refs: Iterable[str], *, now: datetime) -> int:
        with self._lock:
            wanted = set(refs)
            for one in self._decisions:
                if one.decision.kind == "hide" and one.decision.ref in wanted:
                    one.decision = blinded(one.decision)
                    self._hide(one.decision.ref)
            return sum(self._rows.forget(ref, now=now) for ref in sorted(wanted))

    # -- assignment ----------------------------------------------------------------------------------------
    def staged(self, label: str, *, limit: int) -> Sequence[StoredRecord]:
        with self._lock:
            return [self._rows.at(ref).stored() for ref in self._rows.staged(label, limit)]

    def sharing(self, label: str, keys: Iterable[str]) -> Sequence[StoredRecord]:
        with self._lock:
            rows = {row.record.ref: row for key in keys for row in self._holders(label, key) if not row.record.deleted}
            return [rows[ref].stored() for ref in sorted(rows)]

    def holding(self, label: str, keys: Iterable[str]) -> Sequence[Holder]:
        return [stored.holder() for stored in self.sharing(label, keys)]

    def holders(self, label: str, keys: Iterable[str], *, most: int) -> Mapping[str, int]:
        with self._lock:
            counted = {key: min(len(self._holders(label, key)), most) for key in keys}
            return {key: count for key, count in counted.items() if count}

    def _holders(self, label: str, key: str) -> list[Row]:
        rows = (self._rows.at(ref) for ref in self._rows.by_key.get(key, ()))
        return [row for row in rows if row.label == label and row.entity]

    def entities_sharing(self, label: str, keys: Iterable[str]) -> Sequence[str]:
        with self._lock:
            return sorted({row.entity for key in keys for row in self._holders(label, key) if not row.record.deleted})

    def blocking_keys(self, refs: Iterable[str]) -> Mapping[str, Sequence[str]]:
        with self._lock:
            found = {ref: row.keys for ref in refs if (row := self._rows.get(ref))}
            return {ref: keys for ref, keys in found.items() if keys}

    def torn(self, refs: Iterable[str]) -> Set[str]:
        with self._lock:
            apart = [pair for pair, found in self._findings.items() if found.band == "same" and not found.together]
        asked = set(refs)
        return {other for one, two in apart for ref, other in ((one, two), (two, one)) if ref in asked}

    def undecided(self, refs: Iterable[str]) -> Set[Pair]:
        asked = set(refs)
        with self._lock:
            return {pair for pair, found in self._findings.items() if not found.together and asked.issuperset(pair)}

    def redirected(self, entities: Iterable[str]) -> Mapping[str, str]:
        with self._lock:
            return {entity: self._end_of(entity) for entity in entities if entity in self._redirects}

    def _end_of(self, entity: str) -> str:
        while entity in self._redirects:
            entity = self._redirects[entity]
        return entity

    def living(self, refs: Iterable[str]) -> Mapping[str, StoredRecord]:
        with self._lock:
            rows = (row for ref in refs if (row := self._rows.get(ref)) and not row.record.deleted)
            return {row.record.ref: row.stored() for row in rows}

    def in_entities(self, entities: Iterable[str]) -> Mapping[str, Sequence[StoredRecord]]:
        with self._lock:
            found = {entity: self._living(entity) for entity in entities}
            return {entity: records for entity, records in found.items() if records}

    def _living(self, entity: str) -> list[StoredRecord]:
        rows = (self._rows.at(ref) for ref in sorted(self._rows.by_entity.get(entity, ())))
        return [row.stored() for row in rows if not row.record.deleted]

    def assign(self, assignments: Assignments) -> None:
        with self._lock:
            dirty: set[str] = set()
            moved: set[str] = set()
            for ref in assignments.gone:
                dirty |= self._let_go(ref)
                moved.add(ref)
            for ref, entity in assignments.entity_of.items():
                old = self._rows.at(ref).entity
                self._entities.setdefault(entity, _Entity(assignments.label))
                if old != entity:
                    self._rows.move(ref, entity)
                    moved.add(ref)
                    dirty |= {old, entity}
                if ref in assignments.keys_of:
                    dirty.add(entity)
            for ref, keys in assignments.keys_of.items():
                self._rows.settle(ref, keys, version=assignments.versions.get(ref))
            self._redirect(assignments.redirects)
            dirty |= set(assignments.redirects)
            dirty |= {row.entity for ref in self._rows.asserters(moved) if (row := self._rows.get(ref))}
            dirty |= {one for label, keys in assignments.touched.items() for one in self.entities_sharing(label, keys)}
            for label, keys in assignments.again.items():
                for ref in [row.record.ref for key in keys for row in self._holders(label, key)]:
                    self._rows.look_again(ref, urgent=False)
            self._find(assignments)
            for entity in dirty - {""}:
                self._mark(entity)

    def _find(self, assignments: Assignments) -> None:
        for ref in assignments.judged:
            for pair in self._found_of.pop(ref, set()):
                self._findings.pop(pair, None)
        self._findings.update(assignments.findings)
        for pair in assignments.findings:
            for ref in pair:
                self._found_of[ref].add(pair)

    def _let_go(self, ref: str) -> set[str]:
        """Take a deleted record out of its entity; the entity's mark remembers it."""
        entity = self._rows.at(ref).entity
        if entity:
            self._entities[entity].gone.add(ref)
            self._rows.move(ref, "")
        return {entity}

    def _redirect(self, redirects: Mapping[str, str]) -> None:
        for old, new in redirects.items():
            self._redirects.pop(new, None)
            self._redirects[old] = new

    def _mark(self, entity: str) -> None:
        known = self._entities.get(entity)
        if known:
            known.revision += 1
            self._dirty.add(entity)

    def lease(self, name: str, *, owner: str, seconds: int) -> bool:
        with self._lock:
            holder, until = self._leases.get(name, ("", 0.0))
            if holder not in {"", owner} and until > self._clock():
                return False
            self._leases[name] = (owner, self._clock() + seconds)
            return True

    def release(self, name: str, *, owner: str) -> None:
        with self._lock:
            if self._leases.get(name, ("", 0.0))[0] == owner:
                del self._leases[name]

    # -- decisions -----------------------------------------------------------------------------------------
    def decide(self, decision: Decision) -> int:
        with self._lock:
            number = len(self._decisions) + 1
            target = self._rows.get(decision.ref)
            if decision.kind in {"pin", "hide"} and (target is None or target.record.deleted):
                raise not_there(decision)
            self._decisions.append(_Decided(decision))
            if decision.kind == "pin" and target is not None:
                self._policies[CURATORS] = CURATORS_POLICY
                values = pinned_values(decision, target.record)
                self._rows.take(pin_record(number, decision, target.record, values), now=decision.at)
            self._reconsider(decision, number)
            return number

    def undo(self, number: int, *, by: str, at: datetime) -> bool:  # noqa: ARG002 - who did it is history
        with self._lock:
            if not 1 <= number <= len(self._decisions) or self._decisions[number - 1].undone:
                return False
            decided = self._decisions[number - 1]
            decided.undone = at
            if decided.decision.kind == "pin" and (row := self._rows.get(pin_ref(number))):
                self._rows.take(unpinned(row.record, at=at), now=at)
            self._reconsider(decided.decision, number)
            return True

    def _reconsider(self, decision: Decision, number: int) -> None:
        if decision.kind == "hide":
            self._hide(decision.ref)
        for ref in (*decision.refs(), pin_ref(number)):
            self._rows.look_again(ref)

    def _hide(self, ref: str) -> None:
        if row := self._rows.get(ref):
            standing = (one.decision for one in self._decisions if not one.undone)
            row.hidden = tuple(
                Hidden(one.field, value_text(one.value)) for one in standing if one.kind == "hide" and one.ref == ref
            )

    def corrected(self, refs: Iterable[str], *, after: datetime, revision: int) -> Set[str]:
        with self._lock:
            named = {ref for one in self._decisions if one.since(after) for ref in one.decision.refs()}
            entities = {row.entity for ref in named if (row := self._rows.get(ref))}
            moved = {entity for entity in entities if self._projected.get(entity or "", 0) > revision}
            return {ref for ref in refs if (row := self._rows.get(ref)) and row.entity in moved}

    def verdicts(self, refs: Iterable[str]) -> Mapping[Pair, Verdict]:
        with self._lock:
            asked, found = set(refs), dict[Pair, Verdict]()
            for number, decided in enumerate(self._decisions, 1):
                if decided.undone:
                    continue
                for one, other in paired(number, decided.decision):
                    if one in asked or other in asked:
                        found[min(one, other), max(one, other)] = Verdict(decided.decision.kind != "different", number)
            return found

    # -- projection ----------------------------------------------------------------------------------------
    def claim_dirty(self, *, limit: int) -> Sequence[DirtyEntity]:
        with self._lock:
            free = self._dirty.first(limit, self._is_free)
            for name in free:
                self._entities[name].claimed_until = self._clock() + CLAIM_SECONDS
            return [self._shown(name) for name in free]

    def give_up(self) -> None:
        """Free every claim, as when the process that held them has died."""
        with self._lock:
            for entity in self._entities.values():
                entity.claimed_until = 0.0

    def _is_free(self, name: str) -> bool:
        return self._entities[name].claimed_until <= self._clock()

    def _shown(self, name: str) -> DirtyEntity:
        entity = self._entities[name]
        return DirtyEntity(id=name, label=entity.label, revision=entity.revision, gone=tuple(sorted(entity.gone)))

    def resolve(self, refs: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        with self._lock:
            rows = (row for ref in refs if (row := self._rows.get(ref)))
            found = {row.record.ref: row.entity for row in rows if row.entity and not row.record.deleted}
            return {ref: (self._entities[entity].label, entity) for ref, entity in found.items()}

    def projected_since(self, revision: int, *, limit: int) -> Sequence[str] | None:
        with self._lock:
            found = sorted(entity for entity, at in self._projected.items() if at > revision)
            return found if len(found) <= limit else None

    def clear(self, done: Sequence[DirtyEntity]) -> None:
        with self._lock:
            for claimed in done:
                entity = self._entities.get(claimed.id)
                if entity is None:
                    continue
                entity.claimed_until = 0.0
                if entity.revision == claimed.revision:
                    self._dirty.discard(claimed.id)
                    entity.gone.clear()
                self._revision += 1
                self._projected[claimed.id] = self._revision

    def mark_all_dirty(self) -> int:
        with self._lock:
            for name in self._entities:
                if self._living(name):
                    self._mark(name)
            return len(self._dirty)

    def mark_records_dirty(self, refs: Iterable[str]) -> None:
        with self._lock:
            for entity in {row.entity for ref in refs if (row := self._rows.get(ref))}:
                self._mark(entity)

    def mark_projected_since(self, revision: int) -> int:
        with self._lock:
            moved = {entity for entity, at in self._projected.items() if at > revision}
            moved |= {entity for entity in self._entities if entity in self._dirty}
            for entity in moved:
                self._mark(entity)
            return len(moved)

    # -- drift ---------------------------------------------------------------------------------------------
    def standing(self, entities: Iterable[str]) -> Mapping[str, Standing]:
        with self._lock:
            return {name: self._stands(name, self._entities[name]) for name in entities if name in self._entities}

    def _stands(self, name: str, entity: _Entity) -> Standing:
        waits = name in self._dirty or any(map(self._rows.waits, self._rows.by_entity.get(name, ())))
        return Standing(name, entity.label, entity.revision, living=bool(self._living(name)), settled=not waits)

    def all_standing(self, *, after: str = "") -> Iterator[Standing]:
        with self._lock:
            names = sorted(name for name in self._entities if name > after)
        for name in names:
            with self._lock:
                standing = self._stands(name, self._entities[name])
            if standing.living:
                yield standing

    def unsettled(self, refs: Iterable[str]) -> Set[str]:
        with self._lock:
            asked = set(refs)
            left = {ref for name, entity in self._entities.items() if name in self._dirty for ref in entity.gone}
            waiting = {
                ref
                for ref in asked
                if (row := self._rows.get(ref)) and (self._rows.waits(ref) or row.entity in self._dirty)
            }
            return waiting | (asked & left)

    # -- answers -------------------------------------------------------------------------------------------
    def citable(self, refs: Iterable[str], *, now: datetime) -> Mapping[str, StoredRecord]:
        with self._lock:
            rows = [row for ref in refs if (row := self._rows.get(ref)) and not row.record.deleted]
            live = [row for row in rows if row.record.expires_at is None or row.record.expires_at > now]
            return {row.record.ref: row.stored() for row in live}

    def revision(self) -> int:
        with self._lock:
            return self._revision

    def all_records(self) -> Iterator[StoredRecord]:
        with self._lock:
            refs = sorted(self._rows.refs())
        for ref in refs:
            with self._lock:
                stored = self._rows.at(ref).stored()
            if not stored.record.deleted:
                yield stored

    def findings(self) -> Mapping[Pair, PairFinding]:
        """What resolution found of pairs, for evaluations and tests."""
        with self._lock:
            return dict(self._findings)
