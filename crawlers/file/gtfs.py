"""GTFS zips into stop and route records. Shapes, fares and calendars are not read.

Choices, documented in docs/mapping.md: a route's stops are the line of each direction (crawlers.file.patterns); first
and last are the earliest and latest departure of any of its trips from the trip's first stop, on whatever day;
a link carries arrival and departure only where the line's direction has one single trip (a train with its own number).
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawlers.base import Fetched, Rejected
from crawlers.file.build import moment
from crawlers.file.gtfsfeed import Feed, FeedError
from crawlers.file.mapping import GtfsSpec
from crawlers.file.patterns import Direction, Pattern, directions, link_data
from crawlers.file.tables import Row, Values
from ibcm.domain.errors import RecordError
from ibcm.domain.records import parse_record

MODES = {
    0: "tram",
    1: "metro",
    2: "rail",
    3: "bus",
    4: "ferry",
    5: "tram",
    6: "ferry",
    7: "rail",
    11: "bus",
    12: "metro",
}
EXTENDED = {
    1: "rail",
    2: "bus",
    4: "metro",
    5: "metro",
    6: "metro",
    7: "bus",
    8: "bus",
    9: "tram",
    10: "ferry",
    11: "air",
}
"""By the hundreds of the extended route types."""
BOARDED = ("", "0", "1")
"""Location types of stops and stations; entrances, nodes and boarding areas are no stops to people."""
UNKNOWN = -1
FIELDS = 4
"""Numbers kept of a stop time: sequence, stop, arrival, departure (minutes after midnight)."""


@dataclass(slots=True)
class Trip:
    route: str
    headsign: str
    direction: int | None
    times: "array[int]" = field(default_factory=lambda: array("i"))
    """FIELDS numbers for each stop: 16 bytes a stop time instead of 400 as a row."""

    def ordered(self) -> list[tuple[int, ...]]:
        return sorted(zip(*(self.times[n::FIELDS] for n in range(FIELDS)), strict=True))


def read_gtfs(path: Path, spec: GtfsSpec, source: str, retrieved_at: Any) -> Iterator[Fetched]:
    """Stops, then routes with what serves them, and everything that could not be read."""
    try:
        with Feed(path) as feed:
            yield from _Reader(feed, spec, source, retrieved_at).records()
    except FeedError as error:
        yield Rejected(str(path), str(error))


class _Reader:
    def __init__(self, feed: Feed, spec: GtfsSpec, source: str, retrieved_at: Any) -> None:
        self.feed, self.spec = feed, spec
        self.common = {"source": source, "retrieved_at": moment(retrieved_at), "city": spec.city}
        self.rejected: list[Rejected] = []
        self.stops: dict[str, int] = {}

    def records(self) -> Iterator[Fetched]:
        stops = [row for row in self._table("stops") if row.values.get("location_type", "") in BOARDED]
        routes = self._table("routes")
        agencies = {row.values.get("agency_id", ""): row.values.get("agency_name") for row in self._table("agency")}
        self.stops = {row.values["stop_id"]: number for number, row in enumerate(stops)}
        trips = self._trips({row.values["route_id"] for row in routes})
        mode_of = self._stop_modes(routes, trips)
        for row in stops:
            yield self._parsed(row, self._stop(row.values, mode_of))
        long_names = Counter(row.values.get("route_long_name", "") for row in routes)
        by_route: dict[str, list[Trip]] = {}
        for trip in trips.values():
            by_route.setdefault(trip.route, []).append(trip)
        for row in routes:
            operator = agencies.get(row.values.get("agency_id", "")) or next(iter(agencies.values()), None)
            own = by_route.get(row.values["route_id"], [])
            yield self._parsed(row, self._route(row.values, own, operator, long_names))
        yield from self.rejected

    def _table(self, name: str) -> list[Row]:
        found = []
        for row in self.feed.rows(name):
            if isinstance(row, Rejected):
                self.rejected.append(row)
            else:
                found.append(row)
        return found

    def _parsed(self, row: Row, value: Mapping[str, Any] | None) -> Fetched:
        try:
            return parse_record({**self.common, **(value or {})})
        except RecordError as error:
            return Rejected.of(row.where, error, self.common["source"])

    def _trips(self, known: set[str]) -> dict[str, Trip]:
        trips: dict[str, Trip] = {}
        for row in self._table("trips"):
            values = row.values
            if values["route_id"] not in known:
                self._lacks(
                    row.where, "its route is not in routes.txt", f"route {values['route_id']} is not in routes.txt"
                )
                continue
            direction = int(values["direction_id"]) if values.get("direction_id") in ("0", "1") else None
            trips[values["trip_id"]] = Trip(values["route_id"], values.get("trip_headsign", ""), direction)
        unknown: Counter[str] = Counter()
        for found in self.feed.rows("stop_times"):
            if isinstance(found, Rejected):
                self.rejected.append(found)
            elif found.values["trip_id"] not in trips:
                unknown[found.values["trip_id"]] += 1
            else:
                self._stop_time(found, trips[found.values["trip_id"]])
        if unknown:
            example = next(iter(unknown))
            told = f"{sum(unknown.values())} rows are of {len(unknown)} trips that are not in trips.txt"
            self._lacks(f"{self.feed.path}/stop_times.txt", told, f"{told}, as {example}")
        return trips

    def _stop_time(self, row: Row, trip: Trip) -> None:
        values = row.values
        try:
            arrival, departure = (_minutes(values.get(name, "")) for name in ("arrival_time", "departure_time"))
            trip.times.extend((int(values["stop_sequence"]), self.stops[values["stop_id"]], arrival, departure))
        except KeyError:
            self._lacks(row.where, "its stop is not in stops.txt", f"stop {values['stop_id']} is not in stops.txt")
        except (ValueError, OverflowError) as error:
            self._lacks(row.where, "not a stop time", f"not a stop time: {error}")

    def _lacks(self, where: str, message: str, quoting: str) -> None:
        self.rejected.append(Rejected(where, message, quoting, self.common["source"]))

    def _stop_modes(self, routes: list[Row], trips: Mapping[str, Trip]) -> dict[int, str]:
        """Stop number -> mode of the routes that call there."""
        modes = {row.values["route_id"]: self._mode(row.values) for row in routes}
        found: dict[int, str] = {}
        for trip in trips.values():
            mode = modes.get(trip.route)
            if mode:
                found.update(dict.fromkeys(trip.times[1::FIELDS], mode))
        return found

    def _mode(self, values: Values) -> str | None:
        try:
            kind = int(values["route_type"])
        except ValueError:
            return None
        return self.spec.modes.get(kind) or MODES.get(kind) or EXTENDED.get(kind // 100)

    def _stop(self, values: Values, mode_of: Mapping[int, str]) -> dict[str, Any]:
        parent = values.get("parent_station")
        number = self.stops[values["stop_id"]]
        mode = mode_of.get(number) or (next(iter(set(mode_of.values()))) if len(set(mode_of.values())) == 1 else None)
        data = {
            "name": values.get("stop_name") or values["stop_id"],
            "code": values.get("stop_code") or None,
            "mode": mode,
            "network": self.spec.network,
            "lat": values.get("stop_lat") or None,
            "lon": values.get("stop_lon") or None,
            "platform": values.get("platform_code") or None,
        }
        links = [{"rel": "part_of", "key": _stop_key(parent)}] if parent else []
        return {"key": _stop_key(values["stop_id"]), "kind": "stop", "data": data, "links": links}

    def _route(
        self, values: Values, trips: list[Trip], operator: str | None, long_names: Counter[str]
    ) -> dict[str, Any]:
        short, long = values.get("route_short_name", ""), values.get("route_long_name", "")
        name = self.spec.names.get(values["route_id"]) or _route_name(short, long, long_names, values["route_id"])
        starts = [times[0][3] for trip in trips if (times := trip.ordered()) and times[0][3] != UNKNOWN]
        data = {
            "name": name,
            "short_name": short or None,
            "aliases": [other for other in dict.fromkeys((short, long)) if other and other != name],
            "mode": self._mode(values),
            "operator": operator,
            "network": self.spec.network,
            "first": _clock(min(starts)) if starts else None,
            "last": _clock(max(starts)) if starts else None,
            "trips": len(trips) or None,
        }
        links = list(self._serves(trips))
        return {"key": f"route-{values['route_id']}", "kind": "route", "data": data, "links": links}

    def _serves(self, trips: list[Trip]) -> Iterator[dict[str, Any]]:
        ids = list(self.stops)
        same: dict[tuple[tuple[int, ...], int | None], list[Trip]] = {}
        for trip in trips:
            stops = tuple(time[1] for time in trip.ordered())
            if stops:
                same.setdefault((stops, trip.direction), []).append(trip)
        patterns, members = [], {}
        for number, ((stops, way), own) in enumerate(same.items()):
            patterns.append(Pattern(str(number), tuple(ids[stop] for stop in stops), len(own), way))
            members[str(number)] = own
        for direction in directions(patterns):
            yield from _links(direction, members[direction.line.id])


def _links(direction: Direction, trips: list[Trip]) -> Iterator[dict[str, Any]]:
    headsign = Counter(trip.headsign for trip in trips if trip.headsign).most_common(1)
    times = trips[0].ordered() if len(trips) == 1 else []
    for place, (stop, data) in enumerate(link_data(direction, headsign[0][0] if headsign else None)):
        when = {}
        if place < len(times):
            when = {"arrival": _clock(times[place][2]), "departure": _clock(times[place][3])}
        said = {**data, **{name: clock for name, clock in when.items() if clock}}
        yield {"rel": "serves", "key": _stop_key(stop), "data": said}


def _route_name(short: str, long: str, long_names: Counter[str], route_id: str) -> str:
    """The long name where it is the route's alone; else number and name, as `47100 HYB-LPI`."""
    if long and long_names[long] == 1:
        return long
    return " ".join(part for part in (short, long) if part) or route_id


def _stop_key(stop_id: str) -> str:
    return f"stop-{stop_id}"


def _minutes(text: str) -> int:
    """Of `HH:MM:SS`, hours past 24 allowed; UNKNOWN when blank."""
    if not text:
        return UNKNOWN
    hours, minutes, *_ = text.split(":")
    if not 0 <= int(minutes) < 60 or int(hours) < 0:
        raise ValueError(f"{text!r} is no time")
    return int(hours) * 60 + int(minutes)


def _clock(minutes: int) -> str | None:
    """HH:MM up to 29:59; a later time is left out rather than wrong."""
    return None if minutes == UNKNOWN or minutes >= 30 * 60 else f"{minutes // 60:02d}:{minutes % 60:02d}"
