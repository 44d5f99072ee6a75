"""Invariants 1 and 5: whatever the order, the repetitions and the crashes, the same records end the same."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ibcm.domain.decisions import Decision
from ibcm.domain.records import SourceRecord
from tests.builders import NOW, day, record, tombstone
from tests.doubles import Crash, Crashing
from tests.graph.ingest.walk import World

SOURCES = ("gov", "list", "osm")
KINDS = ("place", "place", "place", "stop", "organization", "area", "route", "review")
FEW = settings(max_examples=50)


def _grid(number: int) -> float:
    """Positions 70 m apart: neighbours are near each other, others are not."""
    return round(12.9 + number * 70 / 111_195, 6)


@st.composite
def some_record(draw: st.DrawFn, kinds: tuple[str, ...] = KINDS) -> SourceRecord:
    kind = draw(st.sampled_from(kinds))
    ref = f"{draw(st.sampled_from(SOURCES))}:{kind[:2]}{draw(st.integers(0, 3))}"
    at = draw(st.sampled_from([-3.0, -2.0, -1.0]))
    if draw(st.integers(0, 6)) == 0:
        return tombstone(ref, kind, at=at)
    return record(ref, kind, at=at, data=draw(_DATA[kind]), **draw(_top(kind)))


def _maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


_NAME = st.sampled_from(["Cafe Alpha", "Café Alpha", "Cafe Alpha", "Beta"])
_AREA = st.sampled_from(["Northside", "Southside"])
_IDS = st.sampled_from([{"wikidata": "Q1"}, {"wikidata": "Q2"}, {"osm": "n1"}])
_POINT = st.integers(0, 7).map(lambda number: {"lat": _grid(number), "lon": 77.5})


@st.composite
def _polygon(draw: st.DrawFn) -> dict[str, Any]:
    """Over some of the positions; a bow tie, a frame with a hole and a whole state are among them."""
    south, north = sorted(draw(st.tuples(st.integers(-1, 7), st.integers(0, 8))))
    low, high, west, east = _grid(south) - 0.0003, _grid(north) + 0.0003, 77.4995, 77.5005
    ring = [[west, low], [east, low], [east, high], [west, high], [west, low]]
    kind = draw(st.sampled_from(["plain", "plain", "tie", "hole", "state", "none"]))
    if kind == "tie":
        ring = [ring[0], ring[2], ring[1], ring[3], ring[0]]
    if kind == "state":
        ring = [[75.0, 11.0], [79.0, 11.0], [79.0, 15.0], [75.0, 15.0], [75.0, 11.0]]
    hole = [[77.4998, low + 0.0002], [77.5002, low + 0.0002], [77.5002, low + 0.001], [77.4998, low + 0.0002]]
    return {"type": "Polygon", "coordinates": [] if kind == "none" else [ring, hole] if kind == "hole" else [ring]}


_LOCATED: st.SearchStrategy[dict[str, Any]] = st.one_of(st.just({}), _POINT)


def _named(
    extra: st.SearchStrategy[dict[str, Any]], *more: st.SearchStrategy[dict[str, Any]]
) -> st.SearchStrategy[Any]:
    return st.tuples(_NAME, extra, *more).map(
        lambda parts: {"name": parts[0], **{k: v for d in parts[1:] for k, v in d.items()}}
    )


_DATA: dict[str, st.SearchStrategy[Any]] = {
    "place": _named(
        _maybe(
            area=_AREA,
            address=st.sampled_from(["1 Main Road", "2 Side Road"]),
            ids=_IDS,
            rating=st.sampled_from([3.5, 4.0]),
            cuisine=st.sampled_from([["Thai"], ["Goan", "thai"]]),
            description=st.just("A quiet room with six tables."),
        ),
        _LOCATED,
    ),
    "stop": _named(_maybe(mode=st.sampled_from(["bus", "metro"]), ids=_IDS), _LOCATED),
    "organization": _named(_maybe(ids=_IDS, website=st.sampled_from(["https://a.example", "b.example"]))),
    "area": st.tuples(_AREA, _maybe(kind=st.sampled_from(["ward", "suburb"]), polygon=_polygon()), _LOCATED).map(
        lambda parts: {"name": parts[0], **parts[1], **parts[2]}
    ),
    "route": _named(_maybe(ids=_IDS)),
    "review": st.just({"text": "We waited long. The soup was worth it."}),
}


def _top(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    rel, target = {
        "route": ("serves", "st"),
        "review": ("about", "pl"),
        "organization": ("owns", "or"),
        "stop": ("part_of", "st"),
    }.get(kind, ("at", "or"))
    link = st.builds(
        lambda source, number: {"rel": rel, "source": source, "key": f"{target}{number}", "data": {"sequence": number}},
        st.sampled_from(SOURCES),
        st.integers(0, 3),
    )
    return st.fixed_dictionaries(
        {"city": st.just("pune"), "links": st.lists(link, max_size=2 if kind != "stop" else 1)},
        optional={"valid_from": _DAY, "valid_to": _DAY},
    )


_DAY = st.sampled_from([None, None, None, -2.0, 0.0, 2.0, 4.0]).map(lambda n: n if n is None else day(n).isoformat())
"""Before the first moment of a test, between its moments, and after."""


worlds = st.one_of(
    st.lists(some_record(), min_size=1, max_size=30),
    st.lists(some_record(("place",)), min_size=4, max_size=24),
    st.lists(some_record(("stop", "route")), min_size=4, max_size=24),
    st.lists(some_record(("place", "area", "review")), min_size=4, max_size=24),
    st.lists(some_record(("place", "area", "stop")), min_size=4, max_size=24),
)


@given(worlds, st.randoms(use_true_random=False), st.sampled_from([2, 200]))
@FEW
def test_any_order_in_any_pieces_ends_the_same(records: list[SourceRecord], dice: random.Random, limit: int) -> None:
    straight = World()
    straight.stage(*records)
    straight.assign(limit=limit)
    straight.project()
    straight.assert_projected()
    shuffled = World()
    again = [*records, *dice.sample(records, k=len(records) // 3)]
    dice.shuffle(again)
    while again:
        part = [again.pop() for _ in range(min(len(again), dice.randint(1, 5)))]
        shuffled.stage(*part)
        if dice.random() < 0.6:
            shuffled.assign(batch=dice.choice([1, 2, 500]), limit=limit)
        if dice.random() < 0.4:
            shuffled.project(batch=dice.choice([1, 200]))
    shuffled.assign(batch=dice.choice([1, 2, 500]), limit=limit)
    shuffled.project()
    assert shuffled.canonical() == straight.canonical()
    assert shuffled.ledger.findings() == straight.ledger.findings()
    shuffled.assert_projected()


@st.composite
def some_decision(draw: st.DrawFn) -> Decision:
    """About records that may exist or not, of kinds whose members are many."""
    kind = draw(st.sampled_from(("pl", "pl", "st", "or")))
    one, other = (f"{draw(st.sampled_from(SOURCES))}:{kind}{draw(st.integers(0, 3))}" for _ in range(2))
    verdict: Any = draw(st.sampled_from(("same", "different")))
    return Decision(verdict, NOW, "asha", pairs=[(one, other)] if one != other else [])


decisions = st.lists(some_decision(), max_size=6)


def hidden_and_pinned(world: World) -> list[int]:
    """Hide a value of the smallest record of each entity that has one, and pin another; returns the decisions."""
    made = []
    for refs in sorted(world.together()):
        stored = world.ledger.living([refs[0]])[refs[0]]
        if stored.record.kind == "place" and "rating" in stored.record.data:
            rating = stored.record.data["rating"]
            made.append(world.ledger.decide(Decision("hide", NOW, ref=refs[0], field="rating", value=rating)))
            made.append(world.ledger.decide(Decision("pin", NOW, ref=refs[0], field="rating", value=4.9)))
    return made


@given(worlds, decisions, st.randoms(use_true_random=False))
@FEW
def test_decisions_at_any_moment_end_the_same(
    records: list[SourceRecord], decided: list[Decision], dice: random.Random
) -> None:
    straight, shuffled = World(), World()
    straight.stage(*records)
    for one in decided:
        straight.ledger.decide(one)
    straight.assign()
    straight.project()
    straight.assert_projected()
    for verdict in (pair for one in decided for pair in one.pairs):
        _assert_obeyed(straight, decided, verdict)
    steps: list[SourceRecord | Decision] = list(records)
    dice.shuffle(steps)
    for at, one in enumerate(decided):  # decisions keep their order: the latest is the last word
        steps.insert(dice.randint(0, len(steps)) if at == 0 else steps.index(decided[at - 1]) + 1, one)
    for step in steps:
        if isinstance(step, Decision):
            shuffled.ledger.decide(step)
        else:
            shuffled.stage(step)
        if dice.random() < 0.5:
            shuffled.assign(batch=dice.choice([1, 3, 500]))
        if dice.random() < 0.4:
            shuffled.project(batch=dice.choice([1, 200]))
    shuffled.assign(batch=dice.choice([1, 3, 500]))
    shuffled.project()
    assert shuffled.canonical() == straight.canonical()
    assert shuffled.ledger.findings() == straight.ledger.findings()
    shuffled.assert_projected()


def _assert_obeyed(world: World, decided: list[Decision], verdict: tuple[str, str]) -> None:
    """Nobody is in one entity with what the last word on them calls different."""
    said = [one.kind for one in decided if any(set(pair) == set(verdict) for pair in one.pairs)]
    if said[-1] == "different":
        assert not any(set(verdict) <= set(refs) for refs in world.together())


@given(worlds, decisions)
@FEW
def test_decisions_that_are_taken_back_leave_nothing(records: list[SourceRecord], decided: list[Decision]) -> None:
    untouched = World().take(*records)
    world = World().take(*records)
    made = [world.ledger.decide(one) for one in decided]
    world.assign()
    made += hidden_and_pinned(world)
    world.assign()
    world.project()
    world.assert_projected()
    for number in made:
        assert world.ledger.undo(number, by="asha", at=day(1))
    world.assign()
    world.project()
    assert world.canonical() == untouched.canonical()
    world.assert_projected()


@given(worlds, st.randoms(use_true_random=False))
@FEW
def test_a_pinned_value_wins_and_goes_with_its_thing(records: list[SourceRecord], dice: random.Random) -> None:
    world = World().take(*records)
    hidden_and_pinned(world)
    world.assign()
    world.project()
    for node in world.graph.nodes.values():
        if any(ref.startswith("curators:") for ref in node.properties["record_refs"]):  # type: ignore[union-attr] # a list
            assert node.properties["rating"] == 4.9
    world.take(*[tombstone(one.ref, one.kind, at=5) for one in records])
    assert world.graph.nodes == {}
    assert world.index.passages == {}
    living = [one for one in records if dice.random() < 0.5]
    world.take(*[one.model_copy(update={"retrieved_at": day(6)}) for one in living])
    world.assert_projected()


@given(worlds, st.randoms(use_true_random=False))
@FEW
def test_crashes_anywhere_repeat_work_and_change_nothing(records: list[SourceRecord], dice: random.Random) -> None:
    straight = World().take(*records)
    crashing = World()
    dies = lambda: dice.random() < 0.08  # noqa: E731 - one line is plainest
    ledger = Crashing(crashing.ledger, dies)
    graph, index = Crashing(crashing.graph, dies), Crashing(crashing.index, dies)
    for start in range(0, len(records), 6):
        crashing.stage(*records[start : start + 6])
        for _ in range(2):
            try:
                crashing.assign(ledger=ledger, batch=3)
                crashing.project(ledger=ledger, graph=graph, index=index, batch=4)
            except Crash:
                crashing.ledger.give_up()
    crashing.assign()
    crashing.project()
    assert crashing.canonical() == straight.canonical()
    crashing.assert_projected()


@given(worlds, st.randoms(use_true_random=False))
@FEW
def test_time_that_passes_ends_as_if_all_had_been_said_now(records: list[SourceRecord], dice: random.Random) -> None:
    living = World()
    for start in range(0, len(records), 5):
        living.take(*records[start : start + 5])
        if dice.random() < 0.3:
            living.wait_until(max(living.now, day(dice.choice([1, 3]))))
    living.wait_until(day(5))
    late = World()
    late.now = day(5)
    late.take(*records)
    assert living.canonical() == late.canonical()
    assert living.drift() == []  # which leaves out last-seen: an older version, read late, moves it in the ledger alone


@given(worlds)
@FEW
def test_what_is_deleted_leaves_nothing(records: list[SourceRecord]) -> None:
    world = World().take(*records)
    world.take(*[tombstone(one.ref, one.kind, at=5) for one in records])
    assert world.graph.nodes == {}
    assert world.index.passages == {}
    assert world.canonical() == []


@given(worlds)
@FEW
def test_doing_it_twice_changes_nothing(records: list[SourceRecord]) -> None:
    world = World().take(*records)
    before = (world.canonical(), dict(world.graph.nodes), dict(world.index.passages))
    world.take(*records)
    assert (world.canonical(), world.graph.nodes, world.index.passages) == before
