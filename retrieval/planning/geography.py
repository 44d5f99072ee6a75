"""Questions about where things are: nearest, within, how far."""

from dataclasses import replace

from retrieval.linking import Mention
from retrieval.plan import Plan
from retrieval.planning.reading import Reading
from retrieval.planning.target import Target, find_constraints, find_target

NEAR_M = 1_000.0
"""What `near` means when nobody says how near."""
ANCHORS = ("Place", "Stop", "Area", "Event", "City")


def distance(reading: Reading, base: Plan) -> Plan | None:
    """`How far is A from B`."""
    named = reading.naming(*ANCHORS)
    if not reading.asks("far") or reading.asks("nearest", "within") or len(named) < 1:
        return None
    if len(named) == 1:
        if any(m.categories for m in reading.free() if m is not named[0]):
            return None
        return replace(base, kind="unclear", why_unclear="one_place", subjects=(reading.named(named[0]),))
    subjects = tuple(reading.named(m, *ANCHORS) for m in named[:2])
    return replace(base, kind="distance", subjects=subjects)


def around(reading: Reading, base: Plan) -> Plan | None:
    """`Nearest pharmacy to A`, `schools within 2 km of A`, `cafes near A`."""
    metres = next((m for m in reading.free() if m.number and m.number.unit == "m"), None)
    near = reading.asks("nearest", "near", "closer") or (
        metres is not None and reading.asks("within", "lt", "list", "count", "exists")
    )
    if not near:
        return None
    anchor = _anchor(reading)
    if anchor is None:
        return _without_anchor(reading, base, metres)
    target = _target_beside(reading, anchor)
    anything = reading.asks("near") or metres is not None
    if target is None and anything and not any(m.categories or m.fields for m in reading.free()):
        target = Target("Place", (), "place", plural=True)  # `what is near A`, `places within 500 m of A`
    if target is None:
        return None
    place = reading.named(anchor, *ANCHORS)
    constraints = tuple(find_constraints(reading, target))
    plan = replace(
        base,
        label=target.label,
        categories=target.categories,
        sought=target.slug,
        constraints=constraints,
        anchor=place,
    )
    reading.use(metres)
    return _near_or_within(reading, plan, target, metres.number.value if metres and metres.number else None)


def _near_or_within(reading: Reading, plan: Plan, target: Target, distance_m: float | None) -> Plan:
    about = {"count": reading.asks("count")}
    if distance_m is not None and not reading.asks("nearest"):
        return replace(plan, kind="within", distance_m=distance_m, about=about)
    if reading.asks("nearest", "closer"):
        usual = 3 if target.plural and _wants_many(reading) else 1
        return replace(plan, kind="nearest", distance_m=distance_m, k=how_many(reading) or usual)
    if reading.asks("count"):
        return replace(plan, kind="within", distance_m=NEAR_M, about=about)
    return replace(plan, kind="nearest", k=how_many(reading) or 5)


def _wants_many(reading: Reading) -> bool:
    keys = {token.key for token in reading.linked.tokens}
    return reading.language == "en" and bool(keys & {"are", "list", "some", "all"})


def _anchor(reading: Reading) -> Mention | None:
    """The named thing behind `near`, `of`, `to`, `from`; in Hindi before `के पास` or `से`; else the last one named."""
    named = [m for m in reading.naming(*ANCHORS) if not m.categories or not m.is_about()]
    named = [m for m in named if not (m.categories and _plain_category(reading, m))]
    for mention in named:
        if reading.after(mention, "near", "nearest", "to", "from", "within", gap=1) or reading.before(
            mention, "near", gap=0
        ):
            return mention
    return named[-1] if named else None


def _plain_category(reading: Reading, mention: Mention) -> bool:
    """`hospital` alone is the kind of thing even where something is called just that."""
    return mention.end - mention.start <= 2 and id(mention) not in reading.narrowed


def _target_beside(reading: Reading, anchor: Mention) -> Target | None:
    held = [anchor]
    reading.use(*held)
    target = find_target(reading)
    reading.used.difference_update(id(m) for m in held)
    return target


def _without_anchor(reading: Reading, base: Plan, metres: Mention | None) -> Plan | None:
    """Nothing named is known: say which place is missing, unless an area filter will do (`cafes near Koramangala`)."""
    if (
        any(facet.field == "area" for m in reading.free() for facet in m.facets)
        and metres is None
        and not reading.asks("nearest")
    ):
        return None
    if reading.cities_named() and metres is None and not reading.linked.residue:
        return None  # `airports near Delhi`: those of the city and its surroundings
    if find_target(reading) is None:
        return None
    reading.use(metres)
    return replace(base, kind="unclear", why_unclear="no_anchor")


LIMITED = (
    "list",
    "nearest",
    "best",
    "worst",
    "cheapest",
    "costliest",
    "largest",
    "smallest",
    "most_reviewed",
    "stop",
    "route",
)


def _is_limit(reading: Reading, mention: Mention) -> bool:
    """`3 nearest`, `top 5 cafes`: beside what it limits; the 49 of `route 49` limits nothing."""
    following = [m for m in reading.mentions if reading.close(mention, m, gap=2)]
    leading = [m for m in reading.mentions if reading.close(m, mention)]
    return any(m.categories or m.facets or m.is_about(*LIMITED) for m in following) or any(
        m.is_about(*LIMITED[:-2]) for m in leading
    )


def how_many(reading: Reading) -> int | None:
    """A bare small number, such as in `top 5` or `three nearest`."""
    for mention in reading.free():
        number = mention.number
        if number and not number.unit and number.value in range(1, 51) and _is_limit(reading, mention):
            reading.use(mention)
            return int(number.value)
    return None
