"""Stops and routes."""

from collections.abc import Sequence

from benchmarks.questions.draft import Draft, RouteName, Slot, StopName, Vehicle
from benchmarks.questions.makers.context import Context, Maker
from benchmarks.questions.text import fold
from benchmarks.questions.transit import Route, StopGroup

LONGEST_LIST = 60


def stop_routes(context: Context) -> Draft | None:
    """Which routes serve a stop, or how many."""
    stop = _clear_stop(context)
    routes = context.network.by_stop.get(stop, []) if stop else []
    if stop is None or not 1 <= len(routes) <= LONGEST_LIST or not _all_clear(context, routes):
        return None
    slots: dict[str, Slot] = {"stop": StopName(stop.name, stop.mode), **_vehicles(routes)}
    if context.rng.random() < 0.3:
        numbers = len({route.names[0] for route in routes})
        aliases = [numbers] if numbers != len(routes) else []
        return Draft(
            "stop_routes", "stop_route_count", slots, context.city, len(routes), "number", list(aliases),
            gold=_gold(routes),
        )  # fmt: skip
    return _route_list(context, "stop_routes", slots, routes)


def direct(context: Context) -> Draft | None:
    """Which routes go from A to B, in that direction, without a change; also when there is none."""
    start = _clear_stop(context)
    if start is None:
        return None
    pool = [stop for route in context.network.by_stop.get(start, []) for run in route.runs.values() for stop in run]
    end = context.rng.choice(pool) if pool and context.rng.random() < 0.85 else _clear_stop(context)
    if end is None or end.mode != start.mode or fold(end.name) == fold(start.name) or not _is_clear(context, end):
        return None
    routes = context.network.direct(start, end)
    if routes is None or len(routes) > LONGEST_LIST or not _all_clear(context, routes):
        return None
    slots: dict[str, Slot] = {"from": StopName(start.name, start.mode), "to": StopName(end.name, end.mode)}
    slots.update(_vehicles(context.network.by_stop[start]) if context.network.by_stop.get(start) else _bus())
    return _route_list(context, "direct", slots, routes)


def hops(context: Context) -> Draft | None:
    """How many stops from A to B on a route: the next one is one stop away."""
    found = _route_with_run(context)
    if found is None:
        return None
    route, name, run = found
    i, j = sorted(context.rng.sample(range(len(run)), 2))
    start, end = run[i], run[j]
    if not _once(route, start) or not _once(route, end) or fold(start.name) == fold(end.name):
        return None
    if not _named_once(route, start) or not _named_once(route, end):
        return None
    if any(len(r) > 1 and _steps(r, start, end) not in (None, j - i) for r in route.runs.values()):
        return None
    slots: dict[str, Slot] = {
        "from": StopName(start.name, start.mode),
        "to": StopName(end.name, end.mode),
        "route": name,
    }
    return Draft("hops", "hops", slots, context.city, j - i, "number", gold=route.thing.refs)


def first_last(context: Context) -> Draft | None:
    """First or last departure of a route."""
    which = context.rng.choice(("first", "last"))
    timed = [route for route in context.network.routes if route.thing.sole(which)]
    picked = _clear_route(context, timed)
    if picked is None:
        return None
    route, name = picked
    slots: dict[str, Slot] = {"route": name, "vehicle": Vehicle(route.mode, "one")}
    return Draft(
        "first_last", which, slots, context.city, str(route.thing.sole(which)), "string", gold=route.thing.refs
    )


def next_stop(context: Context) -> Draft | None:
    """What follows X on a route towards its end."""
    found = _route_with_run(context)
    if found is None or len(found[2]) < 4:
        return None
    route, name, run = found
    i = context.rng.randrange(0, len(run) - 2)
    stop, towards = run[i], run[-1]
    if any(not _once(route, s) or not _named_once(route, s) for s in (stop, run[i + 1])):
        return None
    others = [other for other in route.runs.values() if other is not run]
    if any(other[-1] is towards or _steps(other, stop, towards) is not None for other in others):
        return None
    if towards in run[:-1] or fold(towards.name) == fold(stop.name):
        return None
    slots: dict[str, Slot] = {
        "stop": StopName(stop.name, stop.mode),
        "towards": towards.name,
        "route": name,
    }
    return Draft("next_stop", "next", slots, context.city, run[i + 1].name, "string", gold=route.thing.refs)


def serves(context: Context) -> Draft | None:
    """Does the route stop there?"""
    picked = _clear_route(context, [route for route in context.network.routes if route.members])
    if picked is None:
        return None
    route, name = picked
    stop = context.rng.choice(route.members) if context.rng.random() < 0.6 else _clear_stop(context)
    if stop is None or stop.mode != route.mode or not _is_clear(context, stop):
        return None
    slots: dict[str, Slot] = {
        "route": name,
        "stop": StopName(stop.name, stop.mode),
        "vehicle": Vehicle(route.mode, "one"),
    }
    return Draft("serves", "serves", slots, context.city, stop in route.members, "bool", gold=route.thing.refs)


