"""Sentences in the asker's language, from retrieval/phrases/*.yaml."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ibcm.domain.scope import Scope
from retrieval.language import key_of

LANGUAGES = ("en", "hi")
FOLDER = Path(__file__).parent.parent / "phrases"
SHOWN = 10
"""Names spelled out in a sentence; the rest stands in the rows."""


YEARS = re.compile("year|founded|established|built|opened|since|completed")
"""Fields whose numbers are years: written without a thousands separator."""


@cache
def _table(language: str) -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    return table


@cache
def _words(language: str) -> frozenset[str]:
    """Folded words of the phrase book itself."""

    def texts(value: object) -> list[str]:
        return [t for v in value.values() for t in texts(v)] if isinstance(value, dict) else [str(value)]

    book = {name: said for name, said in _table(language).items() if name != "months"}  # `May` may be a name
    return frozenset(word for text in texts(book) for word in key_of(text).split())


class Phrases:
    """The phrase book of one language."""

    def __init__(self, language: str, scope: Scope) -> None:
        self.language = language if language in LANGUAGES else "en"
        self.scope = scope
        self._book = _table(self.language)

    def say(self, phrase: str, /, **slots: object) -> str:
        return str(self._book[phrase]).format(**slots)

    def counted(self, phrase: str, n: int) -> str:
        """The phrase for that number of things."""
        return f"{phrase}_one" if n == 1 and f"{phrase}_one" in self._book else phrase

    def lookup(self, field: str, name: str, value: object) -> str:
        """What a field of something is; after a colon where it is several, as a value or as a word."""
        several = isinstance(value, list) or field in self._book.get("plural", ())
        shown = self.thing(str(value), plural=False) if field == "category" else self.value(field, value)
        return self.say("lookup_list" if several else "lookup", field=self.field(field), name=name, value=shown)

    def words(self) -> frozenset[str]:
        """Folded words that sentences bring along whatever they say."""
        return _words(self.language)

    def field(self, name: str) -> str:
        """What people call a field."""
        return str(self._book["fields"].get(name) or name.removeprefix("ids_").removeprefix("data_").replace("_", " "))

    def filter(self, phrase: str, /, **slots: object) -> str:
        return str(self._book["filters"][phrase]).format(**slots)

    def names(self, names: Sequence[str]) -> str:
        """`A, B and C`; at most SHOWN of them."""
        shown = list(names[:SHOWN])
        if len(shown) < 2 or len(names) > SHOWN:
            return ", ".join(shown)
        return ", ".join(shown[:-1]) + str(self._book["and"]) + shown[-1]

    def city(self, slug: str) -> str:
        city = self.scope.cities.get(slug)
        return city.names.get(self.language) or city.names["en"] if city else slug

    def thing(self, slug: str, *, plural: bool) -> str:
        """A category in this language: singular, or plural where the language has one in the taxonomy."""
        category = self.scope.categories.get(slug)
        if category is None:
            word = slug.replace("_", " ").replace("-", " ")
            if self.language != "en" or not plural:
                return word
            return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
        words = list(category.words.get(self.language, ()))
        if self.language == "en" and plural and len(words) > 1:
            return words[1]
        return category.names.get(self.language) or category.names["en"]

    def number(self, value: float) -> str:
        """Thousands grouped, no needless decimals."""
        if value == int(value):
            return f"{int(value):,}"
        return f"{value:,.4f}".rstrip("0").rstrip(".")

    def value(self, field: str, value: object) -> str:
        """A value of a field as people write it."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list):
            return ", ".join(self.value(field, item) for item in value)
        if isinstance(value, int | float):
            plain = self.number(float(value))
            if field in ("price_for_two", "price"):
                return f"₹{plain}"
            return str(value) if YEARS.search(field) else plain
        return str(value)

    def day(self, moment: date) -> str:
        """`31 March 2024`, with the time where it is not a whole day."""
        told = f"{moment.day} {self._book['months'].split()[moment.month - 1]} {moment.year}"
        clock = f"{moment:%H:%M}" if isinstance(moment, datetime) else "00:00"
        return told if clock == "00:00" else f"{told} {clock}"

    def distance(self, metres: float) -> str:
        if metres < 1_000:
            return f"{round(metres)} m"
        return f"{metres / 1_000:.2f} km"
