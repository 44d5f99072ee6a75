"""What holds only for some time is told as past or to come, gives way to what holds, and is in no list of today."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ibcm.domain.records import SourceRecord
from tests.builders import NOW, record
from tests.retrieval.checking import assert_sound
from tests.retrieval.city import said
from tests.retrieval.town import Town

pytestmark = pytest.mark.engine

LONG_AGO, NEXT_YEAR = datetime(2024, 1, 15, 9, tzinfo=UTC), datetime(2027, 3, 1, 9, tzinfo=UTC)
ENDS = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
"""Midnight in the city, after NOW."""


def stadium(ref: str, name: str, lat: float, **more: Any) -> SourceRecord:
    return said(ref, "place", name, lat, 75.61, category="stadium", **more)


RECORDS = [
    stadium("sights:s1", "Gulmohar Arena", 22.51, price=50, valid_to="2024-03-31", phone="0731 245 6789"),
    stadium("townlist:s1", "Gulmohar Arena", 22.51, price=80),
    stadium("sights:s2", "Palash Arena", 22.52, price=20, valid_to="2024-03-31"),
    stadium("sights:s3", "Kachnar Arena", 22.53, price=30, valid_from="2027-01-01"),
    stadium("sights:s4", "Semal Arena", 22.54, price=120),
    stadium("sights:s5", "Mahua Arena", 22.55, price=10, valid_to="2026-03-01"),
    stadium("townlist:s4", "Semal Arena", 22.54, beds=3, valid_to="2025-06-01T15:00:00+00:00"),
    record(
        "press:arena",
        "article",
        city="suryanagar",
        title="Helmets at the velodrome",
        body="Riders borrow striped helmets free of charge at the velodrome gate.",
        language="en",
        valid_to="2024-03-31",
    ),
]


@pytest.fixture(scope="module")
def arenas(town: Town) -> Town:
    return town.take(*RECORDS)


def test_a_value_that_is_over_gives_way_and_contradicts_nothing(arenas: Town) -> None:
    answer = arenas.ask("What is the ticket price of Gulmohar Arena?")
    assert_sound(answer, arenas)
    assert answer.short == 80
    assert answer.conflicts == []
    assert "50" not in answer.text


def test_what_only_an_ended_record_says_is_told_as_past(arenas: Town) -> None:
    answer = arenas.ask("What is the phone of Gulmohar Arena?")
    assert_sound(answer, arenas)
    assert answer.text.startswith("Until 31 March 2024: ")
    assert "+917312456789" in answer.text
    assert answer.short is None
    assert answer.rows is None


@pytest.mark.parametrize(
    ("question", "when"),
    [
        ("What is the ticket price of Palash Arena?", "Until 31 March 2024: "),
        ("What is the ticket price of Kachnar Arena?", "From 1 January 2027 on: "),
        ("Where is Palash Arena?", "Until 31 March 2024: "),
        ("Tell me about Palash Arena", "Until 31 March 2024: "),
        ("How many beds does Semal Arena have?", "Until 1 June 2025 20:30: "),
    ],
)
def test_a_thing_that_is_over_or_to_come_is_told_so(arenas: Town, question: str, when: str) -> None:
    answer = arenas.ask(question)
    assert_sound(answer, arenas)
    for sentence in answer.sentences:
        assert sentence.text.startswith(when)
    assert (answer.short, answer.rows, answer.features) == (None, None, None)


def test_what_is_over_is_compared_with_nothing(arenas: Town) -> None:
    answer = arenas.ask("Which is cheaper, Palash Arena or Semal Arena?")
    assert_sound(answer, arenas)
    assert answer.abstained
    assert "at that time" in str(answer.missing)


def test_in_hindi_too(arenas: Town) -> None:
    answer = arenas.ask("Palash Arena का टिकट कितना है?", language="hi")
    assert_sound(answer, arenas)
    assert answer.text.startswith("31 मार्च 2024 तक: ")


@pytest.mark.parametrize(
    ("question", "now", "short"),
    [
        ("list all stadiums", NOW, ["Gulmohar Arena", "Mahua Arena", "Semal Arena"]),
        ("how many stadiums are there?", NOW, 3),
        ("cheapest stadium", NOW, "Mahua Arena"),
        ("nearest stadium to Palash Arena", NOW, None),
        ("nearest stadium to Gulmohar Arena", NOW, "Semal Arena"),
        ("list all stadiums", ENDS, ["Gulmohar Arena", "Semal Arena"]),
        ("how many stadiums are there?", ENDS, 2),
        ("cheapest stadium", ENDS, "Gulmohar Arena"),
        ("What is the ticket price of Mahua Arena?", ENDS, None),
        ("list all stadiums", LONG_AGO, ["Gulmohar Arena", "Mahua Arena", "Palash Arena", "Semal Arena"]),
        ("What is the ticket price of Gulmohar Arena?", LONG_AGO, 50),
        ("nearest stadium to Gulmohar Arena", LONG_AGO, "Palash Arena"),
        ("cheapest stadium", NEXT_YEAR, "Kachnar Arena"),
        ("how many stadiums are there?", NEXT_YEAR, 3),
    ],
)
def test_sets_are_of_what_holds_at_the_time(arenas: Town, question: str, now: datetime, short: Any) -> None:
    answer = arenas.ask(question, now=now)
    assert_sound(answer, arenas, now=now)
    assert answer.short == short


def test_a_text_that_is_over_is_quoted_as_past(arenas: Town) -> None:
    answer = arenas.ask("Who may borrow striped helmets at the velodrome gate?")
    assert_sound(answer, arenas)
    assert answer.text.startswith("Until 31 March 2024: ")


def test_both_of_two_sources_that_disagree_are_named(town: Town) -> None:
    answer = town.ask("How many beds does Aarogya Jyoti Hospital have?")
    assert "220 (clinics) and 180 (townlist)" in answer.text
