"""Assignment: every staged record finds its entity. Repeatable at any point; any order of arrival ends the same."""

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graph.ingest.identity import identify
from graph.ingest.lookups import CONCERNING, Touched, firm_names_in, judged_by, lookup_keys, touched_by
from graph.ingest.neighbourhood import Familiar, Neighbourhood
from graph.resolution.cluster import Partition
from graph.resolution.resolver import Resolver
from graph.resolution.traits import label_of
from ibcm.domain.decisions import is_pin
from ibcm.domain.graph import LEDGER_LABELS
from ibcm.domain.ledger import Assignments, Ledger, StoredRecord
from ibcm.domain.policy import SourcePolicy

SPOKEN_FOR = ("Area", "Stop")
"""Of these one record speaks for all of its entity: one that comes or goes may change which."""
AGAIN = ("Funding",)
"""Once more at the end: an organization that raised a round may have become something whose label comes later."""
LEASE_SECONDS = 120
PATIENCE_SECONDS = 600.0
POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class AssignCounts:
    """What assignment did. Counts are of records but for `entities_new`."""

    assigned: int = 0
    merged: int = 0
    """Of those assigned, the ones that share their entity with another record."""
    entities_new: int = 0
    gone: int = 0
    compared: int = 0
    """Pairs that were judged."""
    most_compared: int = 0
    """Pairs of the record that met most others."""
    large_blocks: tuple[str, ...] = ()
    """Blocking keys that too many records share: they were not used for pairing."""

    def __add__(self, other: "AssignCounts") -> "AssignCounts":
        return AssignCounts(
            self.assigned + other.assigned,
            self.merged + other.merged,
            self.entities_new + other.entities_new,
            self.gone + other.gone,
            self.compared + other.compared,
            max(self.most_compared, other.most_compared),
            tuple(sorted({*self.large_blocks, *other.large_blocks})),
        )


def assign_all(
    ledger: Ledger,
    *,
    resolver: Resolver,
    policies: Mapping[str, SourcePolicy],
    owner: str,
    progress: Callable[[AssignCounts], None] | None = None,
    batch: int = 500,
    patience: float = PATIENCE_SECONDS,
    batches: int | None = None,
) -> AssignCounts:
    """Assign what is staged, label by label; one owner at a time works on a label.

    While another owner holds a label this waits up to `patience` seconds, because that one may do the work or die;
    then it goes on without the label. `progress` is told the counts so far after every batch. With `batches`, at most
    so many of each label: what curators decided about comes first.
    """
    worker = _Worker(ledger, resolver, policies, owner, batch, progress, batches)
    try:
        for label in (*LEDGER_LABELS, *AGAIN):
            if worker.take(label, patience=patience):
                try:
                    worker.work_off(label)
                finally:
                    ledger.release(_lease(label), owner=owner)
    finally:
        gc.unfreeze()
    return worker.counts


def _lease(label: str) -> str:
    """Rounds are judged by who raised them, so nobody works on organizations meanwhile."""
    return "assign:Organization" if label == "Funding" else f"assign:{label}"


def _compared(around: Neighbourhood, found: Partition) -> AssignCounts:
    met = Counter(ref for pair in found.judged for ref in pair)
    return AssignCounts(
        compared=len(found.judged),
        most_compared=max(met.values(), default=0),
        large_blocks=tuple(sorted(around.large)),
    )


