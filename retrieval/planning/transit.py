"""Questions about stops and routes. The order of the rules matters: the most specific comes first."""

from dataclasses import replace

from retrieval.linking import Mention
from retrieval.plan import Named, Plan
from retrieval.planning.reading import Reading
from retrieval.planning.target import modes_in

UNTOLD = frozenset({"duration", "fare"})
"""What calls of routes do not tell: the route's own fields may."""
MODES = frozenset({"bus", "metro", "rail", "tram", "ferry"})


def transit(reading: Reading, base: Plan) -> Plan | None:
    """A plan when stops or routes are named and the question is about service."""
    stops, routes = _split(reading)
    if (not stops and not routes) or not _is_about_service(reading, routes):
        return None
    for rule in (_stops_between, _next_stop, _direct, _service_hours, _calls_at, _of_route, _serving):
        plan = rule(reading, base, stops, routes)
        if plan is not None:
            return plan
    return None


def _split(reading: Reading) -> tuple[list[Mention], list[Mention]]:
    """Mentions that name stops, and mentions that name routes; what may be both is a route beside `route` or `bus`."""
    routes = [m for m in reading.naming("Route") if not m.partial and _reads_as_route(reading, m)]
    stops = [m for m in reading.naming("Stop") if m not in routes and not _only_city(m)]
    return stops, routes


def _only_city(mention: Mention) -> bool:
    return mention.city is not None and not mention.facets and len(mention.entities) <= 1


def _reads_as_route(reading: Reading, mention: Mention) -> bool:
    if not reading.things(mention, "Stop", "Place", "Area"):
        return True
    return id(mention) in reading.narrowed or reading.after(mention, "route", gap=1)


def _is_about_service(reading: Reading, routes: list[Mention]) -> bool:
    modes = any(slug in MODES for mention in reading.mentions for slug in mention.categories)
    cues = reading.asks(
        "route",
        "serve",
        "direct",
        "how_many_stops",
        "first_service",
        "last_service",
        "first_last",
        "next_stop",
        "previous_stop",
    )
    if reading.asks("nearest", "far", "within", "near", "cheapest", "best"):
        return False
    if any(field in UNTOLD for mention in reading.free() for field in mention.fields):
        return False
    return bool(routes) or cues or (modes and reading.asks("go", "terminal"))


def _next_stop(reading: Reading, base: Plan, stops: list[Mention], routes: list[Mention]) -> Plan | None:
    if not stops or not reading.asks("next_stop", "previous_stop") or not (routes or reading.asks("stop", "route")):
        return None
    before = reading.asks("previous_stop") and not reading.asks("next_stop")
    towards = next((m for m in stops if reading.after(m, "towards", "to") or reading.before(m, "towards", gap=0)), None)
    at = next((m for m in stops if m is not towards), None)
    if at is None:
        return None
    subjects = (reading.named(at, "Stop"),)
    about = {"backwards": before}
    goal = reading.named(towards, "Stop") if towards else None
    return _with(reading, base, "next_stop", subjects, routes, towards=goal, about=about)


def _stops_between(reading: Reading, base: Plan, stops: list[Mention], routes: list[Mention]) -> Plan | None:
    asked = reading.asks("how_many_stops") or (reading.asks("count") and _counts_stops(reading))
    if len(stops) < 2 or not asked:
        return None
    return _with(reading, base, "stops_between", _from_to(reading, stops), routes)


def _counts_stops(reading: Reading) -> bool:
    """`how many stops`, also with small words between."""
    return any(m.is_about("stop") and not m.entities for m in reading.mentions)


def _direct(reading: Reading, base: Plan, stops: list[Mention], routes: list[Mention]) -> Plan | None:
    if len(stops) < 2 or routes:
        return None
    return _with(reading, base, "direct", _from_to(reading, stops), routes)


def _from_to(reading: Reading, stops: list[Mention]) -> tuple[Named, Named]:
    """Origin and destination by the words around them; without any, in the order given."""
    first, second = stops[0], stops[1]
    if reading.word_after(first, FROM) or reading.word_after(second, FROM):
        backwards = reading.word_after(second, FROM) and not reading.word_after(first, FROM)
    else:
        backwards = reading.after(second, "from", gap=1) and not reading.after(first, "from", gap=1)
        backwards = backwards or (reading.after(first, "to", gap=0) and reading.after(second, "from", gap=1))
    origin, goal = (second, first) if backwards else (first, second)
    return reading.named(origin, "Stop"), reading.named(goal, "Stop")


