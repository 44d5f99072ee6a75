"""The search in rounds against every possibility tried in turn, on small networks of all shapes."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.journeys.network import Line, Network, Way
from retrieval.journeys.search import STOP_M, Journey, Ride, around, beside, search

Paths = Sequence[Sequence[str]]
Walks = Mapping[tuple[str, str], int]
STOPS = "abcdefgh"


def network(paths: Paths, walks: Walks | None = None) -> Network:
    """A line for each text or list of stops, named r0, r1 …; walks count in both directions."""
    ways: dict[str, list[Way]] = {}
    for (one, other), metres in (walks or {}).items():
        ways.setdefault(one, []).append(Way(other, metres, f"at:{one}", f"at:{other}"))
    lines = {}
    for at, path in enumerate(paths):
        none = ("",) * len(path)
        lines[f"r{at}"] = [
            Line(f"r{at}", 0, f"said:r{at}", "bus", tuple(path), tuple(range(1, 1 + len(path))), none, none, none)
        ]
    return Network(1, lines, ways, {})


def found(net: Network, start: str, goal: str) -> Journey | None:
    return search(net, {net.numbers[start]: 0}, {net.numbers[goal]: 0})


def told(net: Network, journey: Journey | None) -> list[str]:
    """`r0 a-c` for each ride."""
    rides = journey.rides if journey else ()
    lines = [(net.runs[ride.run], ride) for ride in rides]
    return [f"{line.route} {line.stops[ride.start]}-{line.stops[ride.end]}" for line, ride in lines]


def tried(paths: Paths, walks: Walks, starts: Mapping[str, int], goals: Mapping[str, int]) -> tuple[int, int] | None:
    """(changes, effort) by trying every pair of stops of every line, three times over."""
    near = {**walks, **{(other, one): metres for (one, other), metres in walks.items()}}
    here = dict(starts)
    for changes in range(3):
        there: dict[str, int] = {}
        for path in paths:
            for i, one in enumerate(path):
                for j in range(i + 1, len(path)):
                    if one in here:
                        there[path[j]] = min(there.get(path[j], 1 << 60), here[one] + STOP_M * (j - i))
        arrived = [there[stop] + metres for stop, metres in goals.items() if stop in there]
        if arrived:
            return changes, min(arrived)
        here = dict(there)
        for (one, other), metres in near.items():
            if one in there:
                here[other] = min(here.get(other, 1 << 60), there[one] + metres)
    return None


NETWORKS = st.tuples(
    st.lists(st.lists(st.sampled_from(STOPS), min_size=1, max_size=6), min_size=1, max_size=5),
    st.dictionaries(
        st.tuples(st.sampled_from(STOPS), st.sampled_from(STOPS)).filter(lambda pair: pair[0] < pair[1]),
        st.integers(1, 400),
        max_size=4,
    ),
)
ENDS = st.dictionaries(st.sampled_from(STOPS), st.integers(0, 900), min_size=1, max_size=3)


@given(NETWORKS, ENDS, ENDS)
def test_no_journey_has_fewer_changes_or_with_as_many_less_effort(
    made: tuple[Paths, Walks], starts: Mapping[str, int], goals: Mapping[str, int]
) -> None:
    paths, walks = made
    net = network(paths, walks)
    here, there = ({stop: m for stop, m in end.items() if stop in net.numbers} for end in (starts, goals))
    numbered = ({net.numbers[stop]: m for stop, m in end.items()} for end in (here, there))
    journey = search(net, *numbered)
    expected = tried(paths, walks, here, there)
    assert (None if journey is None else (len(journey.rides) - 1, journey.effort)) == expected
    if journey is not None:
        assert journey.effort == _walked_and_ridden(net, journey, here, there)


def _walked_and_ridden(net: Network, journey: Journey, starts: Mapping[str, int], goals: Mapping[str, int]) -> int:
    """Effort added up leg by leg; every change is at one stop or on a way on foot."""
    stops = [(net.runs[r.run].stops[r.start], net.runs[r.run].stops[r.end]) for r in journey.rides]
    effort = starts[stops[0][0]] + goals[stops[-1][1]] + STOP_M * sum(ride.stops for ride in journey.rides)
    for (_, left), (boarded, _) in pairwise(stops):
        if left != boarded:
            way = net.way(left, boarded)
            assert way is not None
            effort += way.metres
    assert all(ride.stops > 0 for ride in journey.rides)
    return effort


def test_direction_and_order_are_respected() -> None:
    net = network(["abc"])
    assert told(net, found(net, "a", "c")) == ["r0 a-c"]
    assert found(net, "c", "a") is None


def test_a_loop_is_ridden_on_from_the_later_call() -> None:
    net = network(["abcad"])
    journey = found(net, "a", "d")
    assert journey is not None
    assert journey.rides == (Ride(0, 3, 4),)
    assert told(net, found(net, "c", "b")) == ["r0 c-a", "r0 a-b"]  # round again is another vehicle, or at least a wait
    assert found(net, "d", "a") is None


def test_a_change_may_be_walked_and_three_changes_are_too_many() -> None:
    net = network(["ab", "cd", "ef", "gh"], {("b", "c"): 200, ("d", "e"): 100, ("f", "g"): 50})
    assert told(net, found(net, "a", "d")) == ["r0 a-b", "r1 c-d"]
    assert told(net, found(net, "a", "f")) == ["r0 a-b", "r1 c-d", "r2 e-f"]
    assert found(net, "a", "h") is None


def test_one_change_is_better_than_two_however_long_the_ride() -> None:
    net = network([*("ab", "bc", "cd"), [*"axyzuvwb"[:-1], "k"], ["k", *"mnopqrs", "d"]])
    assert told(net, found(net, "a", "d")) == ["r3 a-k", "r4 k-d"]


@pytest.mark.parametrize("paths", [["abcd", "ad"], ["ad", "abcd"]])
def test_of_as_many_changes_the_fewest_stops_count_whatever_the_order_of_lines(paths: Paths) -> None:
    net = network(paths)
    journey = found(net, "a", "d")
    assert journey is not None
    assert journey.rides[0].stops == 1


def test_only_the_given_lines_and_so_many_rides() -> None:
    net = network(["ac", "ab", "bc"])
    assert told(net, search(net, {net.numbers["a"]: 0}, {net.numbers["c"]: 0}, runs={1, 2})) == ["r1 a-b", "r2 b-c"]
    assert search(net, {net.numbers["a"]: 0}, {net.numbers["c"]: 0}, runs={1, 2}, rides=1) is None


def test_other_lines_on_the_same_part() -> None:
    net = network(["abc", "axc", "cba", "abxc"])
    assert beside(net, Ride(0, 0, 2)) == [Ride(1, 0, 2), Ride(3, 0, 3)]


def test_stops_beside_the_named_ones_are_reached_on_foot_from_either_side() -> None:
    net = network(["ab", "cd"], {("b", "c"): 200})
    at = net.numbers
    assert around(net, {at["c"]: 0}) == {at["c"]: 0, at["b"]: 200}
    assert around(net, {at["b"]: 10}) == {at["b"]: 10, at["c"]: 210}
