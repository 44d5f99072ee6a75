"""Questions about one named thing, or two: look up, check, compare, describe."""

from dataclasses import replace

from graph.queries import Condition
from retrieval.catalogue import Catalogue, Thing
from retrieval.linking import Mention
from retrieval.plan import AREA_KINDS, Constraint, Named, Order, Plan
from retrieval.planning.reading import YES_NO, Reading, best_facet
from retrieval.planning.target import PRICES

YEARS = ("founded", "established", "built", "opened", "year", "establishment_year")
COMPARATIVES: dict[str, tuple[tuple[str, ...], bool]] = {
    "cheaper": (PRICES, False),
    "cheapest": (PRICES, False),
    "costlier": (PRICES, True),
    "costliest": (PRICES, True),
    "better": (("rating",), True),
    "best": (("rating",), True),
    "worse": (("rating",), False),
    "more_reviews": (("rating_count",), True),
    "most_reviewed": (("rating_count",), True),
    "bigger": (("population", "beds", "employees"), True),
    "smaller": (("population", "beds", "employees"), False),
    "oldest": (YEARS, False),
    "older": (YEARS, False),
    "newer": (YEARS, True),
}
MORE_THAN_A_NAME = ("count", "nearest", "near", "within", "far", "compare", "lt", "gt", "ge", *COMPARATIVES)
"""Operators that ask for something; a thing's description is no answer to them."""
NAMED = ("Place", "Organization", "Area", "Stop", "Route", "Event", "Document", "Funding", "Indicator")
LOWER_IS_BETTER = frozenset(PRICES)


def compare(reading: Reading, base: Plan) -> Plan | None:
    """`Which is cheaper, A or B`, `compare the ratings of A and B`, `which is closer to X: A or B`."""
    named = [m for m in reading.naming(*NAMED) if m.number is None]
    side_by_side = reading.asks("compare", "closer", "farther", "nearest", "between", "lt", "gt")
    if not side_by_side and any(m.categories for m in reading.free()):
        return None  # `the cheapest North Indian restaurant` is no comparison of two
    proper = [m for m in named if any(thing.label != "Area" for thing in reading.things(m)) and not m.city]
    named = proper if len(proper) > 1 else named
    apart = [m for m in named if not _says_where(reading, m, named)]
    named = apart if len(apart) > 1 else named
    cues = side_by_side or reading.asks(*COMPARATIVES, "largest", "smallest")
    if len(named) > 2 and reading.asks("closer", "farther", "nearest"):
        return _closer(reading, base, named)
    if len(named) < 2 or not cues:
        return None
    pair = named[:2]
    measure = _measure(reading, pair)
    if measure is None:
        return None
    subjects = tuple(_narrowed(reading, mention, (measure.field,)) for mention in pair)
    return replace(base, kind="compare", subjects=subjects, order=measure, fields=(measure.field,))


def _says_where(reading: Reading, mention: Mention, named: list[Mention]) -> bool:
    """`Care Hospital, Banjara Hills`: an area right behind another name."""
    is_area = any(facet.field == "area" for facet in mention.facets)
    return is_area and any(other is not mention and reading.close(other, mention) for other in named)


def _measure(reading: Reading, pair: list[Mention]) -> Order | None:
    things = [thing for mention in pair for thing in reading.things(mention)]
    for concept, (fields, descending) in COMPARATIVES.items():
        if reading.asks(concept):
            field = next((f for f in fields if _has(reading.catalogue, f, things)), None)
            if field:
                return Order(field, descending)
    for mention in reading.mentions:
        for field in mention.fields:
            info = reading.catalogue.fields.get(field)
            if info and info.numeric and _has(reading.catalogue, field, things):
                lower = reading.asks("lt", "smallest", "smaller") or (
                    field in LOWER_IS_BETTER and not reading.asks("gt", "largest", "bigger")
                )
                return Order(field, not lower)
    return None


def _has(catalogue: Catalogue, field: str, things: list[Thing]) -> bool:
    info = catalogue.fields.get(field)
    return bool(info and any(info.labels[thing.label] and info.categories[thing.category] for thing in things))


def _measured_from(reading: Reading, mention: Mention) -> int:
    """How surely distances are measured from this: `closest to A`, `I am at A`, `to A`; the smaller the surer."""
    if reading.after(mention, "closer", "farther", "nearest", gap=0):
        return 0
    if reading.after(mention, "standing", gap=0):
        return 1
    return 2 if reading.after(mention, "to") or reading.before(mention, "near", "closer", "from", gap=0) else 3


def _closer(reading: Reading, base: Plan, named: list[Mention]) -> Plan:
    anchor = min(named, key=lambda mention: _measured_from(reading, mention))  # the first of equals
    pair = [m for m in named if m is not anchor][:2]
    return replace(
        base,
        kind="compare",
        anchor=reading.named(anchor, "Place", "Stop", "Area"),
        subjects=tuple(reading.named(m) for m in pair),
        order=Order("distance", reading.asks("farther")),
        fields=("distance",),
    )


