"""The node of an entity: golden fields, technical properties, provenance, edges."""

import json
from typing import Any

from tests.builders import record, tombstone
from tests.graph.ingest.walk import World


def node(*records: Any) -> dict[str, Any]:
    (found,) = World().take(*records).graph.nodes.values()
    return dict(found.properties)


def test_what_queries_look_up() -> None:
    shown = node(
        record(
            "osm:1",
            name="Café Alpha",
            names={"hi": "अल्फा"},
            category="cafe",
            area="North-Side",
            locality="5th Block",
            cuisine=["South Indian"],
            lat=12.9,
            lon=77.5,
            city="pune",
            ids={"osm": "n1"},
        )
    )
    assert shown["name_key"] == "cafe alpha"
    assert shown["name_hi"] == "अल्फा"
    assert shown["aliases"] == ["अल्फा"]
    assert shown["scope_key"] == "pune|cafe"
    assert (shown["area_key"], shown["locality_key"]) == ("north side", "5th block")
    assert shown["cuisine_keys"] == ["south indian"]
    assert shown["ids_osm"] == "n1"
    assert shown["located"] is True
    assert {"cell7", "cell9"} <= shown.keys()
    assert shown["record_kind"] == "place"
    assert shown["record_refs"] == ["osm:1"]
    assert dict(zip(shown["fact_names"], shown["fact_records"], strict=True))["cuisine"] == "osm:1"


def test_the_centre_of_an_area_is_no_position() -> None:
    shown = node(record("osm:1", name="A", lat=12.9, lon=77.5, coordinate_precision="centroid"))
    assert shown["located"] is False
    assert "cell7" in shown


def test_fields_that_collide_with_ours_are_kept_under_another_name() -> None:
    shown = node(record("osm:1", "organization", data={"name": "A", "city": "Pune", "revision": 7}, city="pune"))
    assert (shown["city"], shown["data_city"], shown["data_revision"]) == ("pune", "Pune", 7)
    assert "data_city" in shown["fact_names"]


def test_firms_have_keys_of_their_cities_and_sectors() -> None:
    firm = record("a:1", "organization", name="Alder", data={"city": "Gurgaon", "sectors": ["Ed-Tech"]})
    shown = node(firm)
    assert (shown["town_keys"], shown["sector_keys"]) == (["gurugram"], ["edtech"])
    assert (shown["data_city"], shown["sectors"], shown["sector"]) == ("Gurgaon", ["Ed-Tech"], "edtech")
    assert "city" not in shown


def test_conflicts_name_value_and_record() -> None:
    here: dict[str, Any] = {"lat": 12.9, "lon": 77.5}
    shown = node(
        record("gov:1", data={"name": "A", "beds": 5, **here}), record("osm:1", data={"name": "A", "beds": 6, **here})
    )
    assert [json.loads(one) for one in shown["conflicts"]] == [{"field": "beds", "value": 6, "record": "osm:1"}]


def test_what_has_no_name_gets_one() -> None:
    shown = node(
        record("f:1", "funding", data={"date": "2020-01-02", "round": "Seed", "amount": 5e6, "currency": "INR"})
    )
    assert shown["name"] == "Seed, 5,000,000 INR, 2020-01-02"
    assert node(record("d:1", "article", data={"title": "Alone"}))["name"] == "Alone"


def test_long_text_is_cut_on_the_node_only() -> None:
    shown = node(record("d:1", "article", data={"title": "Alone", "body": "word " * 2_000}))
    assert len(shown["body"]) <= 2_010


def test_edges_say_who_asserts_them() -> None:
    links = [{"rel": "serves", "key": "s", "data": {"sequence": n, "record": "x", "deep": {}}} for n in (1, 9)]
    world = World().take(
        record("osm:s", "stop", name="Gate"),
        record("osm:r", "route", name="12", links=links, city="pune", sector="retail"),
    )
    edges = world.graph.named("12").edges
    assert [(edge.type, edge.target_label, edge.ordinal, edge.record) for edge in edges] == [
        ("SERVES", "Stop", 0, "osm:r"),
        ("SERVES", "Stop", 1, "osm:r"),
        ("IN", "City", 0, "osm:r"),
        ("OF", "Sector", 0, "osm:r"),
    ]
    assert dict(edges[1].properties) == {"sequence": 9, "data_record": "x"}


def test_an_indicator_is_about_its_area() -> None:
    world = World().take(
        record("gov:a", "area", name="North", city="pune"),
        record("gov:i", "indicator", name="Wells", value=4, area="north", city="pune"),
    )
    assert [(edge.type, edge.target_label) for edge in world.graph.named("Wells").edges] == [
        ("IN", "City"),
        ("ABOUT", "Area"),
    ]


def test_what_waits_is_no_drift() -> None:
    world = World()
    world.take(record("osm:1", name="A", beds=5), record("osm:2", name="B"), record("osm:r", "review", text="Good."))
    assert world.drift() == []
    world.stage(record("osm:1", name="A2", at=0), tombstone("osm:2"))
    assert world.drift() == []
    world.assign()
    assert world.drift() == []
    world.project()
    assert world.drift() == []


def test_the_canonical_export_has_no_ids_and_no_clocks() -> None:
    here: dict[str, Any] = {"lat": 12.9, "lon": 77.5}
    world = World().take(
        record("osm:b", name="Cafe", city="pune", **here),
        record("list:a", name="Cafe", description="Small.", **here),
        record("osm:o", "organization", name="Firm", links=[{"rel": "owns", "key": "b"}]),
    )
    first, second = (json.loads(line) for line in world.canonical())
    assert (first["label"], first["records"]) == ("Place", ["list:a", "osm:b"])
    assert first["facts"]["name"] == ["Cafe", "osm:b", "list:a"]
    assert [edge["target"] for edge in second["edges"]] == ["Place/list:a"]
    whole = "".join(world.canonical())
    assert world.entity("osm:b") not in whole
    assert "last_seen" not in whole
    assert "retrieved_at" not in whole
