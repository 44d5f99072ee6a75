"""Distances, and grid cells that two near points are sure to share."""

from math import asin, cos, floor, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8
METRES_PER_DEGREE = 111_195.0
CELL_RADII = 4
"""Side of a grid cell in reach: larger cells mean fewer keys a point and more strangers a cell."""

Point = tuple[float, float]
"""Latitude and longitude in WGS 84 degrees."""


def metres(one: Point, other: Point) -> float:
    """Great-circle distance."""
    lat1, lat2 = radians(one[0]), radians(other[0])
    half_lat, half_lon = (lat2 - lat1) / 2, radians(other[1] - one[1]) / 2
    root = sin(half_lat) ** 2 + cos(lat1) * cos(lat2) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(root)))


def cells(point: Point, reach_m: float) -> list[str]:
    """One to four cells: two points at most `reach_m` apart share at least one.

    Both points touch the cell of their midpoint, because each point takes every cell within half the reach.
    """
    side = CELL_RADII * reach_m / METRES_PER_DEGREE
    half = 0.505 * reach_m / METRES_PER_DEGREE
    lat, lon = point
    found = []
    for row in range(floor((lat - half) / side), floor((lat + half) / side) + 1):
        shrink = max(0.01, cos(radians((row + 0.5) * side)))
        width = side / shrink
        wide = 1.01 * half / shrink
        found += [f"{row},{column}" for column in range(floor((lon - wide) / width), floor((lon + wide) / width) + 1)]
    return found


Cell = tuple[int, int]
"""Row and column of a grid whose cells are a given number of metres high and, at their row, as wide."""


def grid_cell(point: Point, side_m: float) -> Cell:
    """The cell that holds a point."""
    row = floor(point[0] * METRES_PER_DEGREE / side_m)
    return row, floor(point[1] / _width(row, side_m))


def grid_around(cell: Cell, side_m: float) -> list[Cell]:
    """The cell and every other that holds points at most `side_m` from points of it."""
    row, column = cell
    west, east = column * _width(row, side_m), (column + 1) * _width(row, side_m)
    found = []
    for beside in (row - 1, row, row + 1):
        # A side is a longer arc of the parallel that lies closer to a pole.
        wide = 1.02 * max(_width(beside, side_m), _width(row, side_m))
        columns = range(
            floor((west - wide) / _width(beside, side_m)), floor((east + wide) / _width(beside, side_m)) + 1
        )
        found += [(beside, one) for one in columns]
    return found


def _width(row: int, side_m: float) -> float:
    """Degrees of longitude that a cell of this row is wide."""
    degrees = side_m / METRES_PER_DEGREE
    return degrees / max(0.01, cos(radians((row + 0.5) * degrees)))
