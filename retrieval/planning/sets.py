"""Questions about sets of things: count, list, is there any, best, cheapest, largest."""

from dataclasses import replace

from retrieval.catalogue import Catalogue
from retrieval.plan import Order, Plan
from retrieval.planning.geography import how_many
from retrieval.planning.reading import YES_NO, Reading
from retrieval.planning.target import PRICES, Target, find_constraints, find_target

SUPERLATIVES: dict[str, tuple[tuple[str, ...], bool]] = {
    "most_reviewed": (("rating_count",), True),
    "cheapest": (PRICES, False),
    "costliest": (PRICES, True),
    "best": (("rating",), True),
    "worst": (("rating",), False),
    "oldest": (("founded", "established", "opened", "year"), False),
    "newest": (("founded", "established", "opened", "year"), True),
}
SIZES = ("population", "beds", "employees", "capacity", "area_km2", "rating_count")


def superlative(reading: Reading, base: Plan) -> Plan | None:
    """`The best rated`, `three cheapest`, `the hospital with the most beds`."""
    concept = next((name for name in SUPERLATIVES if reading.asks(name)), None)
    sized = reading.asks("largest", "smallest")
    if (concept is None and not sized) or (
        len(reading.naming("Place", "Organization")) > 1 and reading.asks("compare")
    ):
        return None
    target = find_target(reading)
    if target is None:
        return None
    order = _order(reading, target, concept)
    constraints = tuple(find_constraints(reading, target))
    plan = _sought(base, target, constraints)
    if order is None:
        return replace(plan, kind="unclear", why_unclear="no_measure", about={"measure": _measure(reading)})
    return replace(plan, kind="superlative", order=order, k=how_many(reading) or 1)


def _order(reading: Reading, target: Target, concept: str | None) -> Order | None:
    named = _named_measure(reading, target)
    if concept is not None:
        fields, descending = SUPERLATIVES[concept]
        if concept in ("best", "worst") and named and named not in ("rating", *PRICES):
            return Order(named, descending)
        field = next((f for f in fields if _numeric(reading.catalogue, f, target)), None)
        return Order(field, descending) if field else None
    descending = reading.asks("largest")
    field = named or next((f for f in SIZES if f != "rating_count" and _numeric(reading.catalogue, f, target)), None)
    return Order(field, descending) if field else None


def _named_measure(reading: Reading, target: Target) -> str | None:
    for mention in reading.mentions:
        for field in mention.fields:
            if _numeric(reading.catalogue, field, target):
                return field
    return None


def _measure(reading: Reading) -> str:
    named = next((field for m in reading.mentions for field in m.fields), None)
    concept = next((name for name in SUPERLATIVES if reading.asks(name)), None)
    return named or (SUPERLATIVES[concept][0][0] if concept else "")


def _numeric(catalogue: Catalogue, field: str, target: Target) -> bool:
    info = catalogue.fields.get(field)
    if info is None or not info.labels[target.label]:
        return False
    here = not target.categories or any(info.categories[category] for category in target.categories)
    return here and (info.numeric > 0 or field in ("founded", "established", "opened", "year"))


def sets(reading: Reading, base: Plan) -> Plan | None:
    """`How many`, `list`, `is there any`."""
    target = find_target(reading)
    if target is None:
        return None
    constraints = tuple(find_constraints(reading, target))
    if _names_a_thing(reading):
        return None
    plan = _sought(base, target, constraints)
    if reading.asks("count"):
        return replace(plan, kind="count")
    limit = how_many(reading)
    if reading.asks("exists") and reading.first_word(YES_NO):
        return replace(plan, kind="exists", k=limit)
    return replace(plan, kind="list", k=limit)


def _names_a_thing(reading: Reading) -> bool:
    """Something is named beside the kind: the question is about that thing (`which business is Acme in`)."""
    return any(
        not mention.partial and not reading.is_small(mention)
        for mention in reading.naming("Place", "Organization", "Route")
    )


def _sought(base: Plan, target: Target, constraints: tuple[object, ...]) -> Plan:
    return replace(
        base,
        label=target.label,
        categories=target.categories,
        sought=target.slug,
        constraints=constraints,  # type: ignore[arg-type]
    )
