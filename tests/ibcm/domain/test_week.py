"""Opening hours that say the same are one week, however they are written."""

import pytest

from ibcm.domain.week import week


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mo-Su 09:00-22:00", "9am-10pm daily"),
        ("Mo-Su 09:00-22:00", "Daily 9:00 a.m. – 10:00 p.m."),
        ("Mo-Su 09:00-22:00", "Monday to Sunday: 9 AM to 10 PM"),
        ("24/7", "24x7"),
        ("24/7", "Open 24 hours"),
        ("24/7", "Mo-Su 00:00-23:59"),
        ("Mo-Sa 09:00-20:00; Su off", "Mon-Sat 9am-8pm, Sunday closed"),
        ("Mo-Sa 09:00-20:00", "9am to 8pm (Mon-Sat)"),
        ("Fr-Mo 10:00-02:00", "Mo,Fr,Sa,Su 10am-2am"),
    ],
)
def test_one_week_in_two_spellings(one: str, other: str) -> None:
    assert week(one) is not None
    assert week(one) == week(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mo-Su 09:00-22:00", "Mo-Su 09:00-20:00"),
        ("Mo-Su 09:00-22:00", "Mo-Sa 09:00-22:00"),
        ("9am-10pm", "9pm-10am"),
        ("24/7", "Mo-Sa 00:00-24:00"),
    ],
)
def test_other_hours_are_another_week(one: str, other: str) -> None:
    assert week(one) is not None
    assert week(other) is not None
    assert week(one) != week(other)


@pytest.mark.parametrize(
    "text", ["", "9-5", "ask at the door", "sunrise-sunset", "Mo-Fr", "Mo-Fr 25:99-26:00", "Jan 9am-5pm"]
)
def test_what_is_not_understood_is_no_week(text: str) -> None:
    assert week(text) is None
