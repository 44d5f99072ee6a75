"""What comes back for a question about one thing, two, or a text. Each row: the question, and the short answer."""

from typing import Any

import pytest

from tests.retrieval.checking import assert_sound, in_any_order
from tests.retrieval.town import Town

pytestmark = pytest.mark.engine

LOOKED_UP: list[tuple[str, Any]] = [
    ("What is the phone number of Tamarind Courtyard?", "+917312550101"),
    ("kya Tamarind Courtyard ka phone number milega", "+917312550101"),
    ("टैमरिंड कोर्टयार्ड का फ़ोन नंबर क्या है?", "+917312550101"),
    ("tamarind courtyrd phone no", "+917312550101"),
    ("TAMARIND COURTYARD PHONE", "+917312550101"),
    ("Where can I find Tamarind Courtyard?", "12 Banyan Lane, Neelkanth Nagar"),
    ("address of Tamrind Courtyard", "12 Banyan Lane, Neelkanth Nagar"),
    ("When does Kaveri Museum open?", "Tu-Su 10:00-17:00"),
    ("what time does the kaveri musuem open", "Tu-Su 10:00-17:00"),
    ("Entry fee at Hiran Fort?", 50),
    ("हिरण किला का टिकट कितने का है?", 50),
    ("hiran kila ka ticket kitne ka hai", 50),
    ("rating of Coper Ladel", 4.7),
    ("सितारा ढाबा की रेटिंग बताओ", 3.9),
    ("sitara dhaba ki rating kya hai", 3.9),
    ("सितारा ढाबा में दो लोगों का खर्च कितना है?", 250),
    ("How many reviews does Sitara Dhaba have?", 2100),
    ("How many people live in Neelkanth Nagar?", 48_250),
    ("नीलकंठ नगर की आबादी कितनी है?", 48_250),
    ("neelkanth nagar ki aabadi kitni hai", 48_250),
    ("When was Quillpay founded?", "2017"),
    ("Which sector is Quillpay in?", "fintech"),
    ("What is Quillpay's registered name?", "Quillpay Ledgers Private Limited"),
    ("how many employees does Mangrove Health have", 65),
    ("When is the Monsoon Raga Festival?", "2026-08-14"),
    ("ticket price of Monsoon Raga Festival", 200),
    ("What is the stop code of Mill Colony?", "MLC"),
    ("price of Blue Kettle in Motigarh", 650),
    ("phone of Blue Kettle, Neelkanth Nagar", "+917312550111"),
    ("Where is the Monsoon Raga Festival held?", "Saptarishi Park"),
]
CHECKED = [
    ("Does Lotus Pantry serve Chinese food?", "yes"),
    ("Does Peepal Leaf serve Chinese?", "no"),
    ("Is Copper Ladle in Motigarh?", "yes"),
    ("क्या Copper Ladle मोतीगढ़ में है?", "yes"),
    ("Is Copper Ladle in Chandan Vihar?", "no"),
    ("Does Tamarind Courtyard have online delivery?", "yes"),
    ("Does Peepal Leaf offer online delivery?", "no"),
    ("Is Gyandeep Vidyalaya co-ed?", "yes"),
]
COMPARED = [
    ("Which is cheaper, Peepal Leaf or Copper Ladle?", "Peepal Leaf"),
    ("Peepal Leaf और Copper Ladle में से कौन सा सस्ता है?", "Peepal Leaf"),
    ("Compare the ratings of Copper Ladle and Lotus Pantry", "Copper Ladle"),
    ("Who has the better rating: Amber Fork or Sitara Dhaba?", "Amber Fork"),
    ("Which hospital has more beds, Aarogya Jyoti or Sanjeevani Memorial?", "Aarogya Jyoti Hospital"),
    ("Which area has more people, Motigarh or Neelkanth Nagar?", "Neelkanth Nagar"),
    ("which is closer to Hiran Fort: Kaveri Museum or Saptarishi Park?", "Kaveri Museum"),
]
FUNDED = [
    ("How much did Quillpay raise in its Series A?", 12_000_000),
    ("How much was Quillpay's seed round?", 1_500_000),
    ("How much did Quillpay raise in the Seed round?", 1_500_000),
    ("How much money has Quillpay raised?", 13_500_000),
    ("Quillpay ने कितना पैसा जुटाया?", 13_500_000),
    ("Who invested in Quillpay?", ["Banyan Seed Fund", "Ridgeline Capital"]),
    ("Quillpay में किसने निवेश किया?", ["Banyan Seed Fund", "Ridgeline Capital"]),
    ("Who backed Quillpay in the seed round?", ["Banyan Seed Fund"]),
]


@pytest.mark.parametrize(("question", "short"), LOOKED_UP + CHECKED + COMPARED + FUNDED)
def test_one_thing_or_two(town: Town, question: str, short: Any) -> None:
    answer = town.ask(question)
    assert_sound(answer, town)
    assert in_any_order(answer.short) == short, answer.text


