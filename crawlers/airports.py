"""Airports in and around the configured cities, from airportsdata (package data)."""

from collections.abc import Iterator
from typing import Any

import airportsdata

from crawlers.base import Complete, Fetched, FetchScope
from crawlers.geo import city_at
from crawlers.packages import as_of
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import parse_record
from ibcm.domain.scope import City

FEET = 0.3048


class Airports:
    slug = "airports"
    policy = SourcePolicy(
        name="airportsdata",
        homepage="https://github.com/mborsetti/airportsdata",
        licence="MIT",
        licence_url="https://github.com/mborsetti/airportsdata/blob/main/LICENSE",
        attribution="Mike Borsetti, airportsdata",
        trust=0.6,
        allow_training=True,
        deduplicated=True,
    )

    def fetch(self, scope: FetchScope) -> Iterator[Fetched]:
        countries = {city.country for city in scope.cities}
        found = 0
        for code, airport in sorted(airportsdata.load("ICAO").items()):
            if airport["country"] not in countries:
                continue
            city = city_at(airport["lat"], airport["lon"], scope.cities)
            if city is None:
                continue
            if found == scope.limit:
                return
            found += 1
            yield parse_record(_record(code, airport, city))
        yield Complete()


def _record(code: str, airport: airportsdata.Airport, city: City) -> dict[str, Any]:
    iata = airport["iata"]
    return {
        "source": Airports.slug,
        "key": code,
        "kind": "place",
        "url": f"https://ourairports.com/airports/{code}/",
        "retrieved_at": as_of("airportsdata"),
        "city": city.slug,
        "data": {
            "name": airport["name"],
            "aliases": [iata] if iata else [],
            "category": "airport",
            "lat": airport["lat"],
            "lon": airport["lon"],
            "country": airport["country"],
            "state": airport["subd"] or None,
            "elevation_ft": round(airport["elevation"]),
            "elevation_m": round(airport["elevation"] * FEET),
            "timezone": airport["tz"],
            "ids": {"icao": code, "iata": iata} if iata else {"icao": code},
        },
    }
