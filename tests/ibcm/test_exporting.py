"""What leaves is what the sources' terms let leave, with licence and attribution."""

import json
from typing import Any

import pytest
from shapely import union_all
from shapely.geometry import Polygon, shape

from ibcm import export_formats, exporting
from ibcm.config import load_scope
from ibcm.domain.policy import FieldPolicy, SourcePolicy
from ibcm.domain.records import SourceRecord
from tests.builders import NOW, OPEN, day, record
from tests.graph.ingest.walk import World

SHUT = OPEN.model_copy(update={"allow_export": False})
CAFE: dict[str, Any] = {"name": "Blue Door Cafe", "lat": 18.52, "lon": 73.85, "city": "pune", "category": "cafe"}


def _world(*records: SourceRecord) -> World:
    world = World()
    world.take(*records)
    return world


def _exported(world: World, **policies: SourcePolicy) -> list[dict[str, Any]]:
    return list(exporting.entities(world.ledger, policies=policies, now=NOW))


def test_values_carry_the_records_that_say_them() -> None:
    (cafe,) = _exported(_world(record("osm:1", **CAFE)), osm=OPEN)
    assert cafe["values"]["category"] == "cafe"
    assert cafe["said_by"]["category"] == ["osm:1"]
    (credit,) = cafe["records"]
    assert (credit["record"], credit["licence"], credit["attribution"]) == ("osm:1", "CC0-1.0", "Open data")


def test_a_source_that_forbids_export_does_not_show_through() -> None:
    world = _world(
        record("osm:1", **CAFE), record("list:1", **CAFE, rating=4.5), record("list:2", name="Other", city="pune")
    )
    both, other = _exported(world, osm=OPEN, list=OPEN)
    assert {credit["record"] for credit in both["records"]} == {"osm:1", "list:1"}
    assert other["name"] == "Other"
    (left,) = _exported(world, osm=OPEN, list=SHUT)
    assert [credit["record"] for credit in left["records"]] == ["osm:1"]
    assert "rating" not in left["values"]
    assert "list:" not in "".join(exporting.canonical(world.ledger, policies={"osm": OPEN, "list": SHUT}, now=NOW))


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        (OPEN.model_copy(update={"fields": {"phone": FieldPolicy(allow_export=False)}}), {"name"}),
        (SHUT.model_copy(update={"fields": {"name": FieldPolicy(allow_export=True)}}), {"name"}),
        (OPEN, {"name", "phone"}),
    ],
)
def test_a_field_may_differ_from_its_source(policy: SourcePolicy, kept: set[str]) -> None:
    (found,) = _exported(_world(record("osm:1", name="Clinic", phone="+912012345678")), osm=policy)
    assert found["values"].keys() & {"name", "phone"} == kept


def test_names_edges_and_links_of_what_may_not_leave_stay() -> None:
    no = FieldPolicy(allow_export=False)
    secret = OPEN.model_copy(update={"fields": {"name": no, "links": no}})
    said = {**CAFE, "name": "Hush House", "names": {"hi": "Hush"}, "aliases": ["Hush"], "rating": 4.5}
    world = _world(
        record("osm:1", **CAFE, links=[{"rel": "part_of", "source": "list", "key": "2"}]),
        record("list:1", data=said, city="pune", links=[{"rel": "at", "key": "2"}]),
        record("list:2", name="Hush Mall", city="pune"),
    )
    for policy in (SHUT, secret):
        policies = {"osm": OPEN, "list": policy}
        lines = [
            *exporting.canonical(world.ledger, policies=policies, now=NOW),
            json.dumps(_exported(world, **policies)),
        ]
        assert "Hush" not in "".join(lines)
    (line,) = exporting.canonical(world.ledger, policies={"osm": OPEN, "list": SHUT}, now=NOW)
    assert "PART_OF" not in line


def test_what_is_over_does_not_leave_before_it_is_purged() -> None:
    policy = OPEN.model_copy(update={"fields": {"phone": FieldPolicy(retention_days=5)}})
    world = _world(
        record("osm:1", name="Clinic", phone="+912012345678"), record("osm:2", name="B", expires_at=day(1).isoformat())
    )
    later = exporting.entities(world.ledger, policies={"osm": policy}, now=day(9))
    assert [set(found["values"]) for found in later] == [{"name"}]


