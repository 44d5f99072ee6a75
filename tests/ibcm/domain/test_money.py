"""Amounts are read exactly or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibcm.domain.errors import RecordError
from ibcm.domain.money import CURRENCIES, NOTHING, SCALES, currency_code, is_untold, plain_number, read_money
from tests.builders import record


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("₹4.5 crore", 45_000_000, "INR"),
        ("Rs. 12,50,000", 1_250_000, "INR"),
        ("Rs.500 Cr", 5_000_000_000, "INR"),
        ("₹ 1,00,000/-", 100_000, "INR"),
        ("$1.2M", 1_200_000, "USD"),
        ("USD 3 mn", 3_000_000, "USD"),
        ("US$ 5 million", 5_000_000, "USD"),
        ("5 million US dollars", 5_000_000, "USD"),
        ("€2bn", 2_000_000_000, "EUR"),
        ("S$2m", 2_000_000, "SGD"),
        ("INR 2.3 lakh crore", 2_300_000_000_000, "INR"),
        ("2 thousand crore", 20_000_000_000, None),
        ("14,000,000", 14_000_000, None),
        ("48,89,975.54", Decimal("4889975.54"), None),
        ("1,000,000,", 1_000_000, None),
        ("₹4.5 crore ($0.6M)", 45_000_000, "INR"),
        ("\\xc2\\xa016,200,000", 16_200_000, None),
        ("\\\\xc2\\\\xa016,200,000", 16_200_000, None),
        ("₹५ लाख", 500_000, "INR"),
        ("१२ करोड़ रुपये", 120_000_000, "INR"),
    ],
)
def test_an_amount_is_read_whole(text: str, amount: Decimal, currency: str | None) -> None:
    found = read_money(text)
    assert (found.amount, found.currency, found.approximate) == (amount, currency, False)


@pytest.mark.parametrize("text", ["~$5 M", "about $5 million", "$5,000,000+", "$ 5 mn approx.", "over USD 5 million"])
def test_about_so_much_is_said_to_be_about(text: str) -> None:
    found = read_money(text)
    assert found.amount == 5_000_000
    assert found.approximate


@pytest.mark.parametrize(
    "text",
    ["undisclosed", "", "N/A", "$3-5 million", "3,000,00", "$5 INR", "1.200.000", "EUR 1,5 Mio", "1.5 million lakh",
     "5km", "-5", "$", "5 m people", "USD 1e5", "12 crore shares of ₹5"],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_is_not_read(text: str) -> None:
    assert read_money(text) == NOTHING


def test_a_sign_of_two_currencies_is_none_of_them() -> None:
    assert currency_code("¥") is None
    assert [currency_code(text) for text in ("Rs.", "₹", "usd", "US dollars", "kroner")] == [
        "INR", "INR", "USD", "USD", None,
    ]  # fmt: skip


def test_words_that_say_nothing_is_said() -> None:
    assert all(map(is_untold, ("Undisclosed", "undisclosed amount", "N/A", " - ", "")))
    assert not is_untold("five")


def _indian(digits: str) -> str:
    head, tail = digits[:-3], digits[-3:]
    groups = [head[max(0, at - 2) : at] for at in range(len(head), 0, -2)][::-1]
    return ",".join([*groups, tail]) if head else tail


@given(
    st.integers(0, 10**15),
    st.sampled_from(["", " ", "\u00a0"]),
    st.sampled_from(sorted(CURRENCIES)),
    st.booleans(),
    st.sampled_from(["{}", "{:,}", "indian"]),
)
def test_what_is_written_is_what_is_read(number: int, gap: str, word: str, before: bool, style: str) -> None:
    digits = _indian(str(number)) if style == "indian" else style.format(number)
    text = f"{word}{gap}{digits}" if before else f"{digits}{gap or ' '}{word}"
    found = read_money(text)
    assert found.amount == number
    assert found.currency == CURRENCIES[word]
    assert plain_number(found.amount) == number


@given(st.decimals(0, 10_000, places=3, allow_nan=False), st.sampled_from(sorted(SCALES)))
def test_scales_multiply_exactly(number: Decimal, word: str) -> None:
    assert read_money(f"{number:f} {word}").amount == number * SCALES[word]


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    found = read_money(text)
    assert found.amount is None or found.amount >= 0
    assert found.amount is not None or found == NOTHING


def test_a_record_keeps_what_its_source_wrote() -> None:
    said = record("press:1", "funding", date="2024-03-01", amount="₹4.5 crore").data
    assert (said["amount"], said["currency"], said["amount_text"]) == (45_000_000, "INR", "₹4.5 crore")
    untold = record("press:2", "funding", date="2024-03-01", amount="undisclosed", currency="Rs.").data
    assert untold == {"date": "2024-03-01", "amount_text": "undisclosed", "currency": "INR"}
    about = record("press:3", "funding", date="2024-03-01", amount="~$5 M").data
    assert about["amount_approximate"] is True


def test_text_and_currency_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(RecordError, match="is in USD, currency says INR"):
        record("press:1", "funding", date="2024-03-01", amount="$5 million", currency="INR")
