"""Walk (a) behind the source, as the tests run it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from graph.ingest.assign import AssignCounts, assign_all
from graph.ingest.canonical import canonical_export
from graph.ingest.drift import find_drift
from graph.ingest.memory import MemoryLedger
from graph.ingest.merge import merge
from graph.ingest.passages import passages_of
from graph.ingest.project import ProjectCounts, project_all, subject_of, targets_of
from graph.ingest.projection import project_entity
from graph.resolution.resolver import ScoredResolver
from graph.resolution.traits import label_of
from ibcm.domain.ledger import DirtyEntity
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord
from tests.builders import NOW, OPEN
from tests.doubles import MemoryGraph, MemoryIndex

POLICIES: Mapping[str, SourcePolicy] = {
    "osm": OPEN,
    "list": OPEN.model_copy(update={"trust": 0.3}),
    "gov": OPEN.model_copy(update={"trust": 0.9, "deduplicated": True}),
}


class World:
    """A ledger, a graph and an index, with the walk between them."""

    def __init__(self, ledger: Any = None) -> None:
        self.ledger = ledger or MemoryLedger()
        self.graph = MemoryGraph()
        self.index = MemoryIndex()
        self.now = NOW

    def stage(self, *records: SourceRecord) -> None:
        self.ledger.stage(records, now=self.now)

    def assign(self, *, ledger: Any = None, batch: int = 500, limit: int = 0) -> AssignCounts:
        """`limit`: how many records may share a key, where it is not what is usual."""
        resolver = ScoredResolver(limit=lambda key: limit) if limit else ScoredResolver()
        return assign_all(
            ledger or self.ledger,
            resolver=resolver,
            policies=POLICIES,
            owner="test",
            batch=batch,
            patience=0,
        )

    def project(self, *, ledger: Any = None, graph: Any = None, index: Any = None, batch: int = 200) -> ProjectCounts:
        return project_all(
            ledger or self.ledger,
            graph or self.graph,
            index or self.index,
            policies=POLICIES,
            now=self.now,
            batch=batch,
        )

    def take(self, *records: SourceRecord) -> "World":
        """Stage, assign and project."""
        self.stage(*records)
        self.assign()
        self.project()
        return self

    def wait_until(self, now: datetime) -> "World":
        """Let time pass: nothing new is said."""
        self.now = now
        self.ledger.turn(now=now)
        self.assign()
        self.project()
        return self

    def canonical(self) -> list[str]:
        return list(canonical_export(self.ledger, policies=POLICIES, now=self.now))

    def drift(self, graph: Any = None, index: Any = None) -> list[tuple[str, str, str]]:
        """Part, fault and record or id of all that graph and index hold otherwise than they should."""
        found = find_drift(self.ledger, graph or self.graph, index or self.index, policies=POLICIES, now=self.now)
        return sorted((one.part, one.fault, one.what) for one in found.findings)

    def together(self) -> set[tuple[str, ...]]:
        """The refs of each entity."""
        members: dict[str, list[str]] = {}
        for stored in self.ledger.all_records():
            members.setdefault(stored.entity, []).append(stored.ref)
        return {tuple(refs) for entity, refs in members.items() if entity}

    def entity(self, ref: str) -> str:
        return self.ledger.resolve([ref])[ref][1]

    def assert_projected(self) -> None:
        """Graph and index hold exactly what the ledger says, revisions apart."""
        records = list(self.ledger.all_records())
        targets = targets_of(self.ledger, records, policies=POLICIES, now=self.now)
        nodes, passages = {}, {}
        members = self.ledger.in_entities({stored.entity for stored in records} - {""})
        for entity, some in members.items():
            label = label_of(some[0].record)
            for stored in some:
                about = subject_of(stored, targets) if label == "Review" else entity
                if found := passages_of(stored, about):
                    passages[stored.ref] = tuple(found)
            if label != "Review":
                revision = self.graph.nodes[label, entity].revision
                nodes[label, entity] = project_entity(
                    DirtyEntity(entity, label, revision), merge(some, POLICIES, self.now), targets
                )
        assert self.graph.nodes == nodes
        assert self.index.passages == passages
