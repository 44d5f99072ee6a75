"""Who is one entity with whom, which id it has, and what becomes dirty."""

from typing import Any

import pytest

from graph.ingest.assign import AssignCounts, assign_all
from graph.ingest.identity import entity_id
from graph.resolution.resolver import ScoredResolver
from tests.builders import day, record, tombstone
from tests.graph.ingest.walk import World

HERE: dict[str, Any] = {"lat": 12.9, "lon": 77.5}
NEAR: dict[str, Any] = {"lat": 12.9002, "lon": 77.5}
FAR: dict[str, Any] = {"lat": 12.94, "lon": 77.5}


def test_entities_keep_the_id_of_their_oldest_record_through_merge_and_split() -> None:
    world = World().take(record("osm:b", name="Blue Lotus", **HERE))
    first = world.entity("osm:b")
    assert first == entity_id("Place", "osm:b")
    world.take(record("list:a", name="Blue Lotus", at=-2, **FAR))
    second = world.entity("list:a")
    world.take(record("list:a", name="Blue Lotus", at=-1, **NEAR))
    assert world.entity("list:a") == first
    assert world.ledger.redirected([second]) == {second: first}
    assert ("Place", second) not in world.graph.nodes
    world.take(record("list:a", name="Blue Lotus", at=0, **FAR))
    assert world.entity("osm:b") == first
    third = world.entity("list:a")
    assert third not in {first, second}, "an id that redirects is not given again"
    world.assert_projected()


def test_an_id_in_use_is_not_given_to_its_founder_again() -> None:
    world = World().take(record("osm:a", name="Blue Lotus", **HERE), record("list:b", name="Blue Lotus", **NEAR))
    shared = world.entity("osm:a")
    world.take(tombstone("osm:a"))
    assert world.entity("list:b") == shared
    world.take(record("osm:a", name="Hilltop", at=1, **HERE))
    assert world.entity("osm:a") == entity_id("Place", "osm:a", 1)


def test_a_record_that_comes_back_alone_has_its_id_again() -> None:
    world = World().take(record("osm:a", name="Blue Lotus", **HERE))
    before = world.entity("osm:a")
    world.take(tombstone("osm:a"))
    assert world.graph.nodes == {}
    world.take(record("osm:a", name="Blue Lotus", at=1, **HERE))
    assert world.entity("osm:a") == before


def test_a_deletion_frees_those_whom_the_deleted_one_kept_apart() -> None:
    world = World().take(
        record("list:a", name="Blue Lotus", ids={"wikidata": "1"}, **HERE),
        record("list:b", name="Blue Lotus", **HERE),
        record("list:c", name="Blue Lotus", ids={"wikidata": "2"}, **HERE),
    )
    assert world.together() == {("list:a",), ("list:b",), ("list:c",)}, "b may be either"
    world.take(tombstone("list:a"))
    assert world.together() == {("list:b", "list:c")}
    world.assert_projected()


def test_a_deduplicated_source_never_merges_its_own_keys() -> None:
    world = World().take(record("gov:1", name="Blue Lotus", **HERE), record("gov:2", name="Blue Lotus", **HERE))
    assert len(world.together()) == 2
    world.take(record("osm:1", name="Blue Lotus", phone="080 2222 1111", **HERE))
    assert len(world.together()) == 3, "it may be either"
    world.take(record("gov:1", name="Blue Lotus", phone="080 2222 1111", at=0, **HERE))
    assert world.together() == {("gov:1", "osm:1"), ("gov:2",)}


def test_a_record_of_another_kind_moves_and_its_former_neighbours_meet() -> None:
    world = World().take(
        record("list:a", name="Blue Lotus", ids={"wikidata": "1"}, **HERE),
        record("list:b", name="Blue Lotus", **HERE),
        record("list:c", name="Blue Lotus", ids={"wikidata": "2"}, **HERE),
    )
    assert len(world.together()) == 3, "b may be either"
    world.take(record("list:a", "organization", name="Blue Lotus", at=0))
    assert world.together() == {("list:b", "list:c"), ("list:a",)}
    assert world.ledger.resolve(["list:a"])["list:a"][0] == "Organization"
    world.assert_projected()


