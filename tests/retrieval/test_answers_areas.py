"""What lies in an area is answered by polygons too, with the records of the thing and of whoever drew the area."""

from typing import Any

import pytest

from ibcm.domain.answers import Answer
from ibcm.domain.records import SourceRecord
from tests.builders import record
from tests.retrieval.checking import assert_sound, in_any_order
from tests.retrieval.city import said
from tests.retrieval.town import Town

pytestmark = pytest.mark.engine


def area(
    key: str, name: str, south: float, west: float, side: float, *, city: str = "chandrapuri", **more: Any
) -> SourceRecord:
    north, east = south + side, west + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return record(
        f"wards:{key}", "area", city=city, name=name, polygon={"type": "Polygon", "coordinates": [ring]}, **more
    )


def library(key: str, name: str, lat: float, lon: float, **more: Any) -> SourceRecord:
    return said(f"sights:{key}", "place", name, lat, lon, **{"city": "chandrapuri", "category": "library", **more})


DRAWN = [
    area("pa", "Parijat Ward", 24.10, 75.60, 0.02, data={"kind": "ward"}),
    area("ke", "Ketaki Ward", 24.10, 75.62, 0.02, data={"kind": "ward"}),
    area("em", "Mogra Ward", 24.16, 75.60, 0.02, data={"kind": "ward"}),
    area("ez", "Malhar Zone", 24.08, 75.58, 0.10, data={"kind": "zone"}),
    area("g1", "Ganga Tola", 24.10, 75.60, 0.01),
    area("g2", "Ganga Tola", 22.60, 75.60, 0.01, city="suryanagar"),
    area("am", "Dateline Ward", -0.01, 179.99, 0.02, data={"kind": "ward"}),
    library("l1", "Bakul Library", 24.105, 75.605),
    library("l2", "Champa Library", 24.115, 75.605),
    library("l3", "Juhi Library", 24.115, 75.625),
    library("l4", "Kamini Library", 24.115, 75.607, coordinate_precision="centroid"),
    library("l5", "Harsingar Library", 24.05, 75.55, area="Parijat Ward"),
    library("l6", "Bela Library", 22.605, 75.605, city="suryanagar"),
    library("l7", "Dateline Library", 0.0, -179.995),
]  # fmt: skip


@pytest.fixture(scope="module")
def wards(town: Town) -> Town:
    return town.take(*DRAWN)


def ask(town: Town, question: str, city: str | None = "chandrapuri") -> Answer:
    answer = town.ask(question, city=city)
    assert_sound(answer, town)
    return answer


ANSWERS: list[tuple[str, Any]] = [
    ("libraries in Ketaki Ward", ["Juhi Library"]),
    ("Which libraries are in Parijat Ward?", ["Bakul Library", "Champa Library", "Harsingar Library"]),
    ("How many libraries are there in Parijat Ward?", 3),
    ("how many libraries in ward Ketaki Ward", 1),
    ("Parijat Ward में कितने पुस्तकालय हैं?", 3),
    ("parijat ward mein kitni libraries hain", 3),
    ("How many libraries are in Malhar Zone?", 3),
    ("libraries in Mogra Ward", []),
    ("How many libraries in Mogra Ward?", 0),
    ("libraries in Mogra Ward or Ketaki Ward", ["Juhi Library"]),
    ("Which ward is Bakul Library in?", "Parijat Ward"),
    ("which ward does Juhi Library fall in", "Ketaki Ward"),
    ("Juhi Library kis ward mein hai", "Ketaki Ward"),
    ("Juhi Library किस वार्ड में है?", "Ketaki Ward"),
    ("Which zone is Juhi Library in?", "Malhar Zone"),
    ("Is Juhi Library in Ketaki Ward?", "yes"),
    ("Which wards are there in Chandrapuri?", ["Dateline Ward", "Ketaki Ward", "Mogra Ward", "Parijat Ward"]),
    ("Which ward is Dateline Library in?", "Dateline Ward"),
    ("Which zone is Mogra Ward in?", "Malhar Zone"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "short"), ANSWERS)
def test_what_lies_where(wards: Town, question: str, short: Any) -> None:
    answer = ask(wards, question)
    assert in_any_order(answer.short) == short, answer.text


def test_both_records_are_cited_the_one_that_says_where_and_the_one_that_drew(wards: Town) -> None:
    answer = ask(wards, "Which ward is Juhi Library in?")
    assert {citation.record for citation in answer.citations} == {"sights:l3", "wards:ke"}
    listed = ask(wards, "libraries in Ketaki Ward")
    assert {citation.record for citation in listed.citations} == {"sights:l3", "wards:ke"}
    none = ask(wards, "libraries in Mogra Ward")
    assert "wards:em" in {citation.record for citation in none.citations}


@pytest.mark.parametrize("question", ["Which ward is Kamini Library in?", "Is Kamini Library in Parijat Ward?"])
def test_a_position_that_is_only_a_middle_lies_in_no_area_by_guess(wards: Town, question: str) -> None:
    assert ask(wards, question).abstained


def test_a_ward_that_is_only_named_holds_nothing_that_its_polygon_leaves_out(wards: Town) -> None:
    assert ask(wards, "Which ward is Harsingar Library in?").abstained
    assert ask(wards, "Which area is Harsingar Library in?").short == "Parijat Ward"  # as its source says


def test_an_area_of_a_name_that_two_cities_have_is_asked_about(wards: Town) -> None:
    answer = ask(wards, "libraries in Ganga Tola", city=None)
    assert answer.clarify is not None
    assert len(answer.clarify) == 2
    assert ask(wards, "libraries in Ganga Tola").short == ["Bakul Library"]
    assert ask(wards, "libraries in Ganga Tola", city="suryanagar").short == ["Bela Library"]


def test_an_area_that_is_drawn_anew_holds_what_lies_in_it_now(wards: Town) -> None:
    wards.take(area("new", "Rajani Ward", 24.10, 75.62, 0.02))
    assert ask(wards, "libraries in Rajani Ward").short == ["Juhi Library"]
    wards.take(area("new", "Rajani Ward", 24.16, 75.62, 0.02, at=1))
    assert ask(wards, "libraries in Rajani Ward").short == []
