"""What counts as the same thing, and what must stay apart."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.ingest.cluster import partition
from graph.ingest.resolve import ExactResolver
from graph.ingest.traits import traits_of
from ibcm.domain.scope import Category, Scope
from tests.builders import record

HERE: dict[str, Any] = {"lat": 12.9, "lon": 77.5}
AT_50_M: dict[str, Any] = {"lat": 12.90045, "lon": 77.5}
AT_250_M: dict[str, Any] = {"lat": 12.90225, "lon": 77.5}
AT_1_KM: dict[str, Any] = {"lat": 12.909, "lon": 77.5}
CENTRE: dict[str, Any] = {**HERE, "coordinate_precision": "centroid"}


def _category(slug: str, parent: str | None) -> Category:
    return Category(slug=slug, kind="place", parent=parent, names={}, words={})


SCOPE = Scope(
    cities={},
    sectors={},
    assistants={},
    categories={
        one.slug: one
        for one in (
            _category("food", None),
            _category("cafe", "food"),
            _category("bakery", "food"),
            _category("health", None),
            _category("hospital", "health"),
        )
    },
)


def same(
    one: dict[str, Any],
    other: dict[str, Any],
    *,
    kind: str = "place",
    sources: tuple[str, str] = ("osm", "list"),
    city: str | None = "pune",
    links: tuple[list[Any], list[Any]] = ([], []),
) -> bool:
    """Whether two records are one thing; checked in both directions, with the keys that must bring them together."""
    resolver = ExactResolver(SCOPE)
    left = traits_of(record(f"{sources[0]}:1", kind, data={"name": "Alpha", **one}, city=city, links=links[0]))
    right = traits_of(record(f"{sources[1]}:2", kind, data={"name": "Alpha", **other}, city=city, links=links[1]))
    why = resolver.same(left, right)
    assert why == resolver.same(right, left)
    if why:
        assert resolver.keys(left) & resolver.keys(right), "the same, but never compared"
    return why is not None


@pytest.mark.parametrize("sources", [("osm", "list"), ("osm", "osm")])
@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (HERE, AT_50_M, True),
        ({"name": "ALPHA!", **HERE}, AT_50_M, True),
        ({"name": "अल्फा", "names": {"en": "Alpha"}, **HERE}, AT_50_M, True),
        ({"name": "Alpha Too", **HERE}, AT_50_M, False),
        ({"name": "Beta", "aliases": ["Alpha"], **HERE}, AT_50_M, False),
        (HERE, AT_1_KM, False),
        (CENTRE, HERE, False),
        ({"ids": {"osm": "n1"}}, {"name": "Beta", "ids": {"OSM": "N1"}}, True),
        ({"ids": {"osm": "n1"}, **HERE}, {"ids": {"osm": "n2"}, **HERE}, False),
        ({"ids": {"osm": "n1", "wikidata": "q1"}}, {"ids": {"osm": "n1", "wikidata": "q2"}}, False),
        ({"address": "5, Main Road"}, {"address": "5 main road"}, True),
        ({"address": "5 Main Road"}, {"address": "6 Main Road"}, False),
        ({"address": "Main Road", **HERE}, {"address": "Main Road", **AT_1_KM}, False),
        ({"address": "5 Main Road", "area": "North"}, {"address": "5 Main Road", "area": "South"}, False),
        ({"category": "cafe", **HERE}, {"category": "bakery", **AT_50_M}, True),
        ({"category": "cafe", **HERE}, {"category": "hospital", **AT_50_M}, False),
        ({}, {}, False),
    ],
)
def test_places(one: dict[str, Any], other: dict[str, Any], expected: bool, sources: tuple[str, str]) -> None:
    assert same(one, other, sources=sources) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({}, {}, True),
        ({"category": "cafe"}, {"category": "food"}, True),
        ({"category": "cafe"}, {"category": "bakery"}, False),
        (HERE, AT_250_M, True),
        (HERE, AT_1_KM, False),
        (CENTRE, AT_1_KM, True),
        ({"postcode": "411001"}, {"postcode": "411002"}, False),
    ],
)
def test_a_neighbourhood_joins_two_sources(one: dict[str, Any], other: dict[str, Any], expected: bool) -> None:
    assert same({"area": "North", **one}, {"area": "NORTH", **other}) is expected
    assert same({"area": "North", **one}, {"locality": "north", **other}) is expected


def test_one_source_joins_its_own_only_when_it_says_exactly_the_same() -> None:
    assert not same({"area": "North", "rating": 4}, {"area": "North", "rating": 3}, sources=("osm", "osm"))
    assert same({"area": "North", "rating": 4}, {"area": "North", "rating": 4}, sources=("osm", "osm"))


def test_branches_that_carry_the_id_of_their_brand_stay_apart() -> None:
    far = {"lat": 13.1, "lon": 77.5}
    assert not same({"ids": {"wikidata": "q1"}, **HERE}, {"ids": {"wikidata": "q1"}, **far})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"mode": "bus", **HERE}, {"mode": "bus", **AT_250_M}, True),
        ({"mode": "bus", **HERE}, {"mode": "bus", **AT_1_KM}, False),
        ({"mode": "bus", **HERE}, {"mode": "metro", **HERE}, False),
        ({"mode": "bus", "ids": {"gtfs": "1"}, **HERE}, {"mode": "bus", "ids": {"gtfs": "2"}, **HERE}, True),
        ({"mode": "bus"}, {"mode": "bus"}, False),
        ({"name": "A", "ids": {"osm": "n1"}, **HERE}, {"name": "B", "ids": {"osm": "n1"}, **AT_250_M}, True),
        (
            {"name": "A", "ids": {"osm": "n1"}, **HERE},
            {"name": "B", "ids": {"osm": "n1"}, "lat": 13.0, "lon": 77.5},
            False,
        ),
        ({"name": "A", "ids": {"gtfs": "1"}, **HERE}, {"name": "B", "ids": {"gtfs": "1"}, **HERE}, False),
    ],
)
def test_stops(one: dict[str, Any], other: dict[str, Any], expected: bool) -> None:
    assert same(one, other, kind="stop", sources=("gtfs", "gtfs")) is expected


def test_poles_belong_to_their_stop_and_to_each_other() -> None:
    part = [{"rel": "part_of", "source": "osm", "key": "1"}]
    whole = [{"rel": "part_of", "source": "osm", "key": "9"}]
    assert same({"name": "A"}, {"name": "B"}, kind="stop", links=([], part))
    assert same({"name": "A"}, {"name": "B"}, kind="stop", links=(whole, whole))


@pytest.mark.parametrize(
    ("kind", "one", "other", "expected"),
    [
        ("area", HERE, AT_1_KM, True),
        ("area", HERE, {"lat": 13.0, "lon": 77.5}, False),
        ("area", {"kind": "suburb"}, {"kind": "neighbourhood"}, True),
        ("area", {"kind": "ward"}, {"kind": "neighbourhood"}, False),
        ("event", {"start": "2026-01-01"}, {"start": "2026-01-01T18:00:00"}, True),
        ("event", {"start": "2026-01-01T16:00:00"}, {"start": "2026-01-01T18:00:00"}, False),
        ("event", {"start": "2026-01-01"}, {"start": "2026-01-02"}, False),
        ("event", {}, {}, False),
        ("organization", {}, {"name": "Beta", "legal_name": "Alpha"}, True),
        ("organization", {"website": "https://a.example"}, {"website": "www.a.example/x"}, True),
        ("organization", {"website": "https://a.example"}, {"website": "b.example"}, False),
        ("route", {}, {}, False),
        ("route", {"ids": {"osm": "1"}}, {"ids": {"osm": "1"}}, True),
        ("indicator", {}, {}, False),
    ],
)
def test_other_kinds(kind: str, one: dict[str, Any], other: dict[str, Any], expected: bool) -> None:
    assert same(one, other, kind=kind) is expected


def test_routes_of_one_source_are_never_merged() -> None:
    assert not same({"ids": {"osm": "1"}}, {"ids": {"osm": "1"}}, kind="route", sources=("osm", "osm"))


def test_cliques_need_evidence_for_every_pair_and_chains_do_not() -> None:
    links = {"a": {"b": "w"}, "b": {"a": "w", "c": "w"}, "c": {"b": "w"}}
    assert partition("cba", links, chained=False) == [["a", "b"], ["c"]]
    assert partition("cba", links, chained=True) == [["a", "b", "c"]]


@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1])))
def test_every_pair_in_a_clique_has_evidence(pairs: set[tuple[int, int]]) -> None:
    links: dict[str, dict[str, str]] = {}
    for one, other in pairs:
        links.setdefault(str(one), {})[str(other)] = links.setdefault(str(other), {})[str(one)] = "w"
    clusters = partition([str(number) for number in range(8)], links, chained=False)
    assert sorted(ref for cluster in clusters for ref in cluster) == [str(number) for number in range(8)]
    for cluster in clusters:
        assert all(other in links[ref] for ref in cluster for other in cluster if other != ref)
