"""What cells say and what comes of it."""

from typing import Any

import pytest

from crawlers.file.transforms import step
from ibcm.config import load_scope
from ibcm.domain.hours import clock, opening_hours

SCOPE = load_scope()


def run(spec: Any, value: Any) -> Any:
    return step(spec, SCOPE)(value)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("20,00,00,000", 200_000_000),
        ("1,83,58,860", 18_358_860),
        ("48,89,975.54", 4_889_975.54),
        ("1,234,567", 1_234_567),
        ("₹300", 300),
        ("₹ 1,200/-", 1_200),
        ("Rs. 500", 500),
        ("INR 250", 250),
        ("$140", 140),
        ("14,342,000+", 14_342_000),
        ("1.5 crore", 15_000_000),
        ("2 lakh", 200_000),
        ("3.5k", 3_500),
        ("-7", -7),
        (".5", 0.5),
        (4.5, 4.5),
        ("450 INR", 450),
    ],
)
def test_numbers_as_people_write_them(text: Any, number: float) -> None:
    assert run("number", text) == number


@pytest.mark.parametrize("text", ["unknown", "1,2,3", "12,3456", "1.234,56", "", "5 apples", "1-2", "NaN", "٣"])
def test_what_is_no_number_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        run("number", text)


def test_an_integer_is_whole() -> None:
    assert run("integer", "1,024") == 1024
    with pytest.raises(ValueError, match="whole"):
        run("integer", "1.5")


@pytest.mark.parametrize(
    ("spec", "value", "result"),
    [
        ("strip", "  two\u00a0 words \n", "two words"),
        ("title", "KORAMANGALA 5th block", "Koramangala 5Th Block"),
        ("slug", "Café Noir & Co.", "cafe-noir-co"),
        ("slug", "नई दिल्ली", "नई-दिल्ली"),
        ("split", "North Indian, Chinese,, Thai ", ["North Indian", "Chinese", "Thai"]),
        ({"split": ";"}, "a; b", ["a", "b"]),
        ("first", ["a", "b"], "a"),
        ("last", ["a", "b"], "b"),
        ("last", "a", "a"),
        ("unique", ["b", "a", "b"], ["b", "a"]),
        ("join", ["a", "b"], "a, b"),
        ({"join": " / "}, ["a", "b"], "a / b"),
        ("count", ["a", "b"], 2),
        ("boolean", "Yes", True),
        ("boolean", "0", False),
        ({"date": "%d/%m/%Y"}, "09/01/2020", "2020-01-09"),
        ({"date": ["%Y-%m-%d", "%d.%m.%y"]}, "9.1.20", "2020-01-09"),
        ({"date": {"from": "%b-%y", "to": "%Y-%m"}}, "Sep-11", "2011-09"),
        ({"map": {"HO": "head office", "_": "office"}}, "ho", "head office"),
        ({"map": {"HO": "head office", "_": "office"}}, "XX", "office"),
        ({"map": {"HO": "head office"}}, "BO", "BO"),
        ({"regex": "-(\\d+)$"}, "room-12", "12"),
        ({"regex": "-(\\d+)$"}, "room", None),
        ({"replace": {"[,.]+$": "", "&": "and"}}, "Smith & Sons,.", "Smith and Sons"),
        ({"null_if": ["-", "n/a"]}, "N/A", None),
        ({"multiply": 1000}, "1.5", 1500),
        ("city", "Bengaluru", "bangalore"),
        ("city", "दिल्ली", "delhi"),
        ("city", "Springfield", None),
        ("sector", "Health care", "healthtech"),
        ("number", ["1", "2"], [1, 2]),
    ],
)
def test_steps(spec: Any, value: Any, result: Any) -> None:
    assert run(spec, value) == result


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("shout", "unknown transform 'shout'"),
        ({"a": 1, "b": 2}, "is no transform"),
        ("regex", "needs an argument"),
        (7, "no"),
    ],
)
def test_a_wrong_step_is_told(spec: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        step(spec, SCOPE)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("0636", "06:36"),
        ("6:36", "06:36"),
        ("06:36:59", "06:36"),
        ("7:30 PM", "19:30"),
        ("12noon", "12:00"),
        ("12 midnight", "24:00"),
        ("12am", "00:00"),
        ("130am", "01:30"),
        ("25:10", "25:10"),
    ],
)
def test_clock_times(text: str, time: str) -> None:
    assert clock(text) == time


def test_early_hours_may_belong_to_the_day_before() -> None:
    assert clock("00:40", {"day_starts": "03:00"}) == "24:40"
    assert clock("04:15", {"day_starts": "03:00"}) == "04:15"


@pytest.mark.parametrize("text", ["soon", "31:00", "12:75", "13pm", "1"[:0]])
def test_what_is_no_time_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="not a time of day"):
        clock(text)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("11am to 11pm(Mon-Sun)", "Mo-Su 11:00-23:00"),
        ("12noon to 130am (Mon-Sun)", "Mo-Su 12:00-01:30"),
        ("11am to 8pm(Mon-Sat),12noon to 630pm(Sun)", "Mo-Sa 11:00-20:00; Su 12:00-18:30"),
        ("12noon to 3:30pm, 6:30pm to 11:30pm (Mon-Sun)", "Mo-Su 12:00-15:30,18:30-23:30"),
        ("10 AM to 12 midnight", "10:00-24:00"),
        ("9am to 5pm (Mon,Wed)", "Mo,We 09:00-17:00"),
        ("24 Hours (Mon-Sun)", "Mo-Su 00:00-24:00"),
        ("ask at the door", None),
        ("11am to 11pm (holidays)", None),
        ("Closed (Mon),9am to 5pm (Tue-Sun)", None),
    ],
)
def test_opening_hours_are_right_or_left_out(text: str, hours: str | None) -> None:
    assert opening_hours(text) == hours
