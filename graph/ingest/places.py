"""When two records of one name are one place: near each other, at one address, or in one neighbourhood."""

from collections.abc import Mapping

from graph.ingest.blocking import PLACE_REACH_M
from graph.ingest.geo import metres
from graph.ingest.normalise import fold
from graph.ingest.traits import Traits
from ibcm.domain.scope import Scope

FAR_M = 300.0
"""Beyond this distance two precise positions contradict what a vague address or a neighbourhood suggests."""


class Taxonomy:
    """Which categories may name one place, and which names are one city."""

    def __init__(self, scope: Scope | None) -> None:
        categories = scope.categories if scope else {}
        self._parents: Mapping[str, str | None] = {slug: category.parent for slug, category in categories.items()}
        self._city = {
            fold(name): slug
            for slug, city in (scope.cities if scope else {}).items()
            for name in (slug, *city.names.values(), *city.aliases)
        }

    def cities(self, names: frozenset[str]) -> set[str]:
        """Slugs of configured cities; other names as they are."""
        return {self._city.get(name, name) for name in names}

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


def same_place(one: Traits, other: Traits, taxonomy: Taxonomy) -> str | None:
    """The evidence beside the name; None when there is not enough, as between the branches of a chain."""
    if one.names.isdisjoint(other.names) or (one.city and other.city and one.city != other.city):
        return None
    apart = metres(one.point, other.point) if one.point and other.point else None
    if taxonomy.compatible(one, other, siblings=True):
        if apart is not None and apart <= PLACE_REACH_M:
            return f"same name, {apart:.0f} m apart"
        if _same_address(one, other, apart):
            return "same name and address"
    return None if apart is not None and apart > FAR_M else _by_surroundings(one, other, taxonomy)


def _by_surroundings(one: Traits, other: Traits, taxonomy: Taxonomy) -> str | None:
    """A neighbourhood or postcode joins what two sources say; one source that lists a name twice means two branches."""
    if one.source == other.source:
        return "the same data twice" if one.said == other.said and _somewhere(one) else None
    if not taxonomy.compatible(one, other, siblings=False):
        return None
    if _same_surroundings(one, other):
        return "same name in the same neighbourhood"
    if one.postcode and one.postcode == other.postcode and not _contradict(one, other):
        return "same name and postcode"
    return None


def _same_address(one: Traits, other: Traits, apart: float | None) -> bool:
    """An address with a number stands for itself; a bare street name must not contradict the positions."""
    if not one.address or one.address != other.address or _contradict(one, other):
        return False
    exact = any(char.isdigit() for char in one.address)
    return apart is None or apart <= (10 * FAR_M if exact else FAR_M)


def _same_surroundings(one: Traits, other: Traits) -> bool:
    mine, theirs = {one.area, one.locality} - {""}, {other.area, other.locality} - {""}
    return not mine.isdisjoint(theirs) and not _contradict(one, other)


def _contradict(one: Traits, other: Traits) -> bool:
    """Both name an area, or a postcode, and not the same."""
    areas = bool(one.area) and bool(other.area) and one.area != other.area
    postcodes = bool(one.postcode) and bool(other.postcode) and one.postcode != other.postcode
    return areas or postcodes


def _somewhere(one: Traits) -> bool:
    return bool(one.point or one.address or one.area or one.locality or one.postcode)
