"""One entity as the graph should hold it: a pure function of its records and of where their links lead."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import h3

from graph.geo import Point
from graph.ingest.belonging import city_of, sectors_of
from graph.ingest.lookups import LIES_IN
from graph.ingest.merge import Fact, Merged
from graph.ingest.parties import Firms, named_parties
from graph.ingest.surroundings import NOTHING, Held, Surroundings
from graph.ingest.validity import ALWAYS
from graph.normalise import fold
from graph.resolution.traits import position, stated_point
from ibcm.domain.graph import ENTITY_LABELS, Edge, Projection, RecordNode, Value
from ibcm.domain.ledger import DirtyEntity, StoredRecord
from ibcm.domain.records import SourceRecord

TECHNICAL = frozenset(
    [
        *("id", "revision", "label", "record_kind", "scope_key", "area_key", "locality_key", "cuisine_keys"),
        *(
            "name_key",
            "area_ids",
            "partly_ids",
            "drawn_by",
            "cell7",
            "cell9",
            "located",
            "fact_names",
            "fact_records",
            "conflicts",
            "record_refs",
            "lapsed",
            "over",
            "right_from",
            "right_until",
        ),
        *("last_seen", "city", "sector", "town_keys", "sector_keys"),
        *("company_as_written", "investors_as_written"),
    ]
)
"""Properties that we set ourselves: a field of that name is written with the prefix `data_`."""
TEXT_LIMIT = 2_000
LIST_LIMIT = 200
BY_NEIGHBOURS = frozenset({"area_ids", "partly_ids", "drawn_by", "company_as_written", "investors_as_written"})
"""Properties that other entities have a share in."""
OVER = "~"
"""Scope of what does not hold any more, or not yet: found by its name, and in no list or count."""
BY_POLYGON = 1
"""Ordinal of an `IN` that a polygon asserts; what a record says in words has 0, or, of its locality, 2."""
BY_LOCALITY = 2


SAID_IN = "SAID_IN"
"""From a thing to an area that a record names as its own and whose polygon leaves it out: a disagreement to show."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Where links lead now."""

    entities: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """ref -> (label, entity id)."""
    areas: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(city slug, folded name) -> entity id of that area."""
    firms: Firms = field(default_factory=dict)
    surroundings: Surroundings = NOTHING


def project_entity(entity: DirtyEntity, merged: Merged, targets: Targets) -> Projection:
    """Node, outgoing edges and record nodes of one entity. What does not hold asserts no edge."""
    records = sorted(merged.records, key=lambda stored: stored.ref)
    holding = sorted(merged.holding if merged.holds else (), key=lambda stored: stored.ref)
    edges = [edge for stored in holding for edge in _edges(stored.record, targets)]
    edges += [edge for stored in holding for edge in _named(entity, stored.record, merged, targets)]
    edges += [*_held(entity, merged, targets.surroundings), *_walks(entity, targets.surroundings)]
    written: dict[str, Value] = {}
    if entity.label == "Funding":
        named = named_parties(merged, edges, targets.firms)
        edges, written = [*edges, *named.edges], dict(named.as_written)
    edges = [edge for edge in edges if (edge.target_label, edge.target_id) != (entity.label, entity.id)]
    areas = sorted({edge.target_id for edge in edges if (edge.type, edge.target_label) == ("IN", "Area")})
    return Projection(
        id=entity.id,
        label=entity.label,
        revision=entity.revision,
        properties=properties_of(merged) | _lying(entity, areas, targets.surroundings) | written,
        edges=tuple(edges),
        records=tuple(_record_node(stored) for stored in records),
    )


def _lying(entity: DirtyEntity, areas: Sequence[str], around: Surroundings) -> dict[str, Value]:
    """The areas that hold it; of an area also whether it is drawn, and which others it shares a part with."""
    found: dict[str, Value] = {"area_ids": list(areas[:LIST_LIMIT])}
    if entity.label == "Area":
        found |= {"drawn_by": around.drawn_by(entity.id), "partly_ids": around.overlapping(entity.id)[:LIST_LIMIT]}
    return {name: value for name, value in found.items() if value}


def properties_of(merged: Merged) -> dict[str, Value]:
    """Golden values under their field names, and the technical properties; the docs list them."""
    facts = {_property(fact.field): fact for fact in merged.facts.values() if fact.field != "aliases"}
    properties: dict[str, Value] = {name: _capped(fact.value) for name, fact in facts.items()}
    provenance = [(name, ref) for name, fact in facts.items() for ref in (*reversed(fact.others), fact.record)]
    if "name" not in properties:
        properties["name"] = one_line(merged)
        provenance.append(("name", facts["title"].record if "title" in facts else merged.winner.ref))
    properties |= {
        "aliases": list(merged.aliases[:LIST_LIMIT]),
        "name_key": fold(str(properties["name"])),
        "record_kind": merged.winner.record.kind,
        "scope_key": f"{merged.city}|{merged.value('category') or merged.value('mode') or ''}"
        if merged.holds
        else OVER,
        "located": _position(merged) is not None,
        "fact_names": [name for name, _ in provenance],
        "fact_records": [ref for _, ref in provenance],
        "conflicts": [_as_text(lost.field, lost.value, lost.record) for lost in merged.conflicts[:LIST_LIMIT]],
        "record_refs": sorted(stored.ref for stored in merged.records),
        "last_seen": max(stored.last_seen for stored in merged.records).isoformat(),
    }
    return properties | _keys(merged, facts) | _in_time(merged)


def _in_time(merged: Merged) -> dict[str, Value]:
    """What does not hold, and until when the properties are the right ones; nothing for what has no validity."""
    if merged.span == ALWAYS and merged.holds:
        return {}
    found: dict[str, Value] = {
        "lapsed": [_as_text(fact.field, fact.value, fact.record) for fact in merged.lapsed.values()][:LIST_LIMIT],
        "right_from": merged.span.start.isoformat(),
        "right_until": merged.span.end.isoformat(),
    }
    return found if merged.holds else found | {"over": True}


def _keys(merged: Merged, facts: Mapping[str, Fact]) -> dict[str, Value]:
    """What queries look up by equality; a key that would be empty is left out."""
    found: dict[str, Value] = {"city": merged.city, "sector": merged.sector}
    found |= {"town_keys": list(merged.towns), "sector_keys": list(merged.sectors)}
    for name in ("area", "locality"):
        found[f"{name}_key"] = fold(str(facts[name].value)) if name in facts else ""
    if "cuisine" in facts:
        found["cuisine_keys"] = [fold(str(one)) for one in facts["cuisine"].value]
    if point := stated_point({name: fact.value for name, fact in facts.items()}):
        found |= {"cell7": h3.latlng_to_cell(*point, 7), "cell9": h3.latlng_to_cell(*point, 9)}
    return {name: value for name, value in found.items() if value}


def one_line(merged: Merged) -> str:
    """A name for what has none of its own, such as a funding round."""
    if title := merged.value("title"):
        return str(title)
    amount = merged.value("amount")
    parts = [
        str(merged.value("round") or merged.winner.record.kind),
        f"{amount:,.0f} {merged.value('currency') or ''}".strip() if isinstance(amount, int | float) else "",
        str(merged.value("date") or ""),
    ]
    return ", ".join(part for part in parts if part)


def _property(name: str) -> str:
    return f"data_{name}" if name in TECHNICAL else name


def _capped(value: Any) -> Value:
    if isinstance(value, str):
        return value if len(value) <= TEXT_LIMIT else value[:TEXT_LIMIT].rsplit(None, 1)[0] + " …"
    return value[:LIST_LIMIT] if isinstance(value, list) else value


def _as_text(name: str, value: Any, record: str) -> str:
    shown = {"field": _property(name), "value": _capped(value), "record": record}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def _edges(record: SourceRecord, targets: Targets) -> Iterator[Edge]:
    """Its links as far as their targets are known, and where it is and what it is about."""
    for ordinal, (link, ref) in enumerate(zip(record.links, record.targets(), strict=True)):
        label, target = targets.entities.get(ref, ("", ""))
        if label in ENTITY_LABELS:
            yield Edge(link.rel.upper(), label, target, record.ref, ordinal, _scalars(link.data))
    if city := city_of(record, record.data):
        yield Edge("IN", "City", city, record.ref)
    for sector in sectors_of(record, record.data):
        yield Edge("OF", "Sector", sector, record.ref)


def _named(entity: DirtyEntity, record: SourceRecord, merged: Merged, targets: Targets) -> Iterator[Edge]:
    """The areas that a record names. Where the polygon of one says otherwise, it is only said."""
    around, point = targets.surroundings, _position(merged) if entity.label in LIES_IN else None
    named = {area: said for said, key in reversed(named_areas(record)) if (area := targets.areas.get(key))}
    for area, said in sorted(named.items()):
        by: dict[str, Value] = {} if said == "area" else {"field": said}
        ordinal = 0 if said == "area" else BY_LOCALITY
        if around.leaves_out(area, point=point, entity=entity.id):
            yield Edge(SAID_IN, "Area", area, record.ref, ordinal, {**by, "area_record": around.drawn_by(area)})
        else:
            yield Edge("ABOUT" if record.kind == "indicator" else "IN", "Area", area, record.ref, ordinal, by)


def _position(merged: Merged) -> Point | None:
    return position({name: fact.value for name, fact in merged.facts.items()})


def _held(entity: DirtyEntity, merged: Merged, around: Surroundings) -> Iterator[Edge]:
    """The areas that hold it by their polygons. Beside the record that says where it is, the edge names the area's."""
    if entity.label == "Area":
        for held in around.containing(entity.id):
            yield _inside(held, around.drawn_by(entity.id), share=held.share)
    elif entity.label in LIES_IN and (point := _position(merged)):
        for held in around.holding(point, merged.city):
            yield _inside(held, merged.facts["lat"].record)


