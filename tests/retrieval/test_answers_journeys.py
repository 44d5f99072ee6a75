"""From one place to another: by which lines, where to change, how far to walk; or that no way is known."""

from collections.abc import Sequence
from typing import Any

import pytest

from ibcm.domain.answers import Answer
from ibcm.domain.records import SourceRecord
from retrieval.answer import Answerer
from tests.builders import record
from tests.retrieval.checking import assert_sound
from tests.retrieval.city import said
from tests.retrieval.town import Town

pytestmark = pytest.mark.engine

STEP = 0.0009
"""About a hundred metres of latitude."""


def stop(key: str, name: str, north: float, east: float, **more: Any) -> SourceRecord:
    """A stop so many hundred metres from the middle of Chandrapuri."""
    at = (24.0 + north * STEP, 75.5 + east * STEP)
    return said(f"transit:{key}", "stop", name, *at, city="chandrapuri", mode="bus", **more)


def line(key: str, name: str, stops: Sequence[str], *, times: Sequence[str] = (), **more: Any) -> SourceRecord:
    calls = [{"rel": "serves", "key": at, "data": {"sequence": n, "direction": 0}} for n, at in enumerate(stops, 1)]
    for call, time in zip(calls, times, strict=False):
        call["data"]["departure"] = time  # type: ignore[index]
    return record(f"transit:{key}", "route", city="chandrapuri", name=name, links=calls, **{"mode": "bus", **more})


