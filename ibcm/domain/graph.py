"""What the graph holds: labels, nodes, edges. A projection is one entity with all that belongs to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

Scalar = str | int | float | bool
Value = Scalar | list[str] | list[int] | list[float]
Row = dict[str, object]

LABEL_BY_KIND: Mapping[str, str] = MappingProxyType(
    {
        "place": "Place",
        "area": "Area",
        "stop": "Stop",
        "route": "Route",
        "event": "Event",
        "organization": "Organization",
        "funding": "Funding",
        "indicator": "Indicator",
        "regulation": "Document",
        "article": "Document",
        "note": "Document",
    }
)
"""Kinds that become a node. Reviews live as passages of their subject; observations are kept as series only."""

NODELESS_LABELS = ("Review",)
"""Labels that the ledger assigns and projects like any other, with one record an entity, but that never reach the
graph: their projection is passages only, about the subject that the record links to."""

LEDGER_LABEL_BY_KIND: Mapping[str, str] = MappingProxyType({**LABEL_BY_KIND, "review": "Review"})
"""Kinds that wait for assignment after staging. A kind that is missing here (observation) is stored and citable,
but never staged for assignment and never projected."""

CONFIG_LABELS = ("City", "Sector", "Topic")
ENTITY_LABELS = tuple(dict.fromkeys(LABEL_BY_KIND.values()))
LEDGER_LABELS = (*ENTITY_LABELS, *NODELESS_LABELS)
ALL_LABELS = (*ENTITY_LABELS, *CONFIG_LABELS, "Record")


@dataclass(frozen=True, slots=True)
class Edge:
    """One record asserts one relation. Identity: (record, type, target, ordinal)."""

    type: str
    """Upper-case relation, such as `IN` or `SERVES`."""
    target_label: str
    target_id: str
    record: str
    """`source:key` of the record that asserts it."""
    ordinal: int = 0
    """Place among the links of that record, so that a route may serve one stop twice."""
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordNode:
    """What a citation needs of a record, and nothing of its payload."""

    ref: str
    source: str
    key: str
    url: str
    licence: str
    attribution: str
    retrieved_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Projection:
    """One entity as the graph should hold it, replacing whatever it held before."""

    id: str
    label: str
    revision: int
    properties: Mapping[str, Value]
    """Golden values under their field names, and the technical ones documented in docs/architecture.md."""
    edges: tuple[Edge, ...] = ()
    records: tuple[RecordNode, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A read: Cypher text with `$parameters` and their values. `name` appears in errors and metrics."""

    name: str
    text: str
    parameters: Mapping[str, object] = field(default_factory=dict)
