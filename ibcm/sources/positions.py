"""Positions that cannot be meant as they stand."""

from crawlers.geo import distance_m
from ibcm.domain.records import SourceRecord
from ibcm.domain.scope import City, Scope

FAR = 3.0
"""In radii of a city: an airport or a temple on a hill may lie outside, nothing of a city lies that far away."""


def swapped(record: SourceRecord, scope: Scope) -> str | None:
    """What is wrong when latitude and longitude have changed places; None for all others.

    Said only of a record of a configured city whose position lies far from it, while the swapped one lies inside:
    everything else may be true.
    """
    city = scope.cities.get(record.city or "")
    lat, lon = record.data.get("lat"), record.data.get("lon")
    if city is None or not isinstance(lat, int | float) or not isinstance(lon, int | float) or abs(lon) > 90:
        return None
    if _metres(city, lat, lon) <= FAR * city.radius_m or _metres(city, lon, lat) > city.radius_m:
        return None
    return (
        f"lat {lat} and lon {lon} look swapped: they are not near {city.names['en']}, lat {lon} and lon {lat} are. "
        "Put the latitude (north) into lat and the longitude (east) into lon"
    )


def _metres(city: City, lat: float, lon: float) -> float:
    return distance_m(city.lat, city.lon, lat, lon)
