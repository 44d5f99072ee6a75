"""One spelling for many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.geo import METRES_PER_DEGREE, cells, metres
from graph.normalise import as_number, fold, phones, value_key, website_host


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Café   Coffee-Day ", "cafe coffee day"),
        ("Domino’s / Domino's", "dominos dominos"),
        ("STRASSE straße", "strasse strasse"),
        ("ＡＢＣ１２", "abc12"),
        ("कोरमंगला, बेंगलुरु।", "कोरमंगला बेंगलुरु"),
        ("ज़िला", "ज\u093cिला"),
        ("पुणे\u200d जंक्शन", "पुणे जंक्शन"),
        ("★★", "★★"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("value", "number"),
    [(4, 4.0), ("1,200", 1200.0), ("4.50", 4.5), ("12,34,567", 1234567.0), ("007", None), ("x", None), (True, None)],
)
def test_numbers_as_people_write_them(value: object, number: float | None) -> None:
    assert as_number(value) == number


def test_values_that_say_the_same_have_one_key() -> None:
    assert value_key(1200) == value_key("1,200") == value_key(1200.0)
    assert value_key("Main Road, 5") == value_key("main road 5")
    assert value_key(["b", "A"]) == value_key(["a", "B"])
    assert value_key("A+") != value_key("A-") != value_key("A")


def test_phone_numbers_become_e164_in_the_region() -> None:
    assert phones("080-2345 6789") == ("+918023456789",)
    assert phones("+44 20 7946 0958", "IN") == ("+442079460958",)
    assert phones("98450 12345 / 98450 12346") == ("+919845012345", "+919845012346")
    assert phones("ask at the desk") == ("ask at the desk",)


def test_hosts_of_addresses() -> None:
    assert website_host("https://www.Example.org:80/a?b") == website_host("example.org") == "example.org"
    assert website_host("http://[broken") == ""


_DEGREES = st.floats(-0.02, 0.02)


@given(st.floats(-70, 70), st.floats(-179, 179), _DEGREES, _DEGREES, st.sampled_from([100.0, 300.0]))
def test_points_in_reach_share_a_cell(lat: float, lon: float, north: float, east: float, reach: float) -> None:
    here, there = (lat, lon), (lat + north, lon + east)
    if metres(here, there) <= reach:
        assert set(cells(here, reach)) & set(cells(there, reach))
    assert 1 <= len(cells(here, reach)) <= 4


def test_distances_are_great_circles() -> None:
    assert metres((12.0, 77.0), (13.0, 77.0)) == pytest.approx(METRES_PER_DEGREE, rel=1e-3)


def test_telephones_and_long_codes_are_told_apart_by_their_last_digit() -> None:
    assert value_key("+912029110010") != value_key("+912029110011")
    assert value_key("12345678901234567890") != value_key("12345678901234567891")
    assert value_key(2_250_000_001) != value_key(2_250_000_000)
    assert value_key("2,250,000,000") == value_key(2.25e9)
    assert value_key(12.97160001) == value_key(12.97160001)
