"""Questions that the records cannot answer: the only right answer is to say so."""

from typing import Any

from benchmarks.questions import phrases
from benchmarks.questions.draft import Attribute, Draft, Either, Many, Named, Slot, StopName, unanswerable
from benchmarks.questions.makers import conditions
from benchmarks.questions.makers.context import Context, Maker
from benchmarks.questions.text import contains_words, fold
from benchmarks.questions.world import Thing

_KIN = {
    "phone": ("phone", "contact", "mobile"),
    "price_for_two": ("price", "cost", "fee"),
    "opening_hours": ("hour", "timing", "time"),
    "founded": ("year", "establish", "since"),
    "address": ("address", "area", "locality", "landmark", "cluster", "district"),
}
"""Parts of data keys that say as much."""

_COMMON = ("phone", "address", "rating", "price_for_two", "opening_hours", "website", "email", "beds", "founded")


def unknown_feature(context: Context) -> Draft | None:
    """Does X have parking? No record says anything about parking."""
    picked, feature = context.pick(_places(context)), _unsaid(context, "features")
    if picked is None or feature is None:
        return None
    slots: dict[str, Slot] = {"name": picked[1], "feature": Either(**feature)}
    return unanswerable("unanswerable.feature", "has_feature", slots, context.city)


def unknown_attribute(context: Context) -> Draft | None:
    """An attribute that no record has."""
    picked, attribute = context.pick(_places(context)), _unsaid(context, "attributes")
    if picked is None or attribute is None:
        return None
    slots: dict[str, Slot] = {"name": picked[1], "attr": Either(**attribute)}
    return unanswerable("unanswerable.attribute", "lookup", slots, context.city)


def missing_value(context: Context) -> Draft | None:
    """An attribute that others have, and this thing does not."""
    key = context.rng.choice(_COMMON)
    picked = context.pick([thing for thing in _places(context) if not _tells(thing, key)])
    if picked is None:
        return None
    slots: dict[str, Slot] = {"name": picked[1], "attr": Attribute(key)}
    return unanswerable("unanswerable.missing", f"lookup.{key}", slots, context.city)


def unknown_name(context: Context) -> Draft | None:
    """A look-up, a distance or a nearest of something that does not exist."""
    category = context.category()
    if category is None:
        return None
    name = invented_name(context, category)
    way = context.rng.choice(("lookup", "lookup", "nearest", "distance", "stop_routes"))
    if way == "lookup":
        key = context.rng.choice(("phone", "address", "rating", "postcode"))
        slots: dict[str, Slot] = {"name": Named(name), "attr": Attribute(key)}
        return unanswerable("unanswerable.name", f"lookup.{key}", slots, context.city)
    if way == "nearest":
        slots = {"one": Many(category, one=True), "ref": Named(name)}
        return unanswerable("unanswerable.name", "nearest", slots, context.city)
    if way == "distance":
        picked = context.pick(_places(context))
        if picked is None:
            return None
        return unanswerable("unanswerable.name", "distance", {"a": picked[1], "b": Named(name)}, context.city)
    stop = StopName(invented_name(context, "stop"), "bus")
    routes = Either("bus routes", "बस रूट"), Either("buses", "बसें")
    slots = {"stop": stop, "routes": routes[0], "vehicles": routes[1]}
    return unanswerable("unanswerable.name", "stop_routes", slots, context.city)


def absent_category(context: Context) -> Draft | None:
    """A kind of place of which the city has no record at all."""
    held = context.world.by_category.get(context.city, {})
    choices = [entry for entry in phrases.words()["unknown"]["categories"] if not _known_category(entry, held)]
    if not choices:
        return None
    entry = context.rng.choice(choices)
    noun = entry["one"], entry["many"], entry["hi"]
    area = _area(context) if context.rng.random() < 0.4 else None
    said = (conditions.in_area(area).said,) if area else ()
    slots: dict[str, Slot] = {
        "np": Many(entry["slug"], said, noun=noun),
        "one": Many(entry["slug"], said, one=True, noun=noun),
    }
    template = context.rng.choice(("count", "list", "exists"))
    return unanswerable("unanswerable.category", template, slots, context.city)


