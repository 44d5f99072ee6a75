"""Every verb takes effect in the graph, and every one can be taken back."""

from typing import Any

import pytest

from ibcm.curation import queue, services
from ibcm.curation.queue import Filter
from ibcm.domain.errors import IbcmError
from ibcm.domain.graph import Projection
from ibcm.records.models import Decision, Pair
from tests.builders import record, tombstone
from tests.ibcm.curation.conftest import AT, RAJ, Settle, TakeIn, entity_of
from tests.ibcm.sources.conftest import Stores

pytestmark = pytest.mark.django_db


def place(stores: Stores, ref: str) -> Projection:
    return stores.graph.nodes["Place", entity_of(ref)]


def test_a_pair_that_might_be_one_waits(pair: tuple[str, str]) -> None:
    assert [queue.key_of(waiting) for waiting in queue.waiting()] == ["osm:1|osm:2"]
    assert entity_of("osm:1") != entity_of("osm:2")


def test_same_joins_and_is_taken_back(pair: tuple[str, str], stores: Stores, settled: Settle) -> None:
    done = services.decide_pair(*pair, same=True, by="asha", reason="I was there")
    settled()
    assert entity_of("osm:1") == entity_of("osm:2")
    assert not queue.waiting().exists()
    assert stores.graph.named("Dr. Mukhis Raj Hospital").id == entity_of("osm:2")
    services.undo(done.numbers[0], by="asha")
    settled()
    assert entity_of("osm:1") != entity_of("osm:2")
    assert {stores.graph.named(name).id for name in ("Dr. Mukhis Raj Hospital", "Raj Hospital")} == {
        entity_of("osm:1"),
        entity_of("osm:2"),
    }
    assert queue.waiting().count() == 1
    row = Decision.objects.get()
    assert (row.by, row.reason, row.undone_by) == ("asha", "I was there", "asha")


def test_different_leaves_the_queue_and_stays_apart(pair: tuple[str, str], taken_in: TakeIn, settled: Settle) -> None:
    services.decide_pair(*pair, same=False, by="asha")
    settled()
    assert not queue.waiting().exists()
    taken_in(record("osm:2", name="Dr. Mukhis Raj Hospital", at=0, **RAJ, **AT))
    assert entity_of("osm:1") != entity_of("osm:2")
    assert not queue.waiting().exists()


def test_a_decision_about_what_is_gone_says_so(pair: tuple[str, str], taken_in: TakeIn) -> None:
    taken_in(tombstone("osm:2"))
    with pytest.raises(IbcmError, match=r"nothing to decide about osm:2.*took it back"):
        services.decide_pair(*pair, same=True, by="asha")
    assert not Decision.objects.exists()


def test_a_decision_outlives_what_it_is_about(pair: tuple[str, str], taken_in: TakeIn, settled: Settle) -> None:
    services.decide_pair(*pair, same=True, by="asha")
    settled()
    taken_in(tombstone("osm:2", at=1))
    taken_in(record("osm:2", name="Raj Hospital", at=2, **RAJ, **AT))
    assert entity_of("osm:1") == entity_of("osm:2")


def test_many_at_once_are_looked_at_decided_and_taken_back(pair: tuple[str, str], settled: Settle) -> None:
    keys = ["osm:1|osm:2", "osm:8|osm:9"]
    found = services.preview_bulk(keys)
    assert ([queue.key_of(one) for one in found.pairs], found.stale, found.entities) == (["osm:1|osm:2"], 1, 2)
    assert not Decision.objects.exists()
    done = services.decide_many(keys, same=True, by="asha")
    settled()
    assert entity_of("osm:1") == entity_of("osm:2")
    with pytest.raises(IbcmError, match="none of the chosen pairs is open"):
        services.decide_many(keys, same=True, by="asha")
    services.undo_group(done.group, by="asha")
    settled()
    assert entity_of("osm:1") != entity_of("osm:2")
    with pytest.raises(IbcmError, match="nothing left to take back"):
        services.undo_group(done.group, by="asha")


def test_an_entity_is_split(taken_in: TakeIn, stores: Stores, settled: Settle) -> None:
    twice: dict[str, Any] = {"name": "Care Hospital", "address": "Road No. 1, Banjara Hills", "phone": "+914030418888"}
    taken_in(*(record(f"osm:{n}", **twice, **RAJ, **AT) for n in (1, 2, 3)))
    whole = entity_of("osm:1")
    assert {entity_of("osm:2"), entity_of("osm:3")} == {whole}
    for wrong in ([], ["osm:1", "osm:2", "osm:3"], ["osm:9"]):
        with pytest.raises(IbcmError, match=r"choose (some|anew)|look at it again"):
            services.split(whole, wrong, by="asha")
    done = services.split(whole, ["osm:3"], by="asha", reason="another branch")
    settled()
    assert entity_of("osm:1") == entity_of("osm:2") != entity_of("osm:3")
    assert len([node for node in stores.graph.nodes.values() if node.label == "Place"]) == 2
    services.undo_many(done.numbers, by="asha")
    settled()
    assert entity_of("osm:3") == entity_of("osm:1")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("phone", "+91 80 4000 0000", "+918040000000"),
        ("price_for_two", "450", 450),
        ("cuisine", "south_indian, cafe", ["cafe", "south_indian"]),
        ("name", "Café Azul", "Café Azul"),
    ],
)
def test_a_pin_wins(
    pair: tuple[str, str], stores: Stores, settled: Settle, name: str, text: str, expected: object
) -> None:
    done = services.pin("osm:3", name, text, by="asha", reason="asked them")
    settled()
    node = place(stores, "osm:3")
    found = node.properties[name]
    assert (sorted(found) if isinstance(found, list) else found) == expected
    assert f"curators:pin-{done.numbers[0]}" in {said.ref for said in node.records}
    services.undo(done.numbers[0], by="asha")
    settled()
    again = place(stores, "osm:3").properties
    assert again["name"] == "Cafe Azul"
    assert again.get("phone") == "+918012345678"
    assert "price_for_two" not in again


