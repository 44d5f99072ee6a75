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
    ("Which libraries are in Parijat Ward?", ["Bakul Library", "Champa Library"]),
    ("How many libraries are there in Parijat Ward?", 2),
    ("how many libraries in ward Ketaki Ward", 1),
    ("Parijat Ward में कितने पुस्तकालय हैं?", 2),
    ("parijat ward mein kitni libraries hain", 2),
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
    assert {citation.record for citation in listed.citations} == {"sights:l3", "wards:ke", "sights:l4"}  # not placed
    none = ask(wards, "libraries in Mogra Ward")
    assert "wards:em" in {citation.record for citation in none.citations}


@pytest.mark.parametrize("question", ["Which ward is Kamini Library in?", "Is Kamini Library in Parijat Ward?"])
def test_a_position_that_is_only_a_middle_lies_in_no_area_by_guess(wards: Town, question: str) -> None:
    assert ask(wards, question).abstained


def test_a_ward_that_is_only_named_holds_nothing_that_its_polygon_leaves_out(wards: Town) -> None:
    assert ask(wards, "Which ward is Harsingar Library in?").abstained
    said = ask(wards, "Which area is Harsingar Library in?")
    assert said.short == "Parijat Ward"  # as its source says
    assert "but it lies outside Parijat Ward as that is drawn" in said.text
    (conflict,) = said.conflicts
    assert [value["value"] for value in conflict.values] == ["Parijat Ward", "24.05, 75.55"]
    assert {"sights:l5", "wards:pa"} <= {citation.record for citation in said.citations}
    denied = ask(wards, "Is Harsingar Library in Parijat Ward?")
    assert denied.short == "no"
    assert denied.conflicts


MUSEUMS = [
    area("tu", "Tulsi Ward", 24.40, 75.40, 0.02, data={"kind": "ward"}),
    area("st", "Sandal Ward", 24.44, 75.49, 0.02, data={"kind": "ward"}),
    area("z1", "Lotus Zone", 24.38, 75.38, 0.12, data={"kind": "zone"}),
    area("z2", "Lily Zone", 24.38, 75.50, 0.12, data={"kind": "zone"}),
    record("wards:ka", "area", city="chandrapuri", name="Kadamb Ward", data={"kind": "ward", "area": "Lotus Zone"}),
    record("wards:un", "area", city="chandrapuri", name="Unknown Ward", data={"kind": "ward"}),
    record("wards:ne", "area", city="chandrapuri", name="Neem Ward", data={"kind": "ward", "area": "North Zone"}),
    record("wards:nz", "area", city="chandrapuri", name="North Zone", data={"kind": "zone"}),
    *(
        record(f"sights:{key}", "place", city="chandrapuri", name=f"{name} Museum", category="museum", area=ward)
        for key, name, ward in (
            ("m1", "Amber", "Tulsi Ward"),
            ("m2", "Basalt", "Kadamb Ward"),
            ("m3", "Cobalt", "Sandal Ward"),
            ("m4", "Dolerite", "Unknown Ward"),
            ("m5", "Ebony", "Neem Ward"),
        )
    ),
    record("sights:b1", "place", city="chandrapuri", name="Fig Bakery", category="bakery", locality="Tulsi Ward"),
    library("b2", "Guava Bakery", 24.41, 75.51, category="bakery", locality="Tulsi Ward"),
    library("m6", "Feldspar Museum", 24.41, 75.41, category="museum"),
    library("m7", "Granite Museum", 24.41, 75.51, category="museum", area="Tulsi Ward"),
]
UPWARDS: list[tuple[str, Any]] = [
    ("Is Amber Museum in Lotus Zone?", "yes"),
    ("Is Basalt Museum in Lotus Zone?", "yes"),
    ("Is Amber Museum in Lily Zone?", "no"),
    ("Is Basalt Museum in Kadamb Ward?", "yes"),
    ("Is Basalt Museum in Unknown Ward?", "no"),
    ("Is Ebony Museum in North Zone?", "yes"),
    ("Is Feldspar Museum in Lily Zone?", "no"),
    ("Is Ebony Museum in Lotus Zone?", "no"),  # one source puts its ward into another zone
    ("Is Granite Museum in Lily Zone?", "yes"),
    ("Is Granite Museum in Tulsi Ward?", "no"),
    ("Which zone is Amber Museum in?", "Lotus Zone"),
    ("Which zone is Ebony Museum in?", "North Zone"),
    ("Which ward is Amber Museum in?", "Tulsi Ward"),
    ("Which zone is Kadamb Ward in?", "Lotus Zone"),
    ("Which zone is Sandal Ward in?", ["Lotus Zone", "Lily Zone"]),
    ("How many museums are in Lotus Zone?", 3),
    ("museums in Lotus Zone", ["Amber Museum", "Basalt Museum", "Feldspar Museum"]),
    ("museums in Lily Zone", ["Granite Museum"]),
    ("museums in Tulsi Ward", ["Amber Museum", "Feldspar Museum"]),
    ("museums in North Zone", ["Ebony Museum"]),
    ("Is Fig Bakery in Lotus Zone?", "yes"),
    ("Is Fig Bakery in Tulsi Ward?", "yes"),
    ("Is Fig Bakery in Lily Zone?", "no"),
    ("Is Guava Bakery in Tulsi Ward?", "no"),
    ("bakeries in Lotus Zone", ["Fig Bakery"]),
    ("bakeries in Lily Zone", ["Guava Bakery"]),
]


