"""How to get there, and what lies where, against brute force.

`python -m benchmarks.journeys --records PATH… --city pune [--home HOME] [--n 300]` draws pairs of stops and asks a home
how to get from one to the other; finds the fewest changes by trying every line from every stop reached; and checks each
leg that was told against the records: a line that calls at both in that order, a way on foot of at most 400 m. It draws
places and asks which ward (`--kind`) they are in; plain shapely says which polygons hold them. Counts: right, asked
back, none (nothing found, or said not to know, where something is there), wrong. Nothing here uses the product's code:
answers come from `manage.py ask`.

`python -m crawlers.file FILE --mapping MAPPING > records.jsonl` writes the records of a table.
"""

import argparse
import json
import math
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, permutations, product
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import Point, shape

from benchmarks.questions.text import fold, metres
from benchmarks.questions.world import Record, read_records
from benchmarks.running import manage, percentile

WALK_M = 400.0
ROUNDING_M = 1.0
ONE_STOP_M = 500.0
ON_FOOT_M = 500.0
MOST_RIDES = 3
CELL = 0.004
"""Degrees: a grid in which stops within 400 m are at most one row or column apart (but near the poles)."""
Calls = tuple[str, ...]
"""Refs of the stops of a line in one direction."""


def key_of(name: str) -> str:
    """A name without spaces and invisible characters: feeds spell the poles of one stop in several ways."""
    return fold(name.replace("\u200c", "")).replace(" ", "")


