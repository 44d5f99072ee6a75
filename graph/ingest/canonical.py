"""The canonical export: what the ledger says, in a form that does not depend on ids, clocks, counters or order.

Two installations that staged the same records print the same lines, whatever happened on the way (invariant 5).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from graph.ingest.merge import Merged, merge
from graph.ingest.project import live_passages, subject_of, targets_of
from graph.ingest.projection import Targets, project_entity
from graph.resolution.traits import label_of
from ibcm.domain.graph import NODELESS_LABELS, Edge, Value
from ibcm.domain.ledger import DirtyEntity, Ledger, StoredRecord
from ibcm.domain.passages import Passage
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import canonical_json

BATCH = 500
Entity = tuple[str, Sequence[StoredRecord]]
"""Entity id and its records by ref."""


def canonical_export(ledger: Ledger, *, policies: Mapping[str, SourcePolicy], now: datetime) -> Iterator[str]:
    """One JSON line an entity: label, records, golden values with the record that won, conflicts, edges by the refs of
    their targets, and a digest of its passages.

    Ordered by smallest `source:key`. Records that wait for assignment are left out: assign first.
    """
    reader = Linked(ledger, policies, now)
    export = _Export(reader)
    for entity, records, targets in reader.entities():
        yield canonical_json(export.line(entity, records, targets))


def all_entities(ledger: Ledger) -> Iterator[Entity]:
    """Every entity with its records, ordered by their smallest ref."""
    seen: set[str] = set()
    fresh = _first_of_each(ledger, seen)
    while batch := list(islice(fresh, BATCH)):
        members = ledger.in_entities(batch)
        for entity in batch:
            label = label_of(members[entity][0].record) if entity in members else ""
            records = [one for one in members.get(entity, ()) if label_of(one.record) == label]
            if records:
                yield entity, records


def _first_of_each(ledger: Ledger, seen: set[str]) -> Iterator[str]:
    for stored in ledger.all_records():
        if stored.entity and stored.entity not in seen:
            seen.add(stored.entity)
            yield stored.entity


@dataclass(slots=True)
class Linked:
    """Every entity with where its links lead, read in batches; and names for those ends that do not depend on ids."""

    ledger: Ledger
    policies: Mapping[str, SourcePolicy]
    now: datetime
    names: dict[str, str] = field(default_factory=dict)
    """Entity id -> its smallest ref, for the targets met so far."""

    def entities(self) -> Iterator[tuple[str, Sequence[StoredRecord], Targets]]:
        found = all_entities(self.ledger)
        while batch := list(islice(found, BATCH)):
            targets = self._targets(batch)
            yield from ((entity, records, targets) for entity, records in batch)

    def _targets(self, batch: Sequence[Entity]) -> Targets:
        members = [one for _, records in batch for one in records]
        targets = targets_of(self.ledger, members, policies=self.policies, now=self.now)
        ids = {entity for _, entity in targets.entities.values()} | set(targets.areas.values())
        ids |= {area.entity for area in targets.surroundings.areas} | set(targets.surroundings.stops)
        ids = ids.union(*targets.firms.values())
        found = self.ledger.in_entities(sorted(ids - self.names.keys()))
        self.names |= {entity: records[0].ref for entity, records in found.items()}
        return targets

    def name(self, edge: Edge) -> str:
        """What an edge leads to: the smallest ref of an entity, the slug of a city or sector."""
        return self.names.get(edge.target_id, edge.target_id)


@dataclass(slots=True)
class _Export:
    reader: Linked

    def line(self, entity: str, records: Sequence[StoredRecord], targets: Targets) -> dict[str, Any]:
        label = label_of(records[0].record)
        line: dict[str, Any] = {"label": label, "records": [one.ref for one in records]}
        line["passages"] = self._passages(records, targets, label)
        if label in NODELESS_LABELS:
            return line
        merged = merge(records, self.reader.policies, self.reader.now)
        edges = project_entity(DirtyEntity(entity, label, 0), merged, targets).edges
        return line | _facts(merged) | {"edges": sorted((self._edge(edge) for edge in edges), key=canonical_json)}

    def _edge(self, edge: Edge) -> dict[str, Any]:
        return {
            "type": edge.type,
            "target": f"{edge.target_label}/{self.reader.name(edge)}",
            "record": edge.record,
            "ordinal": edge.ordinal,
            "properties": dict(edge.properties),
        }

    def _passages(self, records: Sequence[StoredRecord], targets: Targets, label: str) -> str:
        """Digest over text and subject of every passage; empty when there is none."""
        shown = [
            [one.record, one.ordinal, one.title, one.text, self.reader.names.get(one.entity, one.entity)]
            for stored in records
            for one in self._passages_of(stored, targets, label)
        ]
        return sha256(canonical_json(shown).encode()).hexdigest() if shown else ""

    def _passages_of(self, stored: StoredRecord, targets: Targets, label: str) -> list[Passage]:
        about = subject_of(stored, targets) if label in NODELESS_LABELS else ""
        return live_passages(stored, about, self.reader.policies, self.reader.now)


def _facts(merged: Merged) -> dict[str, Any]:
    facts: dict[str, list[Value | str]] = {
        name: [fact.value, fact.record, *fact.others] for name, fact in merged.facts.items()
    }
    lapsed = {name: [fact.value, fact.record, *fact.others] for name, fact in merged.lapsed.items()}
    return {
        "facts": facts,
        **({"lapsed": lapsed} if lapsed else {}),
        "aliases": list(merged.aliases),
        "city": merged.city,
        "sector": merged.sector,
        "conflicts": [[lost.field, lost.value, lost.record] for lost in merged.conflicts],
    }