def stop_count(context: Context) -> Draft | None:
    """How many stops a route has, each counted once; both directions or the longer one are right."""
    picked = _clear_route(context, [route for route in context.network.routes if route.members])
    if picked is None:
        return None
    route, name = picked
    aliases = sorted({len(run) for run in route.runs.values()} | {len(set(run)) for run in route.runs.values()})
    slots: dict[str, Slot] = {"route": name}
    return Draft(
        "route_stops", "route_stop_count", slots, context.city, len(route.members), "number",
        [n for n in aliases if n != len(route.members)], gold=route.thing.refs,
    )  # fmt: skip


def terminals(context: Context) -> Draft | None:
    """Both ends, where the directions agree about them."""
    found = _route_with_run(context)
    if found is None:
        return None
    route, name, run = found
    ends = {frozenset((fold(r[0].name), fold(r[-1].name))) for r in route.runs.values() if r}
    if len(ends) != 1 or fold(run[0].name) == fold(run[-1].name):
        return None
    answer = [run[0].name, run[-1].name]
    return Draft("terminals", "terminals", {"route": name}, context.city, answer, "list", gold=route.thing.refs)


# -- what may be asked about -------------------------------------------------------------------------------
def _clear_stop(context: Context) -> StopGroup | None:
    served = list(context.network.by_stop)
    for _ in range(40 if served else 0):
        stop = context.rng.choice(served)
        if _is_clear(context, stop):
            return stop
    return None


def _is_clear(context: Context, stop: StopGroup) -> bool:
    """One stop of that name in the city, and nothing else is called so."""
    others = [t for t in context.world.named(stop.name, context.city) if t.kind not in ("stop", "area")]
    return len(context.network.named_stops[fold(stop.name)]) == 1 and not others and len(fold(stop.name)) >= 4


def _clear_route(context: Context, routes: Sequence[Route]) -> tuple[Route, RouteName] | None:
    for _ in range(40 if routes else 0):
        route = context.rng.choice(routes)
        name = _label(context, route)
        if name and len(name) <= 45:
            return route, RouteName(name, route.mode)
    return None


def _all_clear(context: Context, routes: Sequence[Route]) -> bool:
    return all(_label(context, route) for route in routes)


def _label(context: Context, route: Route) -> str:
    """The first of its names that no other route has; empty when there is none."""
    named = context.network.named_routes
    return next((name for name in route.names if len(named[fold(name)]) == 1), "")


def _route_with_run(context: Context) -> tuple[Route, RouteName, list[StopGroup]] | None:
    picked = _clear_route(context, [route for route in context.network.routes if route.runs])
    if picked is None:
        return None
    route, name = picked
    run = route.runs[context.rng.choice(sorted(route.runs))]
    return (route, name, run) if len(run) >= 3 else None


def _once(route: Route, stop: StopGroup) -> bool:
    """Whether each direction passes it at most once."""
    return all(run.count(stop) <= 1 for run in route.runs.values())


def _named_once(route: Route, stop: StopGroup) -> bool:
    return [fold(member.name) for member in route.members].count(fold(stop.name)) == 1


def _steps(run: Sequence[StopGroup], start: StopGroup, end: StopGroup) -> int | None:
    if start not in run or end not in run[run.index(start) + 1 :]:
        return None
    return run.index(end) - run.index(start)


def _route_list(context: Context, kind: str, slots: dict[str, Slot], routes: Sequence[Route]) -> Draft:
    """Routes by their own names; the number that several share (up and down) is as right for all of them."""
    named = context.network.named_routes
    names = {_label(context, route): [n for n in route.names if len(named[fold(n)]) == 1] for route in routes}
    answer, numbers = sorted(names), sorted({route.names[0] for route in routes})
    return Draft(
        kind, kind, slots, context.city, answer, "list", [numbers] if numbers != answer else [], gold=_gold(routes),
        total=len(routes), names={name: others[1:] for name, others in names.items() if others[1:]},
    )  # fmt: skip


def _gold(routes: Sequence[Route]) -> list[str]:
    return [ref for route in routes[:20] for ref in route.thing.refs]


def _vehicles(routes: Sequence[Route]) -> dict[str, Slot]:
    mode = routes[0].mode
    return {"vehicles": Vehicle(mode, "many"), "routes": Vehicle(mode, "routes")}


def _bus() -> dict[str, Slot]:
    return {"vehicles": Vehicle("bus", "many"), "routes": Vehicle("bus", "routes")}


TRANSIT_MAKERS: dict[str, tuple[float, Maker]] = {
    "stop_routes": (4.0, stop_routes),
    "direct": (5.0, direct),
    "hops": (3.0, hops),
    "first_last": (3.0, first_last),
    "next_stop": (3.0, next_stop),
    "serves": (3.0, serves),
    "stop_count": (2.0, stop_count),
    "terminals": (2.0, terminals),
}
