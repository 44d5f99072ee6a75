"""Golden values: which record wins, what stands together, what is kept as a conflict."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.ingest.agreement import refines
from graph.ingest.merge import Merged, merge
from ibcm.domain.decisions import Decision, pin_record, pinned_values
from ibcm.domain.ledger import StoredRecord
from ibcm.domain.policy import FieldPolicy, SourcePolicy
from ibcm.domain.records import SourceRecord
from tests.builders import NOW, OPEN, day, record

POLICIES = {
    "good": OPEN.model_copy(update={"trust": 0.9}),
    "mid": OPEN,
    "mid2": OPEN,
    "mid3": OPEN,
    "low": OPEN.model_copy(update={"trust": 0.1}),
}


def merged(*records: SourceRecord, policies: dict[str, SourcePolicy] | None = None) -> Merged:
    """Merged in every order: all must be equal."""
    stored = [StoredRecord(one, number, "h", NOW, "e") for number, one in enumerate(records)]
    found = [merge(order, policies or POLICIES, NOW) for order in permutations(stored)]
    assert all(one == found[0] for one in found)
    return found[0]


def won(result: Merged, field: str) -> tuple[Any, str]:
    fact = result.facts[field]
    return fact.value, fact.record


def test_trust_then_agreement_then_recency_then_ref() -> None:
    trusted = merged(record("good:1", name="A", beds=5, at=-9), record("mid:1", name="A", beds=6))
    assert won(trusted, "beds") == (5, "good:1")
    agreed = merged(
        record("mid:1", name="A", beds=5, at=-1),
        record("mid2:1", name="A", beds=6, at=-8),
        record("mid3:1", name="A", beds=6, at=-9),
    )
    assert won(agreed, "beds") == (6, "mid2:1")
    recent = merged(record("mid:1", name="A", beds=5, at=-2), record("mid2:1", name="A", beds=6, at=-1))
    assert won(recent, "beds") == (6, "mid2:1")
    tied = merged(record("mid:1", name="A", beds=5), record("mid2:1", name="A", beds=6))
    assert won(tied, "beds") == (6, "mid2:1"), "a digit sorts before the colon"


def test_a_fact_that_is_over_loses() -> None:
    result = merged(record("good:1", name="A", beds=5, valid_to="2020-01-01"), record("low:1", name="A", beds=6))
    assert won(result, "beds") == (6, "low:1")


def test_losers_that_say_something_else_are_conflicts() -> None:
    result = merged(
        record("good:1", name="A", phone="080 2345 6789", beds=5, opening_hours="Mo-Fr 09:00-17:00"),
        record("mid:1", name="A", phone="+918023456789", beds="5", opening_hours="Mo-Fr 09:00-18:00"),
    )
    assert [(lost.field, lost.record) for lost in result.conflicts] == [("opening_hours", "mid:1")]


def test_names_prose_and_ids_are_no_conflicts_and_names_become_aliases() -> None:
    result = merged(
        record("good:1", name="Alpha", names={"hi": "अल्फा"}, description="One.", ids={"osm": "1"}),
        record("mid:1", name="Alpha Hall", aliases=["The Hall", "ALPHA"], description="Two.", ids={"osm": "2"}),
    )
    assert result.conflicts == ()
    assert result.aliases == ("अल्फा", "Alpha Hall", "The Hall")
    assert won(result, "name_hi") == ("अल्फा", "good:1")


def test_what_belongs_together_comes_from_one_record() -> None:
    result = merged(
        record("good:1", name="A", rating=4.0),
        record("mid:1", name="A", rating=3.0, rating_count=500, price_for_two=900, price_currency="INR"),
    )
    assert won(result, "rating") == (4.0, "good:1")
    assert "rating_count" not in result.facts
    assert won(result, "price_currency") == ("INR", "mid:1")


def test_a_position_of_its_own_beats_the_centre_of_a_trusted_source() -> None:
    result = merged(
        record("good:1", name="A", lat=12.9, lon=77.5, coordinate_precision="centroid"),
        record("low:1", name="A", lat=12.95, lon=77.55),
    )
    assert won(result, "lat") == (12.95, "low:1")
    assert won(result, "lon") == (77.55, "low:1")
    assert "coordinate_precision" not in result.facts


def test_lists_are_united_with_everyone_who_added() -> None:
    result = merged(
        record("good:1", name="A", cuisine=["Thai"]),
        record("mid:1", name="A", cuisine=["thai", "Goan"]),
        record("low:1", name="A", cuisine=["GOAN"]),
    )
    fact = result.facts["cuisine"]
    assert (fact.value, fact.record, fact.others) == (["Thai", "Goan"], "good:1", ("mid:1",))


def test_expired_fields_are_left_out() -> None:
    policies = {"mid": OPEN.model_copy(update={"fields": {"beds": FieldPolicy(retention_days=3)}})}
    assert "beds" not in merged(record("mid:1", name="A", beds=5, at=-4), policies=policies).facts
    assert "beds" in merged(record("mid:1", name="A", beds=5, at=-2), policies=policies).facts


def test_an_unknown_category_stays_as_the_source_wrote_it() -> None:
    assert won(merged(record("mid:1", name="A", category="Dosa Cart")), "category") == ("Dosa Cart", "mid:1")


def test_nested_data_stays_in_the_record() -> None:
    result = merged(record("mid:1", name="A", ids={"osm": "n1"}, extra={"deep": 1}, empty=" ", big=2**70))
    assert set(result.facts) == {"name", "ids_osm", "big"}
    assert result.value("big") == str(2**70)


def test_what_changes_is_believed_of_the_latest_of_equals() -> None:
    older = [record(f"mid{n or ''}:1", name="A", beds=6, opening_hours="Mo 09:00-17:00", at=-9) for n in ("", 2)]
    result = merged(*older, record("mid3:1", name="A", beds=5, opening_hours="Mo 10:00-18:00", at=-1))
    assert won(result, "beds")[0] == 6
    assert won(result, "opening_hours") == ("Mo 10:00-18:00", "mid3:1")


def test_what_has_not_begun_loses() -> None:
    result = merged(record("good:1", name="A", beds=5, valid_from="2027-01-01"), record("low:1", name="A", beds=6))
    assert won(result, "beds") == (6, "low:1")
    assert result.conflicts == (), "what does not hold now contradicts nothing"


def test_what_only_an_ended_record_says_is_kept_apart() -> None:
    over = record("good:1", name="Old A", beds=5, phone="080 2345 6789", category="cafe", valid_to="2026-02-01")
    result = merged(over, record("low:1", name="A", beds=6))
    assert won(result, "name") == ("A", "low:1")
    assert result.aliases == ("Old A",)
    assert set(result.facts) == {"name", "beds"}
    assert {name: fact.record for name, fact in result.lapsed.items()} == {"phone": "good:1", "category": "good:1"}
    assert result.holds


def test_of_what_is_over_the_last_is_told_and_of_what_comes_the_first() -> None:
    earlier = record("good:1", name="A", beds=5, valid_to="2020-12-31")
    later = record("low:1", name="A", beds=6, valid_to="2024-12-31")
    coming = record("mid:1", name="A", beds=7, rating=4, valid_from="2030-01-01")
    next_one = record("mid2:1", name="A", beds=8, rating=3, valid_from="2028-01-01")
    result = merged(earlier, later, coming, next_one)
    assert {name: (fact.value, fact.record) for name, fact in result.lapsed.items()} == {
        "beds": (6, "low:1"), "rating": (3, "mid2:1"),
    }  # fmt: skip
    assert not result.holds
    assert result.conflicts == ()


def test_the_last_day_of_a_validity_is_the_citys() -> None:
    stored = [StoredRecord(record("good:1", name="A", beds=5, city="pune", valid_to="2026-02-28"), 1, "h", NOW, "e")]
    evening, after = datetime(2026, 2, 28, 18, 29, tzinfo=UTC), datetime(2026, 2, 28, 18, 30, tzinfo=UTC)
    assert merge(stored, POLICIES, evening).value("beds") == 5
    assert merge(stored, POLICIES, after).value("beds") is None
    assert merge(stored, POLICIES, evening).span.end == after


def test_a_pin_outlives_the_record_that_it_is_about() -> None:
    result = merged(record("good:1", name="A", beds=5, rating=4, valid_to="2026-02-01"), pin("beds", 7))
    assert (result.value("beds"), result.value("rating"), result.holds) == (7, None, False)


@pytest.mark.parametrize(
    ("field", "vague", "exact"),
    [
        ("category", "food", "cafe"),
        ("address", "Main Road", "12, Main Rd., Camp"),
        ("founded", 2015, "2015-03-01"),
        ("founded", "2015", "2015-03"),
    ],
)
def test_the_same_said_more_exactly_wins_and_is_no_conflict(field: str, vague: Any, exact: Any) -> None:
    result = merged(record("good:1", name="A", **{field: vague}), record("low:1", name="A", **{field: exact}))
    assert won(result, field) == (exact, "low:1")
    assert result.conflicts == ()


def test_the_exact_value_has_the_support_of_the_vague_one() -> None:
    result = merged(
        record("good:1", name="A", category="food"),
        record("low:1", name="A", category="cafe"),
        record("mid:1", name="A", category="hospital"),
    )
    assert won(result, "category") == ("cafe", "low:1")
    assert [lost.value for lost in result.conflicts] == ["hospital"]


def pin(field: str, value: Any, *, at: float = 0, number: int = 1) -> SourceRecord:
    decision = Decision("pin", day(at), "asha", "seen", ref="good:1", field=field, value=value)
    target = record("good:1", name="A", price_for_two=900, price_currency="INR")
    return pin_record(number, decision, target, pinned_values(decision, target))


def test_what_a_curator_pinned_wins_and_the_rest_is_a_conflict() -> None:
    result = merged(record("good:1", name="A", beds=5), pin("beds", 7, at=-20))
    assert won(result, "beds") == (7, "curators:pin-1")
    assert [(lost.value, lost.record) for lost in result.conflicts] == [(5, "good:1")]
    assert result.winner.ref == "good:1"
    later = merged(record("good:1", name="A", beds=5), pin("beds", 7), pin("beds", 8, at=1, number=2))
    assert won(later, "beds") == (8, "curators:pin-2")


def test_pinned_lists_stand_alone_and_pinned_values_bring_what_belongs_to_them() -> None:
    listed = merged(record("good:1", name="A", cuisine=["Thai"]), pin("cuisine", ["Goan"]))
    assert won(listed, "cuisine") == (["Goan"], "curators:pin-1")
    placed = merged(record("good:1", name="A", lat=12.9, lon=77.5), pin("position", [13.0, 77.6]))
    assert (won(placed, "lat"), won(placed, "lon")) == ((13.0, "curators:pin-1"), (77.6, "curators:pin-1"))
    priced = merged(record("good:1", name="A", price_for_two=900, price_currency="INR"), pin("price_for_two", 700))
    assert won(priced, "price_currency") == ("INR", "curators:pin-1")


def firm(ref: str, **more: Any) -> SourceRecord:
    return record(ref, "organization", data={"name": "Alder", **more})


def test_two_spellings_of_one_city_are_no_conflict() -> None:
    result = merged(firm("good:1", city="Bengaluru"), firm("mid:1", city="Bangalore"), firm("low:1", city="बेंगलुरु"))
    assert won(result, "city") == ("Bengaluru", "good:1"), "as the winning source wrote it"
    assert result.conflicts == ()
    assert (result.city, result.towns) == ("bangalore", ("bangalore",))


def test_surroundings_contradict_no_town_of_theirs() -> None:
    result = merged(firm("good:1", city="Delhi NCR"), firm("low:1", city="Gurgaon"))
    assert won(result, "city") == ("Gurgaon", "low:1")
    assert result.conflicts == ()
    other = merged(firm("good:1", city="Delhi NCR"), firm("low:1", city="Pune"))
    assert [(lost.field, lost.value) for lost in other.conflicts] == [("city", "Pune")]


def test_a_firm_is_of_every_city_and_sector_that_it_names() -> None:
    result = merged(
        firm("good:1", city="Pune / Seattle", sectors=["Fin-Tech", "Falconry"]), firm("low:1", sectors=["E-Commerce"])
    )
    assert result.towns == ("pune", "seattle")
    assert result.sectors == ("fintech", "retail")
    assert (result.city, result.sector) == ("pune", "fintech")


def test_an_amount_brings_its_currency_and_its_words() -> None:
    said = [
        record("good:1", "funding", date="2024-01-01", amount="₹4.5 crore"),
        record("low:1", "funding", date="2024-01-01", amount="~$600K"),
    ]
    result = merged(*said)
    assert [result.value(f) for f in ("amount", "currency", "amount_text", "amount_approximate")] == [
        45_000_000, "INR", "₹4.5 crore", None,
    ]  # fmt: skip


TOWNS = [
    "Delhi",
    "New Delhi",
    "Delhi NCR",
    "Gurgaon",
    "Gurugram / Noida",
    "Pune",
    "Pune / Seattle",
    "Pune, US",
    "—",
    "US",
]


@given(st.lists(st.sampled_from(TOWNS), min_size=1, max_size=5))
def test_whatever_cities_are_said_one_wins(cities: list[str]) -> None:
    result = merge(
        [StoredRecord(firm(f"mid:{at}", city=city), at, "h", NOW, "e") for at, city in enumerate(cities)],
        POLICIES,
        NOW,
    )
    assert result.value("city") in cities


@given(st.sampled_from(TOWNS), st.sampled_from(TOWNS))
def test_nothing_is_more_exact_than_what_is_more_exact(one: str, other: str) -> None:
    assert not (refines("city", one, other) and refines("city", other, one))
