"""Words of a question find what they mean; what nothing explains is left over."""

import itertools
from collections.abc import Callable

import pytest

from retrieval.catalogue import Catalogue
from retrieval.language import clean, tokens
from retrieval.linking import Linked, Mention, Number, link

Link = Callable[[str], Linked]


@pytest.fixture
def linked(catalogue: Catalogue) -> Link:
    return lambda question: link(tokens(clean(question)), catalogue)


def names(mention: Mention, catalogue: Catalogue) -> set[str]:
    return {catalogue.things[id_].name for id_ in mention.entities}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Tamarind Courtyard", "Tamarind Courtyard"),
        ("tamarind courtyard", "Tamarind Courtyard"),
        ("TAMARIND  COURTYARD", "Tamarind Courtyard"),
        ("Tamrind Courtyard", "Tamarind Courtyard"),
        ("Tamarind Courtyrad", "Tamarind Courtyard"),
        ("Tamarind-Courtyard", "Tamarind Courtyard"),
        ("TamarindCourtyard", "Tamarind Courtyard"),
        ("टैमरिंड कोर्टयार्ड", "Tamarind Courtyard"),
        ("सितारा ढाबा", "Sitara Dhaba"),
        ("Sitaara Dhaba", "Sitara Dhaba"),
        ("संजीवनी मेमोरियल हॉस्पिटल", "Sanjeevani Memorial Hospital"),
        ("Sanjivani Memorial Hospital", "Sanjeevani Memorial Hospital"),
        ("Neel Kanth Nagar", "Neelkanth Nagar"),
        ("Aarogya Jyoti", "Aarogya Jyoti Hospital"),
        ("14 K", "14K"),
        ("14k", "14K"),
        ("7-R", "7R"),
        ("Quilpay", "Quillpay"),
        ("Planetarium metro station", "Planetarium"),
        ("Imli Gate bus stop", "Imli Gate"),
    ],
)
def test_a_name_is_found_however_it_is_written(linked: Link, catalogue: Catalogue, written: str, name: str) -> None:
    found = [mention for mention in linked(f"what about {written}").mentions if mention.entities]
    assert any(names(mention, catalogue) == {name} for mention in found), found


@pytest.mark.parametrize("written", ["Zorblatt Arena", "Tamarack Court", "Copper Beech", "15K", "Quill", "77R"])
def test_other_names_are_not_taken_for_known_ones(linked: Link, catalogue: Catalogue, written: str) -> None:
    known = {"Tamarind Courtyard", "Copper Ladle", "14K", "7R"}
    exact = [m for m in linked(f"phone of {written}").mentions if m.entities and not m.partial]
    assert not any(names(mention, catalogue) & known for mention in exact)


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("phone of Tamarind Courtyard", []),
        ("who is the chef of Copper Ladle", ["chef"]),
        ("मोतीगढ़ में कितने हाथी हैं", ["हाथी"]),
        ("best haircut in Motigarh", ["haircut"]),
        ("please kindly tell me about", []),
    ],
)
def test_what_nothing_explains_is_left_over(linked: Link, question: str, left: list[str]) -> None:
    assert [token.text for token in linked(question).residue] == left


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("2 km", 2000, "m"),
        ("750 metres", 750, "m"),
        ("२ किमी", 2000, "m"),
        ("₹ 500", 500, "currency"),
        ("rs 500", 500, "currency"),
        ("500 rupees", 500, "currency"),
        ("1,500 रुपये", 1500, "currency"),
        ("4 stars", 4, "stars"),
        ("5 lakh", 500_000, ""),
        ("three", 3, ""),
        ("तीन", 3, ""),
    ],
)
def test_numbers_with_their_units(linked: Link, written: str, value: float, unit: str) -> None:
    (number,) = [mention.number for mention in linked(f"restaurants {written}").mentions if mention.number]
    assert number == Number(value, unit)


@pytest.mark.parametrize(
    ("written", "slug"),
    [
        ("restaurants", "restaurant"),
        ("restraunt", "restaurant"),
        ("hospitls", "hospital"),
        ("रेस्टोरेंट", "restaurant"),
        ("अस्पताल", "hospital"),
        ("aspatal", "hospital"),
    ],
)
def test_kinds_of_things(linked: Link, written: str, slug: str) -> None:
    assert any(slug in mention.categories for mention in linked(f"{written} in Motigarh").mentions)


def test_every_word_of_the_taxonomy_is_understood(linked: Link, catalogue: Catalogue) -> None:
    lost = {
        word
        for category in catalogue.scope.categories.values()
        for words in category.words.values()
        for word in words
        if not any(category.slug in mention.categories for mention in linked(word).mentions)
    }
    assert lost == set()


@pytest.mark.parametrize(
    ("written", "city"), [("Suryanagar", "suryanagar"), ("सूर्यनगर", "suryanagar"), ("suryanagr", "suryanagar")]
)
def test_cities(linked: Link, written: str, city: str) -> None:
    assert [m.city for m in linked(f"hospitals in {written}").mentions if m.city] == [city]


def test_the_longest_explanation_wins(linked: Link, catalogue: Catalogue) -> None:
    found = linked("Tarangini Girls School in Motigarh").mentions
    assert names(found[0], catalogue) == {"Tarangini Girls School"}
    assert found[0].end - found[0].start == 3


def test_a_span_keeps_all_of_its_meanings(linked: Link) -> None:
    (area,) = [m for m in linked("restaurants in Motigarh").mentions if m.text == "Motigarh"]
    assert area.entities  # the area itself
    assert [facet.field for facet in area.facets] == ["area"]  # and what lies in it


def test_mentions_do_not_overlap_and_come_in_order(linked: Link) -> None:
    found = linked(
        "cheapest South Indian restaurants in Neelkanth Nagar within 2 km of Kaveri Museum under ₹ 500"
    ).mentions
    spans = [(mention.start, mention.end) for mention in found]
    assert spans == sorted(spans)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


def test_a_corrected_spelling_is_not_exact(linked: Link) -> None:
    (exact,) = [m for m in linked("Sitara Dhaba").mentions if m.entities]
    (close,) = [m for m in linked("Sitra Dhaba").mentions if m.entities]
    assert (exact.exact, close.exact) == (True, False)


def test_numbers_in_names_are_never_corrected(linked: Link, catalogue: Catalogue) -> None:
    for written in ("89", "22", "14J"):
        assert not any(names(m, catalogue) & {"88", "21", "14K"} for m in linked(f"route {written}").mentions)
