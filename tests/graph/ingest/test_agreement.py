"""Two spellings of one value agree; values that differ do not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.ingest.agreement import key_of, refines
from graph.ingest.flatten import flat_data


def said(field: str, value: Any) -> Any:
    """As the merge sees it."""
    return flat_data({field: value})[field]


def agree(field: str, one: Any, other: Any) -> bool:
    return key_of(field, said(field, one)) == key_of(field, said(field, other))


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("address", "12, MG Rd", "12, M.G. Road."),
        ("address", "5th Main, 12th Cross", "12th Cross, 5th Main"),
        ("address", "No. 14/2, 3rd Cross", "14/2, III Cross"),
        ("address", "Shop No 12, Block C, Link Road", "shop 12 - C block, LINK RD"),
        ("area", "Indira Nagar 1st Stage", "Indiranagar I stage"),
        ("legal_name", "Acme Pvt Ltd", "ACME Private Limited."),
        ("company", "Acme Technologies Pvt. Ltd.", "Acme Technology Private Limited"),
        ("phone", "080-2345 6789", "+91 80 23456789"),
        ("phone", ["080-2345 6789", "98450 12345"], ["+91 98450 12345", "+91 80 23456789"]),
        ("phone", ["080-2345 6789", "2345 6789"], "+91 80 23456789"),
        ("phone", ["080-2345 6789", "2345 6789", "98450 12345"], ["+91 80 23456789", "98450 12345"]),
        ("website", "http://x.in/", "https://www.X.in"),
        ("website", "x.in/menu/", "https://x.in/menu"),
        ("email", "Desk@x.in", "mailto:desk@x.in"),
        ("opening_hours", "24x7", "24 hours"),
        ("opening_hours", "Mo-Su 09:00-22:00", "9am-10pm daily"),
        ("revenue", "1.5 crore", 15_000_000),
        ("revenue", "INR 1.5 Cr", "15000000 INR"),
        ("revenue", "$1.2M", "USD 1,200,000"),
        ("wifi", "Yes", True),
        ("status", "Open.", "OPEN"),
        ("start", "2026-01-01T18:00:00+05:30", "2026-01-01T12:30:00+00:00"),
    ],
)
def test_two_spellings_of_one_value_agree(field: str, one: Any, other: Any) -> None:
    assert agree(field, one, other)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("address", "Shop 12, MG Road", "Shop 21, MG Road"),
        ("address", "MG Road", "MG Layout"),
        ("address", "5th Main, 12th Cross", "12th Main, 5th Cross"),
        ("address", "14/2 Hill Road", "2/14 Hill Road"),
        ("address", "A Block, Link Road", "D Block, Link Road"),
        ("address", "Old Airport Road", "New Airport Road"),
        ("legal_name", "Acme Pvt Ltd", "Acme LLP"),
        ("phone", "080-2345 6789", "080-2345 6788"),
        ("phone", "2345 6789", "080-2345 6788"),
        ("website", "https://x.in", "https://x.com"),
        ("website", "https://x.in/a", "https://x.in/b"),
        ("opening_hours", "Mo-Su 09:00-22:00", "Mo-Su 09:00-20:00"),
        ("opening_hours", "ask at the door", "24x7"),
        ("revenue", "₹1.5 crore", "$1.5 crore"),
        ("revenue", "1.5 crore", "1.6 crore"),
        ("height", "5 m", 5_000_000),
        ("wifi", "no", True),
        ("grade", "A+", "A"),
    ],
)
def test_values_that_differ_do_not(field: str, one: Any, other: Any) -> None:
    assert not agree(field, one, other)
    assert not refines(field, said(field, one), said(field, other))
    assert not refines(field, said(field, other), said(field, one))


@pytest.mark.parametrize(
    ("field", "vague", "exact"),
    [
        ("phone", "080-2345 6789", ["+91 80 23456789", "98450 12345"]),
        ("phone", "2345 6789", "080-2345 6789"),
        ("website", "x.in", "https://www.x.in/pune"),
        ("opening_hours", "Mo-Fr 09:00-17:00", "Mon-Fri 9am-5pm; PH off"),
        ("revenue", "1.5 crore", "15000000 INR"),
        ("revenue", "about ₹5 crore", "₹5 crore"),
        ("address", "MG Rd", "12, M.G. Road, Camp"),
        ("address", "Main Road", "12 Main Road"),
    ],
)
def test_one_says_it_more_exactly(field: str, vague: Any, exact: Any) -> None:
    assert refines(field, said(field, exact), said(field, vague))
    assert not refines(field, said(field, vague), said(field, exact))


ADDRESSES = st.lists(
    st.sampled_from(["12", "5th", "Main", "Cross", "Road", "Block", "C", "Shop", "Opp.", "Old", "14/2", ",", "Camp"]),
    min_size=1,
    max_size=7,
).map(" ".join)


@given(ADDRESSES, ADDRESSES)
def test_no_address_is_more_exact_than_one_that_is_more_exact(one: str, other: str) -> None:
    assert not (refines("address", one, other) and refines("address", other, one))


NUMBERS = st.lists(
    st.sampled_from(["+91 80 23456789", "080-2345 6789", "2345 6789", "345 6789", "98450 12345", "5012345"]), min_size=1
)


@given(NUMBERS, NUMBERS)
def test_no_numbers_are_more_exact_than_those_that_are_more_exact(one: list[str], other: list[str]) -> None:
    mine, theirs = said("phone", one), said("phone", other)
    assert not (refines("phone", mine, theirs) and refines("phone", theirs, mine))


@given(st.sampled_from(["address", "phone", "website", "opening_hours", "legal_name", "start", "x"]), st.text())
def test_any_text_has_a_key(field: str, text: str) -> None:
    assert isinstance(key_of(field, text), str)
