"""Stops and routes, from the calls that routes make in the order that the source gives."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from graph import queries
from retrieval.answering.context import Context, point
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact, missing
from retrieval.answering.phrases import SHOWN
from retrieval.plan import Named, Plan


@dataclass(frozen=True, slots=True)
class Call:
    """A route calls at a stop. Without `sequence` only membership is known."""

    route: str
    stop: str
    name: str
    sequence: int | None
    direction: int | None
    headsign: str
    departure: str
    record: str
    point: tuple[float, float] | None = None

    def fact(self, route: str) -> Fact:
        return Fact(self.record, "serves", self.name, route)


def _call(row: dict[str, Any]) -> Call:
    lat, lon = row.get("lat"), row.get("lon")
    return Call(
        route=row["route"],
        stop=row["stop"],
        name=str(row.get("name") or ""),
        sequence=row.get("sequence"),
        direction=row.get("direction"),
        headsign=str(row.get("headsign") or ""),
        departure=str(row.get("departure") or row.get("arrival") or ""),
        record=str(row.get("record") or ""),
        point=(lat, lon) if lat is not None and lon is not None else None,
    )


Patterns = dict[tuple[str, int | None], list[Call]]
"""(route, direction) -> calls in order."""


def _patterns(context: Context, routes: Sequence[str]) -> Patterns:
    """Ordered calls only: what has no sequence tells no order."""
    found: Patterns = defaultdict(list)
    for row in context.rows(queries.stops_of(sorted(set(routes)))):
        call = _call(row)
        if call.sequence is not None:
            found[(call.route, call.direction)].append(call)
    return {key: sorted(calls, key=lambda c: c.sequence or 0) for key, calls in sorted(found.items(), key=_order)}


def _order(item: tuple[tuple[str, int | None], list[Call]]) -> tuple[str, int]:
    (route, direction), _ = item
    return route, -1 if direction is None else direction


def stops_meant(named: Named, plan: Plan, context: Context) -> tuple[list[Entity], Draft | None]:
    """The stops that are meant: all of one name in the city."""
    entities = context.of(named.ids)
    here = [e for e in entities if plan.city is None or e.city in (plan.city, "")]
    if not entities:
        return [], missing(context.phrases.say("unknown_name", name=named.text))
    if not here:
        return [], context.elsewhere(named, entities, plan)
    names = {entity.name.casefold() for entity in here}
    if (named.partial and len(names) > 1) or len({entity.city for entity in here}) > 1:
        return [], context.ask_which(named, here)
    return here, None


def _routes(plan: Plan, context: Context) -> tuple[dict[str, Entity], Draft | None]:
    """The routes that are meant, by id: one name may be several records, such as one for each direction."""
    assert plan.route is not None
    entities = context.of(plan.route.ids)
    here = [e for e in entities if plan.city is None or e.city in (plan.city, "")]
    if entities and not here:
        return {}, context.elsewhere(plan.route, entities, plan)
    if not here:
        return {}, missing(context.phrases.say("unknown_name", name=plan.route.text))
    if len({entity.city for entity in here}) > 1:
        return {}, context.ask_which(plan.route, here)
    return {entity.id: entity for entity in here}, None


def _calls_at(context: Context, stops: Iterable[Entity]) -> list[tuple[Call, Entity]]:
    """Every call at these stops, with the route that makes it."""
    rows = context.rows(queries.calls(sorted(stop.id for stop in stops)))
    routes = {e.id: e for e in context.of(sorted({str(row["route"]) for row in rows}))}
    return [(_call({**row, "name": ""}), routes[str(row["route"])]) for row in rows if str(row["route"]) in routes]


def _say_routes(
    draft: Draft,
    routes: Sequence[Entity],
    context: Context,
    facts: Sequence[Fact],
    *,
    phrase: str,
    counted: bool,
    **slots: Any,
) -> None:
    names = list(dict.fromkeys(route_name(route) for route in routes))
    text = context.phrases.say(
        f"{phrase}_one" if len(names) == 1 else phrase, n=len(names), names=context.phrases.names(names), **slots
    )
    shown = {name for route in routes[:SHOWN] for name in (route.name, str(route.get("short_name") or ""))}
    chosen = [fact for fact in facts if fact.name in shown] or list(facts)
    shorts = [route.fact("short_name") for route in routes[:SHOWN] if route.get("short_name")]
    draft.say(text, *chosen[:20], *shorts, support="computed", computed=[len(names)])
    distinct = list(dict.fromkeys(route.name for route in routes))
    draft.short = len(distinct) if counted else distinct
    draft.columns = ["id", "name", "short_name", "operator", "mode"]
    draft.rows = [[r.id, r.name, r.get("short_name"), r.get("operator"), r.get("mode")] for r in routes]


def _counted_only(plan: Plan) -> bool:
    return bool(plan.about.get("count"))


def route_name(route: Entity) -> str:
    short = route.get("short_name")
    return f"{short} ({route.name})" if short and str(short) not in route.name else route.name


def _sorted(routes: Iterable[Entity]) -> list[Entity]:
    unique = {route.id: route for route in routes}
    return sorted(unique.values(), key=lambda r: (str(r.get("short_name") or r.name).casefold(), r.id))


def serving(plan: Plan, context: Context) -> Draft:
    """Which routes call at a stop."""
    stops, problem = stops_meant(plan.subjects[0], plan, context)
    if problem:
        return problem
    calls = _by_mode(_calls_at(context, stops), plan)
    if not calls:
        slots = {"stop": stops[0].shown(plan.language), "mode": mode_words(plan, context)}
        return missing(context.phrases.say("serving_none", **slots).rstrip(".।"))
    facts = list(
        {call.record: Fact(call.record, "serves", stops[0].name, route.name) for call, route in calls}.values()
    )
    draft = Draft()
    slots = {"stop": stops[0].shown(plan.language)}
    _say_routes(
        draft,
        _sorted(route for _, route in calls),
        context,
        facts,
        phrase="serving",
        counted=_counted_only(plan),
        **slots,
    )
    draft.points = [point(stop, context.phrases, "anchor") for stop in stops if stop.point]
    return draft


def direct(plan: Plan, context: Context) -> Draft:
    """Which routes go from A to B without a change, in that direction."""
    origin, problem = stops_meant(plan.subjects[0], plan, context)
    goal, other = stops_meant(plan.subjects[1], plan, context)
    if problem or other:
        return problem or other or missing("")
    pairs, unordered = _joined(_by_mode(_calls_at(context, origin), plan), _calls_at(context, goal))
    a, b = origin[0].shown(plan.language), goal[0].shown(plan.language)
    if not pairs and unordered:
        names = context.phrases.names([route.name for route in _sorted(unordered)])
        return missing(context.phrases.say("membership_only", names=names))
    draft = Draft()
    if pairs:
        facts = list(
            {call.record: Fact(call.record, "serves", goal[0].name, route.name) for call, route in pairs}.values()
        )
        found, counted = _sorted(route for _, route in pairs), _counted_only(plan)
        _say_routes(draft, found, context, facts, phrase="direct", counted=counted, a=a, b=b)
    else:
        facts = [stop.fact("name") for stop in (*origin, *goal)]
        draft.say(
            context.phrases.say("direct_none", a=a, b=b, mode=mode_words(plan, context)), *facts, support="computed"
        )
        draft.short = 0 if _counted_only(plan) else []
    draft.points = [point(stop, context.phrases, "anchor") for stop in (*origin, *goal) if stop.point]
    return draft


Pairs = list[tuple[Call, Entity]]


def mode_words(plan: Plan, context: Context) -> str:
    """`bus ` where only buses were asked for."""
    return "".join(
        f"{context.phrases.say('mode_' + mode)} " for mode in plan.categories if mode in ("bus", "metro", "rail")
    )


def _by_mode(calls: Pairs, plan: Plan) -> Pairs:
    """Those of the means of transport that was asked for; a route without a mode may be any."""
    return [hit for hit in calls if not plan.categories or hit[1].get("mode") in (None, *plan.categories)]


def _joined(starts: Pairs, ends: Pairs) -> tuple[Pairs, list[Entity]]:
    """Calls at the origin that a later call at the goal follows; and routes that call at both in no known order."""
    later: dict[tuple[str, int | None], list[Call]] = defaultdict(list)
    for call, _ in ends:
        later[(call.route, call.direction)].append(call)
    pairs: Pairs = []
    unordered: list[Entity] = []
    for call, route in starts:
        for other in later.get((call.route, call.direction), ()):
            if call.sequence is None or other.sequence is None:
                unordered.append(route)
            elif call.sequence < other.sequence:
                pairs.append((call, route))
                break
    return pairs, unordered


def stops_between(plan: Plan, context: Context) -> Draft:
    """How many stops it is from A to B."""
    origin, problem = stops_meant(plan.subjects[0], plan, context)
    goal, other = stops_meant(plan.subjects[1], plan, context)
    if problem or other:
        return problem or other or missing("")
    if plan.route is not None:
        routes, problem = _routes(plan, context)
        if problem:
            return problem
    else:
        pairs, _ = _joined(_calls_at(context, origin), _calls_at(context, goal))
        routes = {route.id: route for _, route in pairs}
    counted = _counted(_patterns(context, list(routes)), {s.id for s in origin}, {s.id for s in goal})
    a, b = origin[0].shown(plan.language), goal[0].shown(plan.language)
    if not counted:
        unordered = _unordered(routes, origin, goal, context)
        if unordered:
            names = context.phrases.names([route_name(route) for route in unordered])
            return missing(context.phrases.say("membership_only", names=names))
        names = context.phrases.names([route_name(route) for route in _sorted(routes.values())]) if routes else ""
        if names:
            return _not_on_route(context, _sorted(routes.values()), names, a, b)
        return missing(context.phrases.say("direct_none", a=a, b=b, mode=mode_words(plan, context)).rstrip(".।"))
    return _say_counted(counted, routes, context, a, b)


def _unordered(routes: dict[str, Entity], origin: list[Entity], goal: list[Entity], context: Context) -> list[Entity]:
    """Routes that call at both, in an order that no source gives."""
    _, unordered = _joined(_calls_at(context, origin), _calls_at(context, goal))
    return [route for route in _sorted(unordered) if route.id in routes]


def _not_on_route(context: Context, routes: list[Entity], names: str, a: str, b: str) -> Draft:
    draft = Draft(short=None)
    text = context.phrases.say("not_on_route", route=names, a=a, b=b)
    draft.say(text, *[route.fact("name") for route in routes], support="computed")
    draft.short = "no"
    return draft


def _counted(patterns: Patterns, origin: set[str], goal: set[str]) -> dict[str, tuple[int, Call]]:
    """Route -> fewest stops from the origin to the goal in one of its directions, with the call there."""
    best: dict[str, tuple[int, Call]] = {}
    for (route, _), calls in patterns.items():
        start: int | None = None
        for at, call in enumerate(calls):
            if call.stop in origin:
                start = at
            elif call.stop in goal and start is not None:
                if route not in best or at - start < best[route][0]:
                    best[route] = (at - start, call)
                start = None
    return best


def _say_counted(
    counted: dict[str, tuple[int, Call]], routes: dict[str, Entity], context: Context, a: str, b: str
) -> Draft:
    draft, ordered = Draft(ordered=True), sorted(counted.items(), key=lambda item: (item[1][0], routes[item[0]].name))
    for route, (n, call) in ordered[:3]:
        phrase = "stops_between_one" if n == 1 else "stops_between"
        text = context.phrases.say(phrase, a=a, b=b, n=n, route=route_name(routes[route]))
        draft.say(text, call.fact(routes[route].name), support="computed", computed=[n])
    numbers = {n for n, _ in counted.values()}
    draft.short = ordered[0][1][0] if len(numbers) == 1 or len(ordered) == 1 else min(numbers)
    draft.columns = ["id", "name", "stops"]
    draft.rows = [[route, routes[route].name, n] for route, (n, _) in ordered]
    return draft


def route_stops(plan: Plan, context: Context) -> Draft:
    """The stops of a route in order."""
    return _of_route(plan, context, "route_stops")


def stop_count(plan: Plan, context: Context) -> Draft:
    """How many stops a route has."""
    return _of_route(plan, context, "stop_count")


def _of_route(plan: Plan, context: Context, kind: str) -> Draft:
    routes, problem = _routes(plan, context)
    if problem:
        return problem
    rows = [_call(row) for row in context.rows(queries.stops_of(sorted(routes)))]
    if not rows:
        shown = context.phrases.names([route_name(route) for route in routes.values()])
        return missing(context.phrases.say("no_stops_known", route=shown))
    draft = Draft(ordered=True, columns=["id", "name", "sequence", "direction", "route"])
    rows.sort(key=lambda c: (c.route, -1 if c.direction is None else c.direction, c.sequence or 0, c.name))
    draft.rows = [[c.stop, c.name, c.sequence, c.direction, routes[c.route].name] for c in rows]
    distinct = list({c.stop: c for c in rows}.values())
    route = route_name(routes[rows[0].route])
    names = list(dict.fromkeys(c.name for c in rows if (c.route, c.direction) == (rows[0].route, rows[0].direction)))
    if kind == "stop_count":
        draft.short = len(distinct)
        text = context.phrases.say("stop_count", route=route, n=len(distinct))
    else:
        draft.short = names
        text = context.phrases.say("route_stops", route=route, n=len(names), names=context.phrases.names(names))
    facts = [Fact(record, "serves", names, route) for record in dict.fromkeys(c.record for c in rows)]
    draft.say(text, *facts, support="computed", computed=[len(distinct), len(names)])
    draft.points = [
        {"id": c.stop, "name": c.name, "lat": c.point[0], "lon": c.point[1], "role": "result"}
        for c in distinct
        if c.point
    ]
    return draft


def service_hours(plan: Plan, context: Context) -> Draft:
    """First and last departure of a route, or of a route at a stop."""
    routes, problem = _routes(plan, context)
    if problem:
        return problem
    if plan.subjects:
        return _hours_at_stop(plan, routes, context)
    draft = Draft()
    values: list[str] = []
    for field in plan.fields:
        known = [route for route in _sorted(routes.values()) if route.get(field)]
        if not known:
            names = context.phrases.names([route_name(route) for route in _sorted(routes.values())])
            return missing(context.phrases.say("no_times", route=names))
        chosen = (min if field == "first" else max)(known, key=lambda r: str(r.get(field)))
        text = context.phrases.say(f"service_{field}", route=route_name(chosen), value=chosen.get(field))
        draft.say(text, chosen.fact(field))
        values.append(str(chosen.get(field)))
    draft.short = values[0] if len(values) == 1 else values
    return draft


def _hours_at_stop(plan: Plan, routes: dict[str, Entity], context: Context) -> Draft:
    stops, problem = stops_meant(plan.subjects[0], plan, context)
    if problem:
        return problem
    calls = [(c, r) for c, r in _calls_at(context, stops) if r.id in routes]
    timed = sorted((c for c, _ in calls if c.departure), key=lambda c: c.departure)
    name = route_name(next(iter(routes.values())))
    if not calls:
        text = context.phrases.say("calls_no", route=name, stop=stops[0].shown(plan.language))
        return missing(text.rstrip(".।"))
    if not timed:
        return missing(context.phrases.say("no_times", route=f"{name}, {stops[0].shown(plan.language)}"))
    draft, values = Draft(), []
    fields = plan.fields if timed[0].departure != timed[-1].departure else plan.fields[:1]
    for field in fields:
        call = timed[0] if field == "first" else timed[-1]
        slots = {"route": name, "stop": stops[0].shown(plan.language), "value": call.departure}
        fact = Fact(call.record, "departure", call.departure, name)
        draft.say(context.phrases.say(f"service_{field}_stop", **slots), fact, stops[0].fact("name"))
        values.append(call.departure)
    draft.short = values[0] if len(values) == 1 else values
    return draft


def next_stop(plan: Plan, context: Context) -> Draft:
    """What comes after (or before) a stop, on a route, in a direction."""
    stops, problem = stops_meant(plan.subjects[0], plan, context)
    if problem:
        return problem
    routes: dict[str, Entity] = {}
    if plan.route is not None:
        routes, problem = _routes(plan, context)
        if problem:
            return problem
    else:
        routes = {route.id: route for _, route in _calls_at(context, stops)}
    goal = set(plan.towards.ids) if plan.towards else set()
    backwards = bool(plan.about.get("backwards"))
    found = _neighbouring(_patterns(context, list(routes)), {s.id for s in stops}, goal, backwards)
    if not found:
        names = context.phrases.names([route_name(route) for route in _sorted(routes.values())])
        return missing(context.phrases.say("no_stops_known", route=names or stops[0].name))
    return _say_neighbours(found, routes, stops[0], context, plan)


Neighbour = tuple[str, Call | None, Call]
"""(route, the neighbouring call or None at the end of the line, the last call in that direction)."""


def _neighbouring(patterns: Patterns, at: set[str], goal: set[str], backwards: bool) -> list[Neighbour]:
    found: list[Neighbour] = []
    for (route, _), calls in patterns.items():
        for index, call in enumerate(calls):
            if call.stop not in at or (goal and not any(later.stop in goal for later in calls[index + 1 :])):
                continue
            beside = index - 1 if backwards else index + 1
            found.append((route, calls[beside] if 0 <= beside < len(calls) else None, calls[-1]))
    moving = [hit for hit in found if hit[1] is not None]
    return moving or found


def _say_neighbours(
    found: list[Neighbour], routes: dict[str, Entity], stop: Entity, context: Context, plan: Plan
) -> Draft:
    draft = Draft()
    names: list[str] = []
    said: set[str] = set()
    backwards = bool(plan.about.get("backwards"))
    for route, call, end in found:
        slots = {"stop": stop.shown(plan.language), "route": route_name(routes[route]), "end": end.name}
        if call is None:
            text = context.phrases.say("start_of_line" if backwards else "end_of_line", **slots)
            draft.say(text, end.fact(routes[route].name), stop.fact("name"), support="computed")
            continue
        text = context.phrases.say("previous_stop" if backwards else "next_stop", value=call.name, **slots)
        if text not in said and len(said) < 6:
            draft.say(text, call.fact(routes[route].name), end.fact(routes[route].name), stop.fact("name"))
        said.add(text)
        names.append(call.name)
    distinct = list(dict.fromkeys(names))
    draft.short = distinct[0] if len(distinct) == 1 else distinct
    return draft


def calls_at(plan: Plan, context: Context) -> Draft:
    """Whether a route stops somewhere, or goes from A to B."""
    routes, problem = _routes(plan, context)
    if problem:
        return problem
    groups: list[list[Entity]] = []
    for named in plan.subjects:
        stops, problem = stops_meant(named, plan, context)
        if problem:
            return problem
        groups.append(stops)
    calls = [[hit for hit in _calls_at(context, stops) if hit[1].id in routes] for stops in groups]
    name = route_name(_sorted(routes.values())[0])
    shown = [group[0].shown(plan.language) for group in groups]
    draft = Draft()
    if len(groups) == 1:
        yes, phrase = bool(calls[0]), "calls_yes" if calls[0] else "calls_no"
        text = context.phrases.say(phrase, route=name, stop=shown[0])
    else:
        pairs, unordered = _joined(calls[0], calls[1])
        if not pairs and unordered:
            return missing(context.phrases.say("membership_only", names=name))
        yes, phrase = bool(pairs), "goes_yes" if pairs else "not_on_route"
        text = context.phrases.say(phrase, route=name, a=shown[0], b=shown[1])
    facts = [Fact(call.record, "serves", name, route.name) for group in calls for call, route in group]
    facts = facts or [route.fact("name") for route in _sorted(routes.values())]
    draft.say(text, *facts, *[group[0].fact("name") for group in groups], support="computed")
    draft.short = "yes" if yes else "no"
    return draft


def terminals(plan: Plan, context: Context) -> Draft:
    """Where a route begins and ends."""
    routes, problem = _routes(plan, context)
    if problem:
        return problem
    patterns = _patterns(context, list(routes))
    if not patterns:
        names = context.phrases.names([route_name(route) for route in _sorted(routes.values())])
        return missing(context.phrases.say("no_stops_known", route=names))
    draft, ends = Draft(), []
    for (route, _), calls in patterns.items():
        first, last = calls[0], calls[-1]
        text = context.phrases.say("terminals", route=route_name(routes[route]), a=first.name, b=last.name)
        draft.say(text, first.fact(routes[route].name), last.fact(routes[route].name))
        ends += [first.name, last.name]
    draft.short = list(dict.fromkeys(ends))
    return draft
