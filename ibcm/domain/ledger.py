"""The relational truth as walk (a) and walk (b) see it. Implemented by ibcm.records (Django) and in memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord


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


@dataclass(frozen=True, slots=True)
class StageCounts:
    """What staging did with a batch."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    transient: int = 0
    """Not stored, because the source's terms forbid it."""

    def __add__(self, other: "StageCounts") -> "StageCounts":
        return StageCounts(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.transient + other.transient,
        )


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
    """Refs of records that are deleted or expired: they lose their entity."""
    why: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(ref, ref) -> the evidence by which the pair was called the same."""


@dataclass(frozen=True, slots=True)
class DirtyEntity:
    """An entity whose projection is behind its records, with the revision that was claimed."""

    id: str
    label: str
    revision: int


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

        An unchanged record only moves last-seen and expiry; an older version goes to history and changes nothing else.
        """

    def stage_absent(self, source: str, *, seen_since: datetime, city: str | None = None) -> int:
        """After a complete snapshot: stage deletions of the source's records that were not seen since. Returns how many."""

    def expire(self, *, now: datetime) -> int:
        """Stage deletions of records past their expires_at. Returns how many."""

    # -- assignment ----------------------------------------------------------------------------------------
    def staged(self, label: str, *, limit: int) -> Sequence[StoredRecord]:
        """Records that wait for assignment, ordered by ref. Deleted ones come with `record.deleted` true."""

    def sharing(self, label: str, keys: Iterable[str]) -> Sequence[StoredRecord]:
        """Assigned current records of that label that have at least one of these blocking keys, ordered by ref."""

    def in_entities(self, entities: Iterable[str]) -> Mapping[str, Sequence[StoredRecord]]:
        """Entity id -> its current records ordered by ref; entities without records are missing."""

    def assign(self, assignments: Assignments) -> None:
        """Write the decisions and mark every touched entity dirty, with the asserters of links to moved records."""

    def lease(self, name: str, *, owner: str, seconds: int) -> bool:
        """Take or prolong a named lease; False while somebody else holds it."""

    def release(self, name: str, *, owner: str) -> None:
        """Give a lease back; nothing happens when it is not ours."""

    # -- projection ----------------------------------------------------------------------------------------
    def claim_dirty(self, *, limit: int) -> Sequence[DirtyEntity]:
        """Entities to project, ordered by id. Nobody else is given them for a while."""

    def resolve(self, refs: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """ref -> (label, entity id) for the refs that have an entity now."""

    def clear(self, done: Sequence[DirtyEntity]) -> None:
        """Take marks away where the revision has not moved since it was claimed."""

    def mark_all_dirty(self) -> int:
        """For a rebuild. Returns how many entities wait now."""

    def mark_records_dirty(self, refs: Iterable[str]) -> None:
        """Project the entities of these records again."""

    # -- answers -------------------------------------------------------------------------------------------
    def citable(self, refs: Iterable[str], *, now: datetime) -> Mapping[str, StoredRecord]:
        """ref -> record for those that exist, are not deleted and not expired at `now`. All others are missing."""

    def revision(self) -> int:
        """A number that grows with every projected change; caches compare it."""

    def all_records(self) -> Iterator[StoredRecord]:
        """Every current, not deleted record ordered by ref, streamed."""
