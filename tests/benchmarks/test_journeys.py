"""The yardstick of journeys: fewest changes by brute force, and answers that no record bears out are found wrong."""

import random
from typing import Any

import pytest

from benchmarks.journeys import Town, judge_journey, judge_lying, lying, read_town, report
from benchmarks.questions.world import Record

STEP = 0.0009


def stop(key: str, name: str, north: float = 0.0, east: float = 0.0) -> Record:
    data = {"name": name, "lat": 18.5 + north * STEP, "lon": 73.8 + east * STEP}
    return Record(f"s:{key}", "stop", "pune", data, ())


def route(key: str, *stops: str) -> Record:
    links = tuple(("serves", f"s:{at}", {"sequence": n, "direction": 0}) for n, at in enumerate(stops, 1))
    return Record(f"s:{key}", "route", "pune", {"name": key.upper()}, links)


@pytest.fixture
def town() -> Town:
    stops = [stop("a", "A"), stop("b", "B", 10), stop("c", "C", 12), stop("d", "D", 30), stop("e", "E", 50)]
    return read_town([*stops, route("k1", "a", "b"), route("k2", "c", "d"), route("k3", "d", "e")], "pune")


def told(*legs: tuple[str, str, str, int | None], **more: Any) -> dict[str, Any]:
    rows = {"columns": ["name", "from", "to", "metres"], "rows": [list(leg) for leg in legs]}
    return {"abstained": False, "short": [], "rows": rows if legs else None, **more}


@pytest.mark.parametrize(("start", "goal", "changes"), [("a", "b", 0), ("a", "d", 1), ("a", "e", 2), ("e", "a", None)])
def test_fewest_changes(town: Town, start: str, goal: str, changes: int | None) -> None:
    assert town.fewest_changes(start, goal) == changes


WALK = ("walk", "B", "C", 200)
JUDGED: list[tuple[dict[str, Any], str]] = [
    (told(("K1", "A", "B", None), WALK, ("K2", "C", "D", None)), "right"),
    (told(("K1", "A", "B", None), ("K2", "C", "D", None)), "wrong: from B one cannot go on at C"),
    (told(("K1", "A", "B", None), ("walk", "B", "C", 900), ("K2", "C", "D", None)), "wrong: 900 m on foot"),
    (told(("K1", "B", "A", None), ("K2", "A", "D", None)), "wrong: no record tells of K1 from B to A"),
    (told(("K1", "A", "D", None)), "wrong: 0 changes, not 1"),
    (told(), "none"),
    (told(abstained=True), "none"),
    (told(abstained=True, clarify=[{"entity": "x"}]), "asked back"),
]


@pytest.mark.parametrize(("answer", "verdict"), JUDGED)
def test_verdicts(town: Town, answer: dict[str, Any], verdict: str) -> None:
    question = {"ends": ("a", "d"), "changes": town.fewest_changes("a", "d")}
    assert judge_journey(question, answer, town) == verdict


def test_that_none_is_known_is_right_where_brute_force_finds_none(town: Town) -> None:
    assert judge_journey({"ends": ("e", "a"), "changes": None}, told(), town) == "right"


def test_which_ward_by_shapely() -> None:
    ring = [[73.7, 18.4], [73.9, 18.4], [73.9, 18.6], [73.7, 18.6], [73.7, 18.4]]
    drawn = {"name": "W", "kind": "ward", "polygon": {"type": "Polygon", "coordinates": [ring]}}
    place = Record("s:p", "place", "pune", {"name": "P", "lat": 18.5, "lon": 73.8}, ())
    (question,) = lying([Record("s:w", "area", "pune", drawn, ()), place], "pune", "ward", 9, random.Random(1))
    assert (question["question"], question["areas"]) == ("Which ward is P in?", ["W"])
    assert judge_lying(question, {"abstained": False, "short": "W"}) == "right"
    assert judge_lying(question, {"abstained": False, "short": "V"}).startswith("wrong")
    assert judge_lying(question, {"abstained": True}) == "none"


def test_the_first_answer_stands_apart() -> None:
    times = [{"timings_ms": {"total": total}} for total in (900.0, 10.0, 20.0)]
    (line,) = report("journeys", ["right", "none", "wrong: x"], times)
    assert "3 asked: right 1, asked back 0, none 1, wrong 1" in line
    assert "first 900" in line
    assert "max 20" in line
