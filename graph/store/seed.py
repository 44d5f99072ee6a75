"""The nodes that come from configuration: cities and sectors, to which entities are joined."""

from collections.abc import Mapping, Sequence

from graph.normalise import fold
from graph.store.base import GraphStore
from ibcm.domain.graph import Projection, Value
from ibcm.domain.scope import City, Scope, Sector


def seed(store: GraphStore, scope: Scope) -> None:
    """Make the graph hold the cities and sectors of the configuration. A repeat changes nothing.

    One that has left the configuration stays while entities are joined to it.
    """
    store.write([*map(_city, scope.cities.values()), *map(_sector, scope.sectors.values())])


def _city(city: City) -> Projection:
    where: dict[str, Value] = {"lat": city.lat, "lon": city.lon, "radius_m": city.radius_m, "country": city.country}
    return Projection(city.slug, "City", 1, {**_names(city.slug, city.names, city.aliases), **where})


def _sector(sector: Sector) -> Projection:
    return Projection(sector.slug, "Sector", 1, _names(sector.slug, sector.names, sector.aliases))


def _names(slug: str, names: Mapping[str, str], aliases: Sequence[str]) -> dict[str, Value]:
    name = names.get("en", slug)
    translated: dict[str, Value] = {f"name_{language}": text for language, text in names.items()}
    return {"name": name, **translated, "aliases": list(aliases), "name_key": fold(name)}
