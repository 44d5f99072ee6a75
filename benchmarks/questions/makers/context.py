"""What every maker may look at, and the rule for names that mean one thing only."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from benchmarks.questions import phrases
from benchmarks.questions.draft import Draft, Named
from benchmarks.questions.render import city_names
from benchmarks.questions.text import fold
from benchmarks.questions.transit import Network
from benchmarks.questions.world import Thing, World

CROWDED = 5
"""A point shared by so many places is a centroid; between two and this it may or may not be one."""


@dataclass
class Context:
    world: World
    city: str
    rng: random.Random
    networks: dict[str, Network] = field(default_factory=dict)

    @property
    def network(self) -> Network:
        if self.city not in self.networks:
            self.networks[self.city] = Network(self.world, self.city)
        return self.networks[self.city]

    @property
    def things(self) -> list[Thing]:
        return self.world.by_city.get(self.city, [])

    @cached_property
    def categories(self) -> list[str]:
        """Place categories of the city with at least three things, and a meaning that nobody doubts."""
        held = self.world.by_category.get(self.city, {})
        broader = phrases.words()["broader"]
        return sorted(
            category
            for category, things in held.items()
            if len(things) >= 3 and not any(narrower in held for narrower in broader.get(category, ()))
        )

    def category(self) -> str | None:
        """One of them; well filled ones come more often."""
        if not self.categories:
            return None
        held = self.world.by_category[self.city]
        weights = [min(len(held[category]), 400) ** 0.5 for category in self.categories]
        return self.rng.choices(self.categories, weights)[0]

    def call(self, thing: Thing) -> Named | None:
        """Words that mean this thing and nothing else in its city, or None."""
        if thing.doubtful or not self._speaks(thing.name):
            return None
        same = self.world.named(thing.name, thing.city or None)
        if same == [thing]:
            return Named(thing.name)
        area = thing.sole("area")
        if not isinstance(area, str) or re.search(r"[,()/]|--", area):
            return None
        if any(other.kind != thing.kind for other in same):
            return None
        here = [other for other in same if self._may_be_in(other, fold(area))]
        return Named(thing.name, area) if here == [thing] else None

    def pick(self, things: Sequence[Thing], tries: int = 40) -> tuple[Thing, Named] | None:
        """A random thing that can be named clearly."""
        for _ in range(tries if things else 0):
            thing = self.rng.choice(things)
            named = self.call(thing)
            if named:
                return thing, named
        return None

    def standing(self, thing: Thing) -> str:
        """`in`, `out` or `maybe`: whether its coordinates count for distances."""
        if thing.point is None or not thing.at_one_spot():
            return "out" if thing.point is None else "maybe"
        sharers = self.world.sharers(thing)
        if sharers <= 1:
            return "in"
        return "out" if sharers >= CROWDED else "maybe"

    def _may_be_in(self, thing: Thing, area: str) -> bool:
        said = [fold(v) for key in ("area", "locality", "address") for v in thing.values(key)]
        return not said or any(area in text for text in said)

    @staticmethod
    def _speaks(name: str) -> bool:
        """Whether a name is more than a category, a city or a number."""
        key = fold(name)
        said = [word for word in key.split() if word not in _generic_words()]
        return 3 <= len(key) <= 70 and any(len(word) >= 3 and not word.isdigit() for word in said)


Maker = Callable[[Context], Draft | None]


def _generic_words() -> set[str]:
    if not _GENERIC:
        held = phrases.words()
        for entry in held["categories"].values():
            _GENERIC.update(word for said in (*entry["one"], *entry["many"]) for word in fold(said).split())
        for slug in held["cities"]:
            _GENERIC.update(fold(name) for name in city_names(slug, "en"))
        _GENERIC.update(("the", "and", "road", "main", "new", "government", "govt", "private", "public"))
    return _GENERIC


_GENERIC: set[str] = set()
