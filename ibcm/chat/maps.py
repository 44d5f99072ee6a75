"""A small map drawn by ourselves: points on a plane around their middle, a grid, a scale bar. No tiles, no requests."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ibcm.domain.texts import shortened

WIDTH, HEIGHT, MARGIN = 720, 400, 48
"""Of the drawing, in its own units."""
METRES_PER_DEGREE = 111_195.0
"""Along a meridian of the mean sphere."""
SMALLEST = 400.0
"""Metres that the drawing is high at least, so that one point has surroundings."""
MOST_POINTS = 200
MOST_NUMBERED = 40
"""Beyond it points are small dots: numbers would hide each other."""


@dataclass(frozen=True, slots=True)
class Point:
    number: int
    name: str
    role: str
    """`anchor` for what others are near to, else `result`."""
    lat: float
    lon: float
    x: float
    y: float
    anchor: str
    """Which end of its label is at the point, so that labels stay inside."""
    label_x: float

    @property
    def label_y(self) -> float:
        return round(self.y - 18, 1) if self.y > 40 else round(self.y + 28, 1)


@dataclass(frozen=True, slots=True)
class Map:
    points: list[Point]
    columns: list[float]
    rows: list[float]
    """Where the grid's lines are; its cells are as wide as the scale bar."""
    bar: float
    bar_label: str
    left_out: int = 0
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def dense(self) -> bool:
        return len(self.points) > MOST_NUMBERED

    @property
    def bar_end(self) -> float:
        return round(16 + self.bar, 1)


def draw(features: Mapping[str, Any] | None) -> Map | None:
    """A map of the points of a GeoJSON FeatureCollection; None when it has none."""
    found = list(_points(features))
    places = found[:MOST_POINTS]
    if not places:
        return None
    lats, lons = [place.lat for place in places], [place.lon for place in places]
    middle = ((min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2)
    shrink = max(math.cos(math.radians(middle[0])), 0.01)
    high = max((max(lats) - min(lats)) * METRES_PER_DEGREE, SMALLEST)
    wide = max((max(lons) - min(lons)) * METRES_PER_DEGREE * shrink, SMALLEST)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    points = [
        _placed(number, place, middle, METRES_PER_DEGREE * scale, shrink) for number, place in enumerate(places, 1)
    ]
    step = _round_length(120 / scale)
    return Map(
        points=points,
        columns=_lines(WIDTH, step * scale),
        rows=_lines(HEIGHT, step * scale),
        bar=round(step * scale, 1),
        bar_label=distance(step),
        left_out=len(found) - len(places),
    )


def distance(metres: float) -> str:
    """`850 m`, `1.24 km`, `14.3 km`."""
    if metres < 1_000:
        return f"{metres:.0f} m"
    digits = 2 if metres < 10_000 else 1
    return f"{metres / 1_000:.{digits}f}".rstrip("0").rstrip(".") + " km"


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    role: str
    lat: float
    lon: float


def _points(features: Mapping[str, Any] | None) -> Iterable[_Place]:
    for feature in (features or {}).get("features") or ():
        geometry = feature.get("geometry") or {}
        if geometry.get("type") == "Point":
            lon, lat = geometry["coordinates"][:2]
            told = feature.get("properties") or {}
            role = "anchor" if told.get("role") == "anchor" else "result"
            yield _Place(shortened(str(told.get("name") or "")), role, float(lat), float(lon))


def _placed(number: int, place: _Place, middle: tuple[float, float], scale: float, shrink: float) -> Point:
    x = round(WIDTH / 2 + (place.lon - middle[1]) * scale * shrink, 1)
    y = round(HEIGHT / 2 - (place.lat - middle[0]) * scale, 1)
    anchor = "start" if x < WIDTH / 3 else "end" if x > WIDTH * 2 / 3 else "middle"
    label_x = {"start": max(x - 10, 8), "end": min(x + 10, WIDTH - 8), "middle": x}[anchor]
    return Point(number, place.name, place.role, place.lat, place.lon, x, y, anchor, label_x)


def _round_length(metres: float) -> float:
    """The greatest of 1, 2, 5, 10, 20 … that is not longer."""
    power = 10.0 ** math.floor(math.log10(metres))
    return next(factor * power for factor in (5, 2, 1) if factor * power <= metres * 1.000001)


def _lines(length: int, step: float) -> list[float]:
    """Grid lines from the middle outwards."""
    first = (length / 2) % step
    return [round(first + step * n, 1) for n in range(int((length - first) / step) + 1)]
