"""One city and one sector, however sources write them."""

import pytest

from crawlers.geonames import _entries
from ibcm.config import gazetteer, load_scope
from ibcm.domain.texts import mended, spelling_key

KNOWN = gazetteer()


@pytest.mark.parametrize(
    ("slug", "names"),
    [
        ("bangalore", ["Bangalore", "BENGALURU", "Bengalooru", "बेंगलुरु", "ಬೆಂಗಳೂರು", "bengaluru ", "\\xc2\\xa0Bangalore"]),
        ("gurugram", ["Gurgaon", "Gurugram", "गुड़गांव"]),
        ("mumbai", ["Bombay"]),
        ("chennai", ["Madras"]),
        ("thiruvananthapuram", ["Trivandrum"]),
        ("kolkata", ["Calcutta", "Kolkatta"]),
        ("ahmedabad", ["Ahemdabad", "Amdavad"]),
    ],
)
def test_all_names_of_a_city_are_one(slug: str, names: list[str]) -> None:
    assert {KNOWN.town(name) for name in names} == {slug}


def test_several_cities_in_one_text_are_several() -> None:
    assert KNOWN.towns("Bangalore / SFO") == ["bangalore", "san-francisco"]
    assert KNOWN.towns("Bengaluru and Gurugram") == ["bangalore", "gurugram"]
    assert KNOWN.towns("Quillapur") == ["quillapur"]
    assert KNOWN.towns("—") == []


def test_the_surroundings_of_a_city_may_be_any_town_there() -> None:
    assert {"delhi", "gurugram", "noida"} <= KNOWN.may_be("Delhi NCR")
    assert KNOWN.may_be("New Delhi") == {"delhi"}
    assert KNOWN.city("Gurgaon") is None


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("FinTech", ["fintech"]),
        ("Financial Technology", ["fintech"]),
        ("ed-tech", ["edtech"]),
        ("E-Tech", ["edtech"]),
        ("Fintech - Payments", ["fintech"]),
        ("E-Commerce / Health Care", ["retail", "healthtech"]),
        ("Consumer Internet", []),
    ],
)
def test_sectors_by_any_of_their_names(text: str, slugs: list[str]) -> None:
    assert KNOWN.sectors(text) == slugs


def test_every_alias_of_a_town_is_one_that_its_source_knows() -> None:
    towns = load_scope().towns.values()
    entries = {entry["geonameid"]: entry for entry in _entries({town.country for town in towns})}
    for town in towns:
        entry = entries[town.geonames]
        known = {spelling_key(name) for name in (entry["name"], *entry["alternatenames"])}
        missing = [name for name in town.aliases if spelling_key(name) not in known]
        assert not missing, (town.slug, missing)
        assert entry["countrycode"] == town.country


def test_damage_of_an_export_is_mended() -> None:
    assert mended("BYJU\\\\xe2\\\\x80\\\\x99S") == "BYJU’S"
    assert mended("Seed\\\\nFunding") == "Seed Funding"
    assert mended("a\\xff b") == "a b"
    assert mended("BYJU\\\\'S") == "BYJU'S"
