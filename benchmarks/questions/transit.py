"""Stops and routes as a rider sees them: poles of one name are one stop, a route runs in one or two directions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from benchmarks.questions.text import fold, metres
from benchmarks.questions.world import Thing, World

ONE_STOP_M = 300.0


@dataclass(eq=False)
class StopGroup:
    """Stops of one name and mode within 300 m of each other."""

    name: str
    mode: str
    city: str
    members: list[Thing]

    @property
    def refs(self) -> list[str]:
        return [ref for member in self.members for ref in member.refs]

    @property
    def point(self) -> tuple[float, float] | None:
        points = [member.point for member in self.members if member.point]
        return points[0] if points else None


@dataclass(eq=False)
class Route:
    """One route record: `runs` holds, by direction, its stops in order (none when only membership is known)."""

    thing: Thing
    runs: dict[int, list[StopGroup]] = field(default_factory=dict)
    members: list[StopGroup] = field(default_factory=list)
    """Every stop that it serves, each once."""

    @property
    def names(self) -> list[str]:
        """What people call it, best first."""
        found = [self.thing.sole("short_name"), self.thing.sole("name")]
        return [str(name) for name in found if name]

    @property
    def mode(self) -> str:
        return str(self.thing.sole("mode") or "bus")


class Network:
    """All stops and routes of one city."""

    def __init__(self, world: World, city: str) -> None:
        things = world.by_city.get(city, [])
        self.stops = _grouped([t for t in things if t.kind == "stop"], world)
        self._group_of = {ref: group for group in self.stops for ref in group.refs}
        self.routes = [self._route(t) for t in things if t.kind == "route"]

    @cached_property
    def by_stop(self) -> dict[StopGroup, list[Route]]:
        found: dict[StopGroup, list[Route]] = defaultdict(list)
        for route in self.routes:
            for stop in route.members:
                found[stop].append(route)
        return dict(found)

    @cached_property
    def named_stops(self) -> dict[str, list[StopGroup]]:
        found: dict[str, list[StopGroup]] = defaultdict(list)
        for stop in self.stops:
            found[fold(stop.name)].append(stop)
        return dict(found)

    @cached_property
    def named_routes(self) -> dict[str, list[Route]]:
        found: dict[str, list[Route]] = defaultdict(list)
        for route in self.routes:
            for name in {fold(name) for name in route.names}:
                found[name].append(route)
        return dict(found)

    def direct(self, start: StopGroup, end: StopGroup) -> list[Route] | None:
        """Routes that reach `end` after `start` in one direction; None when a route's order is not known."""
        both = [route for route in self.by_stop.get(start, []) if end in route.members]
        if any(not route.runs for route in both):
            return None
        return [route for route in both if any(_reaches(run, start, end) for run in route.runs.values())]

    def _route(self, thing: Thing) -> Route:
        ordered: dict[int, list[tuple[int, StopGroup]]] = defaultdict(list)
        members: list[StopGroup] = []
        complete = True
        for rel, ref, data in (link for record in thing.records for link in record.links):
            group = self._group_of.get(ref)
            if rel != "serves" or group is None:
                complete = complete and rel != "serves"
                continue
            if group not in members:
                members.append(group)
            if data.get("sequence") is None:
                complete = False
            else:
                ordered[int(data.get("direction") or 0)].append((int(data["sequence"]), group))
        runs = {d: _run(stops) for d, stops in sorted(ordered.items())} if complete else {}
        return Route(thing, runs, members)


def _run(stops: Sequence[tuple[int, StopGroup]]) -> list[StopGroup]:
    return [group for _, group in sorted(stops, key=lambda pair: pair[0])]


def _reaches(run: Sequence[StopGroup], start: StopGroup, end: StopGroup) -> bool:
    if start not in run:
        return False
    return end in run[run.index(start) + 1 :]


def _grouped(stops: Sequence[Thing], world: World) -> list[StopGroup]:
    by_name: dict[tuple[str, str], list[Thing]] = defaultdict(list)
    for stop in stops:
        by_name[stop.key, str(stop.sole("mode") or "")].append(stop)
    groups: list[StopGroup] = []
    for (_, mode), named in sorted(by_name.items()):
        groups += [StopGroup(cluster[0].name, mode, cluster[0].city, cluster) for cluster in _clusters(named, world)]
    return groups


def _clusters(named: Sequence[Thing], world: World) -> list[list[Thing]]:
    """Single linkage at 300 m, and `part_of` links."""
    clusters: list[list[Thing]] = []
    for stop in named:
        near = [c for c in clusters if any(_one_stop(stop, other, world) for other in c)]
        clusters = [c for c in clusters if c not in near] + [[stop, *(other for c in near for other in c)]]
    return [sorted(cluster, key=lambda t: t.records[0].ref) for cluster in clusters]


def _one_stop(one: Thing, other: Thing, world: World) -> bool:
    parents = [
        {world.by_ref.get(ref) for record in t.records for rel, ref, _ in record.links if rel == "part_of"} - {None}
        for t in (one, other)
    ]
    if one in parents[1] or other in parents[0] or parents[0] & parents[1]:
        return True
    return bool(one.point and other.point and metres(one.point, other.point) <= ONE_STOP_M)
