"""Where a journey may begin or end: the stops of a name, those in an area, those around a place."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from graph import queries
from retrieval.answering import geography, transit
from retrieval.answering.context import Context, metres
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact, missing
from retrieval.journeys.network import Network
from retrieval.plan import Named, Plan

ON_FOOT_M = 500.0
"""So near that one walks: six or seven minutes, as long as one waits where a bus comes every quarter of an hour."""
STROLL_M = 400.0
"""From a stop of routes whose order nobody tells to one beside it."""
REACH_M = 1_000.0
"""How far people walk to a stop from a place, in a straight line."""
MOST_STOPS = 40
"""Stops around a place from which one may set out."""
MOST_IN_AREA = 300
"""Stops of an area from which one may set out."""
ONE_STOP_M = 500.0
"""Stops of one name that are farther apart than this are different ones."""


@dataclass(slots=True)
class End:
    """Where a journey may begin or end."""

    name: str
    entities: list[Entity]
    """The stops of that name, or the place or area."""
    stops: dict[str, int] = field(default_factory=dict)
    """Stop -> metres between it and what was named."""
    facts: list[Fact] = field(default_factory=list)
    no_stop: str = ""
    """What is missing where `stops` is empty."""

    @property
    def city(self) -> str:
        return self.entities[0].city

    @property
    def kind(self) -> str:
        """What it is: stop, area, place or event."""
        return str(self.entities[0].get("record_kind") or "")

    @property
    def is_stop(self) -> bool:
        return self.kind == "stop"


Found = tuple[End | None, Draft | None]
"""The end, or the draft that says why there is none."""


def end_of(named: Named, plan: Plan, context: Context) -> Found:
    """What is meant by a name. A stop comes first; an area of the same name where several stops have it."""
    by_label = {label: _only(named, label, context) for label in ("Stop", "Area")}
    if by_label["Stop"].ids:
        return _stops(by_label["Stop"], by_label["Area"], plan, context)
    if by_label["Area"].ids:
        return _area(by_label["Area"], plan, context)
    place, problem = geography.place_of(named, plan, context)
    return _place(place, plan, context) if place is not None else (None, problem)


def _only(named: Named, label: str, context: Context) -> Named:
    return replace(named, ids=tuple(thing.id for thing in context.things(named) if thing.label == label))


def _stops(named: Named, area: Named, plan: Plan, context: Context) -> Found:
    """The stops of one name. Several of it in different parts of a city: the asker has to choose."""
    stops, problem = transit.stops_meant(named, plan, context)
    groups = _groups(stops)
    if problem and named.partial and len(_groups(beside := _here(named, plan, context))) == 1:
        stops, problem, groups = beside, None, [beside]  # several names for one spot
    if area.ids and not area.partial and (problem or len(groups) > 1):
        return _area(area, plan, context)
    if problem:
        return None, problem
    if len(groups) > 1:
        return None, context.ask_which(named, [group[0] for group in groups])
    end = End(stops[0].shown(plan.language), stops)
    network = context.networks.of(end.city or plan.city or "", context.catalogue)
    end.stops = {stop.id: 0 for stop in stops if stop.id in network.numbers}
    if not end.stops and stops[0].point:  # of routes whose order nobody tells: those beside it may do
        end.stops = _nearest(network, stops[0].point, STROLL_M)
    end.facts = [stops[0].fact("name")]
    return end, None


def _here(named: Named, plan: Plan, context: Context) -> list[Entity]:
    return [stop for stop in context.of(named.ids) if plan.city is None or stop.city in (plan.city, "")]


def _groups(stops: Sequence[Entity]) -> list[list[Entity]]:
    """Poles of one stop together: whatever is near one of them."""
    groups: list[list[Entity]] = []
    for stop in sorted(stops, key=lambda one: (not one.located, one.id)):
        near = [
            group
            for group in groups
            if any(not (stop.point and other.point) or metres(stop.point, other.point) <= ONE_STOP_M for other in group)
        ]
        groups = [group for group in groups if group not in near] + [[*(one for group in near for one in group), stop]]
    return groups


def _place(place: Entity, plan: Plan, context: Context) -> Found:
    assert place.point is not None
    network = context.networks.of(place.city or plan.city or "", context.catalogue)
    reach = REACH_M if place.located else 1.5 * REACH_M
    end = End(place.shown(plan.language), [place], _nearest(network, place.point, reach))
    end.facts = geography.positions([place])
    end.no_stop = context.phrases.say("journey_no_stop", name=end.name, distance=context.phrases.distance(reach))
    return end, None


def _area(named: Named, plan: Plan, context: Context) -> Found:
    """From the stops that lie in it, all alike; where none is known to, from those around its middle."""
    area, problem = context.one_of(named, plan)
    if area is None:
        return None, problem
    network = context.networks.of(area.city or plan.city or "", context.catalogue)
    inside = context.rows(queries.held_by(area.id, "Stop", limit=MOST_IN_AREA))
    end = End(area.shown(plan.language), [area])
    end.stops = {str(row["id"]): 0 for row in inside if str(row["id"]) in network.numbers}
    if end.stops:
        row = next(row for row in inside if str(row["id"]) in end.stops)
        drawn = row["area_record"]
        end.facts = [Fact(str(drawn or row["record"]), "polygon" if drawn else "area", area.name, area.name)]
        return end, None
    if not area.point:
        return None, missing(context.phrases.say("journey_no_stop_in", name=end.name))
    return _place(area, plan, context)


def _nearest(network: Network, here: tuple[float, float], reach: float) -> dict[str, int]:
    """The served stops within reach, with metres."""
    lat, lon = here
    rough = [
        stop for stop, (y, x) in network.points.items()
        if abs(y - lat) < reach / 100_000 and abs(x - lon) < reach / 20_000
    ]  # fmt: skip
    found = sorted((metres(here, network.points[stop]), stop) for stop in rough)
    return {stop: round(far) for far, stop in found[:MOST_STOPS] if far <= reach}


def on_foot(origin: End, goal: End) -> tuple[float, Entity, Entity] | None:
    """Metres in a straight line between the two where they are nearest; None of areas, and of ends without a place."""
    if "area" in (origin.kind, goal.kind):
        return None
    ways = [(metres(a.point, b.point), a, b) for a in origin.entities for b in goal.entities if a.point and b.point]
    return min(ways, key=lambda way: (way[0], way[1].id, way[2].id), default=None)
