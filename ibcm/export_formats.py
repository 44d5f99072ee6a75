"""The forms in which what may leave is written: JSON lines, GeoJSON, and JSON-LD in the words of schema.org.

JSON lines hold all of it. What has no place in one of the others is counted, never dropped in silence.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import Polygon, box, mapping
from shapely.geometry.base import BaseGeometry

from graph.territory import read_territory
from ibcm.domain.scope import Scope
from ibcm.exporting import POLYGON, Count

Json = dict[str, Any]
SCHEMA_TYPES = {
    "Place": "Place", "Area": "Place", "Stop": "Place", "Route": "Trip", "Event": "Event",
    "Organization": "Organization", "Document": "CreativeWork",
}  # fmt: skip
SCHEMA_NAMES = {
    "name": "name", "description": "description", "phone": "telephone", "email": "email", "website": "url",
    "opening_hours": "openingHours", "address": "address", "start": "startDate", "end": "endDate",
    "legal_name": "legalName", "founded": "foundingDate", "title": "headline",
}  # fmt: skip
GEO = ("lat", "lon", POLYGON)
CONTAINED = {"in": "containedInPlace", "part_of": "containedInPlace"}
SCHEMA_RELATIONS: Mapping[str, Mapping[str, str]] = {
    "Place": CONTAINED,
    "Area": CONTAINED,
    "Stop": CONTAINED,
    "Event": {"in": "location", "at": "location"},
    "Organization": {"in": "location", "located_in": "location", "owns": "subOrganization"},
    "Document": {"mentions": "mentions", "about": "about"},
}
"""Label -> relation -> property."""
NO_POSITION = "of things without a position or a polygon: they are in the other formats"


def as_jsonl(found: Iterable[Json], scope: Scope, count: Count) -> Iterator[str]:  # noqa: ARG001 - one shape for all
    """One entity a line."""
    return (_json(entity) for entity in found)


# -- GeoJSON -----------------------------------------------------------------------------------------------------------
def as_geojson(found: Iterable[Json], scope: Scope, count: Count) -> Iterator[str]:  # noqa: ARG001 - as above
    """A FeatureCollection (RFC 7946) of what has a polygon or a position; the polygon goes first."""
    yield '{"type": "FeatureCollection", "features": ['
    yield from _joined(feature for entity in found if (feature := _feature(entity, count)) is not None)
    yield "]}"


def _feature(entity: Json, count: Count) -> Json | None:
    values = dict(entity["values"])
    polygon = values.pop(POLYGON, None)
    if polygon is not None:
        geometry = mapping(shapely.orient_polygons(_shape(polygon)))  # outer rings anticlockwise, as the RFC wants
    elif {"lat", "lon"} <= values.keys():
        geometry = {"type": "Point", "coordinates": [values.pop("lon"), values.pop("lat")]}
    else:
        count.drop(entity, NO_POSITION)
        return None
    properties = {name: value for name, value in entity.items() if name not in ("id", "values")} | values
    return {"type": "Feature", "id": entity["id"], "geometry": geometry, "properties": properties}


def _shape(polygon: object) -> BaseGeometry:
    """As answers understand it: valid, cut at the antimeridian. What no shape can be made of is not exported."""
    return read_territory(polygon).geometry or Polygon()


# -- JSON-LD -----------------------------------------------------------------------------------------------------------
def as_jsonld(found: Iterable[Json], scope: Scope, count: Count) -> Iterator[str]:
    """schema.org, as far as it has words for what is known; the whole of it is in the JSON lines."""
    yield '{"@context": "https://schema.org", "@graph": ['
    yield from _joined(_linked(entity, scope, count) for entity in found)
    yield "]}"


def _linked(entity: Json, scope: Scope, count: Count) -> Json:
    values = entity["values"]
    category = scope.categories.get(str(values.get("category", "")))
    kind = (category and category.schema_org) or SCHEMA_TYPES.get(entity["label"], "Thing")
    shown: Json = {"@id": _id(entity["id"]), "@type": kind, "name": entity["name"]}
    shown |= {SCHEMA_NAMES[name]: value for name, value in values.items() if name in SCHEMA_NAMES}
    if geo := _geo(values):
        shown["geo"] = geo[0] if len(geo) == 1 else geo
    if entity["aliases"]:
        shown["alternateName"] = entity["aliases"]
    shown |= _relations(entity, scope, count)
    count.wordless.update(name for name in values if name not in (*SCHEMA_NAMES, *GEO, "category"))
    shown["subjectOf"] = [_dataset(record) for record in entity["records"]]
    return shown


def _id(entity: str) -> str:
    return f"urn:ibcm:{entity}"


def _geo(values: Mapping[str, Any]) -> list[Json]:
    """Its position, and its polygon in pieces without holes, for which schema.org has no word."""
    found: list[Json] = []
    if {"lat", "lon"} <= values.keys():
        found.append({"@type": "GeoCoordinates", "latitude": values["lat"], "longitude": values["lon"]})
    if POLYGON in values:
        found += [{"@type": "GeoShape", "polygon": _corners(piece)} for piece in _pieces(_shape(values[POLYGON]))]
    return found


def _corners(piece: Polygon) -> str:
    """Latitude and longitude of each corner, the first again at the end, all apart by blanks."""
    return " ".join(f"{lat!r} {lon!r}" for lon, lat in piece.exterior.coords)


def _pieces(geometry: BaseGeometry) -> Iterator[Polygon]:
    """Polygons without holes that make up the whole: one with holes is cut through the middle of the first."""
    for part in getattr(geometry, "geoms", [geometry]):
        if not isinstance(part, Polygon) or part.is_empty:
            continue
        if not part.interiors:
            yield part
            continue
        west, south, east, north = part.bounds
        middle = part.interiors[0].centroid.x
        yield from _pieces(part.intersection(box(west, south, middle, north)))
        yield from _pieces(part.intersection(box(middle, south, east, north)))


def _relations(entity: Json, scope: Scope, count: Count) -> Json:
    """What schema.org has a property for, the targets by their ids; a route's calls in their order."""
    words = SCHEMA_RELATIONS.get(entity["label"], {})
    found: dict[str, list[Json]] = defaultdict(list)
    for relation in entity["relations"]:
        if relation["name"] == "serves" and entity["label"] == "Route" and "sequence" in relation.get("data", {}):
            continue
        if relation["name"] not in words:
            count.wordless[relation["name"]] += 1
            continue
        target = _target(relation, scope)
        if target not in found[words[relation["name"]]]:
            found[words[relation["name"]]].append(target)
    if entity["label"] == "Route" and (ways := _itineraries(entity["relations"])):
        found["itinerary"] = ways
    return {name: some[0] if len(some) == 1 else some for name, some in found.items()}


