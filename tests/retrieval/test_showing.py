"""What sources wrote as it stands in answers: nothing turns the text around it, and long names are bearable."""

import re
from typing import Any

import pytest

from ibcm.domain.texts import LONGEST, displayed, shortened, unturned
from tests.builders import NOW, record
from tests.retrieval.town import Town

pytestmark = pytest.mark.engine
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
LONG = "Shri " * 390 + "Bhavan"


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("Cafe \u202elatrop\u202c", "Cafe latrop"),
        ("مقهى \u200fالأزرق", "مقهى الأزرق"),
        ("plain", "plain"),
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_only_what_turns_the_text_goes(name: str, seen: str) -> None:
    assert (unturned(name), displayed(name)) == (seen, seen)


@pytest.mark.parametrize("text", ["a" * 200, "word " * 50, "a" * 150 + " " + "b" * 50])
def test_long_names_end_in_an_ellipsis(text: str) -> None:
    assert shortened(text).endswith("…")
    assert len(shortened(text)) <= LONGEST
    assert text.startswith(shortened(text)[:-1])
    assert shortened("a" * LONGEST) == "a" * LONGEST


@pytest.mark.parametrize("asked", ["list all swimming pools", "nearest swimming pool to Hiran Fort"])
@pytest.mark.parametrize("name", ["Blue \u202eertaehT\u202c", LONG], ids=["turning", "long"])
def test_in_an_answer(town: Town, name: str, asked: str) -> None:
    at: dict[str, Any] = {"category": "swimming_pool", "city": "suryanagar", "lat": 22.5, "lon": 75.5}
    town.take(record("townlist:th", name=name, **at))
    answer = town.ask(asked)
    assert not TURNING.search(str(answer.to_json()))
    assert displayed(name) in answer.text
    assert LONG not in answer.text
    assert all(LONG not in sentence.text for sentence in answer.sentences)
    assert all(len(citation.title) <= LONGEST for citation in answer.citations)
    held = town.ledger.citable(["townlist:th"], now=NOW)["townlist:th"].record
    assert held.data["name"] == name.strip(), "the record keeps what its source wrote"
