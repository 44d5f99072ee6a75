"""Projection: dirty entities are computed again and written to graph and index. Every step may be repeated.

The order makes a crash harmless: claim, compute, graph in one transaction, index, and only then the mark goes, and
only where its revision has not moved. What moved between computing and writing is marked again, so that the last
projection always follows the last change.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from graph.ingest.areas import find_areas
from graph.ingest.merge import merge
from graph.ingest.parties import find_firms
from graph.ingest.passages import passages_of
from graph.ingest.projection import Targets, project_entity
from graph.ingest.surroundings import surroundings_of
from graph.resolution.traits import label_of
from graph.store.base import GraphStore
from ibcm.domain.graph import NODELESS_LABELS, Projection
from ibcm.domain.ledger import DirtyEntity, Ledger, StoredRecord
from ibcm.domain.passages import Passage, PassageIndex
from ibcm.domain.policy import SourcePolicy, live_data


@dataclass(frozen=True, slots=True)
class ProjectCounts:
    """What projection did."""

    written: int = 0
    """Entities written, those without a node (reviews) included."""
    removed: int = 0
    """Entities taken out because no record is left."""
    passages: int = 0
    """Passages handed to the index; it embeds only new ones."""

    def __add__(self, other: "ProjectCounts") -> "ProjectCounts":
        return ProjectCounts(self.written + other.written, self.removed + other.removed, self.passages + other.passages)


@dataclass(slots=True)
class Projected:
    """What a batch of entities comes to in graph and index."""

    projections: list[Projection] = field(default_factory=list)
    removed: dict[str, list[str]] = field(default_factory=dict)
    """Label -> entity ids."""
    passages: dict[str, list[Passage]] = field(default_factory=dict)
    """ref -> its passages; none: the record is gone from the index."""
    entity_of: dict[str, str] = field(default_factory=dict)
    """ref -> the entity under which it was projected; empty for records that were taken out."""


def project_all(
    ledger: Ledger,
    graph: GraphStore,
    index: PassageIndex,
    *,
    policies: Mapping[str, SourcePolicy],
    now: datetime,
    progress: Callable[[ProjectCounts], None] | None = None,
    batch: int = 200,
    batches: int | None = None,
) -> ProjectCounts:
    """Project until nothing is dirty but what others hold. `progress` is told the counts after every batch.

    With `batches`, at most so many: what somebody waits for comes first.
    """
    total, done = ProjectCounts(), 0
    while done != batches and (dirty := ledger.claim_dirty(limit=batch)):
        done += 1
        total += project_batch(ledger, graph, index, dirty, policies=policies, now=now)
        if progress:
            progress(total)
    return total


def project_batch(
    ledger: Ledger,
    graph: GraphStore,
    index: PassageIndex,
    dirty: Sequence[DirtyEntity],
    *,
    policies: Mapping[str, SourcePolicy],
    now: datetime,
) -> ProjectCounts:
    """Project these claimed entities and clear their marks."""
    found = compute(ledger, dirty, policies=policies, now=now)
    if found.projections:
        graph.write(found.projections)
    for label, ids in sorted(found.removed.items()):
        if label not in NODELESS_LABELS:
            graph.remove(label, ids)
    if found.passages:
        index.replace(found.passages)
    _mark_overtaken(ledger, found.entity_of)
    ledger.clear(dirty)
    removed = sum(len(ids) for ids in found.removed.values())
    return ProjectCounts(len(dirty) - removed, removed, sum(len(some) for some in found.passages.values()))


def compute(
    ledger: Ledger, dirty: Sequence[DirtyEntity], *, policies: Mapping[str, SourcePolicy], now: datetime
) -> Projected:
    """What graph and index should hold of these entities, from the ledger alone."""
    members = ledger.in_entities([entity.id for entity in dirty])
    # A record whose kind has changed belongs to its old entity until assignment has seen it: not to be projected there.
    fitting = {
        entity.id: [one for one in members.get(entity.id, ()) if label_of(one.record) == entity.label]
        for entity in dirty
    }
    records = [one for found in fitting.values() for one in found]
    targets = targets_of(ledger, records, policies=policies, now=now)
    batch = Projected()
    for entity in dirty:
        _project_one(batch, entity, fitting[entity.id], targets, policies=policies, now=now)
    _take_out_gone(batch, ledger, dirty)
    return batch


def links_of(ledger: Ledger, records: Sequence[StoredRecord]) -> Targets:
    """Where the links of these records lead now, and nothing else."""
    return Targets(entities=ledger.resolve({ref for one in records for ref in one.record.targets()}))


def targets_of(
    ledger: Ledger, records: Sequence[StoredRecord], *, policies: Mapping[str, SourcePolicy], now: datetime
) -> Targets:
    """Where the links of these records lead now, the areas and firms that they name, and what lies around them."""
    areas = find_areas(ledger, records, now=now)
    around = surroundings_of(ledger, records, policies=policies, now=now, named=areas.values())
    return replace(links_of(ledger, records), areas=areas, firms=find_firms(ledger, records), surroundings=around)


def _project_one(
    batch: Projected,
    entity: DirtyEntity,
    records: Sequence[StoredRecord],
    targets: Targets,
    *,
    policies: Mapping[str, SourcePolicy],
    now: datetime,
) -> None:
    if not records:
        batch.removed.setdefault(entity.label, []).append(entity.id)
        return
    if entity.label not in NODELESS_LABELS:
        batch.projections.append(project_entity(entity, merge(records, policies, now), targets))
    for stored in records:
        about = subject_of(stored, targets) if entity.label in NODELESS_LABELS else entity.id
        batch.passages[stored.ref] = live_passages(stored, about, policies, now)
        batch.entity_of[stored.ref] = entity.id


def live_passages(
    stored: StoredRecord, entity: str, policies: Mapping[str, SourcePolicy], now: datetime
) -> list[Passage]:
    """Passages without the fields whose own time limit has passed."""
    policy = policies.get(stored.record.source)
    if policy is None or not policy.fields:
        return passages_of(stored, entity)
    return passages_of(stored.record.model_copy(update={"data": live_data(stored.record, policy, now)}), entity)


def subject_of(stored: StoredRecord, targets: Targets) -> str:
    """Entity that a review is about; empty while it is unknown."""
    refs = zip(stored.record.links, stored.record.targets(), strict=True)
    about = (targets.entities[ref][1] for link, ref in refs if link.rel == "about" and ref in targets.entities)
    return next(about, "")


def _take_out_gone(batch: Projected, ledger: Ledger, dirty: Sequence[DirtyEntity]) -> None:
    """Deleted records lose their passages, unless they live again in some entity."""
    gone = {ref for entity in dirty for ref in entity.gone} - batch.passages.keys()
    alive = ledger.resolve(gone) if gone else {}
    for ref in sorted(gone - alive.keys()):
        batch.passages[ref] = []
        batch.entity_of[ref] = ""


def _mark_overtaken(ledger: Ledger, entity_of: Mapping[str, str]) -> None:
    """Records that changed hands while they were written: their new entity may have been projected before this one."""
    now = ledger.resolve(entity_of)
    overtaken = [ref for ref, entity in entity_of.items() if ref in now and now[ref][1] != entity]
    if overtaken:
        ledger.mark_records_dirty(sorted(overtaken))