@pytest.mark.parametrize(
    ("choice", "kept", "left_out"),
    [
        (exporting.EVERYTHING, {"osm:1", "osm:2", "map:1"}, {}),
        (exporting.Choice(licences=frozenset({"ODbL-1.0"})), {"map:1"}, {exporting.NO_LICENCE: 2}),
        (exporting.Choice(training=True), {"osm:1", "osm:2"}, {"terms do not allow training": 1}),
    ],
)
def test_what_is_asked_for_leaves_and_the_rest_is_counted(
    choice: exporting.Choice, kept: set[str], left_out: dict[str, int]
) -> None:
    world = _world(record("osm:1", name="A"), record("osm:2", name="B"), record("map:1", name="C", licence="ODbL-1.0"))
    policies, count = {"osm": OPEN.model_copy(update={"allow_training": True}), "map": OPEN}, exporting.Count()
    found = list(exporting.entities(world.ledger, policies=policies, now=NOW, choice=choice, count=count))
    assert {credit["record"] for one in found for credit in one["records"]} == kept
    assert count.left_out == left_out
    assert sum(count.written.values()) == len(kept)
    assert all("records" in line for line in count.lines())


def test_a_field_with_a_licence_of_its_own_is_credited_by_it() -> None:
    policy = OPEN.model_copy(update={"fields": {"phone": FieldPolicy(licence="CC-BY-4.0", attribution="Directory")}})
    world = _world(record("osm:1", name="Clinic", phone="+912012345678"))
    (found,) = _exported(world, osm=policy)
    assert found["records"][0]["fields"] == {"phone": {"licence": "CC-BY-4.0", "attribution": "Directory"}}
    (linked,) = json.loads("".join(export_formats.as_jsonld([found], load_scope(), exporting.Count())))["@graph"]
    part = {"@type": "CreativeWork", "name": "telephone", "license": "CC-BY-4.0", "creditText": "Directory"}
    assert linked["subjectOf"][0]["hasPart"] == [part]
    only = exporting.Choice(licences=frozenset({"CC-BY-4.0"}))
    (found,) = exporting.entities(world.ledger, policies={"osm": policy}, now=NOW, choice=only)
    assert set(found["values"]) == {"phone"}


def _whole(world: World, form: str, count: exporting.Count | None = None, **policies: SourcePolicy) -> Any:
    count = count or exporting.Count()
    found = exporting.entities(world.ledger, policies=policies or {"osm": OPEN}, now=NOW, count=count)
    lines = export_formats.FORMATS[form](found, load_scope(), count)
    return [json.loads(line) for line in lines] if form == "jsonl" else json.loads("".join(lines))


