"""Questions to begin with, made from what this home really holds: real names, and only questions that get an answer."""

import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import Protocol
from urllib.parse import urlencode
from zlib import crc32

from ibcm import wiring
from ibcm.domain.answers import Answer, AskRequest
from ibcm.domain.errors import IbcmError
from ibcm.domain.scope import Category, Scope

SHOWN = 6
MOST_TRIED = 24
PATIENCE = 2.5
"""Seconds that trying candidates may take; what was found by then is shown."""
KEPT = 600.0
"""Seconds until they are made anew."""
PLAIN_NAME = re.compile(r"^[A-Z][a-z'’-]+(?: [A-Z][a-z'’-]+){0,3}$")
"""Names that read well in a question; `9 DRD B.O` would not."""
SAMPLE = 4_000
"""Things that are looked at."""


class Thing(Protocol):
    """What an entity in the catalogue of answers tells (retrieval.catalogue.Thing)."""

    @property
    def id(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def located(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Example:
    question: str
    city: str = ""
    language: str = "en"

    @property
    def query(self) -> str:
        """For an address of the page."""
        return urlencode({"question": self.question, **({"city": self.city} if self.city else {})})


class _Kept:
    """The last examples with their age. One request at a time makes them; the others show what there is."""

    def __init__(self) -> None:
        self.making = threading.Lock()
        self.examples: list[Example] = []
        self.key: object = None
        self.made = 0.0

    def fresh(self, key: object) -> bool:
        return bool(self.examples) and self.key == key and time.monotonic() - self.made < KEPT


_kept = _Kept()


def examples() -> list[Example]:
    """Up to six questions that are answered now; none while the answerer cannot say what it knows."""
    try:
        answerer = wiring.answerer()
        catalogue = answerer.catalogue()
    except (IbcmError, AttributeError):  # a store is down, or this answerer keeps no catalogue: a page without examples
        return []
    key = (id(answerer), catalogue.revision)
    if _kept.fresh(key) or not _kept.making.acquire(blocking=False):
        return list(_kept.examples)
    try:
        found = _answered(candidates(catalogue.things.values(), wiring.scope()), answerer)
        _kept.examples, _kept.key, _kept.made = found, key, time.monotonic()
    finally:
        _kept.making.release()
    return list(_kept.examples)


def candidates(things: Iterable[Thing], scope: Scope) -> list[Example]:
    """Questions about real things, the cities and the kinds of question in turn; the same things give the same ones."""
    by_city: dict[str, list[Thing]] = defaultdict(list)
    for thing in sorted(things, key=lambda t: crc32(t.id.encode()))[:SAMPLE]:
        if thing.city in scope.cities:
            by_city[thing.city].append(thing)
    per_city = [_of_city(by_city[city], city, scope, turn) for turn, city in enumerate(sorted(by_city))]
    in_turn = [example for group in zip_longest(*per_city) for example in group if example]
    return list(dict.fromkeys(in_turn))


def _of_city(things: Sequence[Thing], city: str, scope: Scope, turn: int) -> list[Example]:
    """Its questions, beginning with another kind in each city, so that the first few differ."""
    name = scope.cities[city].names["en"]
    hindi = scope.cities[city].names.get("hi")
    named = [t for t in things if PLAIN_NAME.match(t.name) and len(t.name) <= 28]
    located = [t for t in named if t.located]
    used = [scope.categories[slug] for slug in dict.fromkeys(t.category for t in things) if slug in scope.categories]
    kinds = [category for category in used if category.kind == "place"]
    kinds = kinds[turn % len(kinds) :] + kinds[: turn % len(kinds)] if kinds else []
    makers = [
        _nearest(located, kinds, city),
        (Example(f"How many {_plural(kind)} are there in {name}?", city) for kind in kinds),
        _apart(located, city),
        (Example(f"{hindi} में {_hindi(kind)} की संख्या कितनी है?", city, "hi") for kind in kinds if hindi and _hindi(kind)),
        (Example(f"Where is {thing.name}?", city) for thing in named),
        (Example(f"What is the postcode of {thing.name}?", city) for thing in named),
    ]
    turned = makers[turn % len(makers) :] + makers[: turn % len(makers)]
    return [example for maker in turned if (example := next(iter(maker), None))]


def _nearest(located: Sequence[Thing], kinds: Sequence[Category], city: str) -> Iterator[Example]:
    for kind in kinds:
        other = next((t for t in located if t.category != kind.slug), None)
        if other:
            yield Example(f"What is the nearest {kind.names['en']} to {other.name}?", city)


def _apart(located: Sequence[Thing], city: str) -> Iterator[Example]:
    for one, other in pairwise(located):
        yield Example(f"How far is {one.name} from {other.name}?", city)


def _plural(kind: Category) -> str:
    """The taxonomy lists the singular first and then the plural."""
    words = kind.words.get("en", ())
    return words[1] if len(words) > 1 else f"{kind.names['en']}s"


def _hindi(kind: Category) -> str:
    return kind.names.get("hi", "")


class _Asks(Protocol):
    def ask(self, request: AskRequest) -> Answer: ...


def _answered(tried: Iterable[Example], answerer: _Asks) -> list[Example]:
    """Those that get an answer, until there are enough or it has taken too long."""
    deadline, found = time.monotonic() + PATIENCE, list[Example]()
    for example in list(tried)[:MOST_TRIED]:
        if len(found) == SHOWN or time.monotonic() > deadline:
            break
        answer = answerer.ask(AskRequest(question=example.question, city=example.city or None))
        if not answer.abstained and not answer.clarify:
            found.append(example)
    return found