@pytest.mark.parametrize(
    ("question", "quoted", "record"),
    [
        ("What was removed from Kamal Lake?", "eleven tonnes of hyacinth", "press:lake"),
        ("Where are shoes left at temples?", "wooden racks beside the tank", "diary:shoes"),
        ("What happens to the walnut halwa?", "clay bowls after sunset", "dine:r1"),
        ("From what was the gate of Hiran Fort cast?", "bells of the old foundry", "sights:h"),
    ],
)
def test_prose_is_quoted_as_it_stands(town: Town, question: str, quoted: str, record: str) -> None:
    answer = town.ask(question)
    assert_sound(answer, town)
    assert quoted in answer.text
    assert {sentence.support for sentence in answer.sentences} == {"quote"}
    assert [(citation.kind, citation.record) for citation in answer.citations] == [("quote", record)]


UNANSWERABLE = [
    ("phone number of Sitara Dhaba", "Sitara Dhaba"),
    ("What is the population of Chandan Vihar?", "Chandan Vihar"),
    ("How much did Mangrove Health raise?", "Mangrove Health"),
    ("What is the phone number of Zebra Crossing Cafe?", "Zebra"),
    ("Who is the chef of Copper Ladle?", "chef"),
    ("How many seats does Copper Ladle have?", "seats"),
    ("Is the Kaveri Museum free?", "free"),
    ("Is Tamarind Courtyard open now?", "open now"),
    ("What was the population of Motigarh in 1951?", "1951"),
    ("What will the population of Motigarh be next year?", "next year"),
    ("What is the capital of Mongolia?", "Mongolia"),
    ("Who won the cricket match yesterday?", "cricket"),
    ("सितारा ढाबा का फ़ोन नंबर क्या है?", "सितारा ढाबा"),
    ("सितारा ढाबा का मालिक कौन है?", "मालिक"),
    ("asdf qwer zxcv", "asdf"),
]


@pytest.mark.parametrize(("question", "missing"), UNANSWERABLE)
def test_what_no_source_says_is_said_to_be_missing(town: Town, question: str, missing: str) -> None:
    answer = town.ask(question)
    assert_sound(answer, town)
    assert answer.abstained, answer.text
    assert missing in (answer.missing or "")


@pytest.mark.parametrize(
    "question",
    ["Where is Palash Tiffin Room?", "rating of palash tifin room", "How many beds does Drishti Eye Hospital have?"],
)
def test_what_is_known_only_in_another_city_is_told_with_that_city(town: Town, question: str) -> None:
    answer = town.ask(question, "suryanagar")
    assert_sound(answer, town)
    assert answer.abstained
    assert "Chandrapuri" in answer.text


def test_without_a_city_it_is_found(town: Town) -> None:
    assert town.ask("rating of Palash Tiffin Room", None).short == 4.9
    assert town.ask("rating of Palash Tiffin Room in Chandrapuri").short == 4.9


@pytest.mark.parametrize("question", ["phone number of Blue Kettle", "Where is Blue Kettle?", "Blue Kettle ka rating"])
def test_a_name_of_two_asks_which(town: Town, question: str) -> None:
    answer = town.ask(question)
    assert_sound(answer, town)
    assert answer.clarify is not None
    assert [candidate.label for candidate in answer.clarify] == ["Blue Kettle", "Blue Kettle"]
    assert len({candidate.why for candidate in answer.clarify}) == 2
    assert "Motigarh" in "".join(candidate.why for candidate in answer.clarify)


def test_both_of_a_name_that_agree_need_no_choice(town: Town) -> None:
    assert town.ask("cuisine of Blue Kettle").short == ["Italian"]


@pytest.mark.parametrize(
    "question", ["How many beds does Aarogya Jyoti Hospital have?", "आरोग्य ज्योति अस्पताल में कितने बेड हैं?"]
)
def test_sources_that_disagree_are_both_shown(town: Town, question: str) -> None:
    answer = town.ask(question)
    assert_sound(answer, town)
    assert answer.short == 220  # the more trusted source
    (conflict,) = answer.conflicts
    cited = {citation.n: citation.record for citation in answer.citations}
    assert [(v["value"], cited[v["citation"]]) for v in conflict.values] == [(220, "clinics:j"), (180, "townlist:77")]
    assert "180" in answer.text


def test_a_description_states_each_fact_with_its_record(town: Town) -> None:
    answer = town.ask("Tell me about Tamarind Courtyard")
    assert_sound(answer, town)
    assert {citation.record for citation in answer.citations} == {"dine:t"}
    for part in ("restaurant", "Neelkanth Nagar", "4.4", "900", "Mo-Su 12:00-23:00"):
        assert part in answer.text


def test_a_route_is_described_as_a_route(town: Town) -> None:
    answer = town.ask("Tell me about 14K")
    assert_sound(answer, town)
    assert "bus stop" not in answer.text


def test_the_answer_speaks_the_language_of_the_question(town: Town) -> None:
    assert town.ask("सितारा ढाबा की रेटिंग बताओ").language == "hi"
    assert town.ask("Sitara Dhaba ki rating").language == "en"
    asked = town.ask("rating of Sitara Dhaba", language="hi")
    assert (asked.language, asked.short) == ("hi", 3.9)
    assert "सितारा ढाबा" in asked.text
