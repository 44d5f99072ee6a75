import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibcm.chat.maps import HEIGHT, MOST_POINTS, WIDTH, distance, draw
from tests.ibcm.answering import point

places = st.lists(st.tuples(st.floats(-85, 85), st.floats(-180, 180)), min_size=1, max_size=20)


@given(places)
def test_every_point_and_label_lies_inside(at: list[tuple[float, float]]) -> None:
    drawn = draw({"type": "FeatureCollection", "features": [point("P", lat, lon) for lat, lon in at]})
    assert drawn is not None
    assert [p.number for p in drawn.points] == list(range(1, len(at) + 1))
    for placed in drawn.points:
        assert 0 <= placed.x <= WIDTH
        assert 0 <= placed.y <= HEIGHT
        assert 0 <= placed.label_y <= HEIGHT
    assert 20 < drawn.bar < WIDTH / 2


def test_north_is_up_east_is_right_and_the_bar_is_true() -> None:
    north, east = point("north", 13.02, 77.60), point("east", 13.0, 77.62)
    drawn = draw({"features": [north, east, point("here", 13.0, 77.60)]})
    assert drawn is not None
    up, right, here = drawn.points
    assert up.y < here.y
    assert right.x > here.x
    pixels_per_km = (here.y - up.y) / 2.224
    assert drawn.bar_label == "500 m"
    assert drawn.bar == pytest.approx(pixels_per_km / 2, rel=0.01)


@pytest.mark.parametrize("features", [None, {}, {"features": []}, {"features": [{"geometry": None}]}])
def test_without_points_there_is_no_map(features: object) -> None:
    assert draw(features) is None  # type: ignore[arg-type] # None and empty ones come from answers


def test_very_many_points_are_cut_and_counted() -> None:
    drawn = draw({"features": [point(str(n), 13 + n / 1e4, 77.6) for n in range(MOST_POINTS + 7)]})
    assert drawn is not None
    assert (len(drawn.points), drawn.left_out) == (MOST_POINTS, 7)


@pytest.mark.parametrize(
    ("metres", "shown"),
    [(0, "0 m"), (849.6, "850 m"), (1_000, "1 km"), (1_240, "1.24 km"), (20_000, "20 km"), (14_320, "14.3 km")],
)
def test_distances_read_well(metres: float, shown: str) -> None:
    assert distance(metres) == shown