def test_links_to_what_never_arrives_make_no_edge_and_no_trouble() -> None:
    world = World().take(record("osm:r", "route", name="12", links=[{"rel": "serves", "key": "missing"}]))
    assert world.graph.named("12").edges == ()


def test_a_target_that_arrives_late_merges_and_goes_takes_its_edges_along() -> None:
    link = {"rel": "serves", "key": "s", "data": {"sequence": 3}}
    world = World().take(record("osm:r", "route", name="12", links=[link]))
    world.take(record("osm:s", "stop", name="Gate", mode="bus", **HERE))
    (edge,) = world.graph.named("12").edges
    assert (edge.type, edge.target_label, edge.target_id) == ("SERVES", "Stop", world.entity("osm:s"))
    assert dict(edge.properties) == {"sequence": 3}
    world.take(tombstone("osm:s", "stop"))
    assert world.graph.named("12").edges == ()
    world.assert_projected()


def test_owners_in_a_circle_are_no_problem() -> None:
    ring = [
        record(f"osm:{n}", "organization", name=f"Firm {n}", links=[{"rel": "owns", "key": str((n + 1) % 3)}])
        for n in range(3)
    ]
    world = World().take(*ring)
    assert [len(node.edges) for node in world.graph.nodes.values()] == [1, 1, 1]
    world.take(*ring)
    world.assert_projected()


def test_a_link_inside_one_entity_is_no_edge() -> None:
    world = World().take(
        record("osm:1", "stop", name="Gate", mode="bus", **HERE),
        record("osm:2", "stop", name="Gate pole B", mode="bus", links=[{"rel": "part_of", "key": "1"}], **FAR),
    )
    assert world.together() == {("osm:1", "osm:2")}
    (node,) = world.graph.nodes.values()
    assert node.edges == ()


def test_an_area_that_arrives_late_or_is_renamed_finds_its_places() -> None:
    world = World().take(record("osm:p", name="Blue Lotus", area="Northside", city="pune"))
    assert [edge.target_label for edge in world.graph.named("Blue Lotus").edges] == ["City"]
    world.take(record("gov:a", "area", name="NORTHSIDE", city="pune", at=-1))
    assert [edge.target_label for edge in world.graph.named("Blue Lotus").edges] == ["City", "Area"]
    world.take(record("gov:a", "area", name="Old North", city="pune", at=0))
    assert [edge.target_label for edge in world.graph.named("Blue Lotus").edges] == ["City"]
    world.take(record("gov:a", "area", name="Old North", aliases=["Northside"], city="pune", at=1))
    assert [edge.target_label for edge in world.graph.named("Blue Lotus").edges] == ["City", "Area"]
    world.take(tombstone("gov:a", "area", at=2))
    assert [edge.target_label for edge in world.graph.named("Blue Lotus").edges] == ["City"]


def test_of_areas_with_one_name_the_neighbourhood_is_meant() -> None:
    world = World().take(
        record("gov:w", "area", data={"kind": "ward"}, name="North", city="pune"),
        record("gov:n", "area", data={"kind": "neighbourhood"}, name="North", city="pune"),
        record("osm:p", name="Blue Lotus", area="north", city="pune"),
    )
    assert world.graph.named("Blue Lotus").edges[-1].target_id == world.entity("gov:n")


def test_reviews_are_passages_of_their_subject_and_never_a_node() -> None:
    world = World().take(
        record("osm:r", "review", text="The soup was good.", links=[{"rel": "about", "key": "p"}]),
    )
    assert world.index.passages["osm:r"][0].entity == ""
    world.take(record("osm:p", name="Blue Lotus", **HERE))
    assert world.index.passages["osm:r"][0].entity == world.entity("osm:p")
    assert {label for label, _ in world.graph.nodes} == {"Place"}
    world.take(tombstone("osm:r", "review"))
    assert world.index.passages == {}


def test_expired_records_leave_graph_and_index() -> None:
    world = World().take(
        record("osm:1", name="Blue Lotus", description="Six tables.", expires_at=day(1).isoformat(), **HERE)
    )
    assert set(world.index.passages) == {"osm:1"}
    world.ledger.expire(now=day(1))
    world.assign()
    world.project()
    assert world.graph.nodes == {}
    assert world.index.passages == {}


