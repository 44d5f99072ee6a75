"""Cities, sectors, assistants and the taxonomy: data that operators edit, read by ibcm.config."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class City:
    slug: str
    names: Mapping[str, str]
    """Language -> name; `en` is always there."""
    aliases: Sequence[str]
    lat: float
    lon: float
    radius_m: float
    """How far the city and its surroundings reach."""
    country: str
    """ISO 3166-1 alpha-2; also the region for phone numbers."""
    region: str
    """ISO 3166-2 subdivision, for holidays."""
    timezone: str
    currency: str
    """ISO 4217."""
    districts: Sequence[str] = ()
    """Names of administrative districts, as directories write them."""
    surroundings: Sequence[str] = ()
    """Names of the city together with the towns around it."""


@dataclass(frozen=True, slots=True)
class Town:
    """A city that records name and nothing is fetched for."""

    slug: str
    names: Mapping[str, str]
    country: str
    aliases: Sequence[str] = ()
    misspelt: Sequence[str] = ()
    geonames: int | None = None
    around: str = ""
    """Slug of the city in whose surroundings it lies."""


@dataclass(frozen=True, slots=True)
class Sector:
    slug: str
    names: Mapping[str, str]
    aliases: Sequence[str] = ()
    written: Sequence[str] = ()
    """What means it where a source names a sector, and too much in a question."""


@dataclass(frozen=True, slots=True)
class Assistant:
    """One of the domain assistants: which kinds and categories it is about."""

    slug: str
    names: Mapping[str, str]
    kinds: Sequence[str]
    categories: Sequence[str] = ()
    words: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """A slug of the taxonomy. `words` are what people call it: language -> singular and plural forms."""

    slug: str
    kind: str
    """Record kind that it belongs to: place, stop, route, event or organization."""
    parent: str | None
    names: Mapping[str, str]
    words: Mapping[str, Sequence[str]]
    schema_org: str | None = None
    osm: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """All of the configuration that is data."""

    cities: Mapping[str, City]
    sectors: Mapping[str, Sector]
    assistants: Mapping[str, Assistant]
    categories: Mapping[str, Category] = field(default_factory=dict)
    towns: Mapping[str, Town] = field(default_factory=dict)

    def below(self, slug: str) -> tuple[str, ...]:
        """The category and everything under it."""
        found = [slug]
        for candidate in found:
            found.extend(c.slug for c in self.categories.values() if c.parent == candidate)
        return tuple(found)
