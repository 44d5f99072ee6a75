"""Polygons as sources draw them, and the cells that they touch."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from graph.territory import COARSE, FINE, cell_of, coarse_cells, cover, read_territory


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def square(lat: float, lon: float, side: float) -> list[list[float]]:
    return [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]


def test_a_hole_is_not_inside() -> None:
    drawn = read_territory(polygon(square(12, 77, 1), square(12.4, 77.4, 0.2)))
    assert drawn.problem == ""
    assert drawn.geometry is not None
    assert drawn.geometry.intersects(Point(77.1, 12.1))
    assert not drawn.geometry.intersects(Point(77.5, 12.5))


def test_what_crosses_itself_is_put_right_and_told() -> None:
    drawn = read_territory(polygon([[77, 12], [78, 13], [78, 12], [77, 13], [77, 12]]))
    assert drawn.problem.startswith("was put right: Self-intersection")
    assert drawn.geometry is not None
    assert drawn.geometry.is_valid
    assert drawn.geometry.intersects(Point(77.1, 12.5))
    assert not drawn.geometry.intersects(Point(77.5, 12.1))


def test_lines_that_a_repair_leaves_are_no_territory() -> None:
    spike = [[77, 12], [78, 12], [78, 13], [77, 13], [77, 12], [76, 12], [77, 12]]
    drawn = read_territory(polygon(spike))
    assert drawn.geometry is not None
    assert drawn.geometry.bounds == (77, 12, 78, 13)


def test_an_area_across_the_antimeridian_lies_on_both_sides_of_it_only() -> None:
    drawn = read_territory(polygon([[179, -18], [-179, -18], [-179, -16], [179, -16], [179, -18]]))
    assert "antimeridian" in drawn.problem
    assert drawn.geometry is not None
    assert drawn.geometry.area == pytest.approx(4)
    for lon in (179.5, -179.5):
        assert drawn.geometry.intersects(Point(lon, -17))
    assert not drawn.geometry.intersects(Point(0, -17))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (None, "no GeoJSON"),
        ([], "no GeoJSON"),
        ({"type": "Point", "coordinates": [77, 12]}, "no GeoJSON"),
        ({"type": "Polygon"}, "cannot be read"),
        (polygon([[77, 12], [78, 12]]), "cannot be read"),
        (polygon([["a", "b"], ["c", "d"], ["e", "f"], ["a", "b"]]), "off the earth"),
        (polygon([[77, 12], [78, 12], [79, 12], [77, 12]]), "no inside"),
        ({"type": "Polygon", "coordinates": []}, "no inside"),
        (polygon(square(120, 77, 1)), "off the earth"),
        (polygon([[1, 1], [float("nan"), 3], [4, 9], [1, 1]]), "off the earth"),
        (polygon([[77 + at / 1e6, 12] for at in range(100_001)]), "more than 100,000 corners"),
    ],
)
def test_what_is_no_polygon_is_said(given: Any, why: str) -> None:
    drawn = read_territory(given)
    assert drawn.geometry is None
    assert why in drawn.problem


@given(st.floats(-80, 80), st.floats(-170, 170), st.floats(0.001, 3), st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_a_point_inside_shares_a_cell_with_the_polygon(
    lat: float, lon: float, side: float, north: float, east: float
) -> None:
    geometry = read_territory(polygon(square(lat, lon, side))).geometry
    assert geometry is not None
    covered = cover(geometry)
    assert covered is not None
    inside = (min(lat + north * side, lat + side), min(lon + east * side, lon + side))
    assert cell_of(inside, covered.side) in covered.cells
    assert cell_of(inside, COARSE) in coarse_cells(geometry)


def test_a_ward_has_fine_cells_a_state_coarse_ones_and_a_continent_none() -> None:
    sides = []
    for side in (0.03, 4, 60):
        geometry = read_territory(polygon(square(10, 60, side))).geometry
        assert geometry is not None
        covered = cover(geometry)
        sides.append(covered.side if covered else None)
    assert sides == [FINE, COARSE, None]
