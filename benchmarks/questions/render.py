"""Puts a draft into words: phrasing, conditions, city, spelling slips, script."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from benchmarks.questions import phrases
from benchmarks.questions.devanagari import can_transliterate, transliterate
from benchmarks.questions.draft import (
    Attribute,
    Condition,
    Distance,
    Draft,
    Either,
    Many,
    Named,
    RouteName,
    Slot,
    StopName,
    Superlative,
    Vehicle,
)
from benchmarks.questions.noise import misspell, untidy
from benchmarks.questions.text import fold, shown_number

_KEPT = 0xE000
"""Names are private-use characters until the end, so that slips in other words cannot touch them."""


@dataclass
class Pen:
    """One question's writer."""

    language: str
    split: phrases.Split
    rng: random.Random
    city: str = ""
    """Named in the text when not empty."""
    slip: str = ""
    """Where a spelling slip goes: `name`, `words` or nowhere."""
    nearby_names: Callable[[], list[str]] = list
    """Folded names that a slip must not come close to."""
    kept: list[str] = field(default_factory=list)
    slipped: bool = False

    def write(self, draft: Draft) -> str:
        """The question."""
        template = self.rng.choice(phrases.templates(draft.template, self.language, self.split))
        filled = re.sub(r"\{(\w+)\}", lambda m: self._slot(m.group(1), draft), template)
        if self.city:
            filled = self._append_city(filled)
        if self.slip == "words":
            filled = misspell(filled, self.rng)
        for i, text in enumerate(self.kept):
            filled = filled.replace(chr(_KEPT + i), text)
        filled = filled[:1].upper() + filled[1:] if template[:1].isupper() else filled
        return untidy(" ".join(filled.split()), self.rng)

    # -- slots ---------------------------------------------------------------------------------------------
    def _slot(self, name: str, draft: Draft) -> str:
        if name == "a_one":
            one = self._said(draft.slots["one"])
            return ("an " if one[:1].lower() in "aeiou" else "a ") + one
        return self._said(draft.slots[name])

    def _said(self, slot: Slot) -> str:  # noqa: PLR0911 - one return a kind of slot
        match slot:
            case Named():
                return self._named(slot)
            case StopName():
                return self._stop(slot)
            case RouteName():
                mode = self._word(Vehicle(slot.mode, "one"))
                form = "line" if " " in slot.name else "route"
                return self._fragment(form, route=self._keep(slot.name), vehicle=mode)
            case Many():
                return self._many(slot)
            case Attribute():
                return self._attribute(slot.key)
            case Distance():
                return self._distance(slot.metres)
            case _:
                return self._word(slot)

    def _word(self, slot: Superlative | Vehicle | Either | str | int) -> str:
        match slot:
            case Superlative():
                return phrases.superlative(slot.by, self.language, self.split, self.rng)
            case Vehicle():
                return phrases.vehicle(slot.mode, slot.form, self.language, self.split, self.rng)
            case Either():
                return slot.hi if self.language == "hi" and slot.hi else slot.en
            case _:
                return self._keep(slot) if isinstance(slot, str) else str(slot)

    def _named(self, slot: Named) -> str:
        said = self._keep(self._name(slot.name))
        if slot.area:
            said = self._fragment("named_area", name=said, area=self._keep(slot.area))
        if self.city:
            said = self._fragment("named", name=said, city=self._city())
        return said

    def _stop(self, slot: StopName) -> str:
        form = {"metro": "station", "rail": "rail_station"}.get(slot.mode, "stop")
        form = "stop" if "station" in fold(slot.name) else form
        said = self._fragment(form, stop=self._keep(self._name(slot.name)))
        return self._fragment("named", name=said, city=self._city()) if self.city else said

    def _name(self, name: str) -> str:
        if self.language == "hi" and can_transliterate(name) and self.rng.random() < 0.3:
            return transliterate(name)
        if self.slip == "name" and not self.slipped and len(name) >= 7:
            wrong = misspell(name, self.rng, self.rng.choice((1, 1, 2)) if len(name) >= 14 else 1)
            if wrong != name and self._still_clear(wrong, name):
                self.slipped = True
                return wrong
        return name

    def _still_clear(self, wrong: str, right: str) -> bool:
        found = process.extract(fold(wrong), self.nearby_names(), scorer=fuzz.ratio, limit=2)
        return bool(found) and found[0][0] == fold(right) and (len(found) < 2 or found[1][1] < found[0][1] - 6)

    def _many(self, slot: Many) -> str:
        english = self.language != "hi"
        noun = self._noun(slot)
        before = [slot.before[0 if english else 1] or slot.before[0]]
        after = [slot.after[0]] if english else []
        places: list[str] = []
        for condition in slot.conditions:
            said, leads = self._condition(condition)
            if condition.kind in ("area", "postcode"):
                places.append(said)
            else:
                (before if leads else after).append(said)
        place = self._place(places)
        if self.language == "en":
            order = [*before, noun, *self._shuffled([*after, place])]
        elif english:
            order = [place, *after, *before, noun]
        else:
            order = [place, *self._shuffled([*after, slot.after[1] or slot.after[0]]), *before, noun]
        return " ".join(part for part in order if part)

    def _place(self, places: list[str]) -> str:
        said = " ".join(places)
        if not self.city:
            return said
        if not said:
            return self._fragment("city", city=self._city())
        city = self._city()
        return f"{city} {said}" if self.language != "en" else f"{said}, {city}"

    def _noun(self, slot: Many) -> str:
        held = phrases.words()["categories"].get(slot.category)
        if slot.noun:
            return slot.noun[2] if self.language == "hi" and slot.noun[2] else slot.noun[0 if slot.one else 1]
        if held is None:
            plain = slot.category.replace("_", " ")
            return plain if slot.one or self.language != "en" else plural(plain)
        if self.language == "hi":
            return self._choice(held["hi"])
        return self._choice(held["one" if slot.one else "many"])

    def _condition(self, condition: Condition) -> tuple[str, bool]:
        """How it is said, and whether it stands before the noun in English."""
        values = dict(condition.values)
        kind = condition.kind
        for name, value in values.items():
            if name == "attr":
                values[name] = self._attribute(str(value))
            elif isinstance(value, float):
                values[name] = shown_number(value)
            elif isinstance(value, str):
                values[name] = self._keep(value)
        if kind == "cuisine":
            if self.language == "hi" and self.rng.random() < 0.5:
                known = phrases.words()["cuisines_hi"].get(condition.values["cuisine"])
                values["cuisine"] = known or values["cuisine"]
            form = "cuisine_pre" if self.language != "en" or self.rng.random() < 0.6 else "cuisine_post"
            return self._fragment(form, **values), self.language == "en" and form == "cuisine_pre"
        return self._fragment(kind, **values), False

    def _attribute(self, key: str) -> str:
        held = phrases.words()["attributes"].get(key)
        if held is None:
            return plain_key(key)
        return self._choice(held["hi" if self.language == "hi" else "en"])

    def _distance(self, length: float) -> str:
        if length >= 1_000 or (length >= 500 and self.rng.random() < 0.3):
            return self._fragment("distance_km", x=shown_number(length / 1_000))
        return self._fragment("distance_m", x=shown_number(length))

    # -- helpers -------------------------------------------------------------------------------------------
    def _keep(self, text: str) -> str:
        self.kept.append(text)
        return chr(_KEPT + len(self.kept) - 1)

    def _city(self) -> str:
        """The city's name; it is said once."""
        slug, self.city = self.city, ""
        return self._keep(self._choice(city_names(slug, "hi" if self.language == "hi" else "en")))

    def _append_city(self, filled: str) -> str:
        end = filled[-1] if filled[-1:] in "?.।" else ""
        body = filled.removesuffix(end) if end else filled
        if self.language == "en":
            return f"{body} in {self._city()}{end}"
        return f"{self._city()}: {filled}"

    def _fragment(self, fragment: str, /, **values: object) -> str:
        return phrases.fragment(fragment, self.language, self.split, self.rng).format(**values)

    def _choice(self, choices: list[str]) -> str:
        return self.rng.choice(phrases.half(choices, self.split))

    def _shuffled(self, parts: list[str]) -> list[str]:
        mixed = [part for part in parts if part]
        self.rng.shuffle(mixed)
        return mixed


def city_names(slug: str, language: str) -> list[str]:
    """What people call the city of that slug."""
    held = phrases.words()["cities"].get(slug)
    if held:
        names: list[str] = held[language]
        return names
    name = slug.replace("-", " ").replace("_", " ").title()
    return [transliterate(name)] if language == "hi" and can_transliterate(name) else [name]


def plain_key(key: str) -> str:
    """A data key as words: `has_table_booking` is asked for as table booking."""
    return re.sub(r"^(has|is)_", "", key).replace("_", " ").strip()


def plural(noun: str) -> str:
    """Good enough for category slugs."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"
