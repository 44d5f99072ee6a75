"""From one place to another over stops and routes: fewest changes, then fewest stops and least walking."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graph import queries
from retrieval.answering import geography, transit
from retrieval.answering.context import Context, point
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact, missing
from retrieval.answering.journey_ends import MOST_STOPS, ON_FOOT_M, End, end_of, on_foot
from retrieval.answering.journey_telling import COLUMNS, Teller
from retrieval.journeys.network import Network
from retrieval.journeys.search import MOST_RIDES, around, search
from retrieval.plan import Plan


def journey(plan: Plan, context: Context) -> Draft:
    """How to get from A to B with at most two changes."""
    ends: list[End] = []
    for named in plan.subjects[:2]:
        end, problem = end_of(named, plan, context)
        if end is None:
            return problem or missing(named.text)
        ends.append(end)
    origin, goal = ends
    if origin.entities[0].id == goal.entities[0].id:
        return missing(context.phrases.say("journey_same", name=origin.name))
    if origin.city and goal.city and origin.city != goal.city:
        cities = {"a": origin.name, "b": goal.name, "one": context.phrases.city(origin.city)}
        return missing(context.phrases.say("journey_cities", other=context.phrases.city(goal.city), **cities))
    return _go(plan, context, origin, goal)


def _go(plan: Plan, context: Context, origin: End, goal: End) -> Draft:
    """On foot where riding saves no walking, else by the lines there are."""
    walk = on_foot(origin, goal)
    if walk is not None and walk[0] <= ON_FOOT_M:
        return _say_walk(origin, goal, walk, context)
    for end in (origin, goal):
        if end.no_stop and not end.stops:
            return missing(end.no_stop)
    city = origin.city or goal.city or plan.city or ""
    found = _ride(plan, context, origin, goal, context.networks.of(city, context.catalogue))
    if walk is not None and found.rows and walk[0] <= _walked(found):
        return _say_walk(origin, goal, walk, context)
    return found


def _walked(found: Draft) -> float:
    """Metres on foot of a journey, in straight lines."""
    at = COLUMNS.index("metres")
    return sum(float(row[at] or 0) for row in found.rows)


def direct(plan: Plan, context: Context) -> Draft:
    """Which routes go without a change; where none does and a change was not ruled out, how to get there anyway."""
    draft = transit.direct(plan, context)
    if draft.missing is not None or draft.short or plan.about.get("direct") or plan.about.get("count"):
        return draft
    found = journey(replace(plan, kind="journey"), context)
    if found.missing is None and found.short:
        draft.statements += found.statements
        draft.columns, draft.rows, draft.ordered, draft.points = found.columns, found.rows, True, found.points
    return draft


# -- searching -----------------------------------------------------------------------------------------------------
def _ride(plan: Plan, context: Context, origin: End, goal: End, network: Network) -> Draft:
    starts, goals = ({network.numbers[stop]: far for stop, far in end.stops.items()} for end in (origin, goal))
    if not starts or not goals:
        return _none(plan, context, origin, goal)
    before = around(network, starts) if origin.is_stop else starts
    after = around(network, goals) if goal.is_stop else goals
    rides = 1 if plan.about.get("direct") else MOST_RIDES
    teller = Teller(context, network, origin, goal, starts, goals)
    runs = {run for run, line in enumerate(network.runs) if not plan.categories or line.mode in ("", *plan.categories)}
    found = search(network, before, after, runs=runs, rides=rides)
    if found is not None and not teller.may_cite(found):
        # The graph lags behind a deletion: only lines whose record may still be cited count.
        alive = context.ledger.citable({network.runs[run].record for run in runs}, now=context.now)
        runs = {run for run in runs if network.runs[run].record in alive}
        found = search(network, before, after, runs=runs, rides=rides)
    return teller.tell(found, runs) if found is not None else _none(plan, context, origin, goal)


def _none(plan: Plan, context: Context, origin: End, goal: End) -> Draft:
    """No journey: said only where the routes of both ends are known, with those routes; else what is missing."""
    phrases, draft = context.phrases, Draft(short=[])
    unordered = _unordered(context, origin, goal)
    if unordered:
        return missing(phrases.say("membership_only", names=phrases.names(unordered)))
    served = [_serving(context, end) for end in (origin, goal)]
    for end, facts in zip((origin, goal), served, strict=True):
        if not facts:
            return missing(phrases.say("journey_unserved", name=end.name))
    mode = transit.mode_words(plan, context)
    phrase = "direct_none" if plan.about.get("direct") else "journey_none"
    text = phrases.say(phrase, a=origin.name, b=goal.name, mode=mode)
    draft.say(text, *origin.facts, *goal.facts, *served[0][:3], *served[1][:3], support="computed", computed=[2])
    for end, facts in zip((origin, goal), served, strict=True):
        names = list(dict.fromkeys(fact.name for fact in facts))
        phrase = "serving_one" if len(names) == 1 else "serving"
        said = phrases.say(phrase, n=len(names), stop=end.name, names=phrases.names(names))
        draft.say(said, *facts[:20], *end.facts, support="computed", computed=[len(names)])
    draft.points = [point(one, phrases, "anchor") for end in (origin, goal) for one in end.entities[:5] if one.point]
    return draft


def _serving(context: Context, end: End) -> list[Fact]:
    """The routes that call at its stops, a fact a route."""
    rows = context.rows(queries.calls(sorted(end.stops)[:MOST_STOPS])) if end.stops else []
    found: dict[str, Fact] = {}
    for row in sorted(rows, key=lambda row: (str(row["name"]), str(row["record"]))):
        if row["sequence"] is not None:
            found.setdefault(str(row["route"]), Fact(str(row["record"]), "serves", end.name, _called(row)))
    return list(found.values())


def _called(row: Mapping[str, Any]) -> str:
    return str(row.get("short_name") or row["name"])


def _unordered(context: Context, origin: End, goal: End) -> list[str]:
    """Routes that call at both, in an order that no source gives."""
    if not (origin.is_stop and goal.is_stop):
        return []
    sides = []
    for end in (origin, goal):
        rows = context.rows(queries.calls(sorted(entity.id for entity in end.entities)))
        sides.append({str(row["route"]): _called(row) for row in rows if row["sequence"] is None})
    return sorted(name for route, name in sides[0].items() if route in sides[1])


def _say_walk(origin: End, goal: End, walk: tuple[float, Entity, Entity], context: Context) -> Draft:
    phrases, (far, here, there) = context.phrases, walk
    draft = Draft(short=phrases.say("journey_walking"))
    text = phrases.say("journey_on_foot", a=origin.name, b=goal.name, distance=phrases.distance(far))
    draft.say(text, *geography.positions([here, there]), support="computed", computed=[far])
    vague = [one for one in (here, there) if not one.located]
    if vague:
        draft.say(phrases.say("approximate"), *geography.positions(vague))
    draft.points = [point(one, phrases, "anchor") for one in (here, there)]
    return draft
