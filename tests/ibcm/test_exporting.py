"""What leaves is what the sources' terms let leave, with licence and attribution."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ibcm import exporting
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
    (linked,) = json.loads("".join(exporting.as_jsonld([found], load_scope())))["@graph"]
    part = {"@type": "CreativeWork", "name": "telephone", "license": "CC-BY-4.0", "creditText": "Directory"}
    assert linked["subjectOf"][0]["hasPart"] == [part]
    only = exporting.Choice(licences=frozenset({"CC-BY-4.0"}))
    (found,) = exporting.entities(world.ledger, policies={"osm": policy}, now=NOW, choice=only)
    assert set(found["values"]) == {"phone"}


def _whole(world: World, form: str) -> Any:
    policies: Mapping[str, SourcePolicy] = {"osm": OPEN}
    found = exporting.entities(world.ledger, policies=policies, now=NOW)
    return json.loads("".join(exporting.FORMATS[form](found, load_scope())))


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


@pytest.mark.parametrize("form", ["geojson", "jsonld"])
def test_nothing_is_still_a_document(form: str) -> None:
    whole = _whole(World(), form)
    assert [] in whole.values()
