"""By what one value of a field wins over another: the table that curators and developers read.

Criteria, in the words of the table:

- pinned: a curator said so
- valid: its record holds now; a record whose validity has ended or has not begun loses
- trusted: the terms of its source give it more trust
- agreed: more sources say it
- recent: it was read later

What is left equal is decided by the smaller ref. Before any of this a value that says the same *more exactly* takes the
place of the vaguer one, with all of its support, and is no conflict: `cafe` for `food`, `12 Main Road, Camp` for `Main
Road`, `2015-03-01` for `2015`, `Gurgaon` for `Delhi NCR`.
"""

from collections.abc import Callable, Mapping
from functools import cache

from graph.normalise import value_key
from graph.resolution.tokens import address_words
from ibcm.config import gazetteer, load_scope

Order = tuple[str, ...]

SETTLED: Order = ("pinned", "valid", "trusted", "agreed", "recent")
"""For what seldom changes."""
CHANGING: Order = ("pinned", "valid", "trusted", "recent", "agreed")
"""For what changes: of equally trusted sources the latest is right, however many older ones agree."""

RULES: Mapping[str, Order] = dict.fromkeys(
    (
        *("opening_hours", "phone", "email", "website", "status", "employees", "population"),
        *("rating", "price_for_two", "price", "first", "last", "headway_minutes", "value"),
    ),
    CHANGING,
)
"""Field -> order; SETTLED for all others."""


def order_of(field: str) -> Order:
    return RULES.get(field, SETTLED)


def key_of(field: str, value: object) -> str:
    """Equal for values of a field that say the same: `Bangalore` and `Bengaluru` are one city."""
    if field == "city" and isinstance(value, str) and (towns := gazetteer().towns(value)):
        return "c" + "|".join(sorted(towns))
    return value_key(value)


def refines(field: str, one: object, other: object) -> bool:
    """Whether `one` says the same as `other`, more exactly."""
    rule = _REFINEMENTS.get(field)
    return (
        rule is not None and isinstance(one, str | int) and isinstance(other, str | int) and rule(str(one), str(other))
    )


def _category(one: str, other: str) -> bool:
    return other in _above(one)


@cache
def _above(slug: str) -> frozenset[str]:
    categories = load_scope().categories
    found: list[str] = []
    while (known := categories.get(slug)) and known.parent and known.parent not in found:
        slug = known.parent
        found.append(slug)
    return frozenset(found)


def _address(one: str, other: str) -> bool:
    mine, theirs = address_words(one), address_words(other)
    more = len(mine[0]) + len(mine[1]) > len(theirs[0]) + len(theirs[1])
    return more and bool(theirs[0]) and set(theirs[0]) <= set(mine[0]) and theirs[1] <= mine[1]


def _city(one: str, other: str) -> bool:
    """`Gurgaon` for `Delhi NCR`, `Pune / Seattle` for `Pune`."""
    known = gazetteer()
    mine, theirs = set(known.towns(one)), set(known.towns(other))
    wider = known.surroundings(other)
    return theirs < mine or (bool(mine) and mine <= wider and not known.surroundings(one))


def _moment(one: str, other: str) -> bool:
    return len(one) > len(other) and one.startswith(other) and one[len(other)] in "-T "


_REFINEMENTS: Mapping[str, Callable[[str, str], bool]] = {
    "category": _category,
    "address": _address,
    "city": _city,
    **dict.fromkeys(("founded", "date", "start", "end", "published", "effective_from"), _moment),
}
