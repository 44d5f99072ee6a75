"""The yardstick itself: computed answers over records small enough to check by eye."""

import ast
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.questions import phrases, synthetic
from benchmarks.questions.generate import Generator
from benchmarks.questions.makers import conditions
from benchmarks.questions.makers.context import Context
from benchmarks.questions.text import fold, metres
from benchmarks.questions.transit import Network
from benchmarks.questions.world import World, load
from ibcm.domain.records import parse_record

PACKAGE = Path(phrases.__file__).parent


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("city")
    synthetic.write(folder, seed=3, city="pune")
    return load([folder])


def world_of(tmp_path: Path, *records: dict[str, Any]) -> World:
    file = tmp_path / "records.jsonl"
    lines = ({"source": "s", "key": str(i), "city": "pune", **record} for i, record in enumerate(records))
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return load([file])


def place(name: str, **data: Any) -> dict[str, Any]:
    return {"kind": "place", "data": {"name": name, "category": "restaurant", **data}}


def asked(world: World, n: int = 150, seed: int = 1, split: phrases.Split = "dev") -> list[dict[str, Any]]:
    return list(Generator(world, seed=seed, split=split).questions(n))


def test_the_invented_city_is_made_of_valid_records(tmp_path: Path) -> None:
    n = synthetic.write(tmp_path, seed=3, city="pune")
    lines = (tmp_path / "records.jsonl").read_text(encoding="utf-8").splitlines()
    assert len([parse_record(json.loads(line)) for line in lines]) == n > 1_500


def test_the_same_seed_gives_the_same_questions(invented: World) -> None:
    assert asked(invented, 60) == asked(invented, 60)
    assert asked(invented, 60) != asked(invented, 60, seed=2)


def test_a_fifth_has_no_answer_and_every_question_is_asked_once(invented: World) -> None:
    questions = asked(invented)
    assert len(questions) == 150
    assert sum(not question["answerable"] for question in questions) == 30
    assert len({question["question"].casefold() for question in questions}) == 150
    assert {question["language"] for question in questions} == {"en", "hi", "hi-Latn"}


def test_nothing_of_the_product_is_imported() -> None:
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & {"ibcm", "graph", "retrieval", "crawlers"}, file


def _kinds(name: str) -> Iterator[tuple[str, list[str]]]:
    held = yaml.safe_load((PACKAGE / "wording" / name).read_text(encoding="utf-8"))["templates"]
    yield from ((kind, held[kind]) for kind in held if not kind.startswith("lookup."))


def test_every_kind_has_many_phrasings_and_the_halves_share_none() -> None:
    hindi = dict(_kinds("hi.yaml"))
    for kind, english in _kinds("en.yaml"):
        assert len(set(english)) >= 8, kind
        assert len(set(hindi[kind])) >= 3, kind
        for choices in (english, hindi[kind]):
            assert not set(phrases.half(choices, "dev")) & set(phrases.half(choices, "heldout")), kind


def test_two_sources_of_one_place_are_one_thing(tmp_path: Path) -> None:
    world = world_of(
        tmp_path,
        place("Tara", lat=18.5, lon=73.8),
        place("TARA", lat=18.5001, lon=73.8),
        place("Tara", lat=18.9, lon=73.8),
    )
    assert sorted(len(thing.records) for thing in world.things) == [1, 2]
    assert not any(thing.doubtful for thing in world.things)


def test_namesakes_that_nothing_tells_apart_are_doubtful_and_not_asked_for(tmp_path: Path) -> None:
    world = world_of(tmp_path, place("Tara Kitchen"), place("Tara Kitchen", address="2 Lake Road"))
    assert all(thing.doubtful for thing in world.things)
    assert Context(world, "pune", random.Random(1)).pick(world.things) is None


def test_filters_are_strict_and_say_what_can_be_argued_about(tmp_path: Path) -> None:
    world = world_of(
        tmp_path,
        place("A", area="Baner", price_for_two=300, cuisine=["Thai"]),
        place("B", area="Baner Road", price_for_two=250, cuisine=["South Indian"]),
        place("C", price_for_two=350),
    )
    below = conditions.by_number("price_below", "price_for_two", lambda value: value < 300, x=300.0)
    assert [thing.name for thing in conditions.matches(world.things, [below]).sure] == ["B"]
    here = conditions.matches(world.things, [conditions.in_area("Baner")])
    assert ([t.name for t in here.sure], [t.name for t in here.arguable]) == (["A"], ["B"])
    indian = conditions.matches(world.things, [conditions.with_cuisine("Indian")])
    assert (indian.sure, [t.name for t in indian.arguable]) == ([], ["B"])


def stop(name: str, lat: float) -> dict[str, Any]:
    return {"kind": "stop", "data": {"name": name, "mode": "bus", "lat": lat, "lon": 73.8}}


def route(name: str, *keys: str, direction: int | None = 0) -> dict[str, Any]:
    order = [{} if direction is None else {"sequence": i + 1, "direction": direction} for i in range(len(keys))]
    links = [{"rel": "serves", "key": key, "data": data} for key, data in zip(keys, order, strict=True)]
    return {"kind": "route", "data": {"name": name, "mode": "bus"}, "links": links}


def test_poles_of_one_name_are_one_stop_and_direct_has_a_direction(tmp_path: Path) -> None:
    world = world_of(
        tmp_path,
        stop("Naka", 18.5),
        stop("Naka", 18.5005),
        stop("Naka", 18.6),
        stop("Gate", 18.52),
        route("7", "0", "3"),
    )
    network = Network(world, "pune")
    assert sorted(len(group.members) for group in network.named_stops["naka"]) == [1, 2]
    naka = network.routes[0].runs[0][0]
    gate = network.named_stops["gate"][0]
    assert network.direct(naka, gate) == network.routes
    assert network.direct(gate, naka) == []


def test_a_route_without_order_gives_no_direction(tmp_path: Path) -> None:
    world = world_of(tmp_path, stop("Naka", 18.5), stop("Gate", 18.52), route("7", "0", "1", direction=None))
    network = Network(world, "pune")
    assert network.routes[0].runs == {}
    assert network.direct(network.stops[0], network.stops[1]) is None


def test_folding_and_distance() -> None:
    assert fold("  Café-du  Monde’s!") == "cafe du mondes"
    assert fold("पुणे, शहर") == "पुणे शहर"
    assert metres((18.5, 73.8), (18.6, 73.8)) == pytest.approx(11_119.5, abs=1)
