"""What leaves is what the sources' terms let leave, with licence and attribution."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ibcm import exporting
from ibcm.config import load_scope
from ibcm.domain.policy import FieldPolicy, SourcePolicy
from ibcm.domain.records import SourceRecord
from tests.builders import NOW, OPEN, record
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
