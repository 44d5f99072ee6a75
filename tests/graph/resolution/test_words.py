"""Names and addresses as words, and how alike they are."""

import pytest

from graph.resolution import addresses, names
from graph.resolution.addresses import read_address
from graph.resolution.tokens import address_words, codes, name_words


def even(word: str) -> float:
    """Every word tells as much."""
    return 8.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("K.C. General Hosp.", "K C GENERAL HOSPITALS"),
        ("St. John's Rd", "Saint Johns Road"),
        ("2nd Phase", "II Ph."),
        ("2 nd Stage", "Second Stage"),
        ("100ft Road", "100 feet rd"),
        ("The Bengaluru Company Pvt. Ltd.", "Bangalore"),
        ("philippe 's", "Philippe’s"),
        ("Multispeciality Centre", "Multi Specialty Center"),
        ("Narayana Nethralaya\\n", "Narayana Netralaya"),
        ("Café Crème", "cafe creme"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert name_words(one) == name_words(other)


@pytest.mark.parametrize("text", ["★★", "The", "of", "१२३", "🍕", "ಕೆಂಪೇಗೌಡ", "a" * 3_000])
def test_every_name_has_words(text: str) -> None:
    assert name_words(text)


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        ("hi tech kidney", "hitech kidney", 0.99),
        ("dr mahajan industrial trauma centre", "mahajan itc", 0.6),
        ("gayathri", "gayatri", 0.9),
        ("लीलावती", "lilavati", 0.85),
        ("ಸಪ್ತಗಿರಿ", "sapthagiri", 0.85),
        ("ravi kirloskar memorial", "ravi kirlosker memorial", 0.9),
    ],
)
def test_words_agree_by_spelling_sound_and_initials(one: str, other: str, least: float) -> None:
    found = names.match(name_words(one), name_words(other), even)
    assert found.likeness >= least, found


def test_what_is_left_over_on_both_sides_tells_branches_apart() -> None:
    found = names.match(name_words("Care Banjara"), name_words("Care Nampally"), even)
    assert found.against == 8.0
    around = frozenset({"banjara", "nampally"})
    local = names.match(name_words("Care Banjara"), name_words("Care Nampally"), even, around)
    assert local.against < found.against


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("No 18/17, Cambridge Road, Ulsoor", "18/17 Cambridge Rd Ulsoor", "door_whole"),
        ("12 Hill", "Flat 12, Hill.", "door"),
        ("6th Main, Block 6", "Block 9, 6th Main", "other_number"),
        ("7, Hill Road, Block C", "7 Hill Rd, D Block", "other_number"),
        ("S V Road, Vile Parle (West), Mumbai", "SV Rd, Vileparle West Mumbai", "alike_whole"),
        ("Hudson Circle", "10, Vokkaligara Bhavana, Hudson Circle", "street"),
        ("7 Church Street", "42 Church Street", "other_number"),
        ("Main Road, Jayanagar", "Park Lane, Andheri", "elsewhere"),
        ("", "12 Main Road", ""),
        ("12/4", "12 Main Road", ""),
    ],
)
def test_addresses(one: str, other: str, level: str) -> None:
    left, right = read_address(one), read_address(other)
    assert addresses.compare(left, right, even) == level
    assert addresses.compare(right, left, even) == level


def test_codes_are_letters_with_digits_and_no_measures() -> None:
    assert codes("Panasonic KX-TG9341T 6.0 phone, 70-300mm") == {"kxtg9341t"}
    assert codes("15th Cross, 100ft Road, 24x7") == frozenset()


def test_words_that_only_point_are_not_compared() -> None:
    assert address_words("No. 5, opp. Post Office, Hill Road")[0] == address_words("5 Office Hill Rd")[0]
