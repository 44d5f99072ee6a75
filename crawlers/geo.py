"""Which configured city a point belongs to."""

import math
from collections.abc import Iterable

from ibcm.domain.scope import City

EARTH_RADIUS_M = 6_371_008.8


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance in metres (haversine)."""
    north, east = math.radians(other_lat - lat), math.radians(other_lon - lon)
    along = math.sin(north / 2) ** 2
    across = math.cos(math.radians(lat)) * math.cos(math.radians(other_lat)) * math.sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, along + across)))


def city_at(lat: float, lon: float, cities: Iterable[City]) -> City | None:
    """The city whose surroundings hold the point; where two overlap, the one whose centre is nearer."""
    near = ((distance_m(lat, lon, city.lat, city.lon), city) for city in cities)
    inside = [(metres, city) for metres, city in near if metres <= city.radius_m]
    return min(inside, key=lambda pair: pair[0])[1] if inside else None
