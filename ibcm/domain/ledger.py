"""The relational truth as walk (a) and walk (b) see it. Implemented by ibcm.records (Django) and in memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ibcm.domain.decisions import Decision, Verdict
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord


@dataclass(frozen=True, slots=True)
class Holder:
    """Where a record stands, without what it says: what a record that is known already is met with again."""

    ref: str
    sequence: int
    hash: str
    entity: str
    """See StoredRecord for all four."""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """The current version of a record. The current version is the greatest (retrieved_at, content hash)."""

    record: SourceRecord
    sequence: int
    """Grows with each new ref: the smaller, the older the acquaintance."""
    hash: str
    last_seen: datetime
    entity: str = ""
    """Id of its entity; empty before assignment and for kinds that have none."""

    @property
    def ref(self) -> str:
        return self.record.ref

    def holder(self) -> Holder:
        return Holder(self.ref, self.sequence, self.hash, self.entity)


class Why(StrEnum):
    """Why a record was not simply taken."""

    FORGOTTEN = "forgotten"
    """It says what was forgotten: nothing is kept of it."""
    BEFORE_FORGETTING = "before_forgetting"
    """It was read before its record was forgotten: nothing is kept of it."""
    OLDER = "older"
    """It was read earlier than what is held of its record: it is history."""
    LOST_TIE = "lost_tie"
    """Another content of its record was read at the same moment, and is the greater: this one is history."""
    WON_TIE = "won_tie"
    """Another content of its record was read at the same moment, and is the smaller: that one is history now."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A record that was not simply taken, so that whoever sent it can be told."""

    number: int
    """Its place in what was staged together, from 0."""
    why: Why


@dataclass(frozen=True, slots=True)
class StageCounts:
    """What staging did with a batch. Each record is counted once."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    remarks: Sequence[Remark] = ()
    """Those that are in none of the other counts."""

    def __add__(self, other: "StageCounts") -> "StageCounts":
        return StageCounts(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            (*self.remarks, *other.remarks),
        )


@dataclass(frozen=True, slots=True)
class PairFinding:
    """What resolution made of a pair that is in one entity, or that a person is to look at."""

    band: str
    """`same` or `review`."""
    probability: float
    """That both are about one thing."""
    together: bool
    """Both are in one entity."""
    parts: Sequence[tuple[str, str, float]] = ()
    """Why: comparison, what it saw, how many bits that speaks for it (negative: against)."""
    bond: bool = False
    """Joined by a rule or by a person, not by weighed evidence."""
    snapshot: str = ""
    """Version of the weights."""


@dataclass(frozen=True, slots=True)
class Assignments:
    """What one assignment step decided about a set of records of one label. Written in one transaction."""

    label: str
    entity_of: Mapping[str, str]
    """ref -> entity id, for every record of the recomputed components."""
    keys_of: Mapping[str, Sequence[str]]
    """ref -> blocking keys, for every record that was staged; empty for a record that is gone."""
    redirects: Mapping[str, str] = field(default_factory=dict)
    """Entity id that lost all its records to another -> the entity that has them now."""
    gone: Sequence[str] = ()
    """Refs of records that are deleted or expired, and of pins whose subject is gone: they lose their entity."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """ref -> hash of the version that was looked at, for every record that was staged. One that changed since (its
    hash is another now) stays staged; a ref that is missing here is taken as it is."""
    touched: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Label -> blocking keys whose holders did not move but whose projection depends on what did, such as places in an
    area that arrived: their entities are marked dirty in the same transaction."""
    again: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Label -> blocking keys whose holders wait for assignment once more, because it depends on what moved: rounds are
    one by who raised them."""
    judged: Sequence[str] = ()
    """Refs whose findings are all among `findings`: what was found of them before is forgotten."""
    findings: Mapping[tuple[str, str], PairFinding] = field(default_factory=dict)
    """(smaller ref, larger ref) -> what was found of the pair."""


@dataclass(frozen=True, slots=True)
class DirtyEntity:
    """An entity whose projection is behind its records, with the revision that was claimed."""

    id: str
    label: str
    revision: int
    gone: Sequence[str] = ()
    """Refs of records that were deleted out of it since it was last cleared, ordered: their passages must go."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an entity stands between its records and what is projected of it."""

    id: str
    label: str
    revision: int
    """Of the graph's node as well, once it is settled."""
    living: bool
    """It has records."""
    settled: bool
    """Nothing about it waits: it is not marked, and none of its records is staged."""


