"""What a question asks for, as values: the only thing that execution looks at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from graph.queries import Condition
from retrieval.lexicon import lexicon

Kind = Literal[
    "lookup", "check", "describe", "count", "list", "exists", "superlative", "nearest", "within", "distance", "compare",
    "serving", "direct", "stops_between", "route_stops", "stop_count", "service_hours", "next_stop", "calls_at",
    "terminals", "funding", "rounds", "ownership", "journey", "text", "unclear",
]  # fmt: skip


AREA_KINDS = ("ward", "zone", "district", "neighbourhood")
"""Kinds of areas that people ask for by that word; also fields that records may have."""


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that the question names: the words, and the entities that they may mean."""

    text: str
    ids: tuple[str, ...]
    exact: bool = True
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Constraint:
    """A filter as asked. `condition` is what the graph checks; None when no record could meet it."""

    field: str
    op: str
    value: Any
    shown: str
    condition: Condition | None


@dataclass(frozen=True, slots=True)
class Order:
    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Plan:
    kind: Kind
    language: str
    question: str
    city: str | None = None
    label: str | None = None
    """Label of what is sought."""
    categories: tuple[str, ...] = ()
    """Categories (or modes) of what is sought, those below included; empty: any."""
    sought: str = ""
    """The category as the question names it (slug)."""
    constraints: tuple[Constraint, ...] = ()
    subjects: tuple[Named, ...] = ()
    """Named things in the roles of the kind: what is looked up; A and B; the route last where one is given."""
    anchor: Named | None = None
    towards: Named | None = None
    route: Named | None = None
    fields: tuple[str, ...] = ()
    order: Order | None = None
    k: int | None = None
    distance_m: float | None = None
    not_understood: tuple[str, ...] = ()
    """Words that no part of the plan explains; anything here means that the plan may not be what was asked."""
    why_unclear: str = ""
    """Phrase key, for kind `unclear`."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """Facts for the phrase of `why_unclear`."""

    def public(self, names: Mapping[str, str]) -> dict[str, Any]:
        """The plan as the answer shows it; `names`: entity id -> name."""
        entities = [*self.subjects, *(n for n in (self.anchor, self.route, self.towards) if n)]
        return {
            "kind": self.kind,
            "entities": [
                {"text": named.text, "ids": list(named.ids[:5]), "names": [names.get(i, "") for i in named.ids[:5]]}
                for named in entities
            ],
            "constraints": [{"field": c.field, "op": c.op, "value": c.value} for c in self.constraints]
            + ([{"field": "category", "op": "in", "value": list(self.categories)}] if self.categories else [])
            + ([{"field": "city", "op": "=", "value": self.city}] if self.city else []),
            "operators": self._operators(),
            "unit": self.unit(),
        }

    def _operators(self) -> list[str]:
        shown = []
        if self.order:
            shown.append(f"order by {self.order.field} {'descending' if self.order.descending else 'ascending'}")
        if self.k:
            shown.append(f"first {self.k}")
        if self.distance_m is not None:
            shown.append(f"within {self.distance_m:g} m")
        return shown

    def unit(self) -> str | None:
        """What a number in `short` counts: m, count, stars …; `currency` stands for the money of the place."""
        if self.kind == "distance":
            return "m"
        if self.kind in ("count", "stop_count", "stops_between"):
            return "count"
        if self.kind == "lookup" and self.fields:
            return lexicon().units.get(self.fields[0])
        return None
