"""Fewest changes, then least effort: a search in rounds, a ride a round, over all lines at once (as RAPTOR does).

Effort: a stop ridden counts as much as `STOP_M` metres walked. Directions and order are those of the lines; between two
rides one may walk one way on foot. No timetable takes part: sources seldom have one.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from retrieval.journeys.network import Network

STOP_M = 100
"""What riding one stop counts for, in metres walked."""
MOST_RIDES = 3
"""At most two changes."""
FAR = 1 << 60
Metres = Mapping[int, int]
"""Stop number -> metres walked to, or from, it."""


@dataclass(frozen=True, slots=True)
class Ride:
    """On one line from one place in its order to a later one."""

    run: int
    start: int
    end: int

    @property
    def stops(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Journey:
    """Rides in order. Where one ends and the next begins at another stop, one walks."""

    rides: tuple[Ride, ...]
    effort: int


@dataclass(slots=True)
class _Round:
    """What one more ride reaches: the effort and the ride by stop, and how one came to the stops of boarding."""

    boarding: dict[int, int]
    """Stop -> least effort to stand there before this ride."""
    came: dict[int, int]
    """Stop of boarding -> stop where the ride before ended."""
    reached: dict[int, int] = field(default_factory=dict)
    by: dict[int, Ride] = field(default_factory=dict)


def search(
    network: Network, starts: Metres, goals: Metres, *, runs: Set[int] | None = None, rides: int = MOST_RIDES
) -> Journey | None:
    """The journey with the fewest changes from any start to any goal, and of those the one with the least effort.

    None when none has at most that many rides, on these runs only where they are given. The same question always
    gives the same journey.
    """
    passing = {run: 0 for goal in goals for run, _ in network.serving[goal] if runs is None or run in runs}
    best: dict[int, int] = {}
    rounds = [_Round(dict(starts), {})]
    while True:
        this = rounds[-1]
        # The last ride ends at a goal: only lines that call there need to be looked at to know whether this was it.
        _ride(network, this, passing, best)
        if found := _arrival(this, goals):
            return _journey(network, rounds, *found)
        if len(rounds) == rides:
            return None
        _ride(network, this, _others(network, this, passing, runs), best)
        rounds.append(_change(network, this, best))
        if not rounds[-1].boarding:
            return None


def _others(network: Network, this: _Round, done: Mapping[int, int], runs: Set[int] | None) -> dict[int, int]:
    """Lines that call where one may board now -> the first place in their order where one may."""
    found: dict[int, int] = {}
    for stop in this.boarding:
        for run, place in network.serving[stop]:
            if place < found.get(run, FAR) and run not in done and (runs is None or run in runs):
                found[run] = place
    return found


def _ride(network: Network, this: _Round, runs: Mapping[int, int], best: dict[int, int]) -> None:
    """Ride each of these lines to its end, boarding wherever it costs least."""
    boarding, reached, by = this.boarding, this.reached, this.by
    for run in sorted(runs):
        path = network.paths[run]
        effort, start = FAR, 0
        for place in range(runs[run], len(path)):
            stop = path[place]
            if effort < FAR:
                effort += STOP_M
                if effort < reached.get(stop, FAR) and effort < best.get(stop, FAR):
                    reached[stop] = effort
                    by[stop] = Ride(run, start, place)
            here = boarding.get(stop, FAR)
            if here < effort:
                effort, start = here, place


def _arrival(this: _Round, goals: Metres) -> tuple[int, int] | None:
    """(effort to the goal, stop where the last ride ends)."""
    ends = [(this.reached[stop] + metres, stop) for stop, metres in goals.items() if stop in this.reached]
    return min(ends, default=None)


def _change(network: Network, this: _Round, best: dict[int, int]) -> _Round:
    """Where one may board after this ride: where it ends, and where one can walk from there."""
    boarding = dict(this.reached)
    came = {stop: stop for stop in this.reached}
    for stop, effort in this.reached.items():
        best[stop] = min(effort, best.get(stop, FAR))
    for stop in sorted(this.reached):
        for other, metres in network.walking[stop]:
            effort = this.reached[stop] + metres
            if effort < boarding.get(other, FAR):
                boarding[other], came[other] = effort, stop
    return _Round(boarding, came)


def _journey(network: Network, rounds: Sequence[_Round], effort: int, stop: int) -> Journey:
    rides: list[Ride] = []
    for this in reversed(rounds):
        ride = this.by[stop]
        rides.append(ride)
        stop = this.came.get(network.paths[ride.run][ride.start], -1)
    return Journey(tuple(reversed(rides)), effort)


def around(network: Network, metres: Metres) -> dict[int, int]:
    """These stops, and those to which one can walk from them."""
    found = dict(metres)
    for stop, walked in metres.items():
        for other, more in network.walking[stop]:
            found[other] = min(walked + more, found.get(other, FAR))
    return found


def beside(network: Network, ride: Ride) -> list[Ride]:
    """The same way on other lines: from the same stop to the same stop, each line with its fewest stops."""
    path = network.paths[ride.run]
    start, end = path[ride.start], path[ride.end]
    found = []
    for run, first in network.serving[start]:
        places = network.paths[run]
        best: Ride | None = None
        boarded = first
        for place in range(first, len(places)):
            if places[place] == start:
                boarded = place
            elif places[place] == end and (best is None or place - boarded < best.stops):
                best = Ride(run, boarded, place)
        if best is not None and run != ride.run:
            found.append(best)
    return sorted(found, key=lambda one: (one.stops, one.run))
