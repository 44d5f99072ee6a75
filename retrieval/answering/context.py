"""What every handler needs: reads of the graph, the catalogue, and words for things."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from graph import queries
from graph.ingest.merge import merge
from graph.ingest.projection import BY_NEIGHBOURS, properties_of
from graph.queries import Condition
from graph.store.base import GraphStore
from ibcm.domain.graph import Query, Row
from ibcm.domain.ledger import Ledger, StoredRecord
from ibcm.domain.policy import SourcePolicy
from retrieval.answering.conditions import meets
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact, QueryResult, missing, some_of_each_source
from retrieval.answering.phrases import Phrases
from retrieval.catalogue import Catalogue, Thing
from retrieval.journeys.cache import Networks
from retrieval.plan import Constraint, Named, Plan

CHECKED = 500
"""Entities of one answer whose records are looked up before they are shown; no more are ever listed."""
MOST = 20_000
"""Rows read for one question at most."""
EARTH_RADIUS_M = 6_371_008.8
SAME_SPOT_M = 500.0
SIGNS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


@dataclass(frozen=True)
class Context:
    graph: GraphStore
    ledger: Ledger
    catalogue: Catalogue
    phrases: Phrases
    now: datetime
    networks: Networks
    spelled: dict[str, set[str]] = field(default_factory=dict)
    """Name of a thing that was read -> what such things are called in the language of the answer."""

    # -- reading --------------------------------------------------------------------------------------------
    def rows(self, query: Query) -> list[Row]:
        found = self.graph.read(query)
        for row in found:
            self._note_spelling(row.get("properties"))
        return found

    def _note_spelling(self, properties: object) -> None:
        if isinstance(properties, Mapping) and (told := properties.get(f"name_{self.phrases.language}")):
            self.spelled.setdefault(str(properties.get("name")), set()).add(str(told))

    def entities(self, query: Query) -> list[Entity]:
        found = [Entity(row["properties"]) for row in self.rows(query)]  # type: ignore[arg-type]
        return sorted(self.at_the_time(found), key=lambda entity: (entity.name.casefold(), entity.id))

    def at_the_time(self, entities: Sequence[Entity]) -> list[Entity]:
        """As they are at the time of the question: where validity has begun or ended since they were projected, or does
        so before the time that is asked about, they are merged anew."""
        turned = [entity.id for entity in entities if not entity.is_right(self.now)]
        if not turned:
            return list(entities)
        members, policies = self.ledger.in_entities(turned), self.ledger.policies()
        return [
            self._merged(entity, members[entity.id], policies) if entity.id in members else entity
            for entity in entities
        ]

    def _merged(self, known: Entity, records: Sequence[StoredRecord], policies: Mapping[str, SourcePolicy]) -> Entity:
        kept = {name: known.properties[name] for name in known.properties.keys() & {"id", "label", *BY_NEIGHBOURS}}
        entity = Entity({**properties_of(merge(records, policies, self.now)), **kept})
        self._note_spelling(entity.properties)
        return entity

    def of(self, ids: Sequence[str]) -> list[Entity]:
        """These entities in the order given; those that are gone are left out."""
        by_label: dict[str, list[str]] = {}
        for id_ in ids:
            if id_ in self.catalogue.things:
                by_label.setdefault(self.catalogue.things[id_].label, []).append(id_)
        found = {e.id: e for label, group in by_label.items() for e in self.entities(queries.by_ids(label, group))}
        return [found[id_] for id_ in ids if id_ in found]

    def around(self, label: str, field: str, cells: Iterable[str]) -> list[Entity]:
        """What lies in these H3 cells at the time of the question, and what else has another validity then."""
        found = self.entities(queries.in_cells(label, field, sorted(cells)))
        turned = self.of(self.catalogue.turned(label, self.now))
        known = {entity.id for entity in found}
        return [entity for entity in (*found, *(e for e in turned if e.id not in known)) if not entity.over]

    def matching(self, plan: Plan, *, limit: int = MOST) -> list[Entity]:
        """What is sought, by all filters of the plan; at most `limit`."""
        if any(constraint.condition is None for constraint in plan.constraints):
            return []
        assert plan.label is not None
        scopes = self.catalogue.scope_keys(plan.label, city=plan.city, categories=plan.categories)
        conditions = [c.condition for c in plan.constraints if c.condition is not None]
        found = self.entities(queries.select(plan.label, scopes, conditions, limit=limit)) if scopes else []
        turned = self.catalogue.turned(plan.label, self.now, city=plan.city)
        if not turned:
            return found
        others = [entity for entity in self.of(turned) if self._fits(entity, plan, conditions)]
        return sorted(
            [*(entity for entity in found if entity.id not in turned), *others],
            key=lambda entity: (entity.name.casefold(), entity.id),
        )[:limit]

    def _fits(self, entity: Entity, plan: Plan, conditions: Sequence[Condition]) -> bool:
        kind = not plan.categories or entity.category in plan.categories
        return kind and not entity.over and all(meets(entity.properties, condition) for condition in conditions)

    def alive(self, entities: list[Entity]) -> list[Entity]:
        """Those that a record may still be cited for: the graph may lag behind a deletion. The first CHECKED only."""
        asked = entities[:CHECKED]
        known = self.ledger.citable({ref for entity in asked for ref in entity.refs}, now=self.now)
        return [e for e in asked if any(ref in known for ref in e.refs)] + entities[CHECKED:]

    def count(self, plan: Plan) -> int:
        """How many there are, without reading them."""
        if any(constraint.condition is None for constraint in plan.constraints):
            return 0
        assert plan.label is not None
        if self.catalogue.turned(plan.label, self.now, city=plan.city):
            return len(self.matching(plan))
        scopes = self.catalogue.scope_keys(plan.label, city=plan.city, categories=plan.categories)
        conditions = [c.condition for c in plan.constraints if c.condition is not None]
        return int(str(self.rows(queries.count(plan.label, scopes, conditions))[0]["total"])) if scopes else 0

    # -- what is meant --------------------------------------------------------------------------------------
    def things(self, named: Named) -> list[Thing]:
        return [self.catalogue.things[id_] for id_ in named.ids]

    def one_of(self, named: Named, plan: Plan) -> tuple[Entity | None, Draft | None]:
        """The entity that is meant, or the draft that says why none could be chosen."""
        entities = self.of(named.ids)
        here = [e for e in entities if plan.city is None or e.city in (plan.city, "")]
        if entities and not here:
            return None, self.elsewhere(named, entities, plan)
        if not here:
            return None, missing(self.phrases.say("unknown_name", name=named.text))
        here = [e for e in here if not e.over] or here
        if len(here) == 1:
            return here[0], None
        exact = [e for e in here if not named.partial]
        if len(exact) == 1:
            return exact[0], None
        return None, self.ask_which(named, here)

    def elsewhere(self, named: Named, entities: Sequence[Entity], plan: Plan) -> Draft:
        cities = sorted({self.phrases.city(entity.city) for entity in entities if entity.city})
        return missing(
            self.phrases.say(
                "known_elsewhere",
                name=named.text,
                city=self.phrases.city(plan.city or ""),
                elsewhere=self.phrases.names(cities),
            )
        )

    def ask_which(self, named: Named, entities: Sequence[Entity]) -> Draft:
        draft = missing(self.phrases.say("which_one", name=named.text))
        draft.candidates = [
            (entity.id, entity.shown(self.phrases.language), self.describe(entity)) for entity in entities[:12]
        ]
        return draft

    # -- words ----------------------------------------------------------------------------------------------
    def describe(self, entity: Entity) -> str:
        """Category and place, to tell things of one name apart."""
        parts = [self.phrases.thing(entity.category, plural=False) if entity.category else ""]
        parts += [str(entity.get(field) or "") for field in ("start", "address", "area", "locality")]
        parts.append(self.phrases.city(entity.city) if entity.city else "")
        return ", ".join(dict.fromkeys(part for part in parts if part))

    def filters(self, plan: Plan) -> str:
        """The filters in words."""
        joined = "".join(self._filter(c) for c in plan.constraints if str(c.value) != plan.sought)
        return joined + (self.phrases.filter("city", value=self.phrases.city(plan.city)) if plan.city else "")

    def _filter(self, constraint: Constraint) -> str:
        field = self.phrases.field(constraint.field)
        if constraint.op in SIGNS:
            value = self.phrases.value(constraint.field, constraint.value)
            return self.phrases.filter(SIGNS[constraint.op], field=field, value=value)
        if isinstance(constraint.value, bool):
            return self.phrases.filter("flag" if constraint.value else "not_flag", field=field)
        if constraint.op in ("month", "year"):
            return self.phrases.filter("city", value=constraint.shown)
        known = constraint.field if constraint.field in ("area", "postcode", "cuisine") else "equals"
        return self.phrases.filter(known, field=field, value=constraint.shown)

    def sought(self, plan: Plan, *, plural: bool = True) -> str:
        return self.phrases.thing(plan.sought or (plan.label or "").lower(), plural=plural)

    def attributed(self, fact: Fact) -> Fact:
        """With what its source is called."""
        slug = fact.record.partition(":")[0]
        policy = self.ledger.policies().get(slug)
        return replace(fact, source=policy.name if policy else slug)

    # -- evidence -------------------------------------------------------------------------------------------
    def result(self, plan: Plan, found: Sequence[Entity], *, total: int | None = None) -> QueryResult:
        """Evidence of a whole query. Of nothing found, the records of what was searched."""
        shown = [(c.field, c.op, str(c.value)) for c in plan.constraints]
        if plan.sought:
            shown.insert(0, ("category", "in", ", ".join(plan.categories) or plan.sought))
        if plan.city:
            shown.append(("city", "=", plan.city))
        if plan.distance_m is not None and plan.anchor is not None:
            shown.append(("distance", "<=", f"{plan.distance_m:g} m from {plan.anchor.text}"))
        sample = found or self.searched(plan)
        records = some_of_each_source(ref for entity in sample for ref in entity.refs)
        return QueryResult(tuple(shown), len(found) if total is None else total, records, tuple(e.name for e in found))

    def searched(self, plan: Plan) -> list[Entity]:
        """A few of what the filters were applied to."""
        assert plan.label is not None
        scopes = self.catalogue.scope_keys(plan.label, city=plan.city, categories=plan.categories)
        return self.entities(queries.select(plan.label, scopes, [], limit=20)) if scopes else []

    def nothing_known(self, plan: Plan) -> Draft | None:
        """When there is nothing at all of the kind that is sought, that is not `none`: it is not known."""
        assert plan.label is not None
        if self.catalogue.known(plan.label, city=plan.city, categories=plan.categories):
            return None
        if self.catalogue.turned(plan.label, self.now, city=plan.city):
            return None
        things = self.sought(plan)
        if plan.city:
            return missing(self.phrases.say("nothing_known", things=things, city=self.phrases.city(plan.city)))
        return missing(self.phrases.say("nothing_known_anywhere", things=things))


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance of two (lat, lon) on a sphere, in metres."""
    lat_a, lon_a, lat_b, lon_b = map(math.radians, (*a, *b))
    h = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


def table(
    draft: Draft, entities: Iterable[Entity], fields: Sequence[str], phrases: Phrases, *, most: int = 500
) -> None:
    """Rows and map points of entities: id, name, then these fields."""
    rows = list(entities)
    draft.columns = ["id", "name", *fields]
    draft.rows = [[e.id, e.shown(phrases.language), *(e.get(field) for field in fields)] for e in rows[:most]]
    draft.total = len(rows) if len(rows) > most else None
    for entity in rows[:most]:
        if entity.point:
            draft.points.append(point(entity, phrases))


def point(entity: Entity, phrases: Phrases, role: str = "result") -> dict[str, object]:
    assert entity.point is not None
    lat, lon = entity.point
    return {"id": entity.id, "name": entity.shown(phrases.language), "lat": lat, "lon": lon, "role": role}
