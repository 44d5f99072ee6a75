"""Stops and routes: who serves what, which way, how many stops, when. `None` stands for an abstention."""

from typing import Any

import pytest

from tests.retrieval.checking import assert_sound, in_any_order
from tests.retrieval.town import Town

pytestmark = pytest.mark.engine

SERVING: list[tuple[str, Any]] = [
    ("Which buses stop at Imli Gate?", ["14K"]),
    ("इमली गेट पर कौन सी बसें रुकती हैं?", ["14K"]),
    ("Which buses stop at Clocktower Chowk?", ["14K", "7R"]),
    ("घंटाघर चौक पर कौन सी बसें रुकती हैं?", ["14K", "7R"]),
    ("Which metro lines stop at Clocktower Chowk?", ["Teal Line"]),
    ("Which routes pass through Planetarium?", ["Teal Line"]),
    ("how many buses serve Mill Colony", 3),
    ("Which lines serve Atlantis Tower?", None),
    ("Does 14K stop at Kothi Bazaar?", "no"),
    ("Does 7R stop at Kothi Bazaar?", "yes"),
    ("Does 88 stop at Mill Colony?", "yes"),
]
DIRECT: list[tuple[str, Any]] = [
    ("Which bus goes directly from Imli Gate to Mill Colony?", ["14K"]),
    ("imli gate se mill colony tak kaun si bus jati hai", ["14K"]),
    ("इमली गेट से Mill Colony कौन सी सीधी बस जाती है?", ["14K"]),
    ("direct bus from Mill Colny to Imli Gate", ["14K"]),
    ("direct bus from Bandstand Road to Imli Gate", []),  # one way only
    ("direct bus to Bandstand Road from Mill Colony", ["21"]),
    ("direct metro from Planetarium to East Depot", ["Teal Line"]),
    ("direct bus from Imli Gate to Sarovar Ghat", []),
    ("Does 14K go from Imli Gate to Mill Colony?", "yes"),
    ("Does 14K go from Mill Colony to Bandstand Road?", "no"),
    ("direct bus from Kothi Bazaar to Clocktower Chowk", ["7R"]),  # a loop comes back
]
ALONG: list[tuple[str, Any]] = [
    ("How many stops from Imli Gate to Mill Colony?", 3),
    ("इमली गेट से Mill Colony तक कितने स्टॉप हैं?", 3),
    ("How many stops is it from Mill Colony to Imli Gate on 14K?", 2),
    ("How many stops from Kothi Bazaar to Clocktower Chowk on 7R?", 1),
    ("How many stops does 14K have?", 4),
    ("14K mein kitne stop hain", 4),
    ("How many stops does route 7R have?", 3),
    ("What is the next stop after Clocktower Chowk on 14K towards Mill Colony?", "Bandstand Road"),
    ("next stop after Clocktower Chowk on 14K towards Imli Gate", "Imli Gate"),
    ("What comes after Sarovar Ghat on 7R?", "Kothi Bazaar"),
    ("Which stop comes before Bandstand Road on 14K?", "Clocktower Chowk"),
    ("terminals of 14K", ["Imli Gate", "Mill Colony"]),
    ("Where does the Teal Line start and end?", ["Clocktower Chowk", "East Depot"]),
]
TIMES: list[tuple[str, Any]] = [
    ("When is the first 14K bus?", "05:30"),
    ("14K ki pehli bus kitne baje hai", "05:30"),
    ("14K की आखिरी बस कब है?", "22:45"),
    ("When does the last 14K leave?", "22:45"),
    ("first and last bus of 14K", ["05:30", "22:45"]),
    ("When does the first 21 leave Mill Colony?", "06:10"),
    ("last bus of 21 from Bandstand Road", "21:48"),
    ("How often does 14K run?", 12),
    ("Who runs 14K?", "Suryanagar City Bus"),
    ("When is the last 88 bus?", None),
]
WITHOUT_ORDER = [
    "Is there a direct bus from Mill Colony to Sarovar Ghat?",
    "Does 88 go from Mill Colony to Sarovar Ghat?",
    "How many stops between Mill Colony and Sarovar Ghat on 88?",
    "next stop after Mill Colony on 88",
    "previous stop before Sarovar Ghat on route 88",
    "terminals of route 88",
]


@pytest.mark.parametrize(("question", "short"), SERVING + DIRECT + ALONG + TIMES)
def test_short_answers(town: Town, question: str, short: Any) -> None:
    answer = town.ask(question)
    assert_sound(answer, town)
    assert answer.abstained == (short is None), answer.text
    assert in_any_order(answer.short) == short, answer.text


@pytest.mark.parametrize("question", WITHOUT_ORDER)
def test_from_membership_alone_no_order_is_derived(town: Town, question: str) -> None:
    answer = town.ask(question)
    assert_sound(answer, town)
    assert answer.abstained, answer.text
    assert "88" in answer.text


def test_the_stops_of_a_route_come_in_order(town: Town) -> None:
    answer = town.ask("List the stops of 14K")
    assert_sound(answer, town)
    assert answer.short == ["Imli Gate", "Clocktower Chowk", "Bandstand Road", "Mill Colony"]
    assert answer.rows is not None
    assert answer.rows.ordered


def test_poles_of_one_stop_answer_as_one(town: Town) -> None:
    answer = town.ask("Where does 14K stop?")
    assert "Clocktower Chowk and Clocktower Chowk" not in answer.text
    assert town.ask("How many stops does 14K have?").short == 4  # its poles at Clocktower Chowk are one


def test_what_is_said_of_a_route_is_cited_by_the_route(town: Town) -> None:
    answer = town.ask("Which buses stop at Imli Gate?")
    assert {citation.record for citation in answer.citations} == {"transit:14k"}
