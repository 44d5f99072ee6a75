"""Configuration that is data: cities, towns, sectors, assistants and taxonomy, from YAML files and checked strictly.

`load_scope()` reads the files of this folder; an operator's own folder holds any of the five and the others come from
here. Every mistake is a ConfigurationError that names the file and the key.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter, ValidationError

from ibcm.config.yamlfile import read_yaml
from ibcm.domain.errors import ConfigurationError
from ibcm.domain.gazetteer import Gazetteer
from ibcm.domain.scope import Assistant, Category, City, Scope, Sector, Town

HERE = Path(__file__).parent
T = TypeVar("T", City, Town, Sector, Assistant, Category)

__all__ = ["HERE", "gazetteer", "load_scope", "read_yaml"]


def load_scope(folder: Path | None = None) -> Scope:
    """Read `cities.yaml`, `towns.yaml`, `sectors.yaml`, `assistants.yaml` and `taxonomy.yaml`.

    A file that `folder` does not hold is taken from this package. Raises ConfigurationError.
    """
    if folder is not None and not folder.is_dir():
        raise ConfigurationError(f"the configuration folder {folder} does not exist: create it or unset it")
    cities = _entries(_find(folder, "cities.yaml"), City, _check_city)
    towns = _entries(_find(folder, "towns.yaml"), Town, _check_names)
    sectors = _entries(_find(folder, "sectors.yaml"), Sector, _check_names)
    categories = _entries(_find(folder, "taxonomy.yaml"), Category, _check_names)
    assistants = _entries(_find(folder, "assistants.yaml"), Assistant, _check_names)
    _check_tree(categories)
    towns = {slug: town for slug, town in towns.items() if slug not in cities}
    _check_unique_names(cities.values())
    _check_unique_names(towns.values())
    if not cities:
        raise ConfigurationError(f"{_find(folder, 'cities.yaml')} names no city: add at least one")
    return Scope(cities=cities, sectors=sectors, assistants=assistants, categories=categories, towns=towns)


@cache
def gazetteer() -> Gazetteer:
    """The names of this configuration, read once per process."""
    return Gazetteer(load_scope())


def _find(folder: Path | None, name: str) -> Path:
    own = folder / name if folder else None
    return own if own is not None and own.exists() else HERE / name


def _entries(path: Path, model: type[T], check: Callable[[Path, T], None]) -> dict[str, T]:
    """Slug -> checked entry, from a mapping of slugs or a list of entries that name theirs."""
    found: dict[str, T] = {}
    for slug, entry in _slugged(path, read_yaml(path) if path.exists() else {}):
        if slug in found:
            raise ConfigurationError(f"{path}: {slug} is there twice")
        found[slug] = _build(path, slug, entry, model)
        check(path, found[slug])
    return found


def _slugged(path: Path, content: Any) -> Iterable[tuple[str, Mapping[str, Any]]]:
    if isinstance(content, dict):
        pairs = list(content.items())
    elif isinstance(content, list):
        pairs = [
            (e.get("slug"), {k: v for k, v in e.items() if k != "slug"}) if isinstance(e, dict) else ("", e)
            for e in content
        ]
    else:
        raise ConfigurationError(f"{path} must be a mapping of slugs or a list of entries with a slug")
    for slug, entry in pairs:
        if not isinstance(slug, str) or not slug or not slug.replace("_", "").replace("-", "").isalnum():
            raise ConfigurationError(f"{path}: {slug!r} is not a slug: use letters, digits, _ and -")
        if not isinstance(entry, dict):
            raise ConfigurationError(f"{path}: {slug} must be a mapping")
        yield slug, entry


def _build(path: Path, slug: str, entry: Mapping[str, Any], model: type[T]) -> T:
    known = {f.name: f for f in fields(model)}
    for key in entry:
        if key not in known:
            raise ConfigurationError(f"{path}: {slug}: unknown key {key!r}; known are {', '.join(sorted(known))}")
    defaults: dict[str, Any] = {"parent": None} if "parent" in known else {}
    given = {**defaults, **entry, "slug": slug}
    for name, spec in known.items():
        if name not in given and spec.default is MISSING and spec.default_factory is MISSING:
            raise ConfigurationError(f"{path}: {slug}: key {name!r} is missing")
    try:
        return TypeAdapter(model).validate_python(given)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise ConfigurationError(f"{path}: {slug}: {key}: {problem['msg']}") from error


def _check_names(path: Path, entry: City | Town | Sector | Assistant | Category) -> None:
    if not entry.names.get("en"):
        raise ConfigurationError(f"{path}: {entry.slug}: names.en is missing")


def _check_city(path: Path, city: City) -> None:
    _check_names(path, city)
    if not (-90 <= city.lat <= 90 and -180 <= city.lon <= 180):
        raise ConfigurationError(f"{path}: {city.slug}: lat, lon {city.lat}, {city.lon} is no point on earth")
    if not 100 <= city.radius_m <= 300_000:
        raise ConfigurationError(f"{path}: {city.slug}: radius_m is in metres, from 100 to 300000, not {city.radius_m}")
    if len(city.country) != 2 or not city.region.startswith(f"{city.country}-"):
        raise ConfigurationError(f"{path}: {city.slug}: region must be ISO 3166-2, such as {city.country}-XX")
    try:
        ZoneInfo(city.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(f"{path}: {city.slug}: timezone {city.timezone!r} is not known") from error


def _check_tree(categories: Mapping[str, Category]) -> None:
    for category in categories.values():
        seen, parent = {category.slug}, category.parent
        while parent is not None:
            if parent not in categories:
                raise ConfigurationError(f"taxonomy.yaml: {category.slug}: parent {parent!r} is not in the taxonomy")
            if parent in seen:
                raise ConfigurationError(f"taxonomy.yaml: {category.slug}: is its own ancestor")
            seen.add(parent)
            parent = categories[parent].parent


def _check_unique_names(cities: Iterable[City | Town]) -> None:
    owner: dict[str, str] = {}
    for city in cities:
        for name in (*city.names.values(), *city.aliases):
            if owner.setdefault(name.casefold(), city.slug) != city.slug:
                file = "towns.yaml" if isinstance(city, Town) else "cities.yaml"
                raise ConfigurationError(f"{file}: {city.slug}: {name!r} also names {owner[name.casefold()]}")
