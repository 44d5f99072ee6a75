"""A journey in sentences, rows and map points, each leg with the records that say so."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from retrieval.answering import geography, transit
from retrieval.answering.context import Context, point
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact, missing
from retrieval.answering.journey_ends import End
from retrieval.journeys.network import Line, Network
from retrieval.journeys.search import Journey, Ride, beside

MOST_BESIDE = 40
"""Other lines on the same part that are looked at."""
MOST_NAMED = 10
COLUMNS = ("id", "name", "from", "to", "stops", "metres", "towards", "departure", "arrival")


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a journey as it is told."""

    row: Sequence[Any]
    text: str
    facts: Sequence[Fact]
    computed: Sequence[float] = ()
    more: Sequence[tuple[str, Sequence[Fact], Sequence[float]]] = ()
    """Further sentences about it."""


@dataclass(slots=True)
class Teller:
    """Turns a journey into sentences, each with the records that say so."""

    context: Context
    network: Network
    origin: End
    goal: End
    starts: Mapping[int, int]
    goals: Mapping[int, int]
    entities: Mapping[str, Entity] = field(default_factory=dict)

    def may_cite(self, found: Journey) -> bool:
        """Whether the records of all its lines may still be cited."""
        records = {self.network.runs[ride.run].record for ride in found.rides}
        return records == self.context.ledger.citable(records, now=self.context.now).keys()

    def tell(self, found: Journey, runs: Set[int]) -> Draft:
        """The whole answer. `runs`: the lines that may be taken."""
        self._read(found)
        phrases, rides = self.context.phrases, found.rides
        legs = self._legs(found, runs)
        unknown = next((leg for leg in legs if not leg.facts), None)
        if unknown is not None:
            return missing(phrases.say("no_position", name=unknown.row[3]))
        lines = [self._line_name(ride.run) for ride in rides]
        draft = Draft(short=lines, columns=COLUMNS, ordered=True)
        changes = len(rides) - 1
        phrase = ("journey_direct", "journey_one", "journey_two")[changes]
        text = phrases.say(phrase, a=self.origin.name, b=self.goal.name, lines=phrases.say("journey_then").join(lines))
        facts = [self._calls(ride) for ride in rides]
        draft.say(text, *facts, *self.origin.facts, *self.goal.facts, support="computed", computed=[changes])
        for leg in legs:
            draft.say(leg.text, *leg.facts, support="computed", computed=leg.computed)
            draft.rows.append(leg.row)
            for said, evidence, computed in leg.more:
                if all(said != statement.text for statement in draft.statements):
                    draft.say(said, *evidence, support="computed", computed=computed)
        draft.points = self._points(found)
        return draft

    def _read(self, found: Journey) -> None:
        """Every stop and route that will be named."""
        ids = {self.network.runs[ride.run].route for ride in found.rides}
        for ride in found.rides:
            line = self.network.runs[ride.run]
            ids |= {line.stops[ride.start], line.stops[ride.end], line.stops[-1]}
            others = beside(self.network, ride)
            ids |= {self.network.runs[other.run].route for other in others[:MOST_BESIDE]}
        for stops in (self.starts, self.goals):
            ids |= {self.network.stops[number] for number in stops}
        self.entities = {entity.id: entity for entity in self.context.of(sorted(ids))}

    def _legs(self, found: Journey, runs: Set[int]) -> list[Leg]:
        legs: list[Leg] = []
        first, last = found.rides[0], found.rides[-1]
        begin, end = self._stop(first.run, first.start), self._stop(last.run, last.end)
        legs += self._access(begin, self.origin, self.starts, outwards=True)
        for at, ride in enumerate(found.rides):
            if at:
                before = found.rides[at - 1]
                legs += self._between(self._stop(before.run, before.end), self._stop(ride.run, ride.start))
            legs.append(self._on_line(ride, runs))
        return legs + self._access(end, self.goal, self.goals, outwards=False)

    def _access(self, stop: str, end: End, metres_to: Mapping[int, int], *, outwards: bool) -> list[Leg]:
        """The way between what was named and the stop of boarding or leaving."""
        number = self.network.numbers[stop]
        far = metres_to.get(number)
        if far == 0:
            return []
        if far is None:  # on foot from a stop of that name to one beside it
            near = [(more + metres_to[other], other) for other, more in self.network.walking[number]
                    if other in metres_to]  # fmt: skip
            named = self.network.stops[min(near)[1]]
            return self._between(named, stop) if outwards else self._between(stop, named)
        here, there, known = end.name, self._name(stop), [*end.entities[:1], self.entities.get(stop)]
        facts = [*end.facts, *geography.positions([one for one in known if one is not None and one.point])]
        a, b = (here, there) if outwards else (there, here)
        return [self._walk(stop if outwards else end.entities[0].id, a, b, far, facts)]

    def _between(self, here: str, there: str) -> list[Leg]:
        if here == there:
            return []
        way = self.network.way(here, there)
        assert way is not None, "the search walks on ways of the network only"
        facts = [
            fact
            for ref, stop in ((way.here, here), (way.there, there))
            if (fact := self._standing(ref, stop)) is not None
        ]
        return [self._walk(there, self._name(here), self._name(there), way.metres, facts)]

    def _standing(self, ref: str, stop: str) -> Fact | None:
        """Where a record says that a stop is."""
        found = self.context.ledger.citable([ref], now=self.context.now).get(ref)
        if found is None:
            return None
        data = found.record.data
        return Fact(ref, "position", f"{data.get('lat')}, {data.get('lon')}", self._name(stop))

    def _walk(self, to: str, a: str, b: str, far: int, facts: Sequence[Fact]) -> Leg:
        phrases = self.context.phrases
        text = phrases.say("journey_walk", a=a, b=b, distance=phrases.distance(far))
        return Leg((to, phrases.say("journey_walking"), a, b, None, far, None, None, None), text, facts, [far])

    def _on_line(self, ride: Ride, runs: Set[int]) -> Leg:
        phrases, line = self.context.phrases, self.network.runs[ride.run]
        a, b, towards = self._stop_name(ride, ride.start), self._stop_name(ride, ride.end), self._towards(ride)
        slots = {"route": self._line_name(ride.run), "a": a, "b": b, "towards": towards, "n": ride.stops}
        counted = line.counted(ride.start, ride.end)
        text = phrases.say(_ride_phrase(ride.stops) if counted else "journey_ride_some", **slots)
        departure, arrival = line.departures[ride.start] or None, line.arrivals[ride.end] or None
        row = (line.route, slots["route"], a, b, ride.stops if counted else None, None, towards, departure, arrival)
        more = [*self._hours(line), *self._also(ride, runs)]
        return Leg(row, text, [self._calls(ride)], [ride.stops], more)

    def _calls(self, ride: Ride) -> Fact:
        """What the route's record says about this part of it."""
        said = [self._stop_name(ride, ride.start), self._stop_name(ride, ride.end), self._towards(ride)]
        line = self.network.runs[ride.run]
        return Fact(line.record, "serves", list(dict.fromkeys(said)), self._line_name(ride.run))

    def _towards(self, ride: Ride) -> str:
        line = self.network.runs[ride.run]
        return line.headsigns[ride.start] or self._name(line.stops[-1])

    def _hours(self, line: Line) -> list[tuple[str, Sequence[Fact], Sequence[float]]]:
        """First and last service and how often, as far as the source says."""
        route, phrases = self.entities.get(line.route), self.context.phrases
        found: list[tuple[str, Sequence[Fact], Sequence[float]]] = []
        if route is None:
            return found
        name, first, last = transit.route_name(route), route.get("first"), route.get("last")
        if first and last:
            text = phrases.say("journey_hours", route=name, first=first, last=last)
            found.append((text, [route.fact("first"), route.fact("last"), route.fact("name")], ()))
        if every := route.get("headway_minutes"):
            text = phrases.say("journey_headway", route=name, n=phrases.number(float(every)))
            found.append((text, [route.fact("headway_minutes"), route.fact("name")], ()))
        return found

    def _also(self, ride: Ride, runs: Set[int]) -> list[tuple[str, Sequence[Fact], Sequence[float]]]:
        """Other lines from the same stop to the same stop."""
        own = self.network.runs[ride.run].route
        others: dict[str, Ride] = {}
        for other in beside(self.network, ride):
            route = self.network.runs[other.run].route
            if other.run in runs and route != own and route in self.entities:
                others.setdefault(route, other)
        records = {self.network.runs[other.run].record for other in others.values()}
        alive = self.context.ledger.citable(records, now=self.context.now)
        kept = [self._calls(other) for other in others.values() if self.network.runs[other.run].record in alive]
        facts = [fact for fact in kept if fact.name != self._line_name(ride.run)][:MOST_NAMED]
        if not facts:
            return []
        names = list(dict.fromkeys(fact.name for fact in facts))
        return [(self.context.phrases.say("journey_also", names=self.context.phrases.names(names)), facts, ())]

    def _points(self, found: Journey) -> list[Mapping[str, object]]:
        stops = [self._stop(ride.run, place) for ride in found.rides for place in (ride.start, ride.end)]
        shown = [self.entities[stop] for stop in dict.fromkeys(stops) if stop in self.entities]
        ends = [entity for end in (self.origin, self.goal) for entity in end.entities[:1]]
        phrases = self.context.phrases
        points: list[Mapping[str, object]] = [point(one, phrases, "anchor") for one in ends if one.point]
        return points + [point(one, phrases) for one in shown if one.point]

    def _stop(self, run: int, place: int) -> str:
        return self.network.runs[run].stops[place]

    def _stop_name(self, ride: Ride, place: int) -> str:
        return self._name(self._stop(ride.run, place))

    def _name(self, id_: str) -> str:
        if id_ in self.entities:
            return self.entities[id_].shown(self.context.phrases.language)
        thing = self.context.catalogue.things.get(id_)
        return thing.name if thing else id_

    def _line_name(self, run: int) -> str:
        """What stands on the vehicle."""
        route = self.entities.get(self.network.runs[run].route)
        return str(route.get("short_name") or route.name) if route else self._name(self.network.runs[run].route)


def _ride_phrase(stops: int) -> str:
    return "journey_ride_one" if stops == 1 else "journey_ride"