def test_geojson_holds_what_has_a_position() -> None:
    whole = _whole(_world(record("osm:1", **CAFE), record("osm:2", name="Somewhere", city="pune")), "geojson")
    assert whole["type"] == "FeatureCollection"
    (feature,) = whole["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [73.85, 18.52]}
    assert feature["properties"]["records"][0]["licence"] == "CC0-1.0"


def test_json_ld_speaks_schema_org() -> None:
    (cafe, place) = _whole(_world(record("osm:1", **CAFE), record("osm:2", name="Somewhere")), "jsonld")["@graph"]
    assert (cafe["@type"], place["@type"]) == ("CafeOrCoffeeShop", "Place")
    assert cafe["subjectOf"][0] == {
        "@type": "CreativeWork", "identifier": "osm:1", "license": "CC0-1.0", "creditText": "Open data",
    }  # fmt: skip


RING = [[73.8, 18.5], [73.8, 18.52], [73.82, 18.52], [73.82, 18.5], [73.8, 18.5]]
HOLE = [[73.805, 18.505], [73.81, 18.505], [73.81, 18.51], [73.805, 18.51], [73.805, 18.505]]
ISLAND = [[73.9, 18.5], [73.91, 18.5], [73.91, 18.51], [73.9, 18.5]]
DRAWN: dict[str, Any] = {"type": "MultiPolygon", "coordinates": [[RING, HOLE], [ISLAND]]}
WARD = record("osm:0w", "area", name="Ward One", city="pune", data={"kind": "ward"}, polygon=DRAWN)
INSIDE = record("osm:1", **CAFE | {"lat": 18.515, "lon": 73.815})


def test_a_polygon_leaves_in_every_form() -> None:
    world, count = _world(WARD, INSIDE), exporting.Count()
    (ward, _) = _whole(world, "jsonl", count)
    assert (ward["values"]["polygon"], ward["said_by"]["polygon"]) == (DRAWN, ["osm:0w"])
    (feature, _) = _whole(world, "geojson")["features"]
    drawn = shape(feature["geometry"])
    assert drawn.normalize() == shape(DRAWN).normalize()
    assert all(part.exterior.is_ccw and not any(hole.is_ccw for hole in part.interiors) for part in drawn.geoms)
    (linked, _) = _whole(world, "jsonld")["@graph"]
    pieces = [_polygon(one["polygon"]) for one in linked["geo"]]
    assert all(piece.is_valid and piece.exterior.coords[0] == piece.exterior.coords[-1] for piece in pieces)
    assert union_all(pieces).symmetric_difference(shape(DRAWN)).area < 1e-12  # the hole is left out of them
    assert "1 areas with their polygon" in count.lines()


def _polygon(text: str) -> Polygon:
    """A GeoShape's: latitude and longitude in turn."""
    numbers = [float(one) for one in text.split()]
    return Polygon(zip(numbers[1::2], numbers[::2], strict=True))


def test_a_polygon_has_the_terms_of_its_field() -> None:
    no = OPEN.model_copy(update={"fields": {"polygon": FieldPolicy(allow_export=False)}})
    world, count = _world(WARD, INSIDE), exporting.Count()
    for form in export_formats.FORMATS:
        text = json.dumps(_whole(world, form, count, osm=no))
        assert "73.82" not in text
        assert "in" not in [name for entity in _whole(world, "jsonl", osm=no) for name in _relations(entity, "Area")]
    own = OPEN.model_copy(update={"fields": {"polygon": FieldPolicy(licence="ODbL-1.0", attribution="Mappers")}})
    (linked, _) = _whole(world, "jsonld", osm=own)["@graph"]
    part = {"@type": "CreativeWork", "name": "geo", "license": "ODbL-1.0", "creditText": "Mappers"}
    assert linked["subjectOf"][0]["hasPart"] == [part]


def _relations(entity: dict[str, Any], label: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in entity["relations"] if one["target_label"] == label}


def test_relations_leave_with_their_target_and_the_record_that_says_so() -> None:
    world = _world(WARD, INSIDE)
    ward, cafe = _whole(world, "jsonl")
    inside = _relations(cafe, "Area")["in"]
    assert (inside["target"], inside["target_id"], inside["record"]) == ("osm:0w", ward["id"], "osm:1")
    assert inside["data"] == {"area_record": "osm:0w"}
    assert _relations(cafe, "City")["in"]["target"] == "pune"
    (_, linked) = _whole(world, "jsonld")["@graph"]
    assert {"@id": f"urn:ibcm:{ward['id']}"} in linked["containedInPlace"]
    assert {"@type": "City", "name": "Pune"} in linked["containedInPlace"]


def test_a_route_leaves_as_a_trip_with_its_calls_in_order() -> None:
    calls = [
        {"rel": "serves", "key": key, "data": {"sequence": at, "direction": 0}} for key, at in (("b", 2), ("a", 1))
    ]
    stops = [record(f"osm:{key}", "stop", name=f"Stop {key}", city="pune") for key in "ab"]
    graph = _whole(_world(*stops, record("osm:r", "route", name="R", city="pune", links=calls)), "jsonld")["@graph"]
    ids = {one["name"]: one["@id"] for one in graph}
    (trip,) = [one for one in graph if one["@type"] == "Trip"]
    items = [(item["position"], item["item"]["@id"]) for item in trip["itinerary"]["itemListElement"]]
    assert items == [(1, ids["Stop a"]), (2, ids["Stop b"])]


def test_what_has_no_place_in_a_format_is_counted_and_not_said_to_have_left() -> None:
    nowhere = record("osm:n", name="Nowhere", city="pune", rating=4)
    seen = record("osm:o", "observation", what="weather", value=1)
    broken = record(
        "osm:b", "area", name="Line", polygon={"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [1, 1]]]}
    )
    world, count = _world(INSIDE, nowhere, seen, broken), exporting.Count()
    assert len(_whole(world, "geojson", count)["features"]) == 1
    assert (sum(count.written.values()), count.unusable) == (1, 1)
    assert count.left_out == {export_formats.NO_POSITION: 2, exporting.NO_THING: 1}
    count = exporting.Count()
    _whole(world, "jsonld", count)
    assert sum(count.written.values()) == 3
    assert count.wordless["rating"] == 1
    assert any("no word for" in line and "rating" in line for line in count.lines())


@pytest.mark.parametrize("form", ["geojson", "jsonld"])
def test_nothing_is_still_a_document(form: str) -> None:
    whole = _whole(World(), form)
    assert [] in whole.values()