def test_a_block_that_is_too_large_is_reported_and_not_used_in_any_order() -> None:
    many = [record(f"list:{n}", name="Blue Lotus", phone="080 22221111", city="pune") for n in range(4)]
    one = record("osm:1", name="Blue Lotus", phone="080 22221111", city="pune")
    at_once, piecemeal = World(), World()
    at_once.stage(*many, one)
    counts = at_once.assign(limit=4)
    assert "phone|8022221111" in counts.large_blocks
    for single in [one, *many]:
        piecemeal.stage(single)
        piecemeal.assign(limit=4)
    assert at_once.canonical() == piecemeal.canonical()
    assert len(at_once.together()) == 5
    for world in (at_once, piecemeal):
        world.stage(tombstone("list:0"))
        world.assign(limit=4)
        assert len(world.together()) == 1


def test_a_telephone_that_400_rows_share_joins_nobody() -> None:
    world = World()
    world.stage(*[record(f"list:{n}", name=f"Shop {chr(97 + n % 26)}{n}", phone="1800 123 4567") for n in range(400)])
    counts = world.assign()
    assert "phone|8001234567" in counts.large_blocks
    assert len(world.together()) == 400
    assert counts.most_compared < 400


def test_counts_say_what_happened() -> None:
    world = World()
    world.stage(
        record("osm:1", name="Blue Lotus", **HERE),
        record("list:1", name="Blue Lotus", **NEAR),
        record("osm:2", name="Hilltop"),
    )
    counts = world.assign()
    assert (counts.assigned, counts.merged, counts.entities_new, counts.gone) == (3, 2, 2, 0)
    world.stage(tombstone("osm:2"))
    assert world.assign().gone == 1
    assert world.project().removed == 1


def test_a_label_that_somebody_else_works_on_is_left_to_them() -> None:
    world = World()
    world.stage(record("osm:1", name="Blue Lotus"))
    world.ledger.lease("assign:Place", owner="other", seconds=60)
    assert world.assign().assigned == 0
    world.ledger.release("assign:Place", owner="other")
    assert world.assign().assigned == 1


def test_progress_is_told_after_every_batch() -> None:
    world = World()
    told: list[AssignCounts] = []
    world.stage(*[record(f"osm:{n}", name=f"Cafe {n}") for n in range(5)])
    assign_all(world.ledger, resolver=ScoredResolver(), policies={}, owner="a", progress=told.append, batch=2)
    assert [counts.assigned for counts in told] == [2, 4, 5]


def test_a_ledger_that_never_settles_is_an_error_and_no_endless_loop() -> None:
    world = World()
    world.stage(record("osm:1", name="Blue Lotus"))
    world.ledger.assign = lambda assignments: None  # type: ignore[method-assign] # a ledger that forgets
    with pytest.raises(RuntimeError, match="osm:1"):
        world.assign()


def test_a_cycle_of_owners_is_kept_as_it_is_said() -> None:
    firms = [
        record(f"list:{name}", "organization", name=f"{name} Holdings", links=[{"rel": "owns", "key": owned}])
        for name, owned in (("alder", "birch"), ("birch", "cedar"), ("cedar", "alder"), ("self", "self"))
    ]
    world = World().take(*firms)
    assert len(world.together()) == 4, "owning is not being"
    world.assert_projected()
    world.take(tombstone("list:birch", "organization"))
    world.assert_projected()


def test_one_round_told_by_two_sources_is_one_and_keeps_all_investors() -> None:
    told = {"date": "2024-03-10", "round": "Series A", "amount": "$5 million", "company": "Quillpay"}
    firms = [record(f"wire:{key}", "organization", name=key.title()) for key in ("quillpay", "alder", "birch")]
    rounds = [
        record("wire:f", "funding", data=told, links=[
            {"rel": "raised_by", "key": "quillpay"}, {"rel": "invested_by", "key": "alder"}]),
        record("press:f", "funding", data={**told, "date": "2024-03-12"}, links=[
            {"rel": "raised_by", "source": "wire", "key": "quillpay"},
            {"rel": "invested_by", "source": "wire", "key": "birch"}]),
    ]  # fmt: skip
    for order in (rounds, rounds[::-1]):
        world = World().take(*firms, *order)
        assert ("press:f", "wire:f") in world.together()
        world.assert_projected()
