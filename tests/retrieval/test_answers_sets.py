"""Counts, lists, superlatives, and where things are. `None` stands for an abstention, 0 and [] for none."""

from typing import Any

import pytest

from tests.retrieval.checking import assert_sound, in_any_order
from tests.retrieval.city import said
from tests.retrieval.town import Town

pytestmark = pytest.mark.engine

COUNTED = [
    ("How many hospitals are there?", 3),
    ("गिनती: हॉस्पिटल", 3),
    ("How many hospitals are there in Chandrapuri?", 1),
    ("How many restaurants are there in Motigarh?", 2),
    ("मोतीगढ़ में कितने रेस्टोरेंट हैं?", 2),
    ("motigarh mein kitne restaurant hain", 2),
    ("how many resturants in motigar", 2),
    ("How many Thai restaurants are there in Neelkanth Nagar?", 0),
    ("How many ATMs are there in Motigarh?", None),
    ("How many elephants are there in Motigarh?", None),
    ("How many hospitals with more than 1000 beds?", 0),
]
LISTED: list[tuple[str, Any]] = [
    ("list cafes", ["Blue Kettle", "Blue Kettle"]),
    ("List all restaurants in Motigarh", ["Copper Ladle", "Lotus Pantry"]),
    ("resturants in neelkant nagar", ["Peepal Leaf", "Tamarind Courtyard"]),
    ("नीलकंठ नगर के कैफ़े बताइए", ["Blue Kettle"]),
    ("Which restaurants in Neelkanth Nagar serve South Indian food?", ["Peepal Leaf"]),
    ("Restaurants under 400 rupees", ["Peepal Leaf", "Sitara Dhaba"]),
    ("300 रुपये से कम वाले रेस्टोरेंट", ["Sitara Dhaba"]),
    ("५०० रुपये से कम के रेस्टोरेंट", ["Peepal Leaf", "Sitara Dhaba"]),
    ("restaurants between 300 and 1000 rupees", ["Lotus Pantry", "Peepal Leaf", "Tamarind Courtyard"]),
    ("restaurants rated above 4.3", ["Amber Fork", "Copper Ladle", "Tamarind Courtyard"]),
    ("restaurants with online delivery", ["Copper Ladle", "Tamarind Courtyard"]),
    ("restaurants without online delivery", ["Peepal Leaf"]),
    ("hospitals with postcode 453012", ["Sanjeevani Memorial Hospital"]),
    ("girls schools", ["Tarangini Girls School"]),
    ("Hindi medium schools in Motigarh", ["Tarangini Girls School"]),
    ("fintech companies in Suryanagar", ["Quillpay"]),
    ("restaurants in Chandrapuri", ["Palash Tiffin Room"]),
    ("Thai restaurants in Chandan Vihar", []),
    ("restaurants in Banjar Tola", []),
    ("pharmacies in Chandrapuri", None),
    ("vegan restaurants in Motigarh", None),
    ("restaurants with parking", None),
    ("Wheelchair accessible restaurants", None),
]
THERE_IS = [
    ("Are there any pharmacies in Motigarh?", "yes"),
    ("क्या मोतीगढ़ में कोई अस्पताल है?", "yes"),
    ("Are there any pharmacies in Chandan Vihar?", 0),
    ("Is there a beach in Motigarh?", None),
]
BEST: list[tuple[str, Any]] = [
    ("cheapest restaurant in Suryanagar", "Sitara Dhaba"),
    ("सबसे सस्ता रेस्टोरेंट कौन सा है?", "Sitara Dhaba"),
    ("sabse sasta restaurant", "Sitara Dhaba"),
    ("best rated restaurant", "Copper Ladle"),
    ("best resturant in motigar", "Copper Ladle"),
    ("costliest restaurant in Chandan Vihar", "Amber Fork"),
    ("most reviewed restaurant", "Sitara Dhaba"),
    ("Which hospital has the most beds?", "Aarogya Jyoti Hospital"),
    ("Which area is the most populous?", "Neelkanth Nagar"),
    ("which is the oldest school", "Gyandeep Vidyalaya"),
    ("cheapest pharmacy", None),
]
PLACED: list[tuple[str, Any]] = [
    ("Nearest hospital to Kaveri Museum", "Aarogya Jyoti Hospital"),
    ("Kaveri Museum ke sabse paas hospital", "Aarogya Jyoti Hospital"),
    ("nearst hospitl to hiran fort", "Sanjeevani Memorial Hospital"),
    ("सप्तर्षि पार्क के सबसे पास कौन सी फार्मेसी है?", "Charak Medicos"),
    ("schools within 1 km of Kaveri Museum", ["Gyandeep Vidyalaya"]),
    ("Kaveri Museum से 1 किमी के भीतर स्कूल", ["Gyandeep Vidyalaya"]),
    ("1 km ke andar pharmacy Kaveri Museum se", ["Charak Medicos"]),
    ("How many restaurants within 500 m of Clocktower Chowk?", 2),
    ("schools within 200 m of Hiran Fort", []),
    ("gyms within 2 km of Hiran Fort", None),
    ("cafes within 2 km of Zorblatt Arena", None),
    ("How far is Hiran Fort from Kaveri Museum?", 3178),
    ("हिरण किला से Kaveri Museum कितनी दूर है?", 3178),
    ("Distance from Atlantis Tower to Hiran Fort", None),
]


