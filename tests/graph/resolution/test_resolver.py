"""What counts as the same thing, what a person is asked about, and what must stay apart."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.resolution.resolver import Judgement, ScoredResolver
from graph.resolution.traits import traits_of
from ibcm.config import load_scope
from tests.builders import record

HERE: dict[str, Any] = {"lat": 12.9, "lon": 77.5}
AT_20_M: dict[str, Any] = {"lat": 12.90018, "lon": 77.5}
AT_250_M: dict[str, Any] = {"lat": 12.90225, "lon": 77.5}
AT_4_KM: dict[str, Any] = {"lat": 12.936, "lon": 77.5}
CENTRE: dict[str, Any] = {**HERE, "coordinate_precision": "centroid"}
RESOLVER = ScoredResolver(load_scope())


def judged(
    one: dict[str, Any],
    other: dict[str, Any],
    *,
    kind: str = "place",
    sources: tuple[str, str] = ("osm", "list"),
    city: str | None = "bangalore",
    links: tuple[list[Any], list[Any]] = ([], []),
    crowded: frozenset[str] = frozenset(),
) -> Judgement:
    """Judged in both directions, with the keys that must bring them together when they are the same."""
    left = traits_of(record(f"{sources[0]}:1", kind, data={"name": "Blue Lotus", **one}, city=city, links=links[0]))
    right = traits_of(record(f"{sources[1]}:2", kind, data={"name": "Blue Lotus", **other}, city=city, links=links[1]))
    found = RESOLVER.judge(left, right, crowded)
    assert found == RESOLVER.judge(right, left, crowded)
    if found.band == "same":
        assert RESOLVER.keys(left) & RESOLVER.keys(right), "the same, but never compared"
    return found


def band(*args: Any, **more: Any) -> str:
    return judged(*args, **more).band


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (HERE, AT_20_M),
        ({"name": "BLUE LOTUS!", **HERE}, AT_20_M),
        ({"name": "ब्लू लोटस", **HERE}, AT_20_M),
        ({"name": "Venkateshwara Hosp.", **HERE}, {"name": "Sri Venkateswara Hospital Pvt Ltd", **AT_20_M}),
        ({"name": "Hi Tech Dental Care", **HERE}, {"name": "Hitech Dental Care", **AT_20_M}),
        ({"name": "Kidwai Institute", "aliases": ["Blue Lotus"], **HERE}, AT_20_M),
        ({"address": "No. 5, 2nd Cross Road, Ashok Nagar"}, {"address": "5, II Cross Rd., Ashoknagar"}),
        ({"phone": "080 2222 1111", **HERE}, {"phone": "+91-80-22221111", **AT_250_M}),
        ({"ids": {"wikidata": "Q1"}, **HERE}, {"name": "Lotus", "ids": {"wikidata": "q1"}, **AT_250_M}),
        ({"name": "KIMS Hospital", "address": "12 Minister Road, Secunderabad"},
         {"name": "KIMS Hospital, Secunderabad", "address": "12 Minister Road, Secunderabad"}),
    ],
)  # fmt: skip
def test_spellings_of_one_place(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert band(one, other) == "same", judged(one, other).why


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # branches of a chain: one name, one city, other addresses
        (HERE, AT_4_KM),
        ({"address": "5 Main Road, Jayanagar"}, {"address": "18 Church Street, Ulsoor"}),
        ({"name": "Care Hospital, Banjara Hills", "address": "Road 1, Banjara Hills"},
         {"name": "Care Hospital, Nampally", "address": "Exhibition Road, Nampally"}),
        ({"ids": {"wikidata": "q1"}, **HERE}, {"ids": {"wikidata": "q1"}, **AT_4_KM}),
        # neighbours
        ({"name": "Anand Sweets", **HERE}, {"name": "Blue Lotus", **AT_20_M}),
        ({"name": "Sector 4 Park", **HERE}, {"name": "Sector 6 Park", **AT_250_M}),
        # nothing but a name
        ({}, {}),
    ],
)  # fmt: skip
def test_what_is_never_joined(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert band(one, other) != "same", judged(one, other).why


@pytest.mark.parametrize(
    ("one", "other", "sources", "expected"),
    [
        ("Andheri East", "Andheri East", ("osm", "list"), "same"),
        ("Andheri East", "Near Andheri East Station", ("osm", "list"), "same"),
        ("Andheri East", "Andheri East", ("osm", "osm"), "review"),  # one source may list two branches
        ("J P Nagar", "JP Nagar", ("osm", "list"), "same"),
        ("Rohini", "Saket", ("osm", "list"), "different"),
        ("Rohini", "Saket", ("osm", "osm"), "different"),
        ("Koramangala 4th Block", "Koramangala 5th Block", ("osm", "list"), "different"),
    ],
)
def test_one_name_in_neighbourhoods(one: str, other: str, sources: tuple[str, str], expected: str) -> None:
    found = judged({"locality": one}, {"locality": other}, sources=sources)
    assert found.band == expected, found.why


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # branches that one guide lists: nothing but the neighbourhood, the floor or the number of the shop in common
        ({"address": "Metro Station, Karol Bagh", "locality": "Karol Bagh", **HERE},
         {"address": "422 D, Ground Floor, Karol Bagh", "locality": "Karol Bagh", **AT_4_KM}),
        ({"address": "3rd Floor, Ambience Mall, Saket", "locality": "Saket", **HERE},
         {"address": "3rd Floor, PP Towers, Rohini", "locality": "Rohini", **AT_4_KM}),
        ({"address": "6th Main, Block 6", **HERE}, {"address": "6th Main, Block 9", **AT_4_KM}),
        ({"address": "1, Block Market, Preet Vihar", "locality": "Preet Vihar", **HERE},
         {"address": "1/51, Central Market, Punjabi Bagh", "locality": "Punjabi Bagh", **AT_4_KM}),
    ],
)  # fmt: skip
def test_branches_that_one_guide_lists_stay_apart(one: dict[str, Any], other: dict[str, Any]) -> None:
    found = judged(one, other, sources=("guide", "guide"))
    assert found.band != "same", found.why


def test_branches_with_the_telephone_and_site_of_their_head_office_are_not_joined_unasked() -> None:
    office = {"phone": "1800 200 300", "website": "https://nutmeg.example"}
    one = {"address": "14 Palm Road", **office, **HERE}
    other = {"address": "77 Lake Street", **office, **AT_4_KM}
    for sources in (("osm", "list"), ("osm", "osm")):
        assert judged(one, other, sources=sources).band != "same"


AT_ONE_DOOR = {"address": "3434 Peachtree Road, Buckhead", "phone": "080 4444 2700", **HERE}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Apollo Hospital", "category": "hospital"}, {"name": "Apollo Pharmacy", "category": "pharmacy"}),
        ({"name": "Apollo Hospital"}, {"name": "Apollo Pharmacy"}),
        ({"name": "Ritz-Carlton Cafe"}, {"name": "Ritz-Carlton Dining Room"}),
        ({"name": "Jamavar"}, {"name": "Le Cirque Signature"}),
        ({"name": "Saint Orla Hospital", "category": "hospital"},
         {"name": "Saint Orla Hospital Pharmacy", "category": "pharmacy"}),
        ({"name": "Saint Orla Hospital"}, {"name": "Saint Orla Hospital Pharmacy"}),
        ({"name": "Thiruvalluvar Gnanasambandham Memorial Hospital", "category": "hospital"},
         {"name": "Thiruvalluvar Gnanasambandham Memorial Hospital Pharmacy", "category": "pharmacy"}),
    ],
)  # fmt: skip
def test_two_things_behind_one_door_and_one_switchboard_stay_apart(one: dict[str, Any], other: dict[str, Any]) -> None:
    site = {"website": "https://door.example"}
    for more in ({}, site):
        found = judged({**AT_ONE_DOOR, **more, **one}, {**AT_ONE_DOOR, **more, **other})
        assert found.band != "same", found.why


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Vasan Eye Hospital"}, {"name": "Vasan Hospital"}),
        ({"name": "Saint Orla Hospital", "category": "hospital"},
         {"name": "Saint Orla Hospital Clinic", "category": "hospital"}),
        ({"name": "Saint Orla"}, {"name": "Saint Orla Pharmacy"}),
    ],
)  # fmt: skip
def test_a_name_that_says_more_about_the_kind_may_be_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    found = judged({**AT_ONE_DOOR, "website": "https://door.example", **one},
                   {**AT_ONE_DOOR, "website": "https://door.example", **other})  # fmt: skip
    assert found.band == "same", found.why


def test_a_position_that_many_share_is_no_position() -> None:
    other = {**HERE, "address": "18 Church Street, Ulsoor"}
    crowded = frozenset({"at|12.900000,77.500000"})
    one = {**HERE, "address": "5 Main Road, Jayanagar"}
    assert judged(one, other).probability > judged(one, other, crowded=crowded).probability
    assert judged(CENTRE, CENTRE).probability < judged(HERE, HERE).probability


def test_a_switchboard_is_no_identity() -> None:
    one, other = {"phone": "080 22221111", "area": "Camp"}, {"phone": "080 22221111", "area": "Fort"}
    crowded = frozenset({"phone|8022221111"})
    assert judged(one, other, crowded=crowded).probability < judged(one, other).probability


def test_a_judgement_says_why() -> None:
    found = judged(HERE, AT_20_M)
    assert {"name", "position", "source", "prior"} <= {part.comparison for part in found.parts}
    assert found.why.startswith("name equal")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"mode": "bus", **HERE}, {"mode": "bus", **AT_250_M}, "same"),
        ({"mode": "bus", **HERE}, {"mode": "bus", **AT_4_KM}, "different"),
        ({"mode": "bus", **HERE}, {"mode": "metro", **HERE}, "different"),
        ({"mode": "bus", "ids": {"gtfs": "1"}, **HERE}, {"mode": "bus", "ids": {"gtfs": "2"}, **HERE}, "same"),
        ({"mode": "bus", "name": "Trinity Circle (Church)", **HERE},
         {"mode": "bus", "name": "Trinity Circle", **AT_20_M}, "same"),
        ({"mode": "bus", "name": "Padmanabhanagara", **HERE},
         {"mode": "bus", "name": "Padmanabha Nagara", **AT_20_M}, "same"),
    ],
)  # fmt: skip
def test_stops_of_two_networks(one: dict[str, Any], other: dict[str, Any], expected: str) -> None:
    assert band(one, other, kind="stop", sources=("old", "new")) == expected, judged(one, other, kind="stop").why


def test_a_network_that_gives_two_names_means_two_stops() -> None:
    one, other = {"name": "Agara", "mode": "bus", **HERE}, {"name": "Agara Junction", "mode": "bus", **AT_20_M}
    assert band(one, other, kind="stop", sources=("gtfs", "gtfs")) == "different"


def test_poles_belong_to_their_stop_and_to_each_other() -> None:
    part = [{"rel": "part_of", "source": "osm", "key": "1"}]
    whole = [{"rel": "part_of", "source": "osm", "key": "9"}]
    assert judged({"name": "A"}, {"name": "B"}, kind="stop", links=([], part)).bond
    assert judged({"name": "A"}, {"name": "B"}, kind="stop", links=(whole, whole)).bond


@pytest.mark.parametrize(
    ("kind", "one", "other", "expected"),
    [
        ("area", HERE, AT_250_M, "same"),
        ("area", HERE, {"lat": 13.0, "lon": 77.5}, "different"),
        ("area", {"kind": "suburb", **HERE}, {"kind": "neighbourhood", **HERE}, "same"),
        ("area", {"kind": "ward", **HERE}, {"kind": "neighbourhood", **HERE}, "different"),
        ("event", {"start": "2026-01-01"}, {"start": "2026-01-01T18:00:00"}, "same"),
        ("event", {"start": "2026-01-01T16:00:00"}, {"start": "2026-01-01T18:00:00"}, "different"),
        ("event", {"start": "2026-01-01"}, {"start": "2026-01-02"}, "different"),
        ("event", {}, {}, "different"),
        ("organization", {"name": "Zerodha Broking Ltd", "website": "https://zerodha.example"},
         {"name": "Zerodha", "website": "www.zerodha.example/x"}, "same"),
        ("organization", {"name": "Northwind Trading"}, {"name": "Southwind Trading"}, "different"),
        ("route", {}, {}, "different"),
        ("route", {"ids": {"osm": "1"}}, {"ids": {"osm": "1"}}, "same"),
        ("indicator", {}, {}, "different"),
    ],
)  # fmt: skip
def test_other_kinds(kind: str, one: dict[str, Any], other: dict[str, Any], expected: str) -> None:
    assert band(one, other, kind=kind) == expected, judged(one, other, kind=kind).why


def test_routes_of_one_source_are_never_merged() -> None:
    ids = {"ids": {"osm": "1"}}
    assert band(ids, ids, kind="route", sources=("osm", "osm")) == "different"


HOSTILE = (
    "x" * 2_000,
    "a " * 1_000,
    "🍕🍔",
    "\u202eevil\u202c",
    "12345678",
    "★★",
    "ß" * 50,
    "e\u0301" * 100,
    "()",
    "[x",
    "A&B's",
)


@given(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE) | st.text(min_size=1, max_size=60))
def test_any_name_can_be_compared(one: str, other: str) -> None:
    left = traits_of(record("a:1", data={"name": one.strip() or "x", **HERE}))
    right = traits_of(record("b:1", data={"name": other.strip() or "x", **HERE}))
    found = RESOLVER.judge(left, right, frozenset())
    assert 0 <= found.probability <= 1
    assert found == RESOLVER.judge(right, left, frozenset())
    assert all(len(key) < 200 for key in RESOLVER.keys(left) | RESOLVER.keys(right))
