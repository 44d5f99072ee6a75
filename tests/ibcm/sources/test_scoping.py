"""Records are filed under slugs, and keep what their sources wrote."""

from ibcm.config import gazetteer
from ibcm.sources.scoping import settled, unknown_sectors
from tests.builders import record


def test_a_name_becomes_the_slug_and_stays_in_the_data() -> None:
    said = settled(record("a:1", "organization", name="Alder", city="Bengaluru", sector="Fin-Tech"), gazetteer())
    assert (said.city, said.sector) == ("bangalore", "fintech")
    assert (said.data["city"], said.data["sector"]) == ("Bengaluru", "Fin-Tech")


def test_what_the_data_say_is_not_overwritten() -> None:
    said = settled(record("a:1", "organization", data={"name": "Alder", "city": "Blr"}, city="Bengaluru"), gazetteer())
    assert (said.city, said.data["city"]) == ("bangalore", "Blr")


def test_slugs_and_unknown_names_stay_as_they_are() -> None:
    for city in ("bangalore", "gurugram", "quillapur"):
        one = record("a:1", name="Alder", city=city)
        assert settled(one, gazetteer()) is one


def test_sectors_that_nobody_knows_are_told() -> None:
    one = record("a:1", "organization", name="Alder", sectors=["FinTech", "Falconry"])
    assert list(unknown_sectors(one, gazetteer())) == ["Falconry"]
