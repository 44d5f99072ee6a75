"""Names of cities and sectors as sources write them -> slugs. What a source wrote stays with its record."""

import re
from collections.abc import Iterable

from ibcm.domain.scope import City, Scope, Town
from ibcm.domain.texts import mended, spelling_key

_SEVERAL = re.compile(r"\s*(?:[/;|,&+]|\band\b)\s*", re.IGNORECASE)
_PARTS = re.compile(r"\s*(?:[/;|,]|\s[-–]\s|[()])\s*")


class Gazetteer:
    """All names of the cities, towns and sectors of a configuration, looked up whatever their case, accents and signs.

    `Bangalore`, `Bengaluru` and `बेंगलुरु` are one slug, `Gurgaon` and `Gurugram` another, `Fin-Tech` and `FinTech` a
    sector's. A city of the installation wins over a town of one name.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._cities = _by_name((slug, _names_of(city)) for slug, city in scope.cities.items())
        self._towns = _by_name((slug, _names_of(town)) for slug, town in scope.towns.items()) | self._cities
        self._sectors = _by_name(
            (slug, (slug, *sector.names.values(), *sector.aliases, *sector.written))
            for slug, sector in scope.sectors.items()
        )
        self._wider = {
            spelling_key(name): frozenset({slug, *(t.slug for t in scope.towns.values() if t.around == slug)})
            for slug, city in scope.cities.items()
            for name in city.surroundings
        }

    def city(self, text: str) -> str | None:
        """Slug of a city of the installation."""
        return self._cities.get(spelling_key(text))

    def town(self, text: str) -> str | None:
        """Slug of a city of the installation, or of another that is known by name."""
        return self._towns.get(spelling_key(text))

    def is_city(self, slug: str) -> bool:
        """Whether it is a city of the installation."""
        return slug in self._scope.cities

    def sector(self, text: str) -> str | None:
        return self._sectors.get(spelling_key(text))

    def sectors(self, text: str) -> list[str]:
        """Every known sector that a text names: `Fintech - Payments`, `E-Commerce / Fashion`."""
        whole = self.sector(text)
        parts = [text] if whole else _PARTS.split(mended(text))
        return list(dict.fromkeys(slug for part in parts if (slug := self.sector(part))))

    def towns(self, text: str) -> list[str]:
        """Every city that a text names, in order: `Bangalore / San Francisco` is two. What no gazetteer knows is a slug
        of its own, so that it can be asked for too."""
        whole = self.town(text)
        parts = [text] if whole else _SEVERAL.split(mended(text))
        found = (self.town(part) or _slug(part) for part in parts)
        return list(dict.fromkeys(slug for slug in found if slug))

    def may_be(self, text: str) -> frozenset[str]:
        """Slugs of all towns that a text may mean: of a name such as `Delhi NCR` the city and those around it."""
        return self.surroundings(text) or frozenset(self.towns(text))

    def surroundings(self, text: str) -> frozenset[str]:
        """Slugs of a city and the towns around it, of a name for all of them; empty for other names."""
        return self._wider.get(spelling_key(text), frozenset())

    def names(self, slug: str) -> tuple[str, ...]:
        """All names of a city or town, as people may write them; the slug in words for one that is not known."""
        entry = self._scope.cities.get(slug) or self._scope.towns.get(slug)
        return _names_of(entry) if entry else (slug.replace("-", " "),)

    def sector_names(self, slug: str) -> tuple[str, ...]:
        """The names of a sector that people use in questions."""
        sector = self._scope.sectors.get(slug)
        return (slug, *sector.names.values(), *sector.aliases) if sector else (slug,)


def _names_of(entry: City | Town) -> tuple[str, ...]:
    misspelt = entry.misspelt if isinstance(entry, Town) else ()
    return (entry.slug.replace("-", " "), *entry.names.values(), *entry.aliases, *misspelt)


def _by_name(entries: Iterable[tuple[str, Iterable[str]]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for slug, names in entries:
        for name in names:
            found.setdefault(spelling_key(name), slug)
    return found


def _slug(text: str) -> str:
    return "-".join(re.findall(r"[\w\u0900-\u0fff]+", text.casefold()))
