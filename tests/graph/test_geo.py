"""Cells that near points are sure to share."""

from hypothesis import assume, given
from hypothesis import strategies as st

from graph.geo import cells, grid_around, grid_cell, metres

latitudes = st.floats(-75, 75)
longitudes = st.floats(-179, 179)
steps = st.floats(-0.006, 0.006)


@given(latitudes, longitudes, steps, steps)
def test_points_within_reach_share_a_cell(lat: float, lon: float, north: float, east: float) -> None:
    one, other = (lat, lon), (lat + north, lon + east)
    assume(metres(one, other) <= 400)
    assert set(cells(one, 400)) & set(cells(other, 400))
    assert grid_cell(other, 400) in grid_around(grid_cell(one, 400), 400)
    assert grid_cell(one, 400) in grid_around(grid_cell(other, 400), 400)


def test_a_cell_has_few_neighbours() -> None:
    assert len(grid_around(grid_cell((12.97, 77.59), 400), 400)) <= 15