class Ledger(Protocol):
    """Records, blocking keys, assignments, marks. Every method is one transaction and may be repeated."""

    # -- policies ------------------------------------------------------------------------------------------
    def policies(self) -> Mapping[str, SourcePolicy]:
        """Every source's terms by slug."""

    def save_policy(self, slug: str, policy: SourcePolicy) -> None:
        """Create or replace a source's terms."""

    # -- staging -------------------------------------------------------------------------------------------
    def stage(self, records: Sequence[SourceRecord], *, now: datetime) -> StageCounts:
        """Take records to which their policy has been applied. A tombstone stages a deletion.

        Fields whose own limit has passed at `now` are not kept, and of a record past its expiry nothing is.

        The greatest (retrieved_at, content hash) is current, whatever the order of arrival; an older version goes to
        history and moves last-seen only. The same content read again moves last-seen, retrieved_at and expiry
        forward, is not staged for assignment, and marks its entity dirty only when retrieved_at or expiry moved.
        A record that was deleted by absence or expiry lives again when the same or a newer version arrives that has
        not expired at `now`, and that expires later than what expired; one that was deleted by a tombstone needs a
        greater version than the tombstone. Of a forgotten one only content is heard that was read after it was
        forgotten and is none of what was: while that is what its source says last, nothing is.
        """

    def stage_absent(self, source: str, *, seen_since: datetime, city: str | None = None) -> int:
        """After a complete snapshot: stage deletions of the source's records not seen since. Returns how many."""

    def expire(self, *, now: datetime) -> int:
        """Stage deletions of records past their expires_at. Returns how many."""

    def turn(self, *, now: datetime) -> int:
        """Stage again the records whose validity began or ended, by `now`, after they were staged last: what is
        projected of them is not right any more, without anything new being said. Returns how many."""

    def forget(self, refs: Iterable[str], *, now: datetime) -> int:
        """Stage deletions of these records and keep nothing of what they said, now or ever before, but the digests
        of all of it: none of it is taken again, whatever is read in between.

        Returns how many were forgotten; unknown refs and those that are forgotten already are no error.
        """

    # -- assignment ----------------------------------------------------------------------------------------
    def staged(self, label: str, *, limit: int) -> Sequence[StoredRecord]:
        """Records that wait for assignment: what was decided about first, then city by city. Deleted ones come with
        `record.deleted` true.

        `label` is one of graph.LEDGER_LABELS, by the kind of the current version. A deletion has another `hash`
        than what it deletes, and `entity` is the one that the record had until now.
        """

    def sharing(self, label: str, keys: Iterable[str]) -> Sequence[StoredRecord]:
        """Assigned, not deleted records of that label that hold at least one of these blocking keys, ordered by ref.

        What they hold is what their last assignment wrote, even where a newer version is staged already.
        """

    def holding(self, label: str, keys: Iterable[str]) -> Sequence[Holder]:
        """Where the records stand that `sharing` would give, in any order."""

    def holders(self, label: str, keys: Iterable[str], *, most: int) -> Mapping[str, int]:
        """Blocking key -> how many records hold it by their last assignment, and `most` where they are more; keys that
        nobody holds are missing.

        Unlike `sharing` it still counts a record whose deletion is staged: the count moves with `assign` alone.
        """

    def entities_sharing(self, label: str, keys: Iterable[str]) -> Sequence[str]:
        """Entities, by id, of the records that `sharing` would give."""

    def blocking_keys(self, refs: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """ref -> the blocking keys that its last assignment wrote; refs without keys are missing."""

    def torn(self, refs: Iterable[str]) -> Set[str]:
        """Refs that by the last assignment are apart from one of these although the evidence calls both the same."""

    def undecided(self, refs: Iterable[str]) -> Set[tuple[str, str]]:
        """(smaller ref, larger ref) of pairs among these refs that are apart and that a person is to look at."""

    def redirected(self, entities: Iterable[str]) -> Mapping[str, str]:
        """Entity id that gave all its records to another -> the id at the end of that chain; others are missing."""

    def living(self, refs: Iterable[str]) -> Mapping[str, StoredRecord]:
        """ref -> its current version, assigned or not; deleted and unknown refs are missing."""

    def in_entities(self, entities: Iterable[str]) -> Mapping[str, Sequence[StoredRecord]]:
        """Entity id -> its current, not deleted records ordered by ref; entities without records are missing."""

    def assign(self, assignments: Assignments) -> None:
        """Write the decisions and mark dirty what they change, in one transaction.

        Dirty become: the entities of staged records (keys of `keys_of`), both entities of a record that moved, the
        entities that lost a record, the entities of `touched`, and the entities of records that link to a record
        whose entity changed, appeared or went. A record of `gone` is remembered with its old entity's mark. A record
        that moved, but not into the label of its old entity, dirties that entity under its own label. Records that hold
        a key of `again` are staged.
        """

    def lease(self, name: str, *, owner: str, seconds: int) -> bool:
        """Take or prolong a named lease; False while somebody else holds it."""

    def release(self, name: str, *, owner: str) -> None:
        """Give a lease back; nothing happens when it is not ours."""

    # -- decisions -----------------------------------------------------------------------------------------
    def decide(self, decision: Decision) -> int:
        """Write a curator's decision down and stage the records that it is about. Returns its number.

        Refs that are unknown or deleted are no error: a decision waits for them. For `pin` the record of the pin
        (decisions.pin_record) is staged too. Raises IbcmError for a pin or a hidden value of what is not there.
        """

    def undo(self, number: int, *, by: str, at: datetime) -> bool:
        """Take a decision back and stage its records; False when there is none, or it was taken back already."""

    def verdicts(self, refs: Iterable[str]) -> Mapping[tuple[str, str], Verdict]:
        """(smaller ref, larger ref) -> the latest standing decision, for every pair with one of these refs.

        A pin binds its record to the one that it is about.
        """

    # -- projection ----------------------------------------------------------------------------------------
    def claim_dirty(self, *, limit: int) -> Sequence[DirtyEntity]:
        """Entities to project, what somebody waits for first, then by id. Nobody else is given them for a while.

        A claimed entity is not given out again before it is cleared, also when it was marked once more meanwhile.
        """

    def resolve(self, refs: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """ref -> (label, entity id) for the refs that have an entity now."""

    def projected_since(self, revision: int, *, limit: int) -> Sequence[str] | None:
        """Entities that were projected after the ledger had that revision; None when they are more than `limit`."""

    def clear(self, done: Sequence[DirtyEntity]) -> None:
        """Take marks away where the revision has not moved since it was claimed; give the others free again."""

    def mark_all_dirty(self) -> int:
        """For a rebuild. Returns how many entities wait now."""

    def mark_records_dirty(self, refs: Iterable[str]) -> None:
        """Project the entities of these records again."""

    def mark_projected_since(self, revision: int) -> int:
        """Project again what was projected after the ledger had that revision, and what waits or is being projected
        now: for an index that was built aside meanwhile. Returns how many."""

    # -- drift ---------------------------------------------------------------------------------------------
    def standing(self, entities: Iterable[str]) -> Mapping[str, Standing]:
        """Entity id -> where it stands; ids that were never given are missing."""

    def all_standing(self, *, after: str = "") -> Iterator[Standing]:
        """Every entity that has records, by id, streamed; those beyond the id `after`."""

    def unsettled(self, refs: Iterable[str]) -> Set[str]:
        """Those of these refs that graph and index may hold otherwise than the ledger: they are staged, or their entity
        is marked, or so is the one that they were deleted out of."""

    # -- answers -------------------------------------------------------------------------------------------
    def citable(self, refs: Iterable[str], *, now: datetime) -> Mapping[str, StoredRecord]:
        """ref -> record for those that exist, are not deleted and not expired at `now`. All others are missing."""

    def corrected(self, refs: Iterable[str], *, after: datetime, revision: int) -> Set[str]:
        """Those of these refs whose entity somebody decided about after that moment, by naming any of its records or
        by taking such a decision back, and whose entity was projected after the ledger had that revision."""

    def revision(self) -> int:
        """A number that grows with every projected change; caches compare it."""

    def all_records(self) -> Iterator[StoredRecord]:
        """Every current, not deleted record ordered by ref, streamed."""