def _inside(held: Held, record: str, **more: Value) -> Edge:
    return Edge("IN", "Area", held.area, record, BY_POLYGON, {"area_record": held.record, **more})


def _walks(entity: DirtyEntity, around: Surroundings) -> Iterator[Edge]:
    """Ways on foot to other stops, each with the records of both positions."""
    if entity.label == "Stop":
        for walk in around.walks(entity.id):
            yield Edge("WALK", "Stop", walk.stop, walk.start, 0, {"metres": walk.metres, "stop_record": walk.record})


def named_areas(record: SourceRecord) -> list[tuple[str, tuple[str, str]]]:
    """The fields in which a record names an area that it is in, each with (city slug, folded name)."""
    said = ((field, record.data.get(field)) for field in ("area", "locality"))
    return [(field, (record.city or "", fold(text))) for field, text in said if isinstance(text, str) and fold(text)]


def _scalars(data: Mapping[str, Any]) -> dict[str, Value]:
    reserved = {"record", "ordinal"}
    return {
        f"data_{name}" if name in reserved else name: _capped(value)
        for name, value in data.items()
        if name and isinstance(value, str | int | float)
    }


def _record_node(stored: StoredRecord) -> RecordNode:
    record = stored.record
    return RecordNode(
        ref=record.ref,
        source=record.source,
        key=record.key,
        url=record.url or "",
        licence=record.licence or "",
        attribution=record.attribution or "",
        retrieved_at=record.retrieved_at,
        expires_at=record.expires_at,
    )
