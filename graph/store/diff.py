"""Which edges to take away and which to add, so that a repeated write changes nothing and touches no busy target."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from graph.store.cypher import SAID_BY
from graph.store.values import storable
from ibcm.domain.graph import Projection, Value


class EdgeKey(NamedTuple):
    """Identity of an edge within the nodes of one label."""

    source: str
    type: str
    target_label: str
    target: str
    record: str
    ordinal: int


Edges = Mapping[EdgeKey, Mapping[str, object]]


class Group(NamedTuple):
    """Edges that one query can write: relation type and label of the target."""

    type: str
    target_label: str


@dataclass(slots=True)
class EdgeChanges:
    """Rows for the queries, in order of their keys."""

    missing: dict[Group, list[EdgeKey]] = field(default_factory=dict)
    obsolete: dict[Group, list[EdgeKey]] = field(default_factory=dict)

    def targets(self, label: str) -> Iterator[str]:
        """Ids of that label that lose an edge."""
        return (key.target for group, keys in self.obsolete.items() if group.target_label == label for key in keys)


def wanted(projections: Iterable[Projection]) -> dict[EdgeKey, dict[str, Value]]:
    """Every edge that should leave these nodes, SAID_BY among them, with its properties."""
    edges: dict[EdgeKey, dict[str, Value]] = {}
    for one in projections:
        for edge in one.edges:
            key = EdgeKey(one.id, edge.type, edge.target_label, edge.target_id, edge.record, edge.ordinal)
            edges[key] = {**storable(edge.properties), "record": edge.record, "ordinal": edge.ordinal}
        for record in one.records:
            edges[EdgeKey(one.id, SAID_BY, "Record", record.ref, "", 0)] = {}
    return edges


def changes(desired: Edges, existing: Sequence[Mapping[str, object]]) -> EdgeChanges:
    """Compare with the rows of cypher.outgoing. An edge that is there twice, or with other properties, is made anew."""
    found = {_key_of(row): cast("Mapping[str, object]", row["properties"]) for row in existing}
    times = Counter(_key_of(row) for row in existing)
    kept = {key for key, properties in found.items() if desired.get(key) == properties and times[key] == 1}
    result = EdgeChanges()
    for key in sorted(found.keys() - kept):
        result.obsolete.setdefault(Group(key.type, key.target_label), []).append(key)
    for key in sorted(desired.keys() - kept):
        result.missing.setdefault(Group(key.type, key.target_label), []).append(key)
    return result


def _key_of(row: Mapping[str, object]) -> EdgeKey:
    properties = cast("Mapping[str, object]", row["properties"])
    record, ordinal = properties.get("record", ""), properties.get("ordinal", 0)
    return EdgeKey(
        str(row["source"]),
        str(row["type"]),
        str(row["label"]),
        str(row["target"]),
        str(record),
        int(cast("int", ordinal)),
    )
