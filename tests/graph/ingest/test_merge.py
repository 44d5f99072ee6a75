"""Golden values: which record wins, what stands together, what is kept as a conflict."""

from itertools import permutations
from typing import Any

from graph.ingest.merge import Merged, merge
from ibcm.domain.ledger import StoredRecord
from ibcm.domain.policy import FieldPolicy, SourcePolicy
from ibcm.domain.records import SourceRecord
from tests.builders import NOW, OPEN, record

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
