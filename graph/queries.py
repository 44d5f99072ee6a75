"""Every read that answers are made of: Cypher text with parameters, one function each, nothing executed here.

All of them are anchored on an indexed property or a label, bounded, and take values as parameters only. Property
names that come from data are checked by `property_name` before they enter the text.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ibcm.domain.errors import IbcmError
from ibcm.domain.graph import ENTITY_LABELS, Query

_PROPERTY = re.compile(r"^[a-z][a-z0-9_]{0,63}$")
DATE_PARTS = {"year": (0, 4), "month": (5, 2)}
_COMPARISONS = {"=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True, slots=True)
class Condition:
    """One constraint on a property.

    op: `=` (folded text or number), `<`, `<=`, `>`, `>=` (numbers), `has` (list contains one of the values),
    `in` (property is one of the values), `any` (one of several properties is one of the values), `year` and `month`
    (that part of an ISO date is one of the values, as text with leading zeros), `unplaced` (no position, none of the
    values, in none of `areas`: nobody says where it is).

    areas: beside `any`: what lies in one of these areas, by id, meets it too; `inside`: what lies in one of these,
    which lie in those. `drawn`: what has a position of its own meets it by lying in one of `areas`, and no other way,
    as their polygons tell.
    """

    field: str
    op: str
    value: object
    fields: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    drawn: bool = False


def property_name(name: str) -> str:
    """The name in backticks. Raises IbcmError when it could be anything but a property."""
    if not _PROPERTY.fullmatch(name):
        raise IbcmError(f"{name!r} is no property of the graph")
    return f"e.`{name}`"


def label_name(label: str) -> str:
    if label not in ENTITY_LABELS:
        raise IbcmError(f"{label!r} is no label of the graph")
    return f"`{label}`"


def scope_keys(label: str) -> Query:
    """Every `city|category` that entities of this label have."""
    return Query(
        "scope_keys",
        f"MATCH (e:{label_name(label)}) WHERE e.revision IS NOT NULL "
        "RETURN DISTINCT e.scope_key AS scope ORDER BY scope",
    )


def select(label: str, scopes: Sequence[str], conditions: Sequence[Condition], *, limit: int) -> Query:
    """Entities of these scopes (`city|category`) that meet all conditions, with all of their properties."""
    where, parameters = _where(conditions)
    return Query(
        "select",
        f"UNWIND $scopes AS scope MATCH (e:{label_name(label)} {{scope_key: scope}}) {where}"
        "RETURN properties(e) AS properties LIMIT $limit",
        {"scopes": list(scopes), "limit": limit, **parameters},
    )


def count(label: str, scopes: Sequence[str], conditions: Sequence[Condition]) -> Query:
    """How many entities of these scopes meet all conditions."""
    where, parameters = _where(conditions)
    return Query(
        "count",
        f"UNWIND $scopes AS scope MATCH (e:{label_name(label)} {{scope_key: scope}}) {where}RETURN count(e) AS total",
        {"scopes": list(scopes), **parameters},
    )


def in_cells(label: str, field: str, cells: Sequence[str]) -> Query:
    """Entities whose H3 cell is one of these; `field` is cell7 or cell9."""
    return Query(
        "in_cells",
        f"UNWIND $cells AS cell MATCH (e:{label_name(label)} {{{_cell(field)}: cell}}) "
        "RETURN properties(e) AS properties",
        {"cells": list(cells)},
    )


def by_ids(label: str, ids: Sequence[str]) -> Query:
    """These entities with all of their properties; unknown ids have no row."""
    return Query(
        "by_ids",
        f"UNWIND $ids AS id MATCH (e:{label_name(label)} {{id: id}}) RETURN properties(e) AS properties",
        {"ids": list(ids)},
    )


def places_of_events(events: Sequence[str]) -> Query:
    """Where these events take place: the edge with its record, and the place."""
    return Query(
        "places_of_events",
        "UNWIND $ids AS id MATCH (e:Event {id: id})-[r:AT]->(p:Place) "
        "RETURN id AS event, r.record AS record, properties(p) AS properties",
        {"ids": list(events)},
    )


def calls(stops: Sequence[str]) -> Query:
    """Every call of a route at one of these stops."""
    return Query(
        "calls",
        "UNWIND $stops AS id MATCH (x:Stop {id: id})<-[s:SERVES]-(r:Route) "
        "RETURN id AS stop, r.id AS route, r.name AS name, r.short_name AS short_name, r.city AS city, r.mode AS mode, "
        "s.sequence AS sequence, s.direction AS direction, s.headsign AS headsign, s.departure AS departure, "
        "s.arrival AS arrival, s.record AS record",
        {"stops": list(stops)},
    )


def stops_of(routes: Sequence[str]) -> Query:
    """Every call of these routes."""
    return Query(
        "stops_of",
        "UNWIND $routes AS id MATCH (r:Route {id: id})-[s:SERVES]->(x:Stop) "
        "RETURN id AS route, x.id AS stop, x.name AS name, x.lat AS lat, x.lon AS lon, s.sequence AS sequence, "
        "s.direction AS direction, s.headsign AS headsign, s.departure AS departure, s.arrival AS arrival, "
        "s.record AS record",
        {"routes": list(routes)},
    )


def lines_of(routes: Sequence[str]) -> Query:
    """The ordered calls of these routes, a row for each route, direction and record: thousands of calls in few rows.

    `calls`: (sequence, stop, headsign, departure, arrival) each, in no order.
    """
    return Query(
        "lines_of",
        "UNWIND $routes AS id MATCH (r:Route {id: id})-[s:SERVES]->(x:Stop) WHERE s.sequence IS NOT NULL "
        "RETURN id AS route, s.direction AS direction, s.record AS record, "
        "collect([s.sequence, x.id, s.headsign, s.departure, s.arrival]) AS calls",
        {"routes": list(routes)},
    )


def ways_from(stops: Sequence[str]) -> Query:
    """Every way on foot from these stops."""
    return Query(
        "ways_from",
        "UNWIND $stops AS id MATCH (x:Stop {id: id})-[w:WALK]->(y:Stop) RETURN id AS stop, y.id AS other, "
        "w.metres AS metres, w.record AS record, w.stop_record AS stop_record",
        {"stops": list(stops)},
    )


def held_by(area: str, label: str, *, limit: int) -> Query:
    """What of this label lies in an area: its id and the records that say so."""
    return Query(
        "held_by",
        f"MATCH (a:Area {{id: $area}})<-[r:IN]-(e:{label_name(label)}) RETURN e.id AS id, r.record AS record, "
        "r.area_record AS area_record ORDER BY id LIMIT $limit",
        {"area": area, "limit": limit},
    )


def areas_holding(label: str, entities: Sequence[str]) -> Query:
    """The areas in which these entities lie, each edge with the records that say so."""
    return Query(
        "areas_holding",
        f"UNWIND $ids AS id MATCH (e:{label_name(label)} {{id: id}})-[r:IN]->(a:Area) RETURN id AS entity, "
        "properties(a) AS properties, r.record AS record, r.area_record AS area_record, r.field AS field",
        {"ids": list(entities)},
    )


def areas_said(label: str, entities: Sequence[str]) -> Query:
    """The areas that records of these entities name although the areas' polygons leave them out."""
    return Query(
        "areas_said",
        f"UNWIND $ids AS id MATCH (e:{label_name(label)} {{id: id}})-[r:SAID_IN]->(a:Area) RETURN id AS entity, "
        "properties(a) AS properties, r.record AS record, r.area_record AS area_record, r.field AS field",
        {"ids": list(entities)},
    )


