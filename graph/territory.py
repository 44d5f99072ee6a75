"""Polygons of areas: GeoJSON as sources write it -> a sound geometry, and the cells that it touches.

Everything is planar, in degrees: between the corners that a source gives an edge is straight on the map that it drew.
The cells are squares of degrees, so that a point and a polygon around it are sure to share one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import floor

import shapely
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union
from shapely.validation import explain_validity

from graph.geo import Point

FINE, COARSE = 0.02, 0.5
"""Sides of cells in degrees: about 2 km, in which a ward has a handful, and about 55 km, for states."""
MOST_CELLS = 1_500
"""A polygon that touches more fine cells has coarse ones; one that touches more coarse cells than this is no area."""
MOST_CORNERS = 100_000
HALF_ROUND, ROUND = 180.0, 360.0
Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Territory:
    """What a source drew. `geometry` is None when nothing can be made of it; `problem` says what was wrong."""

    geometry: BaseGeometry | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """Cells that a geometry touches, in one of the two sizes."""

    side: float
    cells: tuple[Cell, ...]


def read_territory(polygon: object) -> Territory:
    """A sound geometry out of a GeoJSON Polygon or MultiPolygon, whatever it is; never raises.

    What crosses itself is made valid, what crosses the antimeridian is cut there; holes stay holes. Too many corners,
    other types, positions off the earth and shapes without an inside give no geometry.
    """
    if not isinstance(polygon, Mapping) or polygon.get("type") not in ("Polygon", "MultiPolygon"):
        return Territory(None, "is no GeoJSON Polygon or MultiPolygon")
    corners = list(islice(_corners(polygon.get("coordinates")), MOST_CORNERS + 1))
    if len(corners) > MOST_CORNERS:
        return Territory(None, f"has more than {MOST_CORNERS:,} corners: simplify it")
    if not all(map(_is_position, corners)):
        return Territory(None, "lies off the earth: a position is [longitude, latitude] in degrees")
    try:
        drawn = shapely.force_2d(shape(polygon))
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, shapely.errors.ShapelyError) as error:
        return Territory(None, f"cannot be read: {str(error) or type(error).__name__}")
    return _sound(drawn)


def cover(geometry: BaseGeometry) -> Cover | None:
    """The cells that it touches; None when it is too large to be an area of anything."""
    for side in (FINE, COARSE):
        found = _touched(geometry, side)
        if found is not None:
            return Cover(side, found)
    return None


def coarse_cells(geometry: BaseGeometry) -> tuple[Cell, ...]:
    """The coarse cells that it touches; none when it is too large."""
    return _touched(geometry, COARSE) or ()


def cell_of(point: Point, side: float) -> Cell:
    """The cell that holds a (latitude, longitude)."""
    return floor(point[0] / side), floor(point[1] / side)


def _corners(coordinates: object) -> Iterator[Sequence[object]]:
    """Innermost lists, however deep."""
    if isinstance(coordinates, list | tuple):
        if coordinates and not isinstance(coordinates[0], list | tuple):
            yield coordinates
        else:
            for inner in coordinates:
                yield from _corners(inner)


def _is_position(corner: Sequence[object]) -> bool:
    lon, lat = corner[:2] if len(corner) > 1 else (None, None)
    if not isinstance(lon, int | float) or not isinstance(lat, int | float):
        return False
    return abs(lon) <= ROUND and abs(lat) <= 90  # false for NaN too


def _sound(drawn: BaseGeometry) -> Territory:
    west, _, east, _ = drawn.bounds if not drawn.is_empty else (0.0, 0.0, 0.0, 0.0)
    problem = ""
    if not drawn.is_valid:
        problem = f"was put right: {explain_validity(drawn)}"
        drawn = _with_inside(shapely.make_valid(drawn))
    elif east - west > HALF_ROUND or east > HALF_ROUND or west < -HALF_ROUND:
        drawn, problem = _cut(drawn), "crosses the antimeridian: cut there"
    if drawn.is_empty or drawn.area == 0:
        return Territory(None, "has no inside")
    return Territory(drawn, problem)


def _with_inside(geometry: BaseGeometry) -> BaseGeometry:
    """Lines and points that a repair leaves behind are no territory."""
    parts: Iterable[BaseGeometry] = getattr(geometry, "geoms", [geometry])
    found = [part for part in parts if isinstance(part, Polygon | MultiPolygon)]
    return found[0] if len(found) == 1 else unary_union(found)


def _cut(drawn: BaseGeometry) -> BaseGeometry:
    """In two at 180 degrees: an edge that jumps from one end of the map to the other goes the short way round."""
    east = shapely.transform(drawn, lambda at: at + (at[:, :1] < 0) * [ROUND, 0.0])
    east = east if east.is_valid else _with_inside(shapely.make_valid(east))
    here = east.intersection(box(0, -90, HALF_ROUND, 90))
    there = translate(east.intersection(box(HALF_ROUND, -90, ROUND, 90)), -ROUND)
    return _with_inside(unary_union([here, there]))


def _touched(geometry: BaseGeometry, side: float) -> tuple[Cell, ...] | None:
    """Cells of that side; None when they are too many. Parts are looked at one by one: islands have sea between."""
    found: set[Cell] = set()
    shapely.prepare(geometry)
    for part in getattr(geometry, "geoms", [geometry]):
        west, south, east, north = part.bounds
        rows = range(floor(south / side), floor(north / side) + 1)
        columns = range(floor(west / side), floor(east / side) + 1)
        if len(rows) * len(columns) > 10 * MOST_CELLS:
            return None
        found.update(
            (row, column) for row in rows for column in columns if geometry.intersects(_square(row, column, side))
        )
        if len(found) > MOST_CELLS:
            return None
    return tuple(sorted(found))


def _square(row: int, column: int, side: float) -> BaseGeometry:
    """A little larger than the cell: a corner on its edge belongs to it, whatever rounding makes of it."""
    slack = side * 1e-6
    return box(column * side - slack, row * side - slack, (column + 1) * side + slack, (row + 1) * side + slack)
