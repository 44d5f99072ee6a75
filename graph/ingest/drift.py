"""Drift of graph and index: every entity by its revision, chosen ones by their content. Reads only.

A projection may be at work meanwhile. What waits is no drift, and what stands otherwise after the projections were read
than before is left for the next search. `graph.ingest.mending` puts right what was found.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from graph.ingest import holding
from graph.ingest.project import Projected, compute
from graph.store import cypher
from graph.store.base import GraphStore
from graph.store.diff import EdgeKey, changes, wanted
from graph.store.writing import node_properties, record_properties
from ibcm.domain.drift import Drift, Fault, Finding, batches
from ibcm.domain.graph import ENTITY_LABELS, NODELESS_LABELS, Projection, RecordNode
from ibcm.domain.ledger import DirtyEntity, Ledger, Standing, StoredRecord
from ibcm.domain.passages import PassageIndex
from ibcm.domain.policy import SourcePolicy, live_data

BATCH = 500
UNCOMPARED = frozenset({"last_seen"})
"""Reading the same once more moves it in the ledger, and marks nothing."""

Policies = Mapping[str, SourcePolicy]
Told = Callable[[int], None]


def _silent(done: int) -> None:
    """Nobody watches."""


def find_drift(ledger: Ledger, graph: GraphStore, index: PassageIndex, *, policies: Policies, now: datetime) -> Drift:
    """Everything that is projected, by revision and by content."""
    search = Search(ledger, graph, index, Drift())
    search.by_revision()
    search.by_content(ledger.all_standing(), policies=policies, now=now)
    return search.drift


@dataclass(frozen=True, slots=True)
class Search:
    """Compares, and writes what it finds into `drift`. `told` is given the number of entities done in this step."""

    ledger: Ledger
    graph: GraphStore
    index: PassageIndex
    drift: Drift
    told: Told = _silent

    # -- by revision -------------------------------------------------------------------------------------------
    def by_revision(self) -> None:
        """Every node by its revision, and what nothing stands behind: nodes, records, passages."""
        held, done = dict.fromkeys(ENTITY_LABELS, 0), 0
        for some in batches(self.ledger.all_standing(), BATCH):
            for label, standing in _by_label(some):
                held[label] += self._revisions(label, standing)
            done += len(some)
            self.told(done)
        for label, number in held.items():
            if self._size(label) != number:
                self._extra_nodes(label)
        self._unsaid_records()
        self._extra_passages()

    def _revisions(self, label: str, standing: Sequence[Standing]) -> int:
        """How many of them the graph holds."""
        rows = self.graph.read(holding.revisions(label, [one.id for one in standing]))
        revisions = {str(row["id"]): row["revision"] for row in rows}
        self.drift.saw("nodes", len(standing))
        wrong = [one for one in standing if one.settled and revisions.get(one.id) != one.revision]
        for one in _unmoved(self.ledger, wrong):
            fault: Fault = "stale" if one.id in revisions else "missing"
            self.drift.findings.append(Finding("nodes", fault, one.id, label, one.id))
        return len(revisions)

    def _size(self, label: str) -> int:
        (row,) = self.graph.read(holding.size(label))
        return cast("int", row["number"])

    def _extra_nodes(self, label: str) -> None:
        for ids in batches(holding.every_id(self.graph, label), BATCH):
            extra = _without_entity(self.ledger, label, ids)
            self.drift.findings += [Finding("nodes", "extra", id_, label) for id_ in extra]

    def _unsaid_records(self) -> None:
        """Record nodes without an entity: to be deleted, or an entity has lost its edge to one of its records."""
        self.drift.saw("records", self._size("Record"))
        refs = [str(row["id"]) for row in self.graph.read(holding.unsaid())]
        waiting = self.ledger.unsettled(refs)
        entities = self.ledger.resolve(refs)
        for ref in (ref for ref in refs if ref not in waiting):
            label, entity = entities.get(ref, ("", ""))
            if entity and label not in NODELESS_LABELS:
                self.drift.findings.append(Finding("edges", "missing", f"SAID_BY {ref}", label, entity))
            else:
                self.drift.findings.append(Finding("records", "extra", ref, "Record"))

    def _extra_passages(self) -> None:
        for refs in batches(sorted(self.index.records()), BATCH):
            self.drift.saw("passages", len(refs))
            extra = without_entity(self.ledger, refs)
            self.drift.findings += [Finding("passages", "extra", ref) for ref in extra]

    # -- by content --------------------------------------------------------------------------------------------
    def by_content(self, entities: Iterable[Standing], *, policies: Policies, now: datetime) -> str:
        """These entities, whole: properties, edges, records, passages. Returns the id of the last; empty: none."""
        last, done = "", 0
        for some in batches(entities, BATCH):
            settled = _comparable(self.ledger, some, policies, now)
            dirty = [DirtyEntity(one.id, one.label, one.revision) for one in settled]
            should = compute(self.ledger, dirty, policies=policies, now=now)
            found = [*self._content(should.projections), *self._passages(should)]
            unmoved = {one.id for one in _unmoved(self.ledger, settled)}
            known = {(one.part, one.what) for one in self.drift.findings}
            self.drift.findings += [one for one in found if one.entity in unmoved and (one.part, one.what) not in known]
            last, done = some[-1].id, done + len(some)
            self.told(done)
        return last

    def _content(self, projections: Sequence[Projection]) -> Iterator[Finding]:
        by_label: dict[str, list[Projection]] = {}
        for one in projections:
            by_label.setdefault(one.label, []).append(one)
        for label, some in by_label.items():
            ids = [one.id for one in some]
            held = _properties(self.graph, label, ids)
            for one in some:
                if (properties := held.get(one.id)) is None or properties.get("revision") is None:
                    yield Finding("nodes", "stale" if properties else "missing", one.id, label, one.id)
                elif _compared(properties) != _compared(node_properties(one)):
                    yield Finding("nodes", "stale", one.id, label, one.id)
            yield from self._edges(label, some, ids)
        yield from self._records(projections)

    def _edges(self, label: str, projections: Sequence[Projection], ids: Sequence[str]) -> Iterator[Finding]:
        desired = wanted(projections)
        self.drift.saw("edges", len(desired))
        found = changes(desired, self.graph.read(cypher.outgoing(label, ids)))
        missing = {key for keys in found.missing.values() for key in keys}
        obsolete = {key for keys in found.obsolete.values() for key in keys}
        for key in sorted(missing | obsolete):
            both = key in missing and key in obsolete
            fault: Fault = "stale" if both else "missing" if key in missing else "extra"
            yield Finding("edges", fault, _in_words(key), label, key.source)

    def _records(self, projections: Sequence[Projection]) -> Iterator[Finding]:
        entity_of: dict[str, str] = {record.ref: one.id for one in projections for record in one.records}
        nodes: dict[str, RecordNode] = {record.ref: record for one in projections for record in one.records}
        for refs in batches(nodes, BATCH):
            held = _properties(self.graph, "Record", refs)
            for ref in refs:
                if ref not in held:
                    yield Finding("records", "missing", ref, "Record", entity_of[ref])
                elif _compared(held[ref]) != _compared(record_properties(nodes[ref])):
                    yield Finding("records", "stale", ref, "Record", entity_of[ref])

    def _passages(self, should: Projected) -> Iterator[Finding]:
        for ref, faults in self.index.compare(should.passages).items():
            for fault in faults:
                yield Finding("passages", fault, ref, "", should.entity_of[ref])


def without_entity(ledger: Ledger, refs: Sequence[str]) -> list[str]:
    """Those of these refs of which nothing should be projected, and nothing waits."""
    alive = ledger.resolve(refs)
    gone = [ref for ref in refs if ref not in alive]
    waiting = ledger.unsettled(gone) if gone else set()
    return [ref for ref in gone if ref not in waiting]


def _without_entity(ledger: Ledger, label: str, ids: Sequence[str]) -> list[str]:
    """Those of these nodes that no entity of that label with records stands behind, and that nothing waits for."""
    standing = ledger.standing(ids)
    return [id_ for id_ in ids if (one := standing.get(id_)) is None or (one.settled and not _stands(one, label))]


def _stands(one: Standing, label: str) -> bool:
    return one.living and one.label == label


def _by_label(standing: Iterable[Standing]) -> Iterator[tuple[str, list[Standing]]]:
    """Those that have a node."""
    found: dict[str, list[Standing]] = {}
    for one in standing:
        if one.label not in NODELESS_LABELS:
            found.setdefault(one.label, []).append(one)
    yield from found.items()


def _unmoved(ledger: Ledger, before: Sequence[Standing]) -> list[Standing]:
    """Those that stand as they did: nothing of them was projected in between."""
    now = ledger.standing([one.id for one in before]) if before else {}
    return [one for one in before if now.get(one.id) == one]


def _comparable(ledger: Ledger, standing: Sequence[Standing], policies: Policies, now: datetime) -> list[Standing]:
    """Settled, and without a value whose time is over: the next purge takes that out, and marks the entity."""
    members = ledger.in_entities([one.id for one in standing if one.settled])
    return [
        one
        for one in standing
        if one.settled and not any(_has_dead_values(stored, policies, now) for stored in members.get(one.id, ()))
    ]


def _has_dead_values(stored: StoredRecord, policies: Policies, now: datetime) -> bool:
    policy = policies.get(stored.record.source)
    return policy is not None and live_data(stored.record, policy, now) != stored.record.data


def _properties(graph: GraphStore, label: str, ids: Sequence[str]) -> dict[str, Mapping[str, object]]:
    rows = graph.read(holding.contents(label, ids))
    return {str(row["id"]): cast("Mapping[str, object]", row["properties"]) for row in rows}


def _compared(properties: Mapping[str, object]) -> dict[str, object]:
    """An engine may leave out what is empty."""
    return {name: value for name, value in properties.items() if name not in UNCOMPARED and value not in (None, [])}


def _in_words(key: EdgeKey) -> str:
    said = f" said by {key.record}" if key.record else ""
    return f"{key.source} {key.type} {key.target_label} {key.target}{said}"
