"""Filters over places with three verdicts: surely in, surely out, or a reader of the records could argue."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.questions.draft import Condition
from benchmarks.questions.makers.context import Context
from benchmarks.questions.text import contains_words, fold
from benchmarks.questions.world import Thing

Verdict = bool | None
"""None: arguable."""

_PLAIN_ATTRIBUTES_SKIPPED = {
    "name", "address", "area", "locality", "postcode", "phone", "email", "website", "description", "opening_hours",
    "category", "country", "price_currency", "landmark", "coordinate_precision", "operator",
}  # fmt: skip


@dataclass(frozen=True)
class Filter:
    said: Condition
    test: Callable[[Thing], Verdict]


@dataclass(frozen=True)
class Matches:
    sure: list[Thing]
    arguable: list[Thing]


def matches(things: Sequence[Thing], filters: Sequence[Filter]) -> Matches:
    """Which things pass all filters."""
    sure: list[Thing] = []
    arguable: list[Thing] = []
    for thing in things:
        verdicts = [one.test(thing) for one in filters]
        if all(verdict is True for verdict in verdicts):
            sure.append(thing)
        elif all(verdict is not False for verdict in verdicts):
            arguable.append(thing)
    return Matches(sure, arguable)


def in_area(area: str) -> Filter:
    """`area` or `locality` is that name; an address or a longer locality that holds it can be argued about."""
    wanted = fold(area)

    def test(thing: Thing) -> Verdict:
        exact = {fold(v) for key in ("area", "locality") for v in thing.values(key)}
        loose = exact | {fold(v) for v in thing.values("address")}
        if wanted in exact:
            return True
        return None if any(contains_words(text, wanted) or contains_words(wanted, text) for text in loose) else False

    return Filter(Condition("area", {"area": area}), test)


def with_postcode(postcode: str) -> Filter:
    """The postcode, or one inside the address, which can be argued about."""

    def test(thing: Thing) -> Verdict:
        if str(postcode) in {str(value) for value in thing.values("postcode")}:
            return True
        return None if any(str(postcode) in str(value) for value in thing.values("address")) else False

    return Filter(Condition("postcode", {"postcode": str(postcode)}), test)


def with_cuisine(cuisine: str) -> Filter:
    """Among its cuisines; a longer cuisine that holds the word can be argued about."""
    wanted = fold(cuisine)

    def test(thing: Thing) -> Verdict:
        every = [{fold(item) for item in value} for value in thing.values("cuisine")]
        held = [wanted in items for items in every]
        if held and all(held):
            return True
        if any(held):
            return None
        return None if any(contains_words(item, wanted) for items in every for item in items) else False

    return Filter(Condition("cuisine", {"cuisine": cuisine}), test)


def by_number(kind: str, key: str, test: Callable[[float], bool], **values: float) -> Filter:
    """A comparison of a number; records that disagree about it can be argued about."""

    def verdict(thing: Thing) -> Verdict:
        found = {test(float(value)) for value in thing.values(key) if isinstance(value, int | float)}
        return False if not found else found.pop() if len(found) == 1 else None

    return Filter(Condition(kind, dict(values)), verdict)


def with_attribute(key: str, value: str) -> Filter:
    """A data key of few values, by its own name."""

    def verdict(thing: Thing) -> Verdict:
        found = {fold(v) == fold(value) for v in thing.values(key)}
        return False if not found else found.pop() if len(found) == 1 else None

    return Filter(Condition("attribute", {"attr": key, "value": value}), verdict)


def propose(context: Context, things: Sequence[Thing], many: int) -> list[Filter]:
    """Up to `many` filters, each of another kind, taken from one of the things so that something may match."""
    rng = context.rng
    model = rng.choice(things)
    makers: list[Callable[[], Filter | None]] = [
        lambda: _area_of(context, model),
        lambda: with_postcode(str(code)) if (code := model.sole("postcode")) else None,
        lambda: _cuisine_of(context, model),
        lambda: _price_of(context, model),
        lambda: _rating_of(context, model),
        lambda: _attribute_of(context, model, things),
    ]
    rng.shuffle(makers)
    found: list[Filter] = []
    for make in makers:
        if len(found) < many and (one := make()):
            found.append(one)
    kinds = [one.said.kind for one in found]
    return [one for one in found if not (one.said.kind == "postcode" and "area" in kinds)]


def _area_of(context: Context, model: Thing) -> Filter | None:
    area = model.sole("area") or model.sole("locality")
    if not isinstance(area, str) or not 3 <= len(area) <= 40 or fold(area).isdigit() or re.search(r"[,()/\"]|--", area):
        return None
    named = [t for t in context.world.named(area, context.city) if t.kind not in ("area", "stop")]
    return None if named else in_area(area)


def _cuisine_of(context: Context, model: Thing) -> Filter | None:
    cuisines: Any = model.sole("cuisine")
    if not isinstance(cuisines, list) or not cuisines:
        return None
    return with_cuisine(context.rng.choice(cuisines))


def _price_of(context: Context, model: Thing) -> Filter | None:
    price = model.sole("price_for_two")
    if not isinstance(price, int | float) or price <= 0:
        return None
    rng, key, x = context.rng, "price_for_two", float(price)
    kind = rng.choice(("price_below", "price_at_most", "price_above", "price_between"))
    if kind == "price_below":
        limit = x + 50 * rng.randint(1, 4)
        return by_number(kind, key, lambda v: v < limit, x=limit)
    if kind == "price_at_most":
        return by_number(kind, key, lambda v: v <= x, x=x)
    if kind == "price_above":
        floor = max(50.0, x - 50 * rng.randint(1, 4))
        return by_number(kind, key, lambda v: v > floor, x=floor)
    top = x + 100 * rng.randint(1, 3)
    return by_number(kind, key, lambda v: x <= v <= top, x=x, y=top)


def _rating_of(context: Context, model: Thing) -> Filter | None:
    rating = model.sole("rating")
    if not isinstance(rating, int | float) or rating <= 0:
        return None
    x = float(rating)
    if context.rng.random() < 0.75:
        return by_number("rating_at_least", "rating", lambda v: v >= x, x=x)
    floor = round(x - 0.1, 1)
    return by_number("rating_above", "rating", lambda v: v > floor, x=floor)


def _attribute_of(context: Context, model: Thing, things: Sequence[Thing]) -> Filter | None:
    """Keys with few distinct texts, such as a school's medium."""
    keys = [
        key
        for key in sorted({k for r in model.records for k in r.data} - _PLAIN_ATTRIBUTES_SKIPPED)
        if isinstance(model.sole(key), str) and 2 < len(str(model.sole(key))) <= 30
    ]
    context.rng.shuffle(keys)
    for key in keys[:3]:
        distinct = {fold(value) for thing in things for value in thing.values(key)}
        if 2 <= len(distinct) <= 25:
            return with_attribute(key, str(model.sole(key)))
    return None
