"""What lies in which area, and to which stops one walks: whatever arrives first, and whatever goes again."""

from typing import Any

from ibcm.domain.decisions import Decision
from ibcm.domain.graph import Edge
from tests.builders import NOW, record, tombstone
from tests.graph.ingest.walk import World

STEP = 100 / 111_195


def square(lat: float, lon: float, side: float) -> dict[str, Any]:
    ring = [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


WARD = record("gov:w1", "area", name="Ward One", data={"kind": "ward"}, city="pune", polygon=square(18.5, 73.8, 0.02))
ZONE = record("gov:z1", "area", name="Zone A", data={"kind": "zone"}, city="pune", polygon=square(18.4, 73.7, 0.3))
CLINIC = record("osm:c1", name="Clinic", city="pune", lat=18.51, lon=73.81)


def edges(world: World, name: str, kind: str) -> list[Edge]:
    return [edge for edge in world.graph.named(name).edges if edge.type == kind and edge.target_label != "City"]


def areas_of(world: World, name: str) -> list[str]:
    return sorted(
        str(world.graph.nodes["Area", edge.target_id].properties["name"]) for edge in edges(world, name, "IN")
    )


def test_a_place_lies_in_every_area_whose_polygon_holds_it_and_both_records_are_named() -> None:
    world = World().take(CLINIC, WARD, ZONE)
    assert areas_of(world, "Clinic") == ["Ward One", "Zone A"]
    ward = next(edge for edge in edges(world, "Clinic", "IN") if edge.target_id == world.entity("gov:w1"))
    assert (ward.record, dict(ward.properties)) == ("osm:c1", {"area_record": "gov:w1"})
    assert world.graph.named("Clinic").properties["area_ids"] == sorted(
        [world.entity("gov:w1"), world.entity("gov:z1")]
    )


def test_areas_lie_in_larger_ones_and_never_the_other_way_round() -> None:
    world = World().take(WARD, ZONE)
    (inside,) = edges(world, "Ward One", "IN")
    assert inside.target_id == world.entity("gov:z1")
    assert (inside.record, dict(inside.properties)) == ("gov:w1", {"area_record": "gov:z1", "share": 1.0})
    assert edges(world, "Zone A", "IN") == []


def test_an_area_that_arrives_moves_or_goes_changes_what_it_held() -> None:
    world = World().take(CLINIC)
    assert areas_of(world, "Clinic") == []
    world.take(WARD)
    assert areas_of(world, "Clinic") == ["Ward One"]
    world.take(
        record(
            "gov:w1",
            "area",
            at=0,
            name="Ward One",
            data={"kind": "ward"},
            city="pune",
            polygon=square(18.6, 73.8, 0.02),
        )
    )
    assert areas_of(world, "Clinic") == []
    world.take(
        record(
            "gov:w1",
            "area",
            at=1,
            name="Ward One",
            data={"kind": "ward"},
            city="pune",
            polygon=square(18.5, 73.8, 0.02),
        )
    )
    assert areas_of(world, "Clinic") == ["Ward One"]
    world.take(tombstone("gov:w1", "area", at=2))
    assert areas_of(world, "Clinic") == []
    world.assert_projected()


def test_only_what_may_lie_in_it_is_projected_again() -> None:
    far = record("osm:c2", name="Other Clinic", city="pune", lat=18.9, lon=73.2)
    world = World().take(CLINIC, far)
    world.stage(WARD)
    world.assign()
    assert {one.id for one in world.ledger.claim_dirty(limit=9)} == {world.entity("gov:w1"), world.entity("osm:c1")}


def test_the_middle_of_something_lies_nowhere_by_guess() -> None:
    rough = record("osm:c3", name="Rough", city="pune", lat=18.51, lon=73.81, coordinate_precision="centroid")
    world = World().take(rough, WARD)
    assert areas_of(world, "Rough") == []


def test_areas_of_another_city_hold_nothing_and_one_without_a_city_holds_all() -> None:
    elsewhere = record("gov:w2", "area", name="Ward One", city="mumbai", polygon=square(18.5, 73.8, 0.02))
    nation = record("gov:n", "area", name="Region", polygon=square(15, 70, 8))
    world = World().take(CLINIC, WARD, elsewhere, nation)
    held = {edge.target_id for edge in edges(world, "Clinic", "IN")}
    assert held == {world.entity("gov:w1"), world.entity("gov:n")}


def test_one_that_names_its_area_and_lies_in_it_says_so_twice() -> None:
    named = record("osm:c4", name="Named", city="pune", area="Ward One", lat=18.51, lon=73.81)
    world = World().take(named, WARD)
    assert sorted(edge.ordinal for edge in edges(world, "Named", "IN")) == [0, 1]
    assert world.graph.named("Named").properties["area_ids"] == [world.entity("gov:w1")]


def said_of(world: World, name: str) -> list[tuple[str, str, dict[str, Any]]]:
    return [(edge.target_id, edge.record, dict(edge.properties)) for edge in edges(world, name, "SAID_IN")]


def test_a_name_that_the_polygon_of_that_area_contradicts_is_only_said_whatever_comes_first() -> None:
    other = record("gov:w3", "area", name="Ward Three", city="pune", polygon=square(18.6, 73.8, 0.02))
    named = record("osm:c5", name="Named", city="pune", area="Ward Three", lat=18.51, lon=73.81)
    for order in ((named, WARD, other), (other, WARD, named)):
        world = World().take(*order[:1]).take(*order[1:])
        assert areas_of(world, "Named") == ["Ward One"]
        assert said_of(world, "Named") == [(world.entity("gov:w3"), "osm:c5", {"area_record": "gov:w3"})]
        world.take(tombstone("gov:w3", "area", at=0))
        assert said_of(world, "Named") == []
        world.assert_projected()


def test_areas_name_the_areas_they_are_in_and_know_those_of_which_they_share_a_part() -> None:
    half = record("gov:h", "area", name="Half Ward", city="pune", area="Zone A", polygon=square(18.5, 73.99, 0.02))
    world = World().take(half, WARD).take(ZONE)
    assert areas_of(world, "Half Ward") == ["Zone A"]  # as its source says, and half of it does
    node = world.graph.named("Half Ward").properties
    assert (node["drawn_by"], node["partly_ids"]) == ("gov:h", [world.entity("gov:z1")])
    assert "partly_ids" not in world.graph.named("Zone A").properties  # the larger one does not lie in the smaller
    far = record("gov:f", "area", name="Far Ward", city="pune", area="Zone A", polygon=square(19.5, 73.99, 0.02))
    world.take(far)
    assert (areas_of(world, "Far Ward"), len(said_of(world, "Far Ward"))) == ([], 1)
    world.assert_projected()


def test_a_pinned_position_decides() -> None:
    world = World().take(CLINIC, WARD)
    world.ledger.decide(Decision("pin", NOW, ref="osm:c1", field="position", value=[18.7, 73.81]))
    world.assign()
    world.project()
    assert areas_of(world, "Clinic") == []


def stop(ref: str, north: float, **more: Any) -> Any:
    return record(ref, "stop", name=f"Stop {ref[-1]}", city="pune", lat=18.5 + north * STEP, lon=73.8, **more)


def test_stops_within_walking_distance_lead_to_each_other_with_metres_and_both_records() -> None:
    world = World().take(stop("osm:sa", 0, mode="bus"), stop("osm:sb", 2, mode="metro"), stop("osm:sc", 5))
    (there,) = edges(world, "Stop a", "WALK")
    assert (there.target_id, there.record) == (world.entity("osm:sb"), "osm:sa")
    assert dict(there.properties) == {"metres": 200, "stop_record": "osm:sb"}
    assert [edge.properties["metres"] for edge in edges(world, "Stop b", "WALK")] == [200, 300]


def test_a_stop_that_moves_or_goes_takes_its_ways_with_it() -> None:
    world = World().take(stop("osm:sa", 0), stop("osm:sb", 2))
    world.take(stop("osm:sb", 9, at=0))
    assert edges(world, "Stop a", "WALK") == []
    world.take(stop("osm:sb", 3, at=1))
    assert [edge.properties["metres"] for edge in edges(world, "Stop a", "WALK")] == [300]
    world.take(tombstone("osm:sb", "stop", at=2))
    assert edges(world, "Stop a", "WALK") == []
    world.assert_projected()


def test_a_crowd_of_stops_has_bounded_ways() -> None:
    world = World().take(
        *[
            record(f"osm:{at}", "stop", name=f"Bay {at}", city="pune", lat=18.5, lon=73.8 + at * 1e-5)
            for at in range(60)
        ]
    )
    assert max(len(node.edges) for node in world.graph.nodes.values()) <= 25


def test_a_stop_of_several_poles_is_as_near_as_its_nearest_pole() -> None:
    poles = [record(f"osm:p{at}", "stop", name="Pole", city="pune", lat=18.5 + at * STEP, lon=73.8) for at in (0, 1)]
    vague = record("list:p", "stop", name="Pole", city="pune", lat=18.5 + 1.5 * STEP, lon=73.8)
    world = World().take(*poles, vague, stop("osm:sb", 4.5))
    assert world.entity("osm:p0") == world.entity("osm:p1") == world.entity("list:p")
    (there,) = edges(world, "Pole", "WALK")
    assert (there.record, dict(there.properties)) == ("osm:p1", {"metres": 350, "stop_record": "osm:sb"})
    world.assert_projected()