def _target(relation: Json, scope: Scope) -> Json:
    if relation["target_label"] == "City":
        city = scope.cities.get(relation["target_id"])
        return {"@type": "City", "name": city.names["en"] if city else relation["target_id"]}
    return {"@id": _id(relation["target_id"])}


def _itineraries(relations: Sequence[Json]) -> list[Json]:
    """The calls of a route, a list for each record and direction."""
    calls: dict[tuple[str, Any], list[tuple[Any, str]]] = defaultdict(list)
    for relation in relations:
        data = relation.get("data", {})
        if relation["name"] == "serves" and "sequence" in data:
            key = relation["record"], data.get("direction")
            calls[key].append((data["sequence"], relation["target_id"]))
    return [_itinerary(some) for _, some in sorted(calls.items(), key=str)]


def _itinerary(calls: Sequence[tuple[Any, str]]) -> Json:
    items = [
        {"@type": "ListItem", "position": position, "item": {"@id": _id(stop)}} for position, stop in sorted(calls)
    ]
    return {"@type": "ItemList", "itemListElement": items}


def _dataset(record: Json) -> Json:
    shown = {
        "@type": "CreativeWork",
        "identifier": record["record"],
        "url": record.get("url"),
        "license": record.get("licence_url") or record.get("licence"),
        "creditText": record.get("attribution"),
        "hasPart": [_part(field, terms) for field, terms in record.get("fields", {}).items()],
    }
    return {name: value for name, value in shown.items() if value}


def _part(field: str, terms: Mapping[str, Any]) -> Json:
    """A value with terms of its own, under the name that it has here."""
    shown = {
        "@type": "CreativeWork",
        "name": "geo" if field in GEO else SCHEMA_NAMES.get(field, field),
        "license": terms.get("licence_url") or terms.get("licence"),
        "creditText": terms.get("attribution"),
    }
    return {name: value for name, value in shown.items() if value}


FORMATS: Mapping[str, Callable[[Iterable[Json], Scope, Count], Iterator[str]]] = {
    "jsonl": as_jsonl,
    "geojson": as_geojson,
    "jsonld": as_jsonld,
}


def _joined(items: Iterable[Json]) -> Iterator[str]:
    """Elements of a JSON array, a line each."""
    before = ""
    for item in items:
        yield before + _json(item)
        before = ","


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