def test_a_second_pin_takes_the_place_of_the_first(pair: tuple[str, str], stores: Stores, settled: Settle) -> None:
    services.pin("osm:3", "phone", "+918040000000", by="asha", reason="asked")
    services.pin("osm:3", "phone", "+918041111111", by="ravi", reason="asked again")
    settled()
    assert place(stores, "osm:3").properties["phone"] == "+918041111111"
    assert list(Decision.objects.order_by("pk").values_list("undone_by", flat=True)) == ["ravi", ""]


@pytest.mark.parametrize(
    ("name", "text", "reason", "sentence"),
    [
        ("phone", "+918040000000", " ", "say why"),
        ("", "x", "r", "name a field"),
        ("price_for_two", "cheap", "r", r"'cheap' is no price_for_two of a place"),
        ("position", "north", "r", r"no position: write latitude, longitude"),
        ("position", "77.59, 512.9", "r", r"not on the earth"),
    ],
)
def test_what_cannot_be_pinned_is_told(pair: tuple[str, str], name: str, text: str, reason: str, sentence: str) -> None:
    with pytest.raises(IbcmError, match=sentence):
        services.pin("osm:3", name, text, by="asha", reason=reason)
    assert not Decision.objects.exists()


def test_a_hidden_value_is_gone_until_it_is_shown_again(
    pair: tuple[str, str], stores: Stores, taken_in: TakeIn, settled: Settle
) -> None:
    done = services.hide("osm:3", "phone", by="asha", reason="private")
    settled()
    assert "phone" not in place(stores, "osm:3").properties
    taken_in(record("osm:3", name="Cafe Azul", at=1, category="cafe", phone="+918012345678", **AT))
    assert "phone" not in place(stores, "osm:3").properties
    services.undo(done.numbers[0], by="asha")
    settled()
    assert place(stores, "osm:3").properties["phone"] == "+918012345678"


def test_what_cannot_be_hidden_is_told(pair: tuple[str, str]) -> None:
    for name, sentence in (("name", "needs a name"), ("beds", "says nothing under beds")):
        with pytest.raises(IbcmError, match=sentence):
            services.hide("osm:3", name, by="asha")


def test_filters(pair: tuple[str, str]) -> None:
    likely = Pair.objects.get(together=False).probability
    for chosen in (
        Filter(label="Place"),
        Filter(city="mumbai"),
        Filter(source="osm"),
        Filter(least=likely - 0.01),
        Filter(words="mukhis"),
    ):
        assert queue.waiting(chosen).count() == 1, chosen
    for chosen in (
        Filter(label="Stop"),
        Filter(city="pune"),
        Filter(source="gtfs"),
        Filter(least=likely + 0.01),
        Filter(words="zebra"),
    ):
        assert not queue.waiting(chosen).exists(), chosen


def test_a_filter_of_nonsense_is_no_filter() -> None:
    assert Filter.of({"least": "many", "q": "  "}) == Filter()


@pytest.mark.parametrize("same", [True, False])
def test_a_place_and_an_organization_are_two_things_without_a_decision(taken_in: TakeIn, same: bool) -> None:
    taken_in(record("osm:1", name="Azul", **AT), record("osm:2", "organization", name="Azul"))
    with pytest.raises(IbcmError, match="osm:1 is about one Place and osm:2 about one Organization"):
        services.decide_pair("osm:1", "osm:2", same=same, by="asha")
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("position", "says"),
    [
        ("72.9476, 19.1758", "the other way round it is near"),
        ("51.5, -0.1", r"7,\d+ km from where its sources"),
        ("91, 19", "is not on the earth"),
    ],
)
def test_a_position_far_from_what_sources_say_is_asked_about(pair: tuple[str, str], position: str, says: str) -> None:
    with pytest.raises(IbcmError, match=says):
        services.pin("osm:3", "position", position, by="asha", reason="asked")
    assert not Decision.objects.exists()


def test_whoever_is_sure_pins_a_position_far_away(pair: tuple[str, str], stores: Stores, settled: Settle) -> None:
    services.pin("osm:3", "position", "51.5, -0.1", by="asha", reason="it moved", sure=True)
    settled()
    assert place(stores, "osm:3").properties["lat"] == 51.5


def test_without_a_position_the_city_tells_what_is_far(taken_in: TakeIn) -> None:
    taken_in(record("osm:1", name="Azul", city="mumbai"), record("osm:2", name="Verde"))
    with pytest.raises(services.UnlikelyError, match="or its city place it"):
        services.pin("osm:1", "position", "12.9, 77.6", by="asha", reason="asked")
    services.pin("osm:2", "position", "12.9, 77.6", by="asha", reason="nobody knows otherwise")
