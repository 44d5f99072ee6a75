"""Which categories may name one thing, and which names are one city."""

from collections.abc import Mapping
from functools import lru_cache

from graph.resolution.traits import Traits
from ibcm.domain.gazetteer import Gazetteer
from ibcm.domain.scope import Scope

REMEMBERED = 4_096
"""Sets of names whose meaning is kept at hand: records of one city mostly have one."""


class Taxonomy:
    """Which categories may name one place, and which names are one city."""

    def __init__(self, scope: Scope | None) -> None:
        categories = scope.categories if scope else {}
        self._parents: Mapping[str, str | None] = {slug: category.parent for slug, category in categories.items()}
        known = Gazetteer(scope or Scope({}, {}, {}))
        self._cities = lru_cache(REMEMBERED)(
            lambda names: frozenset(slug for name in names for slug in known.may_be(name))
        )
        self._sectors = lru_cache(REMEMBERED)(
            lambda names: frozenset(slug for name in names for slug in known.sectors(name))
        )

    def cities(self, names: frozenset[str]) -> frozenset[str]:
        """Slugs of every city that these names may mean; of others the name."""
        return self._cities(names)

    def sectors(self, names: frozenset[str]) -> frozenset[str]:
        """Slugs of the sectors of the configuration that these names mean; others tell too little to be compared."""
        return self._sectors(names)

    def compatible(self, one: Traits, other: Traits, *, siblings: bool) -> bool:
        """One is the other, or lies above it; with `siblings` also beside it, and unknown categories pass.

        A record without a category is compatible with any.
        """
        if not one.categories or not other.categories or one.categories & other.categories:
            return True
        return any(self._related(a, b, siblings) for a in one.categories for b in other.categories)

    def _related(self, one: str, other: str, siblings: bool) -> bool:
        if one in self._above(other) or other in self._above(one):
            return True
        if not siblings:
            return False
        if self._parents and (one not in self._parents or other not in self._parents):
            return True
        parent = self._parents.get(one)
        return parent is not None and parent == self._parents.get(other)

    def _above(self, slug: str) -> list[str]:
        found = [slug]
        while (parent := self._parents.get(found[-1])) and parent not in found:
            found.append(parent)
        return found
