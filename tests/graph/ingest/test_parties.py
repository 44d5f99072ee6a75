"""Names that rounds write become links, while they mean one organization, and are told as written while they do not."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibcm.domain.records import SourceRecord
from tests.builders import record, tombstone
from tests.graph.ingest.walk import World

QUILL = record("gov:q", "organization", name="Quillpay Private Limited", aliases=["Quill"])
FUND = record("gov:f", "organization", name="Fernhill Fund")


def a_round(ref: str = "osm:r", **data: Any) -> SourceRecord:
    links = data.pop("links", [])
    return record(ref, "funding", data={"date": "2024-03-10", "amount": 5, "currency": "USD", **data}, links=links)


def parties(world: World, ref: str = "osm:r") -> tuple[list[str], list[str], Any, Any]:
    """Records of who raised it and of who invested, then the names that lead nowhere."""
    node = world.graph.nodes["Funding", world.entity(ref)]
    refs = {world.entity(stored.ref): stored.ref for stored in world.ledger.all_records()}
    raised, invested = (
        [refs[edge.target_id] for edge in node.edges if edge.type == kind] for kind in ("RAISED_BY", "INVESTED_BY")
    )
    written = node.properties
    return raised, sorted(invested), written.get("company_as_written"), written.get("investors_as_written")


def test_a_written_name_is_a_link_with_the_record_that_writes_it_as_its_source() -> None:
    world = World().take(a_round(company="QUILLPAY PVT. LTD.", investors=["Fernhill Fund", "Zed & Sons"]), QUILL, FUND)
    assert parties(world) == (["gov:q"], ["gov:f"], None, ["Zed & Sons"])
    (edge,) = (one for one in world.graph.nodes["Funding", world.entity("osm:r")].edges if one.type == "RAISED_BY")
    assert (edge.record, edge.properties) == ("osm:r", {"written": "QUILLPAY PVT. LTD."})


@pytest.mark.parametrize(
    "written", ["Quillpay", "quillpay pvt ltd", "Quill", "The Quillpay Company", "Quillpay (formerly Zedpay)"]
)
def test_every_name_of_an_organization_means_it(written: str) -> None:
    assert parties(World().take(QUILL, a_round(company=written)))[0] == ["gov:q"]


@pytest.mark.parametrize("written", ["Quillpays", "Quill Pay", "Quillpay Technologies", "Quillpay Finance"])
def test_what_is_not_the_name_is_not_linked(written: str) -> None:
    assert parties(World().take(QUILL, a_round(company=written))) == ([], [], written, None)


def test_an_organization_that_arrives_is_renamed_or_goes_changes_the_links() -> None:
    world = World().take(a_round(company="Quillpay"))
    assert parties(world)[2] == "Quillpay"
    world.take(QUILL)
    assert parties(world) == (["gov:q"], [], None, None)
    world.take(record("gov:q", "organization", at=0, name="Inkpay"))
    assert parties(world)[2] == "Quillpay"
    world.take(record("gov:q", "organization", at=1, name="Quillpay"))
    assert parties(world)[0] == ["gov:q"]
    world.take(record("gov:q", "place", at=2, name="Quillpay"))
    assert parties(world)[2] == "Quillpay"
    world.take(record("gov:q", "organization", at=3, name="Quillpay"), tombstone("gov:q", "organization", at=4))
    assert parties(world) == ([], [], "Quillpay", None)
    world.assert_projected()


def test_a_name_of_two_links_to_neither_until_one_is_left() -> None:
    namesake = record("list:n", "organization", name="Quillpay", city="Chennai", website="other.example")
    world = World().take(
        record("gov:q", "organization", name="Quillpay", city="Pune", website="a.example"), a_round(company="Quillpay")
    )
    assert parties(world)[0] == ["gov:q"]
    world.take(namesake)
    assert world.entity("gov:q") != world.entity("list:n")
    assert parties(world)[2] == "Quillpay"
    world.take(tombstone("list:n", "organization", at=2))
    assert parties(world)[0] == ["gov:q"]
    world.assert_projected()


def test_a_link_by_id_goes_before_a_name() -> None:
    linked = a_round(company="Fernhill Fund", links=[{"rel": "raised_by", "source": "gov", "key": "q"}])
    world = World().take(QUILL, FUND, linked)
    assert parties(world) == (["gov:q"], [], None, None)
    world.take(tombstone("gov:q", "organization", at=1))
    assert parties(world)[0] == ["gov:f"], "the name is what is left"


def test_names_beside_as_many_links_are_the_same_investors() -> None:
    links = [{"rel": "invested_by", "source": "gov", "key": "f"}]
    assert parties(World().take(FUND, a_round(investors=["Fernhill"], links=links)))[1:] == (["gov:f"], None, None)
    more = a_round(investors=["Fernhill Fund", "Zed"], links=links)
    assert parties(World().take(FUND, more))[1:] == (["gov:f"], None, ["Zed"])


def test_one_round_told_by_a_link_and_by_a_name_is_one() -> None:
    linked = a_round("osm:r", round="Seed", links=[{"rel": "raised_by", "source": "gov", "key": "q"}])
    named = a_round("list:r", round="Seed", company="Quill", date="2024-03-12")
    for order in ((QUILL, linked, named), (named, linked, QUILL), (linked, QUILL, named)):
        world = World()
        for one in order:
            world.take(one)
        assert world.entity("osm:r") == world.entity("list:r")
        world.take(tombstone("gov:q", "organization", at=1))
        assert world.entity("osm:r") != world.entity("list:r"), "nothing says any more that they are of one firm"
        world.assert_projected()


def test_one_round_under_two_names_of_a_firm_is_asked_about_while_it_bears_them() -> None:
    one, other = a_round("osm:r", company="Quillpay"), a_round("list:r", company="Quill", amount=5.2)
    world = World().take(one, other, QUILL)
    assert world.ledger.undecided(["osm:r", "list:r"]) == {("list:r", "osm:r")}
    world.take(record("gov:q", "organization", at=0, name="Quillpay"))
    assert world.ledger.undecided(["osm:r", "list:r"]) == set()
    world.take(record("gov:q", "organization", at=1, name="Quillpay", aliases=["Quill"], description="Ink."))
    assert world.ledger.undecided(["osm:r", "list:r"]) == {("list:r", "osm:r")}


_NAMES = ["Quillpay", "QUILLPAY Pvt Ltd", "Inkpay", "Inkpay / Quillpay", "Fernhill & Co", "Z" * 90]


@st.composite
def _one(draw: st.DrawFn) -> SourceRecord:
    source, number, at = draw(st.sampled_from(("gov", "list", "osm"))), draw(st.integers(0, 2)), draw(st.integers(0, 3))
    kind = draw(st.sampled_from(["organization", "organization", "funding", "place"]))
    # An organization may become a place under its key, and comes back.
    ref = f"{source}:{'f' if kind == 'funding' else 'o'}{number}"
    if draw(st.integers(0, 5)) == 0:
        return tombstone(ref, kind, at=at)
    name = st.sampled_from(_NAMES)
    if kind != "funding":
        return record(ref, kind, at=at, name=draw(name), aliases=draw(st.lists(name, max_size=1)))
    links = st.lists(
        st.builds(
            lambda rel, source, number: {"rel": rel, "source": source, "key": f"o{number}"},
            st.sampled_from(["raised_by", "invested_by"]),
            st.sampled_from(["gov", "list"]),
            st.integers(0, 2),
        ),
        max_size=2,
    )
    said = {"date": draw(st.sampled_from(["2024-03-10", "2024-03-12"])), "amount": draw(st.sampled_from([5, 9]))}
    said |= {"company": draw(name), "investors": draw(st.lists(name, max_size=2))}
    return record(ref, "funding", at=at, data=said, links=draw(links))


@given(st.lists(_one(), min_size=3, max_size=24), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_in_any_order_it_ends_as_if_computed_from_scratch(records: list[SourceRecord], dice: random.Random) -> None:
    straight, shuffled = World().take(*records), World()
    straight.assert_projected()
    waiting = list(records)
    dice.shuffle(waiting)
    while waiting:
        shuffled.stage(*(waiting.pop() for _ in range(min(len(waiting), dice.randint(1, 4)))))
        if dice.random() < 0.6:
            shuffled.assign(batch=dice.choice([1, 2, 500]))
        if dice.random() < 0.5:
            shuffled.project(batch=dice.choice([1, 200]))
    shuffled.assign()
    shuffled.project()
    shuffled.assert_projected()
    assert shuffled.canonical() == straight.canonical()
    assert shuffled.ledger.findings() == straight.ledger.findings()
