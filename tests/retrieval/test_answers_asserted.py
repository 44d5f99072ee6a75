"""Questions that are easily mistaken for simpler ones. An abstention is fine; an answer must be the right one."""

from typing import Any

import pytest

from tests.retrieval.checking import assert_sound, in_any_order
from tests.retrieval.town import Town

pytestmark = pytest.mark.engine

NOTHING = object()
"""No answer is right: no source says."""
MISTAKEN: list[tuple[str, Any]] = [
    # negation
    ("restaurants not in Motigarh", ["Amber Fork", "Peepal Leaf", "Sitara Dhaba", "Tamarind Courtyard"]),
    ("Which restaurant in Neelkanth Nagar is not South Indian?", ["Tamarind Courtyard"]),
    ("Which schools are not for girls?", ["Gyandeep Vidyalaya"]),
    ("मोतीगढ़ में कौन से रेस्टोरेंट नहीं हैं?", ["Amber Fork", "Peepal Leaf", "Sitara Dhaba", "Tamarind Courtyard"]),
    # either of two values
    ("How many restaurants are in Neelkanth Nagar and Motigarh?", 4),
    (
        "restaurants in Neelkanth Nagar or Motigarh",
        ["Copper Ladle", "Lotus Pantry", "Peepal Leaf", "Tamarind Courtyard"],
    ),
    ("restaurants that serve Thai or Punjabi", ["Copper Ladle", "Sitara Dhaba"]),
    # sums and means
    ("average rating of restaurants", 4.23),
    ("total beds in all hospitals", 350),
    ("What is the combined population of Motigarh and Banjar Tola?", 40_420),
    # an order that is not the first
    ("second cheapest restaurant", "Peepal Leaf"),
    ("Which is the second nearest hospital to Kaveri Museum?", "Sanjeevani Memorial Hospital"),
    # other times than now
    ("When did the Monsoon Raga Festival take place last year?", NOTHING),
    ("What was the rating of Sitara Dhaba five years ago?", NOTHING),
    ("What is the old phone number of Tamarind Courtyard?", NOTHING),
    # who, how long, for how much
    ("who founded Quillpay", NOTHING),
    ("How long does 14K take from Imli Gate to Mill Colony?", NOTHING),
    ("What is the fare of 14K?", NOTHING),
    ("What does a Teal Line ticket cost?", NOTHING),
    ("How tall is Hiran Fort?", NOTHING),
    ("Why is Hiran Fort closed?", NOTHING),
    # a part of a whole
    ("How many buses are there?", 4),
    ("How many bus routes are there?", 4),
    ("How many doctors work at Aarogya Jyoti Hospital?", NOTHING),
    ("male population of Neelkanth Nagar", NOTHING),
    ("ICU beds at Sanjeevani Memorial Hospital", NOTHING),
    # the other way round
    ("Did Ridgeline Capital invest in Mangrove Health?", NOTHING),
    ("Did Quillpay invest in Ridgeline Capital?", NOTHING),
    ("Which companies did Ridgeline Capital invest in?", ["Quillpay"]),
    # a name that differs in a word or a digit
    ("Does 41K stop at Imli Gate?", NOTHING),
    ("When is the first 14J bus?", NOTHING),
    ("rating of Sitara Palace", NOTHING),
    ("beds in Sanjeevani Eye Hospital", NOTHING),
    ("phone of Blue Kettle in Chandan Vihar", NOTHING),
]


@pytest.mark.parametrize(("question", "right"), MISTAKEN)
def test_rather_nothing_than_something_wrong(town: Town, question: str, right: Any) -> None:
    answer = town.ask(question)
    assert_sound(answer, town)
    if not answer.abstained:
        assert right is not NOTHING, answer.text
        assert in_any_order(answer.short) == right, answer.text