@pytest.mark.parametrize(("question", "short"), COUNTED + LISTED + THERE_IS + BEST + PLACED)
def test_short_answers(town: Town, question: str, short: Any) -> None:
    answer = town.ask(question)
    assert_sound(answer, town)
    assert answer.abstained == (short is None), answer.text
    assert in_any_order(answer.short) == short, answer.text


def test_the_first_of_several_come_in_order(town: Town) -> None:
    answer = town.ask("three cheapest restaurants")
    assert answer.short == ["Sitara Dhaba", "Peepal Leaf", "Lotus Pantry"]
    assert answer.rows is not None
    assert answer.rows.ordered
    near = town.ask("dentists near Hiran Fort")
    assert near.rows is not None
    assert near.rows.ordered


def test_places_of_any_kind_lie_within(town: Town) -> None:
    answer = town.ask("Which places are within 5 km of Hiran Fort?")
    assert_sound(answer, town)
    assert answer.plan["kind"] == "within"
    assert answer.rows is not None
    assert len(answer.rows.rows) > 1
    assert town.ask("Which warblers are within 1 km of Hiran Fort?").abstained


def test_none_is_cited_by_what_was_searched(town: Town) -> None:
    answer = town.ask("Thai restaurants in Chandan Vihar")
    assert_sound(answer, town)
    (citation,) = answer.citations
    assert citation.kind == "query"
    assert citation.query is not None
    assert citation.query["total"] == 0
    assert {"field": "cuisine", "op": "=", "value": "Thai"} in citation.query["constraints"]
    assert citation.query["records"]


def test_counts_are_of_entities_after_merging(town: Town) -> None:
    answer = town.ask("hospitals in Neelkanth Nagar")
    assert answer.short == ["Aarogya Jyoti Hospital"]  # which two sources list
    (citation,) = answer.citations
    assert citation.query is not None
    assert set(citation.query["records"]) == {"clinics:j", "townlist:77"}


def test_rows_hold_ids_and_points_hold_positions(town: Town) -> None:
    answer = town.ask("restaurants in Motigarh")
    assert answer.rows is not None
    assert answer.features is not None
    assert answer.rows.columns[:2] == ["id", "name"]
    ids = {row[answer.rows.entity] for row in answer.rows.rows}
    assert ids == {feature["id"] for feature in answer.features["features"]}
    assert {tuple(f["geometry"]["coordinates"]) for f in answer.features["features"]} == {
        (75.502, 22.551),
        (75.497, 22.548),
    }


@pytest.mark.parametrize(
    ("question", "left_out"),
    [
        ("hospitals within 1 km of Amber Fork", 1),  # a centroid
        ("dentists within 3 km of Saptarishi Park", 5),  # one position for five
        ("Saptarishi Park से 3 किमी के भीतर दंत चिकित्सक", 5),
    ],
)
def test_positions_that_say_little_are_left_out_and_counted(town: Town, question: str, left_out: int) -> None:
    answer = town.ask(question)
    assert_sound(answer, town)
    assert not answer.abstained
    assert "Vatika" not in str(answer.short)
    assert "Dental Care" not in str(answer.short)
    assert str(left_out) in answer.sentences[-1].text


def test_a_distance_from_an_approximate_position_says_so(town: Town) -> None:
    answer = town.ask("How far is Vatika Nursing Hospital from Saptarishi Park?")
    assert_sound(answer, town)
    assert "approximate" in answer.text


@pytest.fixture(scope="module")
def zoos(town: Town) -> Town:
    """Two whose main names are in other scripts, with names in English beside them."""
    star = said("map:star", "place", "مقهى النجمة", 22.9, 75.9, category="zoo", names={"en": "Star Zoo"})
    moon = said("map:moon", "place", "चंद्र चिड़ियाघर", 22.902, 75.9, category="zoo", names={"en": "Moon Zoo"})
    return town.take(star, moon)


@pytest.mark.parametrize(
    "question",
    [
        "Which zoos are there?",
        "zoos within 1 km of Star Zoo",
        "Nearest zoo to Moon Zoo",
        "How far is Moon Zoo from Star Zoo?",
    ],
)
def test_what_is_told_by_its_name_in_the_asker_s_language_is_supported(zoos: Town, question: str) -> None:
    answer = zoos.ask(question)
    assert not answer.abstained, answer.missing
    assert "Star Zoo" in answer.text
    assert "Moon Zoo" in answer.text


def test_an_article_chooses_no_thing_over_its_namesake(town: Town) -> None:
    first, second = "2030-12-20T18:00:00+05:30", "2030-12-20T19:00:00+05:30"
    town.take(
        said("map:lantern", "event", "Lantern Festival", 22.5, 75.5, start=first),
        said("dine:lantern", "event", "The Lantern Festival", 22.5, 75.5, start=second),
    )
    answer = town.ask("When is the Lantern Festival?")
    assert answer.clarify is not None
    assert [candidate.label for candidate in answer.clarify] == ["Lantern Festival", "The Lantern Festival"]
