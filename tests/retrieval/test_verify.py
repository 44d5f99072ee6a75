"""A sentence stands when its numbers, times and names are in what it cites."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from retrieval.verify import Support, problems

EVIDENCE = (
    "Hiran Fort",
    "Founded 1687 by the Solar Guild",
    "open 09:30-18:00",
    "₹1,250 for two",
    "rating 4.5",
    "on 2026-08-14",
    "हिरण किला",
)


@pytest.mark.parametrize(
    "sentence",
    [
        "Hiran Fort was founded in 1687.",
        "It opens at 09:30 and closes at 18:00.",
        "A meal is ₹1,250.",
        "A meal is 1250.",
        "Its rating is 4.5.",
        "Its rating is 4.50.",
        "The date is 2026-08-14.",
        "The Solar Guild built the Fort.",
        "हिरण किला 1687 में बना।",
        "हिरण किला १६८७ में बना।",
        "nothing but small words",
        "",
    ],
)
def test_what_the_evidence_holds_stands(sentence: str) -> None:
    assert problems(sentence, Support(EVIDENCE), known_words={"the", "a", "its", "it"}) == []


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Hiran Fort was founded in 1688.", ["1688"]),
        ("It opens at 9:31.", ["9:31"]),
        ("A meal is ₹12,50,000.", ["12,50,000"]),
        ("A meal is 125.", ["125"]),
        ("Its rating is 4.6.", ["4.6"]),
        ("The date is 2026-08-15.", ["15"]),
        ("Lunar Guild built it.", ["Lunar Guild"]),
        ("It is near Kaveri Museum now.", ["Kaveri Museum"]),
        ("हिरण किला १६८८ में बना।", ["1688"]),
    ],
)
def test_what_it_lacks_is_named(sentence: str, found: list[str]) -> None:
    assert problems(sentence, Support(EVIDENCE), known_words={"the", "a", "its", "it", "date"}) == found


@pytest.mark.parametrize(
    ("computed", "shown"),
    [(3178.4, "3.18 km"), (3178.4, "3178 m"), (950.2, "950 m"), (7.0, "7 stops"), (13_500_000.0, "13,500,000 rupees")],
)
def test_a_computed_number_may_be_shown_in_its_forms(computed: float, shown: str) -> None:
    assert problems(f"it is {shown}", Support([], [computed])) == []
    assert problems(f"it is {shown}", Support([], [])) != []


def test_a_part_of_a_number_is_not_the_number() -> None:
    support = Support(["pin 453011, 1687, 12:45"])
    for wrong in ("4530", "53011", "168", "87", "2:45", "45"):
        assert problems(f"it is {wrong}", support) == [wrong]


def test_a_part_of_a_name_is_not_the_name() -> None:
    assert problems("it is Sun", Support(["Sunil Kumar"])) == ["Sun"]
    assert problems("it is Kumar", Support(["Sunil Kumar"])) == []


@given(
    number=st.integers(0, 10**9),
    others=st.lists(st.integers(0, 10**9), max_size=6),
    words=st.lists(st.sampled_from("the fort has about rooms and opens in".split()), max_size=6),
)
def test_a_number_that_the_evidence_lacks_never_passes(number: int, others: list[int], words: list[str]) -> None:
    assume(number not in others)
    support = Support([f"value {other}" for other in others])
    assert str(number) in problems(" ".join([*words, str(number)]), support)
    assert f"{number:,}" in problems(" ".join([f"{number:,}", *words]), support)


@given(number=st.integers(10**6, 10**13), by=st.integers(1, 9))
def test_nor_does_one_that_is_nearly_the_same(number: int, by: int) -> None:
    assert problems(f"it raised {number + by:,}", Support([f"amount {number}"])) == [f"{number + by:,}"]
    assert problems(f"it raised {number:,}", Support([f"amount {number}"])) == []


@given(number=st.decimals(0, 10_000, places=2), other=st.decimals(0, 10_000, places=2))
def test_nor_does_a_decimal(number: object, other: object) -> None:
    assume(number != other)
    assert problems(f"it is {number}", Support([f"it is {other}"])) != []


@given(computed=st.floats(0, 100_000), number=st.integers(0, 200_000))
def test_a_computed_number_supports_only_its_own_forms(computed: float, number: int) -> None:
    assume(abs(number - computed) > 1 and abs(number - computed / 1000) > 0.1)
    assert problems(f"it is {number}", Support([], [computed])) != []


@given(st.text(max_size=120), st.lists(st.text(max_size=60), max_size=3))
def test_any_text_can_be_checked_and_a_text_supports_itself(text: str, others: list[str]) -> None:
    assert problems(text, Support([*others, text])) == []
    problems(text, Support(others))
