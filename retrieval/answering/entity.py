"""An entity as read from the graph: values with the records that they come from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from retrieval.answering.evidence import Fact


@dataclass(frozen=True)
class Entity:
    """Properties of one node, as the graph store returned them."""

    properties: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.properties["id"])

    @property
    def name(self) -> str:
        return str(self.properties.get("name") or self.id)

    @property
    def city(self) -> str:
        return str(self.properties.get("city") or "")

    @property
    def category(self) -> str:
        return str(self.properties.get("category") or self.properties.get("mode") or "")

    @property
    def point(self) -> tuple[float, float] | None:
        lat, lon = self.properties.get("lat"), self.properties.get("lon")
        return (float(lat), float(lon)) if lat is not None and lon is not None else None

    @property
    def located(self) -> bool:
        return bool(self.properties.get("located"))

    @property
    def refs(self) -> tuple[str, ...]:
        return tuple(self.properties.get("record_refs") or ())

    @cached_property
    def winners(self) -> Mapping[str, str]:
        return dict(
            zip(self.properties.get("fact_names") or (), self.properties.get("fact_records") or (), strict=True)
        )

    @property
    def over(self) -> bool:
        """Nothing that a source says of it holds: it is known what it was, or will be."""
        return bool(self.properties.get("over"))

    def is_right(self, now: datetime) -> bool:
        """Whether the properties are those of that moment: what has a validity begins and ceases to hold."""
        since, until = self.properties.get("right_from"), self.properties.get("right_until")
        if since is None or until is None:
            return True
        return datetime.fromisoformat(since) <= now < datetime.fromisoformat(until)

    def as_it_was(self) -> "Entity":
        """With the values that held last, or will hold first, where none holds: their records tell when."""
        lapsed = {fact.field: fact for fact in map(self._fact_of, self.properties.get("lapsed") or ())}
        lapsed = {name: fact for name, fact in lapsed.items() if name not in self.properties}
        provenance = {**self.winners, **{name: fact.record for name, fact in lapsed.items()}}
        values = {name: fact.value for name, fact in lapsed.items()}
        told = {"fact_names": list(provenance), "fact_records": list(provenance.values())}
        return Entity({**self.properties, **values, **told})

    def _fact_of(self, text: str) -> Fact:
        said = json.loads(text)
        return Fact(said["record"], said["field"], said["value"], self.name)

    def shown(self, language: str) -> str:
        """The name in the asker's language where a record gives one."""
        return str(self.properties.get(f"name_{language}") or self.name)

    def get(self, field: str) -> Any:
        """The golden value, or None."""
        value = self.properties.get(field)
        return value if value not in ([], "") else None

    def fact(self, field: str) -> Fact:
        """The value with the record that it comes from; the entity's first record where no field is to blame."""
        record = self.winners.get(field) or self.winners.get("name") or (self.refs[0] if self.refs else "")
        return Fact(record, field, self.get(field), self.name)

    def losing(self, field: str) -> list[Fact]:
        """What other records say instead."""
        found = map(self._fact_of, self.properties.get("conflicts") or ())
        return [fact for fact in found if fact.field == field]