@dataclass(slots=True)
class _Worker:
    ledger: Ledger
    resolver: Resolver
    policies: Mapping[str, SourcePolicy]
    owner: str
    batch: int
    progress: Callable[[AssignCounts], None] | None
    batches: int | None = None
    counts: AssignCounts = AssignCounts()
    familiar: Familiar = field(default_factory=Familiar)

    def take(self, label: str, *, patience: float) -> bool:
        """Get the lease; False when nothing waits (any more), or when patience ran out."""
        until = time.monotonic() + patience
        while self.ledger.staged(label, limit=1):
            if self.ledger.lease(_lease(label), owner=self.owner, seconds=LEASE_SECONDS):
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(POLL_SECONDS)
        return False

    def work_off(self, label: str) -> None:
        """Batch after batch until nothing waits, or until the lease is lost to another."""
        before: dict[str, str] = {}
        done = 0
        while done != self.batches and self.ledger.lease(_lease(label), owner=self.owner, seconds=LEASE_SECONDS):
            staged = self.ledger.staged(label, limit=self.batch)
            if not staged:
                return
            versions = {stored.ref: stored.hash for stored in staged}
            if versions == before:
                raise RuntimeError(f"the ledger still gives {staged[0].ref!r} and others after they were assigned")
            before = versions
            done += 1
            self._leave_other_labels(label, staged)
            self.counts += self._step(label, staged)
            # What is remembered between steps are millions of small objects. Looking through them for garbage again
            # and again took half the time; nothing of them is garbage before the end.
            gc.freeze()
            if self.progress:
                self.progress(self.counts)

    def _leave_other_labels(self, label: str, staged: Sequence[StoredRecord]) -> None:
        """A record of another kind than before leaves members behind, and those that it kept from choosing: their
        clusters are computed without it."""
        former = sorted({stored.entity for stored in staged if stored.entity})
        left = [one for found in self.ledger.in_entities(former).values() for one in found] if former else []
        left += self.ledger.living(sorted(self.ledger.torn(stored.ref for stored in staged))).values()
        for other in sorted({label_of(stored.record) for stored in left} - {label, ""}):
            self._step(other, (), seeds=left)

    def _step(self, label: str, staged: Sequence[StoredRecord], seeds: Iterable[StoredRecord] = ()) -> AssignCounts:
        around = Neighbourhood(self.ledger, label, self.resolver, self.policies, self.familiar).load(staged, seeds)
        found = around.partition(same=self.resolver.joins)
        # Pins alone are no thing: what they were about is gone, and they wait until it comes back.
        parts = [part for part in found.clusters if not all(map(is_pin, part))]
        orphaned = [ref for part in found.clusters if all(map(is_pin, part)) for ref in part]
        identities = identify(self.ledger, label, [[around.records[ref] for ref in part] for part in parts])
        gone = [stored.ref for stored in staged if stored.record.deleted]
        living = [stored.ref for stored in staged if not stored.record.deleted]
        keys_of = {ref: self._keys(around, ref) for ref in living} | {ref: [] for ref in gone}
        touched, again = self._concerned(label, around, staged, identities.entity_of, keys_of)
        self.ledger.assign(
            Assignments(
                label=label,
                entity_of=identities.entity_of,
                keys_of=keys_of,
                redirects=identities.redirects,
                gone=[*gone, *orphaned],
                versions={stored.ref: stored.hash for stored in staged},
                touched=touched,
                again=again,
                judged=sorted({*around.records, *gone}),
                findings=around.findings(found),
            )
        )
        joined = {ref for part in parts if len(part) > 1 for ref in part}
        told = AssignCounts(
            assigned=len(living),
            merged=len(joined.intersection(living)),
            entities_new=len(identities.new),
            gone=len(gone),
        )
        return told + _compared(around, found)

    def _keys(self, around: Neighbourhood, ref: str) -> list[str]:
        return sorted({*around.keys_of(ref), *lookup_keys(around.traits[ref])})

    def _concerned(
        self,
        label: str,
        around: Neighbourhood,
        staged: Sequence[StoredRecord],
        entity_of: Mapping[str, str],
        keys_of: Mapping[str, Sequence[str]],
    ) -> tuple[Touched, Touched]:
        """Whom the entities that change here concern, as they stood before and as they stand now: those to project
        again, and those to assign again."""
        former = {ref: held.entity for ref, held in around.records.items()} | {one.ref: one.entity for one in staged}
        moved = {ref for ref, entity in former.items() if entity_of.get(ref, "") != entity}
        changed = {stored.ref for stored in staged} | moved
        if label in SPOKEN_FOR:
            entities = {of[ref] for ref in changed for of in (entity_of, former) if ref in of} - {""}
            changed |= {ref for ref in former if entity_of.get(ref) in entities or former[ref] in entities}
        elif label not in CONCERNING:  # one of these may have been an area, a stop or an organization until now
            changed = {ref for ref in changed if former[ref]}
        before = self.ledger.blocking_keys(sorted(changed)) if changed else {}
        now = {ref: keys_of.get(ref, before.get(ref, ())) for ref in changed if label in CONCERNING}
        if label == "Organization":
            renamed = {ref for ref in changed if firm_names_in(before.get(ref, ())) != firm_names_in(now[ref])}
            changed &= renamed | moved
        held = [keys for of in (before, now) for ref, keys in of.items() if ref in changed]
        firms = {ref for ref in changed & moved if label == "Organization" or firm_names_in(before.get(ref, ()))}
        return touched_by(held), judged_by(held, firms)
