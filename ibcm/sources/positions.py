"""Positions and polygons that cannot be meant as they stand, and what is odd about others."""

from collections import defaultdict

from crawlers.geo import distance_m
from graph.territory import read_territory
from ibcm.domain.errors import RecordError
from ibcm.domain.records import SourceRecord
from ibcm.domain.scope import City, Scope

FAR = 3.0
"""In radii of a city: an airport or a temple on a hill may lie outside, nothing of a city lies that far away."""
SHOWN = 5


def swapped(record: SourceRecord, scope: Scope) -> RecordError | None:
    """What is wrong when latitude and longitude have changed places; None for all others.

    Said only of a record of a configured city whose position or polygon lies far from it, while the swapped one lies
    inside: everything else may be true.
    """
    city = scope.cities.get(record.city or "")
    if city is None:
        return None
    lat, lon = record.data.get("lat"), record.data.get("lon")
    if isinstance(lat, int | float) and isinstance(lon, int | float) and _is_swapped(city, lat, lon):
        told, put = f"look swapped: they are not near {city.names['en']}", "Put the latitude (north) into lat"
        put = f"{put} and the longitude (east) into lon"
        quoting = f"lat {lat} and lon {lon} {told}, lat {lon} and lon {lat} are. {put}"
        return RecordError(
            f"lat and lon {told}, the other way round they are. {put}", field="data.lat", quoting=quoting
        )
    middle = _middle(record)
    if middle and _is_swapped(city, *middle):
        return RecordError(
            f"the polygon's positions look swapped: it is not near {city.names['en']}, the other way round it is. "
            "GeoJSON positions are [longitude, latitude]",
            field="data.polygon",
        )
    return None


class Oddities:
    """Collects what is odd about where the records of an ingest lie; they are taken as they are."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._refs: dict[str, list[str]] = defaultdict(list)

    def look(self, record: SourceRecord) -> None:
        """Remember what is odd about it."""
        city = self._scope.cities.get(record.city or "")
        lat, lon = record.data.get("lat"), record.data.get("lon")
        if city and isinstance(lat, int | float) and isinstance(lon, int | float) and _is_far(city, lat, lon):
            self._refs["farther from their city than anything of it should be"].append(record.ref)
        if record.kind == "area" and record.data.get("polygon"):
            told = read_territory(record.data["polygon"])
            # Where it crosses itself is another place each time; what it does is worth a line.
            if told.problem:
                use = "used" if told.geometry is not None else "without use"
                self._refs[f"polygon {told.problem.partition('[')[0]} ({use})"].append(record.ref)

    def notes(self) -> list[str]:
        """A line for each kind of oddity: what, how many, and the first of them."""
        return [
            f"{what}: {len(refs)}, kept as they are: {', '.join(refs[:SHOWN])}{', …' if len(refs) > SHOWN else ''}"
            for what, refs in self._refs.items()
        ]


def _middle(record: SourceRecord) -> tuple[float, float] | None:
    """Latitude and longitude of the middle of its polygon."""
    polygon = record.data.get("polygon") if record.kind == "area" else None
    drawn = read_territory(polygon).geometry if polygon else None
    if drawn is None:
        return None
    west, south, east, north = drawn.bounds
    return (south + north) / 2, (west + east) / 2


def _is_swapped(city: City, lat: float, lon: float) -> bool:
    return abs(lon) <= 90 and _is_far(city, lat, lon) and _metres(city, lon, lat) <= city.radius_m


def _is_far(city: City, lat: float, lon: float) -> bool:
    return _metres(city, lat, lon) > FAR * city.radius_m


def _metres(city: City, lat: float, lon: float) -> float:
    return distance_m(city.lat, city.lon, lat, lon)