@pytest.fixture(scope="module")
def zones(wards: Town) -> Town:
    return wards.take(*MUSEUMS)


@pytest.mark.parametrize(("question", "short"), UPWARDS)
def test_what_lies_in_a_ward_lies_in_its_zone(zones: Town, question: str, short: Any) -> None:
    answer = ask(zones, question)
    assert in_any_order(answer.short) == in_any_order(short), answer.text


@pytest.mark.parametrize(
    "question",
    [
        "Is Cobalt Museum in Lotus Zone?",  # half of its ward is
        "Is Dolerite Museum in Lotus Zone?",  # nobody says where its ward is
        "Which zone is Cobalt Museum in?",
    ],
)
def test_what_nobody_tells_is_no_no(zones: Town, question: str) -> None:
    answer = ask(zones, question)
    assert answer.abstained, answer.text


def test_a_locality_that_a_polygon_contradicts_is_shown_as_a_disagreement(zones: Town) -> None:
    assert "A source puts Guava Bakery into Tulsi Ward" in ask(zones, "Which zone is Guava Bakery in?").text
    for question in ("Where is Guava Bakery?", "Where is Granite Museum?"):
        where = ask(zones, question)
        assert where.short == "24.41, 75.51"
        assert "is in Tulsi Ward" not in where.text
        assert where.conflicts
    about = ask(zones, "Tell me about Granite Museum")
    assert "museum in Chandrapuri" in about.text
    assert about.conflicts


def test_an_area_of_which_parts_lie_in_two_zones_is_in_none_and_outside_none_of_them(zones: Town) -> None:
    answer = ask(zones, "Is Sandal Ward in Lotus Zone?")
    assert (answer.short, answer.abstained) == (None, False)
    assert "Parts of Sandal Ward lie in" in answer.text
    assert ask(zones, "Is Tulsi Ward in Lily Zone?").short == "no"
    assert "of which parts lie in" in (ask(zones, "Which zone is Cobalt Museum in?").missing or "")
    assert "parts" not in (ask(zones, "Which district is Feldspar Museum in?").missing or "")


def test_those_that_nobody_can_place_have_a_citation_of_their_own(zones: Town) -> None:
    answer = ask(zones, "How many museums are in Lily Zone?")  # as many as nobody can place, or not
    cited = [set(sentence.citations) for sentence in answer.sentences]
    assert len(cited) == 2
    assert not cited[0] & cited[1]


def test_every_step_up_is_cited(zones: Town) -> None:
    answer = ask(zones, "Is Amber Museum in Lotus Zone?")
    assert {citation.record for citation in answer.citations} == {"sights:m1", "wards:tu", "wards:z1"}
    listed = ask(zones, "museums in Lotus Zone")
    assert {"wards:tu", "wards:z1"} <= {citation.record for citation in listed.citations}


def test_those_that_nobody_can_place_are_told_beside_the_count(zones: Town) -> None:
    answer = ask(zones, "How many museums are in Lotus Zone?")
    assert "2 more museums without an exact position" in answer.text  # of the wards Sandal and Unknown
    assert "more" not in ask(zones, "How many museums are in Kadamb Ward?").text


def test_a_zone_that_goes_takes_its_yes_with_it(zones: Town) -> None:
    zones.forget("wards:z1", "area")
    assert ask(zones, "Is Amber Museum in Lotus Zone?").short != "yes"
    zones.take(*(one for one in MUSEUMS if one.ref == "wards:z1"))


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
