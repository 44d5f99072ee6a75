"""Draws questions until the wanted number is there: deterministic for the same records, seed and split."""

import random
from collections.abc import Iterator
from typing import Any

from benchmarks.questions import phrases
from benchmarks.questions.draft import Draft
from benchmarks.questions.makers import ANSWERABLE, UNANSWERABLE, Context, Maker
from benchmarks.questions.render import Pen
from benchmarks.questions.transit import Network
from benchmarks.questions.world import World

LANGUAGE_SHARES = {"en": 0.74, "hi": 0.18, "hi-Latn": 0.08}
NAME_SLIPS, WORD_SLIPS = 0.12, 0.06
_MOST_TRIES = 400


class Generator:
    """Questions about one world."""

    def __init__(self, world: World, *, seed: int, split: phrases.Split, unanswerable: float = 0.2) -> None:
        self._world, self._split, self._unanswerable = world, split, unanswerable
        self._rng = random.Random(f"{seed}/{split}")
        self._networks: dict[str, Network] = {}
        self._contexts: dict[str, Context] = {}
        self._names: dict[str, list[str]] = {}
        self._asked: set[str] = set()

    def questions(self, n: int) -> Iterator[dict[str, Any]]:
        """`n` different questions, or fewer when the records do not hold more."""
        kinds = self._plan(n)
        for number, (maker, _) in enumerate(kinds):
            question = self._one(maker, number) or self._any(number)
            if question:
                yield question

    def _plan(self, n: int) -> list[tuple[Maker, bool]]:
        """The makers in the order of asking, in their shares."""
        silent = round(n * self._unanswerable)
        picked = [(m, True) for m in self._shares(ANSWERABLE, n - silent)]
        picked += [(m, False) for m in self._shares(UNANSWERABLE, silent)]
        self._rng.shuffle(picked)
        return picked

    def _shares(self, makers: dict[str, tuple[float, Maker]], n: int) -> list[Maker]:
        usable = {name: pair for name, pair in makers.items() if self._draft(pair[1], tries=60)}
        whole = sum(weight for weight, _ in usable.values()) or 1.0
        found = [maker for weight, maker in usable.values() for _ in range(int(n * weight / whole))]
        weights = [weight for weight, _ in usable.values()]
        while usable and len(found) < n:
            found.append(self._rng.choices([maker for _, maker in usable.values()], weights)[0])
        return found

    def _any(self, number: int) -> dict[str, Any] | None:
        for _ in range(20):
            _, maker = self._rng.choice(list(ANSWERABLE.values()))
            question = self._one(maker, number)
            if question:
                return question
        return None

    def _one(self, maker: Maker, number: int) -> dict[str, Any] | None:
        for _ in range(8):
            draft = self._draft(maker)
            if draft is None:
                return None
            question = self._worded(draft, number)
            if question["question"].casefold() not in self._asked:
                self._asked.add(question["question"].casefold())
                return question
        return None

    def _draft(self, maker: Maker, tries: int = _MOST_TRIES) -> Draft | None:
        cities = self._world.cities or [""]
        weights = [len(self._world.by_city.get(city, ())) ** 0.5 for city in cities]
        for _ in range(tries):
            draft = maker(self._context(self._rng.choices(cities, weights)[0]))
            if draft is not None:
                return draft
        nowhere = "" in self._world.by_city
        return next((d for _ in range(20) if (d := maker(self._context("")))), None) if nowhere else None

    def _context(self, city: str) -> Context:
        if city not in self._contexts:
            self._contexts[city] = Context(self._world, city, self._rng, self._networks)
        return self._contexts[city]

    # -- words ---------------------------------------------------------------------------------------------
    def _worded(self, draft: Draft, number: int) -> dict[str, Any]:
        language = self._language(draft)
        where = self._rng.choice(("field", "field", "text", "text", "both")) if draft.city else "none"
        pen = Pen(
            language,
            self._split,
            self._rng,
            city=draft.city if where in ("text", "both") else "",
            slip=self._slip(draft),
            nearby_names=lambda: self._names_of(draft.city),
        )
        text = pen.write(draft)
        asked_city = draft.city if where in ("field", "both") else None
        return as_line(draft, f"{self._split}-{number:04d}", text, asked_city, language, self._split)

    def _language(self, draft: Draft) -> str:
        possible = phrases.languages_of(draft.template)
        return self._rng.choices(possible, [LANGUAGE_SHARES[one] for one in possible])[0]

    def _slip(self, draft: Draft) -> str:
        draw = self._rng.random()
        if draw < NAME_SLIPS and draft.answerable:
            return "name"
        return "words" if draw < NAME_SLIPS + WORD_SLIPS else ""

    def _names_of(self, city: str) -> list[str]:
        if city not in self._names:
            things = self._world.by_city.get(city, []) + (self._world.by_city.get("", []) if city else [])
            self._names[city] = sorted({name for thing in things for name in thing.all_names})
        return self._names[city]


def as_line(draft: Draft, key: str, text: str, city: str | None, language: str, split: str) -> dict[str, Any]:
    """One line of a question file; keys that say nothing are left out."""
    line: dict[str, Any] = {
        "id": key,
        "question": text,
        "city": city,
        "about_city": draft.city or None,
        "kind": draft.kind,
        "template": draft.template,
        "language": language,
        "split": split,
        "answerable": draft.answerable,
        "answer": draft.answer,
        "aliases": draft.aliases,
        "answer_type": draft.answer_type,
        "gold": draft.gold,
    }
    extra = {
        "tolerance": draft.tolerance,
        "ordered": draft.ordered or None,
        "total": draft.total,
        "names": draft.names or None,
        "in_text": draft.in_text or None,
        "by_citation": draft.by_citation or None,
    }
    return line | {name: value for name, value in extra.items() if value is not None}