@dataclass
class Town:
    """Stops and lines of one city as its records tell them."""

    points: dict[str, tuple[float, float]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    called: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Folded name -> refs of stops."""
    lines: list[tuple[set[str], Calls]] = field(default_factory=list)
    """Folded names of the route, and its stops in order."""
    near: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Stop -> stops within 400 m in a straight line."""
    poles: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Stop -> others of its name within 500 m: one stop, as riders see it."""

    def unambiguous(self) -> list[str]:
        """Names whose stops all stand near each other and are served in a known order."""
        served = {stop for _, path in self.lines for stop in path}
        found = []
        for name, stops in sorted(self.called.items()):
            spots = [self.points[stop] for stop in sorted(stops) if stop in self.points]
            together = len(spots) == len(stops) and all(metres(spots[0], spot) <= ONE_STOP_M for spot in spots)
            if name and together and stops & served:
                found.append(name)
        return found

    def fewest_changes(self, start: str, goal: str) -> int | None:
        """Between two names, trying every line from every stop reached; None when it takes more than two."""
        goals = self.walked(self.called[goal])
        here = self.walked(self.called[start])
        for changes in range(MOST_RIDES):
            there: set[str] = set()
            for _, path in self.lines:
                first = next((at for at, stop in enumerate(path) if stop in here), None)
                if first is not None:
                    there.update(path[first + 1 :])
            if there & goals:
                return changes
            here = self.walked(there)
        return None

    def apart(self, start: str, goal: str) -> float:
        """Metres between two names where their stops are nearest."""
        ends = ([self.points[stop] for stop in self.called[name] if stop in self.points] for name in (start, goal))
        return min((metres(a, b) for a, b in product(*ends)), default=math.inf)

    def walked(self, stops: Iterable[str]) -> set[str]:
        """These stops, and those to which one can walk from them; poles of one stop count as one."""
        here = self._whole(stops)
        return self._whole({*here, *(other for stop in here for other in self.near.get(stop, ()))})

    def _whole(self, stops: Iterable[str]) -> set[str]:
        return {*stops, *(pole for stop in stops for pole in self.poles.get(stop, ()))}

    def rides(self, route: str, start: str, goal: str) -> bool:
        """Whether a route of that name calls at a stop of one name and later at one of the other."""
        for names, path in self.lines:
            if fold(route) in names:
                called = [key_of(self.names[stop]) for stop in path]
                if key_of(start) in called and key_of(goal) in called[called.index(key_of(start)) + 1 :]:
                    return True
        return False


def read_town(records: Sequence[Record], city: str) -> Town:
    """Everything about stops and routes of a city."""
    town = Town()
    for record in records:
        if record.kind == "stop" and record.city == city:
            name = " ".join(str(record.data["name"]).split())
            town.names[record.ref] = name
            town.called[key_of(name)].add(record.ref)
            if record.data.get("lat") is not None:
                town.points[record.ref] = (record.data["lat"], record.data["lon"])
    for record in records:
        if record.kind == "route" and record.city == city:
            names = {fold(str(record.data[key])) for key in ("name", "short_name") if record.data.get(key)}
            town.lines += [(names, path) for path in _lines(record, town.names)]
    _walks(town)
    return town


def _lines(record: Record, known: dict[str, str]) -> Iterator[Calls]:
    calls: dict[Any, list[tuple[int, str]]] = defaultdict(list)
    for rel, target, data in record.links:
        if rel == "serves" and target in known and isinstance(data.get("sequence"), int):
            calls[data.get("direction")].append((data["sequence"], target))
    for some in calls.values():
        yield tuple(stop for _, stop in sorted(some))


def _walks(town: Town) -> None:
    grid: dict[tuple[int, int], list[str]] = defaultdict(list)
    for stop, (lat, lon) in town.points.items():
        grid[int(lat // CELL), int(lon // CELL)].append(stop)
    for stop, (lat, lon) in town.points.items():
        row, column = int(lat // CELL), int(lon // CELL)
        for other in (one for r in (-1, 0, 1) for c in (-1, 0, 1) for one in grid.get((row + r, column + c), ())):
            if other != stop and metres((lat, lon), town.points[other]) <= WALK_M + ROUNDING_M:
                town.near[stop].add(other)
    for stops in town.called.values():
        for one, other in permutations((stop for stop in stops if stop in town.points), 2):
            if metres(town.points[one], town.points[other]) <= ONE_STOP_M:
                town.poles[one].add(other)


# -- journeys ---------------------------------------------------------------------------------------------------------
def journeys(town: Town, city: str, n: int, rng: random.Random) -> list[dict[str, Any]]:
    """Questions with the fewest changes that an answer may have."""
    names = town.unambiguous()
    pairs = [rng.sample(names, 2) for _ in range(n)]
    shown = {name: town.names[min(town.called[name])] for name in names}
    return [
        {
            "id": f"journey-{at}",
            "question": f"How do I get from {shown[start]} to {shown[goal]}?",
            "city": city,
            "ends": (start, goal),
            "changes": town.fewest_changes(start, goal),
        }
        for at, (start, goal) in enumerate(pairs)
    ]


def judge_journey(question: dict[str, Any], answer: dict[str, Any], town: Town) -> str:
    """right, asked back, none or wrong; with what is wrong behind it."""
    if answer.get("clarify"):
        return "asked back"
    if answer["abstained"]:
        return "none"
    fewest, rows = question["changes"], answer.get("rows")
    if rows is None:
        start, goal = question["ends"]
        right = fewest is None if answer["short"] == [] else town.apart(start, goal) <= ON_FOOT_M + ROUNDING_M
        return "right" if right else "none"
    legs = [dict(zip(rows["columns"], row, strict=True)) for row in rows["rows"]]
    changes = sum(leg["metres"] is None for leg in legs) - 1
    if changes != fewest:
        return f"wrong: {changes} changes, not {fewest}"
    return next((f"wrong: {problem}" for problem in _problems(legs, town)), "right")


def _problems(legs: Sequence[dict[str, Any]], town: Town) -> Iterator[str]:
    for leg in legs:
        if leg["metres"] is None and not town.rides(leg["name"], leg["from"], leg["to"]):
            yield f"no record tells of {leg['name']} from {leg['from']} to {leg['to']}"
        if leg["metres"] is not None and leg["metres"] > WALK_M + ROUNDING_M:
            yield f"{leg['metres']} m on foot"
    for one, other in pairwise(legs):
        if key_of(one["to"]) != key_of(other["from"]):
            yield f"from {one['to']} one cannot go on at {other['from']}"


# -- areas ------------------------------------------------------------------------------------------------------------
def lying(records: Sequence[Record], city: str, kind: str, n: int, rng: random.Random) -> list[dict[str, Any]]:
    """Questions about places of one name and exact position, with the areas that shapely finds."""
    areas = [
        (" ".join(str(record.data["name"]).split()), shapely.make_valid(shape(record.data["polygon"])))
        for record in records
        if (record.kind, record.city, record.data.get("kind")) == ("area", city, kind) and record.data.get("polygon")
    ]
    tree = shapely.STRtree([geometry for _, geometry in areas])
    places = [record for record in records if record.kind == "place" and record.city == city]
    often = Counter(fold(str(record.data["name"])) for record in places)
    exact = [
        record
        for record in places
        if record.data.get("lat") is not None
        and record.data.get("coordinate_precision") != "centroid"
        and often[fold(str(record.data["name"]))] == 1
    ]
    questions = []
    for at, record in enumerate(rng.sample(exact, min(n, len(exact)))):
        spot = Point(record.data["lon"], record.data["lat"])
        held = sorted(areas[one][0] for one in tree.query(spot, predicate="intersects"))
        asked = f"Which {kind} is {record.data['name']} in?"
        questions.append({"id": f"lying-{at}", "question": asked, "city": city, "areas": held})
    return questions


def judge_lying(question: dict[str, Any], answer: dict[str, Any]) -> str:
    """right, asked back, none or wrong."""
    if answer.get("clarify"):
        return "asked back"
    if answer["abstained"]:
        return "right" if not question["areas"] else "none"
    short = answer["short"] if isinstance(answer["short"], list) else [answer["short"]]
    named = sorted(fold(str(one)) for one in short)
    return (
        "right"
        if named == sorted(fold(one) for one in question["areas"])
        else f"wrong: {short}, not {question['areas']}"
    )


# -- asking -----------------------------------------------------------------------------------------------------------
def ask(home: Path | None, questions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers in order."""
    with tempfile.TemporaryDirectory() as scratch:
        asked, answers = Path(scratch) / "q.jsonl", Path(scratch) / "a.jsonl"
        lines = ({key: question[key] for key in ("id", "question", "city")} for question in questions)
        asked.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        manage(home, "ask", "--file", str(asked), "--out", str(answers))
        return [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]


def report(what: str, verdicts: Sequence[str], answers: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A line of counts and times; the first answer, which reads the city, stands alone."""
    counts = Counter(verdict.partition(":")[0] for verdict in verdicts)
    times = [answer["timings_ms"]["total"] for answer in answers]
    rest = times[1:] or times
    shown = ", ".join(f"{name} {counts[name]}" for name in ("right", "asked back", "none", "wrong"))
    yield (
        f"{what}: {len(verdicts)} asked: {shown}; ms: first {times[0]:.0f}, "
        f"p50 {percentile(rest, 0.5):.0f}, p95 {percentile(rest, 0.95):.0f}, max {max(rest):.0f}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Draw, ask, judge, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.journeys", description=__doc__)
    parser.add_argument("--records", type=Path, nargs="+", required=True, help="record files (docs/records.md)")
    parser.add_argument("--city", required=True)
    parser.add_argument("--home", type=Path, help="a home that holds these records (default: IBCM_HOME)")
    parser.add_argument("--n", type=int, default=300, help="questions of each kind (default: 300)")
    parser.add_argument("--kind", default="ward", help="kind of the areas that are asked for (default: ward)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--failures", type=int, default=10, help="how many to show")
    given = parser.parse_args(arguments)
    records, rng = list(read_records(given.records)), random.Random(given.seed)
    town = read_town(records, given.city)
    ways = journeys(town, given.city, given.n, rng)
    where = lying(records, given.city, given.kind, given.n, rng)
    answers = ask(given.home, [*ways, *where])
    there, held = answers[: len(ways)], answers[len(ways) :]
    verdicts = [judge_journey(question, answer, town) for question, answer in zip(ways, there, strict=True)]
    lies = [judge_lying(question, answer) for question, answer in zip(where, held, strict=True)]
    changes = Counter(str(question["changes"]) for question in ways)
    print("fewest changes by brute force:", ", ".join(f"{key}: {changes[key]}" for key in sorted(changes)))
    for what, judged, told in (("journeys", verdicts, there), (f"which {given.kind}", lies, held)):
        if judged:
            print(*report(what, judged, told))
    failed = [(q, v, a) for q, v, a in zip([*ways, *where], [*verdicts, *lies], answers, strict=True) if v != "right"]
    for question, verdict, answer in failed[: given.failures]:
        print(f"- {question['question']}  {verdict}\n  {answer['text'][:400]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
