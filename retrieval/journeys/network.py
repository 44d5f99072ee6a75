"""The stops, lines and ways on foot of one city, packed for searching. A network never changes after it was made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph import queries
from graph.store.base import GraphStore
from ibcm.domain.graph import Row
from retrieval.catalogue import Catalogue

ROUTES_A_READ = 100
STOPS_A_READ = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """One record's order of stops in one direction of a route. A stop may recur."""

    route: str
    direction: int | None
    record: str
    mode: str
    """Empty where no source says."""
    stops: tuple[str, ...]
    sequences: tuple[int, ...]
    """As the source numbers them. Numbers that are left out may be stops that nobody has told us."""
    headsigns: tuple[str, ...]
    departures: tuple[str, ...]
    arrivals: tuple[str, ...]
    """All parallel to `stops`; empty text where no source says."""

    def counted(self, start: int, end: int) -> bool:
        """Whether every stop between two of its places is known."""
        return self.sequences[end] - self.sequences[start] == end - start


@dataclass(frozen=True, slots=True)
class Way:
    """A way on foot to another stop, with the records of both positions."""

    to: str
    metres: int
    here: str
    there: str


Lines = Mapping[str, Sequence[Line]]
Ways = Mapping[str, Sequence[Way]]


@dataclass(slots=True)
class Network:
    """Lines by route and ways by stop, as of one revision, and the numbers that the search works with."""

    revision: int
    lines: Lines
    ways: Ways
    points: Mapping[str, tuple[float, float]]
    """Stop -> latitude and longitude of those that have a position."""
    stops: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    """Stop -> its number."""
    runs: list[Line] = field(default_factory=list)
    """Every line in order of route, direction and record."""
    paths: list[tuple[int, ...]] = field(default_factory=list)
    """Parallel to `runs`: the numbers of its stops."""
    serving: list[list[tuple[int, int]]] = field(default_factory=list)
    """By stop number: (run, place of the first call there)."""
    walking: list[list[tuple[int, int]]] = field(default_factory=list)
    """By stop number: (other stop, metres), in both directions, nearest first."""

    def __post_init__(self) -> None:
        self.runs = [line for route in sorted(self.lines) for line in self.lines[route]]
        self.stops = sorted({stop for line in self.runs for stop in line.stops})
        self.numbers = {stop: number for number, stop in enumerate(self.stops)}
        self.paths = [tuple(self.numbers[stop] for stop in line.stops) for line in self.runs]
        self.serving = [[] for _ in self.stops]
        for run, path in enumerate(self.paths):
            for stop, place in {stop: place for place, stop in reversed(list(enumerate(path)))}.items():
                self.serving[stop].append((run, place))
        self._walk()

    def _walk(self) -> None:
        near: list[dict[int, int]] = [{} for _ in self.stops]
        for stop, ways in self.ways.items():
            one = self.numbers.get(stop)
            for way in ways:
                other = self.numbers.get(way.to)
                if one is not None and other is not None:
                    near[one][other] = near[other][one] = way.metres
        self.walking = [sorted(found.items(), key=lambda item: (item[1], item[0])) for found in near]

    def way(self, here: str, there: str) -> Way | None:
        """The way from one stop to another, also where it stands in the graph the other way round only."""
        for way in self.ways.get(here, ()):
            if way.to == there:
                return way
        back = next((way for way in self.ways.get(there, ()) if way.to == here), None)
        return Way(there, back.metres, back.there, back.here) if back else None


def load(graph: GraphStore, catalogue: Catalogue, city: str) -> Network:
    """The whole network of a city, read from the graph in bounded pieces."""
    routes = [thing.id for thing in catalogue.things.values() if thing.label == "Route" and thing.city == city]
    lines = read_lines(graph, catalogue, routes)
    stops = {stop for some in lines.values() for line in some for stop in line.stops}
    return Network(catalogue.revision, lines, read_ways(graph, stops), _points(catalogue, stops))


def patched(
    network: Network, graph: GraphStore, catalogue: Catalogue, city: str, changed: Iterable[str]
) -> Network | None:
    """The network with these entities read again; None when none of them is part of it."""
    known = {one: catalogue.things.get(one) for one in changed}
    routes = [
        one for one, thing in known.items()
        if one in network.lines or (thing is not None and thing.label == "Route" and thing.city == city)
    ]  # fmt: skip
    moved = {one for one, thing in known.items() if one in network.numbers or (thing and thing.label == "Stop")}
    if not routes and not moved:
        return None
    alive = [one for one in routes if (thing := known[one]) is not None and thing.city == city]
    lines = {route: some for route, some in network.lines.items() if route not in set(routes)}
    lines |= read_lines(graph, catalogue, alive)
    stops = {stop for some in lines.values() for line in some for stop in line.stops}
    kept = {stop: ways for stop, ways in network.ways.items() if stop in stops and stop not in moved}
    ways = kept | dict(read_ways(graph, stops - kept.keys()))
    return Network(catalogue.revision, lines, ways, _points(catalogue, stops))


def _points(catalogue: Catalogue, stops: Iterable[str]) -> dict[str, tuple[float, float]]:
    things = (catalogue.things.get(stop) for stop in stops)
    return {
        thing.id: (thing.lat, thing.lon)
        for thing in things
        if thing and thing.lat is not None and thing.lon is not None
    }


def read_lines(graph: GraphStore, catalogue: Catalogue, routes: Sequence[str]) -> dict[str, list[Line]]:
    """Route -> its lines; routes whose stops stand in no order have none."""
    found: dict[str, list[Line]] = {}
    wanted = sorted(routes)
    for start in range(0, len(wanted), ROUTES_A_READ):
        for row in sorted(graph.read(queries.lines_of(wanted[start : start + ROUTES_A_READ])), key=_order):
            route = str(row["route"])
            thing = catalogue.things.get(route)
            found.setdefault(route, []).append(_line(row, thing.category if thing else ""))
    return found


def _order(row: Row) -> tuple[str, int, str]:
    direction = row["direction"]
    return str(row["route"]), direction if isinstance(direction, int) else -1, str(row["record"])


def _line(row: Any, mode: str) -> Line:
    calls = sorted(row["calls"], key=lambda call: (call[0], call[1]))
    sequences, stops, headsigns, departures, arrivals = zip(*calls, strict=True)
    return Line(
        route=str(row["route"]),
        direction=row["direction"] if isinstance(row["direction"], int) else None,
        record=str(row["record"]),
        mode=mode,
        stops=stops,
        sequences=sequences,
        headsigns=_texts(headsigns),
        departures=_texts(departures),
        arrivals=_texts(arrivals),
    )


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(value or "") for value in values)


def read_ways(graph: GraphStore, stops: Iterable[str]) -> dict[str, list[Way]]:
    """Stop -> the ways on foot that start there."""
    found: dict[str, list[Way]] = {}
    wanted = sorted(stops)
    for start in range(0, len(wanted), STOPS_A_READ):
        for row in graph.read(queries.ways_from(wanted[start : start + STOPS_A_READ])):
            way = Way(str(row["other"]), int(str(row["metres"])), str(row["record"]), str(row["stop_record"]))
            found.setdefault(str(row["stop"]), []).append(way)
    return found