def square(north: float, east: float, side: float) -> dict[str, Any]:
    south, west = 24.0 + north * STEP, 75.5 + east * STEP
    ring = [(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]
    corners = [[west + x * side * STEP, south + y * side * STEP] for y, x in ring]
    return {"type": "Polygon", "coordinates": [corners]}


NETWORK = [
    stop("n1", "Agate Gate", 0, 0),
    stop("n2", "Beryl Bazaar", 0, 15),
    stop("n3", "Citrine Cross", 0, 30),
    stop("n3b", "Citrine Corner", 2, 30),
    stop("n4", "Diamond Dock", 2, 50),
    stop("n5", "Emerald End", 20, 50),
    stop("n6", "Flint Ferry", 20, 70),
    stop("n7", "Garnet Ground", 40, 70),
    stop("n8", "Hematite Halt", -60, -60),
    stop("n9a", "Twin Opal", 0, -40),
    stop("n9b", "Twin Opal", 60, 40),
    stop("far", "Jasper Junction", 9_000, 9_000),
    line("k1", "K1", ["n1", "n2", "n3"], first="05:10", last="22:40"),
    line("k2", "K2", ["n3b", "n4"], times=["06:00", "06:12"]),
    line("k3", "K3", ["n4", "n5"]),
    line("k4", "K4", ["n5", "n6"]),
    line("k5", "K5", ["n6", "n7"]),
    line("k6", "K6", ["n5", "never", "n3"]),
    line("k7", "K7", ["far", "n1"]),
    line("kt", "Onyx Line", ["n1", "n4"], mode="metro"),
    record("wards:pk", "area", city="chandrapuri", name="Pukhraj Ward", polygon=square(-5, -5, 10)),
    record("wards:ew", "area", city="chandrapuri", name="Empty Ward", polygon=square(-300, -300, 10)),
    stop("j1", "Jade Plaza North", 0, 90),
    stop("j2", "Jade Plaza South", 3, 90),
    line("k9", "K9", ["n1", "j2"]),
    said("sights:cq", "place", "Quartz Gallery", 24.0 + 4 * STEP, 75.5 + 52 * STEP, city="chandrapuri"),
    said("sights:cl", "place", "Lonely Lighthouse", 24.3, 75.9, city="chandrapuri"),
    said("sights:ck", "place", "Lonely Keepers House", 24.303, 75.9, city="chandrapuri"),
    said("sights:cp", "place", "Pearl Gallery", 24.0, 75.5 - 8 * STEP, city="chandrapuri"),
    said("sights:co", "place", "Onyx Gallery", 24.0, 75.5 + 7 * STEP, city="chandrapuri"),
    said("sights:cy", "place", "Ruby Gallery", 24.0, 75.5 + 11 * STEP, city="chandrapuri"),
    said("sights:cz", "place", "Topaz Gallery", 24.0, 75.5 + 14 * STEP, city="chandrapuri", coordinate_precision=900),
]  # fmt: skip


@pytest.fixture(scope="module")
def ways(town: Town) -> Town:
    return town.take(*NETWORK)


def ask(town: Town, question: str, city: str = "chandrapuri") -> Answer:
    answer = town.ask(question, city=city)
    assert_sound(answer, town)
    return answer


JOURNEYS: list[tuple[str, list[str]]] = [
    ("How do I get from Agate Gate to Citrine Cross?", ["K1"]),
    ("how to reach Diamond Dock from Beryl Bazaar", ["K1", "K2"]),
    ("beryl bazaar se diamond dock kaise jaye", ["K1", "K2"]),
    ("Beryl Bazaar से Diamond Dock तक कैसे जाएं?", ["K1", "K2"]),
    ("Best way to go to Emerald End from Beryl Bazaar?", ["K1", "K2", "K3"]),
    ("How do I get from Agate Gate to Diamond Dock?", ["Onyx Line"]),
    ("How do I get from Agate Gate to Diamond Dock by bus?", ["K1", "K2"]),
    ("bus from Agate Gate to Quartz Gallery", ["K1", "K2"]),
    ("How do I get from Agate Gate to Jade Plaza?", ["K9"]),  # two names, one spot
    ("How can I get from Pukhraj Ward to Quartz Gallery?", ["Onyx Line"]),
    ("How do I get from ward Pukhraj Ward to Emerald End?", ["Onyx Line", "K3"]),
    ("Pukhraj Ward se Emerald End kaise jana hai", ["Onyx Line", "K3"]),
]


@pytest.mark.parametrize(("question", "lines"), JOURNEYS)
def test_lines_in_order(ways: Town, question: str, lines: list[str]) -> None:
    assert ask(ways, question).short == lines


def test_every_leg_is_told_with_its_record_and_the_walk_between(ways: Town) -> None:
    answer = ask(ways, "How do I get from Beryl Bazaar to Diamond Dock?")
    assert answer.rows is not None
    assert answer.rows.ordered
    legs = [dict(zip(answer.rows.columns, row, strict=True)) for row in answer.rows.rows]
    assert [(leg["name"], leg["from"], leg["to"]) for leg in legs] == [
        ("K1", "Beryl Bazaar", "Citrine Cross"),
        ("walk", "Citrine Cross", "Citrine Corner"),
        ("K2", "Citrine Corner", "Diamond Dock"),
    ]
    assert (legs[1]["metres"], legs[2]["departure"], legs[2]["stops"]) == (200, "06:00", 1)
    assert {"transit:k1", "transit:k2", "transit:n3", "transit:n3b"} <= {c.record for c in answer.citations}
    assert "Take K1 at Beryl Bazaar towards Citrine Cross and ride one stop to Citrine Cross" in answer.text
    assert "Walk 200 m from Citrine Cross to Citrine Corner" in answer.text
    assert "K1 runs from 05:10 to 22:40" in answer.text
    assert answer.features is not None
    shown = {feature["properties"]["name"] for feature in answer.features["features"]}
    assert {"Beryl Bazaar", "Citrine Cross", "Citrine Corner", "Diamond Dock"} <= shown


def test_no_journey_is_said_with_the_routes_of_both_ends(ways: Town) -> None:
    answer = ask(ways, "How do I get from Agate Gate to Garnet Ground?")
    assert answer.short == []
    assert "No journey with at most two changes is known from Agate Gate to Garnet Ground" in answer.text
    assert {"transit:k1", "transit:k5"} <= {citation.record for citation in answer.citations}


def test_against_the_direction_nothing_is_known(ways: Town) -> None:
    assert ask(ways, "How do I get from Diamond Dock to Agate Gate?").short == []


def test_a_bus_is_asked_for_and_with_changes_one_gets_there(ways: Town) -> None:
    answer = ask(ways, "Which bus goes from Beryl Bazaar to Diamond Dock?")
    assert "No bus route is known that goes direct" in answer.text
    assert "K1, then K2, with one change" in answer.text
    assert "then" not in ask(ways, "direct bus from Beryl Bazaar to Diamond Dock").text


MISSING: list[tuple[str, str]] = [
    ("How do I get from Agate Gate to Hematite Halt?", "call at Hematite Halt"),
    ("How do I get from Lonely Lighthouse to Agate Gate?", "a stop within 1.00 km of Lonely Lighthouse"),
    ("How do I get to Emerald End?", "the other end"),
    ("How do I get from Agate Gate to Agate Gate?", "another end"),
    ("How do I get from Agate Gate to Twin Opal?", "which one"),
    ("How do I get from Agate Gate to Empty Ward?", "a stop in Empty Ward"),
]


@pytest.mark.parametrize(("question", "missing"), MISSING)
def test_what_is_missing_is_said(ways: Town, question: str, missing: str) -> None:
    answer = ask(ways, question)
    assert answer.abstained
    assert missing in answer.text


def test_near_ends_are_walked(ways: Town) -> None:
    answer = ask(ways, "How do I get from Citrine Cross to Citrine Corner?")
    assert answer.short == "walk"
    assert "200 m" in answer.text


@pytest.mark.parametrize(
    ("question", "distance"),
    [
        ("How do I get from Onyx Gallery to Ruby Gallery?", "366 m"),  # a bus goes, and one would walk farther to it
        ("How do I get from Pearl Gallery to Onyx Gallery?", "1.37 km"),  # as far as to the stops and from them
        ("How do I get from Lonely Lighthouse to Lonely Keepers House?", "334 m"),  # no stop is near
    ],
)
def test_walking_is_advised_where_riding_saves_none(ways: Town, question: str, distance: str) -> None:
    answer = ask(ways, question)
    assert answer.short == "walk", answer.text
    assert distance in answer.text


def test_a_walk_from_where_nobody_knows_exactly_says_so(ways: Town) -> None:
    assert "approximate" in ask(ways, "How do I get from Ruby Gallery to Topaz Gallery?").text


def test_networks_are_read_ahead_of_the_first_who_asks(ways: Town) -> None:
    answerer = Answerer(
        graph=ways.graph,
        vectors=ways.answerer.vectors,
        embedder=ways.answerer.embedder,
        ledger=ways.ledger,
        scope=ways.answerer.scope,
    )
    answerer.read_networks(stopping=lambda: True)
    assert answerer.networks.cities() == set()
    answerer.read_networks()
    assert answerer.networks.cities() == {"chandrapuri", "suryanagar"}


def test_ends_in_two_cities_have_no_journey(ways: Town) -> None:
    answer = ways.ask("How do I get from Agate Gate to Imli Gate?", city=None)
    assert answer.abstained
    assert "one is in Chandrapuri, the other in Suryanagar" in answer.text


def test_past_a_stop_that_never_arrived_one_rides_an_unknown_number_of_stops(ways: Town) -> None:
    answer = ask(ways, "How do I get from Emerald End to Citrine Cross?")
    assert "Take K6 at Emerald End towards Citrine Cross and ride to Citrine Cross" in answer.text
    assert answer.rows is not None
    assert answer.rows.rows[0][4] is None


def test_a_stop_far_from_its_city_is_a_stop_like_any_other(ways: Town) -> None:
    assert ask(ways, "How do I get from Jasper Junction to Citrine Cross?").short == ["K7", "K1"]


def test_a_line_that_changes_or_goes_is_known_at_the_next_question(ways: Town) -> None:
    question = "How do I get from Flint Ferry to Emerald End?"
    assert ask(ways, question).short == []
    ways.take(line("k8", "K8", ["n6", "n5"]))
    assert ask(ways, question).short == ["K8"]
    ways.forget("transit:k8", "route")  # graph and network still have it
    assert ask(ways, question).short == []