def fundings_of(organizations: Sequence[str]) -> Query:
    """Every funding round of these organizations with one investor a row; without investors, one row."""
    return Query(
        "fundings_of",
        "UNWIND $ids AS id MATCH (o:Organization {id: id})<-[r:RAISED_BY]-(f:Funding) "
        "OPTIONAL MATCH (f)-[i:INVESTED_BY]->(x:Organization) "
        "RETURN id AS organization, properties(f) AS funding, x.id AS investor, x.name AS investor_name, "
        "i.record AS record ORDER BY f.id, x.name",
        {"ids": list(organizations)},
    )


def fundings_by(organizations: Sequence[str]) -> Query:
    """Every round in which these organizations invested, with who raised it; `record` says that they did."""
    return Query(
        "fundings_by",
        "UNWIND $ids AS id MATCH (x:Organization {id: id})<-[i:INVESTED_BY]-(f:Funding) "
        f"{_WHO_RAISED} RETURN DISTINCT id AS investor, i.record AS record, {_ROUND} ORDER BY name, funding",
        {"ids": list(organizations)},
    )


def rounds(*, limit: int) -> Query:
    """What questions about all rounds look at, each once for everybody who raised it.

    `company` is the id of who raised it, and none where no organization known here did; `name` is then what the source
    writes, if anything.
    """
    return Query(
        "rounds",
        f"MATCH (f:Funding) WHERE f.revision IS NOT NULL {_WHO_RAISED} RETURN DISTINCT {_ROUND} LIMIT $limit",
        {"limit": limit},
    )