def lookup(reading: Reading, base: Plan) -> Plan | None:
    """`What is the rating of A`, `when was A founded`, `does A serve Chinese`, `tell me about A`."""
    named = reading.naming(*NAMED)
    if not named:
        return None
    subject = _subject(reading, named)
    asked = [m for m in reading.free() if m.fields and m is not subject]
    fields = tuple(dict.fromkeys(field for m in asked for field in m.fields))
    reading.use(subject)
    check = None if _asks_value(reading) else _check(reading, reading.things(subject, *NAMED))
    subject_as = _narrowed(reading, subject, fields)
    things = [reading.catalogue.things[id_] for id_ in subject_as.ids]
    if check is not None:
        return replace(base, kind="check", subjects=(subject_as,), constraints=(check,), fields=(check.field,))
    reading.use(*asked, *_years(reading, things))
    if fields:
        return replace(base, kind="lookup", subjects=(subject_as,), fields=_known_first(reading, fields, things))
    if reading.asks(*MORE_THAN_A_NAME):
        return None
    return replace(base, kind="describe", subjects=(subject_as,))


def _subject(reading: Reading, named: list[Mention]) -> Mention:
    """The longest exact name; a thing rather than an area where both are named (`rating of A in Koramangala`)."""

    def weight(mention: Mention) -> tuple[bool, bool, int, int]:
        areas = all(thing.label == "Area" for thing in reading.things(mention))
        everyday = bool(mention.operators or mention.fields) and mention.end - mention.start == 1
        return (not everyday, not areas and mention.city is None, mention.end - mention.start, -mention.start)

    return max(named, key=weight)


def _narrowed(reading: Reading, mention: Mention, fields: tuple[str, ...] | None) -> Named:
    """The ids that the rest of the question leaves: by area, by category, by having the field that is asked."""
    reading.use(mention)
    things = reading.things(mention, *NAMED)
    for other in reading.free():
        kept = _by_area(reading, other, things) or _by_category(reading, other, things)
        if kept:
            things = kept
            reading.use(other)
    if fields and len(things) > 1:
        having = [thing for thing in things if any(_has(reading.catalogue, field, [thing]) for field in fields)]
        things = having or things
    return Named(mention.text, tuple(thing.id for thing in things), mention.exact, mention.partial)


def _by_area(reading: Reading, other: Mention, things: list[Thing]) -> list[Thing]:
    names = {value for facet in other.facets if facet.field == "area" for value in facet.values}
    names |= {thing.name for thing in reading.things(other, "Area")} if other.entities else set()
    return [thing for thing in things if thing.area in names]


def _by_category(reading: Reading, other: Mention, things: list[Thing]) -> list[Thing]:
    slugs = {slug for category in other.categories for slug in reading.catalogue.scope.below(category)}
    return [thing for thing in things if thing.category in slugs]


def _asks_value(reading: Reading) -> bool:
    """`What`, `which`, `how`: a value is wanted; `is`, `does`, `क्या … है`: a yes or a no."""
    return not reading.first_word(YES_NO)


def _check(reading: Reading, things: list[Thing]) -> Constraint | None:
    """A value that the question claims of the thing: `does A serve Chinese`, `is A in Koramangala`."""
    labels = {thing.label for thing in things}
    for mention in reading.free():
        slugs = {slug for category in mention.categories for slug in reading.catalogue.scope.below(category)}
        if slugs and _asks_what_it_is(reading) and any(thing.category for thing in things):
            reading.use(mention)
            return Constraint("category", "=", mention.text, mention.text, Condition("category", "in", sorted(slugs)))
    for mention in reading.free():
        for label in labels:
            facet = best_facet(mention, label) if mention.facets else None
            if facet is not None:
                reading.use(mention)
                held = tuple(area.id for area in reading.things(mention, "Area")) if facet.field == "area" else ()
                condition = Condition(facet.field, "in", sorted(facet.values), areas=held) if facet.values else None
                return Constraint(facet.field, "=", facet.display, facet.display, condition)
        areas = reading.things(mention, "Area") if mention.entities else []
        if areas:
            reading.use(mention, *(m for m in reading.free() if set(m.fields) & {*AREA_KINDS}))
            names, held = sorted(area.name for area in areas), tuple(area.id for area in areas)
            return Constraint("area", "=", names[0], names[0], Condition("area", "in", names, areas=held))
    for mention in reading.free():
        for field in mention.fields:
            info = reading.catalogue.fields.get(field)
            if info and info.yes_no and info.texts:
                reading.use(mention)
                return Constraint(field, "=", True, mention.text, None)
    return None


def _years(reading: Reading, things: list[Thing]) -> list[Mention]:
    """`Diwali in 2026`: which of the events of one name is meant."""
    if any(thing.label != "Event" for thing in things):
        return []
    return [m for m in reading.free() if m.number and m.text.isdigit() and len(m.text) == len("2026")]


def _asks_what_it_is(reading: Reading) -> bool:
    """`Is A a cafe`, and not `does A have parking` or `is there parking at A`."""
    keys = {token.key for token in reading.linked.tokens}
    return reading.first_word(frozenset({"is", "was", "kya", "क्या"})) and not keys & {"there", "have", "has", "any"}


def _known_first(reading: Reading, fields: tuple[str, ...], things: list[Thing]) -> tuple[str, ...]:
    """Fields that things of this kind have come first; the order of the question decides among them."""
    return tuple(sorted(fields, key=lambda field: (field != "where" and not _has(reading.catalogue, field, things),)))
