"""Best, cheapest, largest, and which of two."""

from collections.abc import Sequence
from typing import Any

from benchmarks.questions.draft import Draft, Many, Slot, Superlative
from benchmarks.questions.makers import conditions
from benchmarks.questions.makers.context import Context, Maker
from benchmarks.questions.world import Thing

# superlative -> (data key, whether more is better)
_SCALES = {
    "rating": ("rating", True),
    "cheap": ("price_for_two", False),
    "dear": ("price_for_two", True),
    "rating_count": ("rating_count", True),
    "beds": ("beds", True),
}


def best(context: Context) -> Draft | None:
    """The one at the top; all that share the top are right."""
    found = _ranked(context)
    if found is None:
        return None
    category, by, filters, ranked = found
    top = [thing for value, thing in ranked if value == ranked[0][0]]
    if len(top) > 12:
        return None
    said = tuple(one.said for one in filters)
    slots: dict[str, Slot] = {"sup": Superlative(by), "one": Many(category, said, one=True)}
    names = sorted({thing.key: thing.name for thing in top}.values())
    gold = [ref for thing in top for ref in thing.refs]
    return Draft("best", "best", slots, context.city, names[0], "string", list(names[1:]), gold=gold)


def best_k(context: Context) -> Draft | None:
    """The top two to five, when no two share a value."""
    found = _ranked(context)
    k = context.rng.randint(2, 5)
    if found is None or len(found[3]) <= k:
        return None
    category, by, filters, ranked = found
    values = [value for value, _ in ranked[: k + 1]]
    if len(set(values)) <= k:
        return None
    said = tuple(one.said for one in filters)
    slots: dict[str, Slot] = {"k": k, "sup": Superlative(by), "np": Many(category, said)}
    names = [thing.name for _, thing in ranked[:k]]
    gold = [ref for _, thing in ranked[:k] for ref in thing.refs]
    return Draft("best_k", "best_k", slots, context.city, names, "list", gold=gold, ordered=True)


def compare(context: Context) -> Draft | None:
    """Cheaper, or better rated."""
    by = context.rng.choice(("price", "rating"))
    key = "price_for_two" if by == "price" else "rating"
    priced = [t for t in context.things if _number(t.sole(key))]
    one, other = context.pick(priced), context.pick(priced)
    if one is None or other is None or one[0].key == other[0].key:
        return None
    a, b = float(one[0].sole(key)), float(other[0].sole(key))
    if a == b:
        return None
    first_wins = a < b if by == "price" else a > b
    winner = one[0] if first_wins else other[0]
    slots: dict[str, Slot] = {"a": one[1], "b": other[1]}
    gold = [*one[0].refs, *other[0].refs]
    return Draft("compare", f"compare.{by}", slots, context.city, winner.name, "string", gold=gold)


def _ranked(
    context: Context,
) -> tuple[str, str, list[conditions.Filter], list[tuple[float, Thing]]] | None:
    category = context.category()
    if category is None:
        return None
    things = context.world.places(context.city, category)
    usable = [by for by, (key, _) in _SCALES.items() if sum(_number(t.sole(key)) for t in things) >= 3]
    if not usable:
        return None
    by = context.rng.choice(usable)
    filters = [one for one in conditions.propose(context, things, context.rng.choice((0, 1, 1, 2))) if _fits(one, by)]
    hits = conditions.matches(things, filters)
    ranked = _by_value(hits.sure, *_SCALES[by])
    if len(ranked) < 3 or any(thing.doubtful or len(thing.values(_SCALES[by][0])) > 1 for thing in hits.sure):
        return None
    if hits.arguable and _could_win(hits.arguable, ranked, *_SCALES[by]):
        return None
    return category, by, filters, ranked


def _by_value(things: Sequence[Thing], key: str, more: bool) -> list[tuple[float, Thing]]:
    valued = [(float(thing.sole(key)), thing) for thing in things if _number(thing.sole(key))]
    return sorted(valued, key=lambda pair: (-pair[0] if more else pair[0], pair[1].key))


def _could_win(arguable: Sequence[Thing], ranked: Sequence[tuple[float, Thing]], key: str, more: bool) -> bool:
    sixth = ranked[min(5, len(ranked) - 1)][0]
    values = [float(value) for thing in arguable for value in thing.values(key) if _number(value)]
    return any(value >= sixth if more else value <= sixth for value in values)


def _fits(one: conditions.Filter, by: str) -> bool:
    """No price filter on a question about price, and so on."""
    return not one.said.kind.startswith({"cheap": "price", "dear": "price"}.get(by, by))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


RANKING_MAKERS: dict[str, tuple[float, Maker]] = {
    "best": (6.0, best),
    "best_k": (3.0, best_k),
    "compare": (4.0, compare),
}