def rounds_as_written(*, limit: int) -> Query:
    """Rounds whose company is only a name: their id and that name."""
    return Query(
        "rounds_as_written",
        "MATCH (f:Funding) WHERE f.company_as_written IS NOT NULL "
        "RETURN f.id AS id, f.company_as_written AS name ORDER BY id LIMIT $limit",
        {"limit": limit},
    )


def investments(*, limit: int) -> Query:
    """As `rounds`, one row an investor that is known here."""
    return Query(
        "investments",
        f"MATCH (x:Organization)<-[i:INVESTED_BY]-(f:Funding) {_WHO_RAISED} "
        f"RETURN DISTINCT x.id AS investor, x.name AS investor_name, i.record AS record, {_ROUND} LIMIT $limit",
        {"limit": limit},
    )


_WHO_RAISED = "OPTIONAL MATCH (f)-[:RAISED_BY]->(o:Organization)"
_ROUND = (
    "f.id AS funding, f.date AS date, f.round AS round, f.amount AS amount, f.currency AS currency, f.city AS city, "
    "f.town_keys AS town_keys, f.sector_keys AS sector_keys, f.record_refs AS refs, "
    "f.company_as_written AS company_as_written, f.investors_as_written AS investors_as_written, "
    "o.id AS company, coalesce(o.name, f.company_as_written) AS name, "
    "o.city AS company_city, o.town_keys AS company_town_keys, o.sector_keys AS company_sector_keys, "
    "o.sectors AS company_sectors"
)


def owners_of(organization: str) -> Query:
    """Who owns an organization, each with a record that says so."""
    return Query(
        "owners_of",
        "MATCH (x:Organization {id: $id})<-[r:OWNS]-(o:Organization) "
        "RETURN o.id AS id, o.name AS name, r.record AS record ORDER BY name, id, record",
        {"id": organization},
    )


def owned_by(organization: str) -> Query:
    """What an organization owns, each with a record that says so."""
    return Query(
        "owned_by",
        "MATCH (o:Organization {id: $id})-[r:OWNS]->(x:Organization) "
        "RETURN x.id AS id, x.name AS name, r.record AS record ORDER BY name, id, record",
        {"id": organization},
    )


def _cell(field: str) -> str:
    if field not in ("cell7", "cell9"):
        raise IbcmError(f"{field!r} is no cell property")
    return field


def _where(conditions: Sequence[Condition]) -> tuple[str, Mapping[str, object]]:
    texts: list[str] = []
    parameters: dict[str, object] = {}
    for at, condition in enumerate(conditions):
        name = f"v{at}"
        parameters[name] = condition.value
        if condition.areas:
            parameters[f"{name}_areas"] = list(condition.areas)
        if condition.areas and condition.op == "any":
            parameters[f"{name}_inside"] = list(condition.inside)
        texts.append(_condition(condition, name))
    return (f"WHERE {' AND '.join(texts)} " if texts else ""), parameters


def _condition(condition: Condition, parameter: str) -> str:
    if condition.op == "any":
        return _any(condition, parameter)
    if condition.op == "unplaced":
        return _unplaced(condition, parameter)
    field = property_name(condition.field)
    if condition.op == "has":
        return f"ANY(x IN {field} WHERE x IN ${parameter})"
    if condition.op in DATE_PARTS:
        start, length = DATE_PARTS[condition.op]
        return f"substring({field}, {start}, {length}) IN ${parameter}"
    if condition.op == "in":
        return f"{field} IN ${parameter}"
    return f"{field} {_COMPARISONS[condition.op]} ${parameter}"


def _any(condition: Condition, parameter: str) -> str:
    said = [f"{property_name(f)} IN ${parameter}" for f in condition.fields]
    if not condition.areas:
        return f"({' OR '.join(said)})"
    held = _lies_in(f"{parameter}_areas")
    said.append(_lies_in(f"{parameter}_inside"))
    if condition.drawn:
        return f"({held} OR ({property_name('located')} = false AND ({' OR '.join(said)})))"
    return f"({held} OR {' OR '.join(said)})"


def _unplaced(condition: Condition, parameter: str) -> str:
    """What has no position of its own, says none of the values and names none of the areas."""
    names = [property_name(f) for f in condition.fields]
    said = [f"({name} IS NULL OR NOT {name} IN ${parameter})" for name in names]
    texts = [f"{property_name('located')} = false", *said, f"NOT {_lies_in(f'{parameter}_areas')}"]
    return f"({' AND '.join(texts)})"


def _lies_in(parameter: str) -> str:
    return f"ANY(x IN coalesce({property_name('area_ids')}, []) WHERE x IN ${parameter})"