def unknown_constraint(context: Context) -> Draft | None:
    """Places that exist, under a condition that no record speaks about."""
    category = context.category()
    if category is None:
        return None
    place = "constraints" if context.rng.random() < 0.5 else "constraints_after"
    words = _unsaid(context, place)
    if words is None:
        return None
    pair = words["en"], words.get("hi", "")
    before, after = (pair, ("", "")) if place == "constraints" else (("", ""), pair)
    area = _area(context) if context.rng.random() < 0.3 else None
    said = (conditions.in_area(area).said,) if area else ()
    slots: dict[str, Slot] = {
        "np": Many(category, said, before=before, after=after),
        "one": Many(category, said, one=True, before=before, after=after),
    }
    template = context.rng.choice(("count", "list", "exists"))
    return unanswerable("unanswerable.constraint", template, slots, context.city)


def other_city(context: Context) -> Draft | None:
    """A thing that is known in another city only."""
    elsewhere = [city for city in context.world.cities if city != context.city]
    if not elsewhere or not context.city:
        return None
    there = context.world.by_city[context.rng.choice(elsewhere)]
    picked = context.pick([t for t in there if t.kind == "place"])
    if picked is None or _similar_here(context, picked[0]):
        return None
    thing, named = picked
    keys = [key for key in _COMMON if thing.values(key)]
    if not keys or named.area:
        return None
    key = context.rng.choice(keys)
    slots: dict[str, Slot] = {"name": named, "attr": Attribute(key)}
    return unanswerable("unanswerable.other_city", f"lookup.{key}", slots, context.city)


def future(context: Context) -> Draft | None:
    """What nobody can know, or no record tells of a moment."""
    picked = context.pick(_places(context))
    if picked is None:
        return None
    words = context.rng.choice(phrases.words()["unknown"]["futures"])
    slots: dict[str, Slot] = {"name": picked[1], "future_event": Either(words["en"], words["hi"])}
    return unanswerable("unanswerable.future", "future", slots, context.city)


def invented_name(context: Context, category: str) -> str:
    """A plausible name of which no word that matters occurs in any record."""
    held = phrases.words()["unknown"]
    stems = [stem for stem in held["stems"] if fold(stem) not in context.world.words]
    stem = context.rng.choice(stems) if stems else f"Qzorvex{context.rng.randrange(100)}"
    return f"{stem} {context.rng.choice(held['tails'].get(category, held['tails']['any']))}"


# -- what the records do not say ---------------------------------------------------------------------------
def _places(context: Context) -> list[Thing]:
    """Places of which no review tells more."""
    return [t for t in context.things if t.kind == "place" and not set(t.refs) & context.world.reviewed]


def _unsaid(context: Context, section: str) -> dict[str, str] | None:
    """One of the words of which no data key and no value of the city speaks."""
    said = _said(context)
    choices = []
    for entry in phrases.words()["unknown"][section]:
        telling = [word for word in fold(entry["en"]).split() if len(word) >= 5]
        if telling and not all(any(contains_words(text, word) for text in said) for word in telling):
            choices.append({"en": entry["en"], "hi": entry.get("hi", "")})
    return context.rng.choice(choices) if choices else None


def _said(context: Context) -> set[str]:
    keys = {fold(key) for key in context.world.keys}
    texts = {fold(text) for t in _places(context) for text in (*t.values("description"), *t.values("accessibility"))}
    return keys | texts


def _tells(thing: Thing, key: str) -> bool:
    """Whether the thing has that key or one that means as much."""
    if thing.values(key):
        return True
    words = _KIN.get(key, (key,))
    return any(word in held for record in thing.records for held in record.data for word in words)


def _known_category(entry: dict[str, Any], held: dict[str, list[Thing]]) -> bool:
    words = {entry["slug"], fold(entry["one"])}
    if any(contains_words(fold(category), word) for category in held for word in words):
        return True
    return any(contains_words(thing.key, fold(entry["one"])) for things in held.values() for thing in things)


def _similar_here(context: Context, thing: Thing) -> bool:
    mine = set(thing.key.split())
    return any(len(mine & set(other.key.split())) * 2 > len(mine) for other in context.things)


def _area(context: Context) -> str | None:
    areas = [a for t in context.rng.sample(_places(context), min(30, len(_places(context)))) if (a := t.sole("area"))]
    plain = [str(area) for area in areas if "," not in str(area) and 4 <= len(str(area)) <= 30]
    return context.rng.choice(plain) if plain else None


UNKNOWN_MAKERS: dict[str, tuple[float, Maker]] = {
    "feature": (4.0, unknown_feature),
    "attribute": (3.0, unknown_attribute),
    "missing": (3.0, missing_value),
    "name": (5.0, unknown_name),
    "category": (4.0, absent_category),
    "constraint": (4.0, unknown_constraint),
    "other_city": (2.0, other_city),
    "future": (2.0, future),
}
