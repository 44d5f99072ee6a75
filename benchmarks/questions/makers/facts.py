"""Look-ups: one attribute of one thing, and the thing that a passage is about."""

import re
from typing import Any

from benchmarks.questions.draft import AnswerType, Attribute, Draft, Either, Many, Slot
from benchmarks.questions.makers.context import Context, Maker
from benchmarks.questions.text import contains_words, fold
from benchmarks.questions.world import Thing

_NOT_ASKED = {
    "name", "names", "aliases", "title", "lat", "lon", "ids", "polygon", "coordinate_precision", "category",
    "categories", "country", "price_currency", "currency", "description", "body", "text", "summary", "mode", "url",
    "kind", "city",
}  # fmt: skip
_LONGEST_VALUE = 160
_TOLD_KINDS = ("place", "event", "area", "organization")
_WRITTEN = ("article", "note", "regulation")
_STOP_WORDS = {
    "a", "an", "the", "of", "in", "on", "at", "to", "for", "and", "or", "with", "its", "it", "is", "as", "by", "from",
    "that", "this", "known", "famous", "place",
}  # fmt: skip


def lookup(context: Context) -> Draft | None:
    """Any data key of a place, area, organization or event."""
    keys = _askable_keys(context)
    if not keys:
        return None
    key = context.rng.choice(sorted(keys))
    return _lookup_of(context, key, keys[key])


def lookup_common(context: Context) -> Draft | None:
    """The keys that people ask for most."""
    keys = _askable_keys(context)
    common = [k for k in ("phone", "address", "rating", "price_for_two", "postcode", "cuisine", "area") if k in keys]
    if not common:
        return None
    key = context.rng.choice(common)
    return _lookup_of(context, key, keys[key])


def about(context: Context) -> Draft | None:
    """Which thing does this passage describe?"""
    told = [t for t in context.things if t.kind in _TOLD_KINDS and len(str(t.sole("description") or "")) >= 40]
    picked = context.pick(told)
    if picked is None:
        return None
    thing, _ = picked
    clue = _clue(str(thing.sole("description")), thing, context)
    if clue is None:
        return None
    category = min(thing.categories, default="place")
    slots: dict[str, Slot] = {"one": Many(category, one=True), "clue": Either(clue)}
    names = sorted(thing.all_names - {thing.key})
    return Draft("text", "text", slots, thing.city, thing.name, "string", names, gold=thing.refs, in_text=True)


def passage(context: Context) -> Draft | None:
    """Which article says this?"""
    picked = context.pick([t for t in context.things if t.kind in _WRITTEN and t.sole("body")])
    if picked is None:
        return None
    thing, _ = picked
    clue = _clue(str(thing.sole("body")), thing, context)
    if clue is None or len([word for word in fold(clue).split() if len(word) >= 5]) < 4:
        return None
    shorter = [thing.name.rsplit(" ", 1)[0]] if thing.key.endswith((" station", " railway")) else []
    return Draft(
        "text", "passage", {"clue": Either(clue)}, thing.city, thing.name, "string", list(shorter),
        gold=thing.refs, in_text=True,
    )  # fmt: skip


def tell(context: Context) -> Draft | None:
    """Anything that is written about a thing: right when one of its records is cited."""
    told = [t for t in context.things if len(str(t.sole("body") or t.sole("description") or "")) >= 60]
    picked = context.pick([t for t in told if t.kind in (*_TOLD_KINDS, *_WRITTEN)])
    if picked is None:
        return None
    thing, named = picked
    return Draft("text", "tell", {"name": named}, thing.city, thing.name, "string", gold=thing.refs, by_citation=True)


def _askable_keys(context: Context) -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = {}
    for thing in context.things:
        if thing.kind in ("place", "area", "organization", "event"):
            for key in {key for record in thing.records for key in record.data} - _NOT_ASKED:
                found.setdefault(key, []).append(thing)
    return {key: things for key, things in found.items() if len(things) >= 3}


def _lookup_of(context: Context, key: str, things: list[Thing]) -> Draft | None:
    picked = context.pick(things)
    if picked is None:
        return None
    thing, named = picked
    values = thing.values(key)
    if not values or any(_too_much(value) for value in values) or (named.area and key in ("area", "locality")):
        return None
    answer, answer_type = _typed(values[0])
    aliases = [_typed(value)[0] for value in values[1:]]
    if key == "address":
        aliases += [f"{values[0]}, {part}" for extra in ("area", "locality") for part in thing.values(extra)]
    return Draft(
        "lookup", f"lookup.{key}", {"name": named, "attr": Attribute(key)}, thing.city, answer, answer_type, aliases,
        gold=thing.refs,
    )  # fmt: skip


def _too_much(value: Any) -> bool:
    if isinstance(value, dict):
        return True
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return len(shown) > _LONGEST_VALUE or not fold(shown) or "\\" in shown


def _typed(value: Any) -> tuple[Any, AnswerType]:
    if isinstance(value, bool):
        return value, "bool"
    if isinstance(value, int | float):
        return value, "number"
    if isinstance(value, list):
        return [str(item) for item in value], "list"
    return str(value), "string"


def _clue(description: str, thing: Thing, context: Context) -> str | None:
    """Six to twelve words of the description that do not name the thing."""
    sentences = re.split(r"(?<=[.!?])\s+", description)
    parts = [part.strip(" ,.") for sentence in sentences for part in re.split(r"[,;:]", sentence)]
    parts += [sentence.strip(" .") for sentence in sentences]
    good = [part for part in parts if 5 <= len(part.split()) <= 18 and not _names_it(part, thing)]
    if not good:
        return None
    part = context.rng.choice(good)
    if any(_same_words(part, other) for other in context.world.told if other is not thing):
        return None
    told = part.split()
    if context.rng.random() < 0.4:
        told = [word for word in told if fold(word) not in _STOP_WORDS]
    first, rest = told[0], " ".join(told[1:])
    return f"{first if first.isupper() and len(first) > 1 else first[:1].lower() + first[1:]} {rest}"


def _names_it(part: str, thing: Thing) -> bool:
    mine = {word for word in thing.key.split() if len(word) >= 4}
    return bool(mine & set(fold(part).split()))


def _same_words(part: str, other: Thing) -> bool:
    told = {word for word in fold(part).split() if word not in _STOP_WORDS and len(word) >= 4}
    texts = [fold(text) for key in ("description", "body") for text in other.values(key)]
    return any(sum(contains_words(text, word) for word in told) >= 0.8 * len(told) for text in texts)


FACT_MAKERS: dict[str, tuple[float, Maker]] = {
    "lookup": (12.0, lookup),
    "lookup_common": (9.0, lookup_common),
    "text": (2.0, about),
    "passage": (1.5, passage),
    "tell": (1.5, tell),
}
