"""Words folded, cut, and heard alike across English and Hindi."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.romanise import romanise, sounds, squeeze
from retrieval.language import clean, detect, fold_word, key_of, tokens

DEVANAGARI = "कखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह"


@pytest.mark.parametrize(
    ("given", "folded"),
    [
        ("CAFÉ", "cafe"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("मोतीग\u095d", "मोतीगढ"),  # with and without the dot below
        ("मोतीग\u0922\u093c", "मोतीगढ"),  # the dot as a sign of its own
        ("चाँद", "चांद"),
        ("ZOO", "zoo"),
    ],
)
def test_one_spelling_of_a_word(given: str, folded: str) -> None:
    assert fold_word(given) == folded


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("  two \t words\n", "two words"),
        ("con\x00trol\x07s", "con trol s"),
        ("in\u200bvis\u200dible\ufeff", "invisible"),
        ("\u202eright to left\u202c", "right to left"),
        ("१२३ ४५६", "123 456"),
        ("ＦＵＬＬ ｗｉｄｔｈ", "FULL width"),
        ("½ km", "1⁄2 km"),
        ("", ""),
    ],
)
def test_clean_text(given: str, cleaned: str) -> None:
    assert clean(given) == cleaned


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ("What's near M.G. Road?", ["what", "s", "near", "m", "g", "road"]),
        ("1,200.50 rupees", ["1,200.50", "rupees"]),
        ("₹500", ["₹", "500"]),
        ("१५ किमी", ["15", "किमी"]),
        ("14K", ["14", "k"]),
        ("नीलकंठ-नगर", ["नीलकंठ", "नगर"]),
        ("?!…", []),
    ],
)
def test_tokens(given: str, keys: list[str]) -> None:
    assert [token.key for token in tokens(clean(given))] == keys


def test_tokens_know_where_they_stand_and_what_they_count() -> None:
    text = clean("about 1,250 people")
    number = tokens(text)[1]
    assert number.is_number
    assert number.number == 1250
    assert text[number.start : number.end] == "1,250"
    assert [token.is_number for token in tokens("दो 2 two")] == [False, True, False]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Blue  KETTLE", "blue kettle"),
        ("Café-Lumière", "cafe lumiere"),
        ("Peepal Leaf (Old Town)", "peepal leaf old town"),
        ("सितारा ढाबा", "सितारा ढाबा"),
        ("सेक्टर १२", "सेक्टर 12"),
    ],
)
def test_names_that_have_one_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where is the fort", "en"),
        ("किला कहाँ है", "hi"),
        ("Hiran Fort कहाँ है?", "hi"),
        ("The word किला in a long English sentence about forts and their gates", "en"),
        ("kila kahan hai", "en"),
        ("123 ?!", "en"),
        ("", "en"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    ("hindi", "latin"),
    [
        ("सितारा", "sitaaraa"),
        ("नगर", "nagar"),
        ("मोती", "motee"),
        ("चौक", "chauk"),
        ("इमली", "imalee"),
        ("गेट", "get"),
        ("संगम", "sangam"),
        ("ज्योति", "jyoti"),
        ("plain", "plain"),
    ],
)
def test_devanagari_in_latin_letters(hindi: str, latin: str) -> None:
    assert romanise(hindi) == latin


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sitara Dhaba", "सितारा ढाबा"),
        ("Neelkanth Nagar", "नीलकंठ नगर"),
        ("Neelkanth", "Nilkant"),
        ("Motigarh", "मोतीगढ़"),
        ("Sanjeevani", "संजीवनी"),
        ("Chandrapuri", "चंद्रपुरी"),
        ("Saptarishi", "Saptrishi"),
        ("Vatika", "Watika"),
        ("Aarogya", "Arogya"),
        ("Kothi Bazaar", "Kothi Bazar"),
        ("Zaveri", "Javeri"),
    ],
)
def test_spellings_of_one_name_sound_alike(one: str, other: str) -> None:
    assert sounds(key_of(one)) == sounds(key_of(other))


@pytest.mark.parametrize(
    ("one", "other"), [("Motigarh", "Neelkanth"), ("Kaveri", "Sitara"), ("Sarovar", "Kothi"), ("Peepal", "Lotus")]
)
def test_other_names_sound_different(one: str, other: str) -> None:
    assert sounds(key_of(one)) != sounds(key_of(other))


def test_runs_of_a_letter_are_one_but_digits_count() -> None:
    assert squeeze("aabbcc") == "abc"
    assert squeeze("route 100") == "route 100"


@given(st.text(max_size=200))
def test_cleaning_and_keys_are_stable(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not any(unicodedata.category(char) == "Cc" for char in once)
    assert key_of(key_of(text)) == key_of(text)


@given(st.text(max_size=200))
def test_tokens_are_pieces_of_the_text_in_order(text: str) -> None:
    text, end = clean(text), 0
    for token in tokens(text):
        assert text[token.start : token.end] == token.text
        assert token.start >= end
        assert token.key
        end = token.end


@given(st.text(alphabet=DEVANAGARI + "ािीुूेैोौं् ", max_size=40))
def test_romanised_devanagari_is_latin(text: str) -> None:
    assert all(not ("\u0900" <= char <= "\u097f") for word in clean(text).split() for char in romanise(word))
