"""From the many stop patterns of a route to what its record says: one line of stops for each direction.

The rule, the same for tables and GTFS: in each direction the pattern with the most stops is the route's line (it
contains the short workings), ties going to the pattern of more trips and then to the earlier one. Stops that only
other patterns serve are membership without a sequence: the route serves them, and nothing is said about their place.
Where the source gives no directions, the first pattern names direction 0, and a pattern that shares few of its
stops, or runs through them the other way, belongs to direction 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SHARED = 0.5
"""Least share of common stops of two patterns of one direction."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One ordered list of stops, as some trips make them."""

    id: str
    stops: tuple[str, ...]
    trips: int = 1
    direction: int | None = None


@dataclass(frozen=True, slots=True)
class Direction:
    number: int
    """0 or 1."""
    line: Pattern
    others: tuple[str, ...] = ()
    """Stops that only other patterns of this direction serve, in the order of their first appearance."""


def directions(patterns: Sequence[Pattern]) -> list[Direction]:
    """At most two, by number. Patterns in the source's order; those of a single stop count only when alone."""
    usable = [pattern for pattern in patterns if len(pattern.stops) > 1] or [p for p in patterns if p.stops]
    if not usable:
        return []
    chosen: dict[int, list[Pattern]] = {}
    for pattern in usable:
        chosen.setdefault(_number(pattern, usable[0]), []).append(pattern)
    return [_direction(number, chosen[number]) for number in sorted(chosen)]


def _number(pattern: Pattern, first: Pattern) -> int:
    if pattern.direction is not None:
        return pattern.direction
    return 0 if pattern is first or _same_way(pattern.stops, first.stops) else 1


def _same_way(stops: Sequence[str], other: Sequence[str]) -> bool:
    place = {stop: position for position, stop in reversed(list(enumerate(other)))}
    common = [place[stop] for stop in stops if stop in place]
    if len(common) < SHARED * min(len(set(stops)), len(place)) or len(common) < 2:
        return False
    forward = sum(1 for one, following in pairwise(common) if following >= one)
    return forward * 2 >= len(common) - 1


def _direction(number: int, patterns: Sequence[Pattern]) -> Direction:
    line = max(enumerate(patterns), key=lambda pair: (len(pair[1].stops), pair[1].trips, -pair[0]))[1]
    on_line = set(line.stops)
    others = dict.fromkeys(stop for pattern in patterns for stop in pattern.stops if stop not in on_line)
    return Direction(number, line, tuple(others))


def link_data(direction: Direction, headsign: str | None = None) -> list[tuple[str, Mapping[str, str | int]]]:
    """(stop, data of its `serves` link) in order: the line's stops with sequence, then the others without."""
    common: dict[str, str | int] = {"direction": direction.number}
    if headsign:
        common["headsign"] = headsign
    line = [(stop, {"sequence": place, **common}) for place, stop in enumerate(direction.line.stops, start=1)]
    return [*line, *((stop, {"direction": direction.number}) for stop in direction.others)]