FROM = frozenset(("से", "se"))
"""Stands behind its noun, unlike `from`."""


def _calls_at(reading: Reading, base: Plan, stops: list[Mention], routes: list[Mention]) -> Plan | None:
    """`Does 335E stop at X`, `is X on route 335E`, `does R go from A to B`."""
    if not stops or not routes or reading.asks("first_service", "last_service", "first_last"):
        return None
    subjects = _from_to(reading, stops) if len(stops) > 1 else (reading.named(stops[0], "Stop"),)
    return _with(reading, base, "calls_at", subjects, routes)


def _service_hours(reading: Reading, base: Plan, stops: list[Mention], routes: list[Mention]) -> Plan | None:
    cue = reading.asks("first_service", "last_service", "first_last")
    bare = () if reading.asks("terminal", "next_stop") else _bare_first_or_last(reading)
    timed = bool(routes and stops) and _asks_when(reading)
    if not routes or not (cue or bare or timed) or (reading.asks("terminal") and not cue):
        return None
    first = reading.asks("first_service", "first_last") or "first" in bare
    last = reading.asks("last_service", "first_last") or "last" in bare
    fields = tuple(name for name, asked in (("first", first), ("last", last)) if asked) or ("first", "last")
    subjects = (reading.named(stops[0], "Stop"),) if stops else ()
    return _with(reading, base, "service_hours", subjects, routes, fields=fields)


def _asks_when(reading: Reading) -> bool:
    keys = {token.key for token in reading.linked.tokens}
    return bool(keys & {"when", "कब", "बजे", "kab", "baje"}) or {"what", "time"} <= keys


FIRST = frozenset("first earliest पहली पहला पहले pehli pahli".split())
LAST = frozenset("last latest final आखिरी अंतिम आख़िरी aakhri akhri aakhiri".split())
SERVICE = frozenset(
    "bus buses train trains metro service departure trip run leave leaves depart departs time timing bas "
    "बस ट्रेन मेट्रो सेवा".split()
)


def _bare_first_or_last(reading: Reading) -> tuple[str, ...]:
    """`first 335E bus`: the words apart from each other."""
    keys = {token.key for token in reading.linked.tokens}
    beside = any(m.start and reading.linked.tokens[m.start - 1].key in FIRST | LAST for m in reading.naming("Route"))
    if not keys & SERVICE and not beside:
        return ()
    return tuple(name for name, words in (("first", FIRST), ("last", LAST)) if keys & words)


def _of_route(reading: Reading, base: Plan, stops: list[Mention], routes: list[Mention]) -> Plan | None:
    if stops or not routes:
        return None
    if reading.asks("how_many_stops") or (reading.asks("count") and _counts_stops(reading)):
        return _with(reading, base, "stop_count", (), routes)
    if reading.asks("terminal") and not _asks_field(reading):
        return _with(reading, base, "terminals", (), routes)
    if _counts_stops(reading) and reading.asks("list", "stop", "serve"):
        return _with(reading, base, "route_stops", (), routes)
    return None


def _asks_field(reading: Reading) -> bool:
    return any(
        field in ("headway_minutes", "operator", "mode", "network")
        for mention in reading.mentions
        for field in mention.fields
    )


def _serving(reading: Reading, base: Plan, stops: list[Mention], routes: list[Mention]) -> Plan | None:
    if len(stops) != 1 or routes or not reading.asks("route", "serve"):
        return None
    if any(mention.fields and not mention.operators for mention in reading.free()):
        return None
    return _with(reading, base, "serving", (reading.named(stops[0], "Stop"),), routes)


def _modes(reading: Reading) -> tuple[str, ...]:
    """Buses or trains only, where the question says so beside `route` and not as part of a stop's kind."""
    return modes_in(" ".join(m.text for m in reading.mentions if m.is_about("route") and not m.is_about("stop")))


def _with(
    reading: Reading, base: Plan, kind: str, subjects: tuple[Named, ...], routes: list[Mention], **more: object
) -> Plan:
    reading.use(*(m for m in reading.free() if set(m.categories) & MODES or m.is_about("stop", "route")))
    route = reading.named(routes[0], "Route") if routes else None
    if kind in ("serving", "direct"):
        more["about"] = {word: True for word in ("count", "direct") if reading.asks(word)}
    if kind in ("serving", "direct", "stops_between"):
        more["categories"] = _modes(reading)
    return replace(base, kind=kind, subjects=subjects, route=route, label="Route", **more)  # type: ignore[arg-type]
