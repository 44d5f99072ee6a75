"""Counts, lists, yes or no, and filters that match nothing."""

from collections.abc import Sequence
from typing import Literal

from benchmarks.questions.draft import Draft, Many, Slot
from benchmarks.questions.makers import conditions
from benchmarks.questions.makers.conditions import Filter, Matches
from benchmarks.questions.makers.context import Context, Maker
from benchmarks.questions.world import Thing

Form = Literal["count", "list", "exists"]
LONGEST_LIST = 40


def count(context: Context) -> Draft | None:
    """How many, under none to three filters."""
    found = _filtered(context, context.rng.choices((0, 1, 2, 3), (2, 5, 4, 1))[0])
    if found is None or not found[2].sure:
        return None
    category, filters, hits = found
    return _counted(context, category, filters, hits)


def listing(context: Context) -> Draft | None:
    """Which ones, up to forty."""
    found = _filtered(context, context.rng.choice((1, 2, 2, 3)))
    if found is None or not 1 <= len({thing.key for thing in found[2].sure}) <= LONGEST_LIST:
        return None
    category, filters, hits = found
    names = _names(hits.sure)
    wider = _names([*hits.sure, *hits.arguable])
    if len(wider) > len(names) + 10 or (hits.arguable and not _only_place(filters)):
        return None
    return Draft(
        "list", "list", _slots(category, filters), context.city, names, "list",
        [wider] if wider != names else [], gold=_refs(hits.sure), total=len(hits.sure),
    )  # fmt: skip


def exists(context: Context) -> Draft | None:
    """Is there one? Yes."""
    found = _filtered(context, context.rng.choice((1, 2)))
    if found is None or not found[2].sure:
        return None
    category, filters, hits = found
    slots = _slots(category, filters)
    return Draft("exists", "exists", slots, context.city, True, "bool", gold=_refs(hits.sure))


def none(context: Context) -> Draft | None:
    """A filter that matches nothing though the kind is there: the answer is none, not silence."""
    category = context.category()
    if category is None:
        return None
    things = context.world.places(context.city, category)
    filters = _of_two_models(context, things)
    hits = conditions.matches(things, filters)
    if len(filters) < 2 or hits.sure or hits.arguable or not _each_matches_alone(things, filters):
        return None
    form: Form = context.rng.choice(("count", "list", "exists"))
    slots = _slots(category, filters)
    if form == "count":
        return Draft("none", "count", slots, context.city, 0, "number")
    if form == "list":
        return Draft("none", "list", slots, context.city, [], "list")
    return Draft("none", "exists", slots, context.city, False, "bool")


def _of_two_models(context: Context, things: Sequence[Thing]) -> list[Filter]:
    """A filter that one thing passes, and one or two of other kinds that another thing passes."""
    found = conditions.propose(context, things, 1)
    for other in conditions.propose(context, things, 3):
        if len(found) < context.rng.choice((2, 2, 3)) and not _clash(other, found):
            found.append(other)
    return found


def _clash(other: Filter, found: Sequence[Filter]) -> bool:
    """Whether both speak of the place or both of the price."""

    def subject(one: Filter) -> str:
        return {"area": "place", "postcode": "place"}.get(one.said.kind, one.said.kind.split("_")[0])

    return subject(other) in {subject(one) for one in found}


def _filtered(context: Context, many: int) -> tuple[str, list[Filter], Matches] | None:
    category = context.category()
    if category is None:
        return None
    things = context.world.places(context.city, category)
    filters = conditions.propose(context, things, many)
    if len(filters) < many:
        return None
    return category, filters, conditions.matches(things, filters)


def _counted(context: Context, category: str, filters: Sequence[Filter], hits: Matches) -> Draft | None:
    low, high = _bounds(hits.sure)
    if hits.arguable and not _only_place(filters):
        return None
    aliases: list[int] = []
    if hits.arguable:
        wide_low, wide_high = _bounds([*hits.sure, *hits.arguable])
        if wide_low != wide_high or low != high:
            return None
        aliases = [wide_high]
    if high - low > max(1.0, 0.1 * high) or (high != low and high < 10):
        return None
    answer = len(hits.sure)
    return Draft(
        "count", "count", _slots(category, filters), context.city, answer, "number", list(aliases),
        gold=_refs(hits.sure), tolerance=max(high - answer, answer - low) or None,
    )  # fmt: skip


def _bounds(things: Sequence[Thing]) -> tuple[int, int]:
    """(fewest, most) entities: all doubtful namesakes one, or every record its own."""
    sure = sum(not thing.doubtful for thing in things)
    loose = len({thing.key for thing in things if thing.doubtful})
    return sure + loose, sum(len(thing.records) for thing in things)


def _each_matches_alone(things: Sequence[Thing], filters: Sequence[Filter]) -> bool:
    return all(any(one.test(thing) is True for thing in things) for one in filters)


def _only_place(filters: Sequence[Filter]) -> bool:
    """Whether the place is what can be argued about, which a list of right answers can express."""
    return any(one.said.kind in ("area", "postcode") for one in filters) and not any(
        one.said.kind in ("cuisine", "attribute") for one in filters
    )


def _slots(category: str, filters: Sequence[Filter]) -> dict[str, Slot]:
    said = tuple(one.said for one in filters)
    return {"np": Many(category, said), "one": Many(category, said, one=True)}


def _names(things: Sequence[Thing]) -> list[str]:
    return sorted({thing.key: thing.name for thing in things}.values())


def _refs(things: Sequence[Thing]) -> list[str]:
    return [ref for thing in things[:20] for ref in thing.refs]


SET_MAKERS: dict[str, tuple[float, Maker]] = {
    "count": (11.0, count),
    "list": (9.0, listing),
    "exists": (4.0, exists),
    "none": (5.0, none),
}
