"""What every Ledger does. An implementation inherits `LedgerContract` and gives the fixture `ledger`, empty."""

from collections.abc import Sequence
from itertools import permutations
from typing import Literal

import pytest

from ibcm.domain.decisions import Decision, Verdict
from ibcm.domain.errors import IbcmError
from ibcm.domain.ledger import Assignments, DirtyEntity, Ledger, PairFinding, Remark, StageCounts, StoredRecord, Why
from ibcm.domain.policy import FieldPolicy
from ibcm.domain.records import SourceRecord
from tests.builders import NOW, OPEN, day, record, tombstone
from tests.raising import raises


def put(ledger: Ledger, *records: SourceRecord) -> StageCounts:
    return ledger.stage(records, now=NOW)


def assign(ledger: Ledger, entity_of: dict[str, str], *, label: str = "Place", **more: object) -> None:
    """Assign as the assigner does: every ref was staged, each has a key of its own; `more` overrides."""
    keys = {ref: [f"key|{ref}"] for ref in entity_of}
    ledger.assign(Assignments(**{"label": label, "entity_of": entity_of, "keys_of": keys, **more}))  # type: ignore[arg-type] # mixed values


def project(ledger: Ledger) -> list[str]:
    """Claim and clear everything; returns the ids in order."""
    done = ledger.claim_dirty(limit=100)
    ledger.clear(done)
    return [entity.id for entity in done]


def refs(records: Sequence[StoredRecord]) -> list[str]:
    return [stored.ref for stored in records]


class StagingContract:
    def test_policies_are_kept_by_slug(self, ledger: Ledger) -> None:
        ledger.save_policy("osm", OPEN)
        ledger.save_policy("osm", OPEN.model_copy(update={"trust": 0.9}))
        assert ledger.policies()["osm"].trust == 0.9

    def test_counts_say_what_staging_did(self, ledger: Ledger) -> None:
        assert put(ledger, record("osm:1", name="Cafe"), record("osm:2", name="Bar")) == StageCounts(new=2)
        again = put(ledger, record("osm:1", name="Cafe"), record("osm:2", name="Bar & Grill", at=0))
        assert again == StageCounts(changed=1, unchanged=1)

    def test_staged_records_come_in_order_and_by_label(self, ledger: Ledger) -> None:
        put(ledger, record("osm:b", name="B"), record("osm:a", name="A"), record("osm:o", "organization", name="O"))
        assert refs(ledger.staged("Place", limit=10)) == ["osm:a", "osm:b"]
        assert refs(ledger.staged("Place", limit=1)) == ["osm:a"]
        assert refs(ledger.staged("Organization", limit=10)) == ["osm:o"]

    def test_reviews_wait_for_assignment_and_observations_do_not(self, ledger: Ledger) -> None:
        put(ledger, record("x:r", "review", text="Good."), record("x:o", "observation", what="weather"))
        assert refs(ledger.staged("Review", limit=10)) == ["x:r"]
        assert set(ledger.citable(["x:o", "x:r"], now=NOW)) == {"x:o", "x:r"}

    def test_a_record_comes_back_as_it_was_given(self, ledger: Ledger) -> None:
        given = record(
            "osm:1",
            name="Cafe",
            lat=12.5,
            lon=77.5,
            links=[{"rel": "at", "key": "2"}],
            valid_from="2026-01-02",
            city="x",
        )
        put(ledger, given)
        (stored,) = ledger.staged("Place", limit=1)
        assert stored.record.model_dump() == given.model_dump()
        assert stored.last_seen == NOW
        assert stored.entity == ""

    def test_sequences_grow_with_new_refs_only(self, ledger: Ledger) -> None:
        put(ledger, record("osm:b", name="B"))
        put(ledger, record("osm:a", name="A"), record("osm:b", name="B2", at=0))
        first, second = ledger.staged("Place", limit=2)
        assert (first.ref, second.ref) == ("osm:a", "osm:b")
        assert second.sequence < first.sequence

    def test_an_older_version_changes_nothing(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="New", at=-1))
        assert put(ledger, record("osm:1", name="Old", at=-2)).changed == 0
        assert ledger.citable(["osm:1"], now=NOW)["osm:1"].record.data["name"] == "New"

    @pytest.mark.parametrize("turned", [False, True])
    def test_of_two_contents_read_at_one_time_the_same_wins_in_any_order(self, ledger: Ledger, turned: bool) -> None:
        both = [record("osm:1", name="One"), record("osm:1", name="Other")]
        for one in reversed(both) if turned else both:
            put(ledger, one)
        winner = ledger.citable(["osm:1"], now=NOW)["osm:1"]
        assert winner.hash == max(_hash(ledger, one) for one in both)

    @pytest.mark.parametrize("turned", [False, True])
    @pytest.mark.parametrize("together", [False, True])
    def test_of_two_contents_read_at_one_time_it_is_told_which_holds(
        self, ledger: Ledger, turned: bool, together: bool
    ) -> None:
        said = [record("osm:1", name="A"), record("osm:2", name="C"), record("osm:1", name="B")]
        said = said[::-1] if turned else said
        told = put(ledger, *said) if together else sum((put(ledger, one) for one in said), StageCounts())
        kept = ledger.citable(["osm:1"], now=NOW)["osm:1"].record
        why = Why.WON_TIE if kept == said[2] else Why.LOST_TIE
        assert told == StageCounts(new=2, remarks=(Remark(2 if together else 0, why),))

    def test_content_that_is_older_than_what_is_held_is_told(self, ledger: Ledger) -> None:
        told = put(ledger, record("osm:1", name="A"), record("osm:1", name="B", at=-3), record("osm:1", name="C", at=0))
        assert told == StageCounts(new=1, changed=1, remarks=(Remark(1, Why.OLDER),))

    @pytest.mark.parametrize("turned", [False, True])
    def test_the_same_content_read_later_is_as_fresh_in_any_order(self, ledger: Ledger, turned: bool) -> None:
        both = [record("osm:1", name="Same", at=-5), record("osm:1", name="Same", at=-1)]
        for one in reversed(both) if turned else both:
            put(ledger, one)
        assert ledger.citable(["osm:1"], now=NOW)["osm:1"].record.retrieved_at == day(-1)

    def test_content_that_returns_later_is_current_again(self, ledger: Ledger) -> None:
        put(
            ledger, record("osm:1", name="A", at=-3), record("osm:1", name="B", at=-2), record("osm:1", name="A", at=-1)
        )
        assert ledger.citable(["osm:1"], now=NOW)["osm:1"].record.data["name"] == "A"

    def test_an_unchanged_read_waits_for_nothing(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"))
        assign(ledger, {"osm:1": "e1"})
        assert project(ledger) == ["e1"]
        put(ledger, record("osm:1", name="A"))
        assert ledger.staged("Place", limit=10) == []
        assert ledger.claim_dirty(limit=10) == []

    @pytest.mark.parametrize("clocks", [{"at": 0}, {"expires_at": day(9).isoformat()}], ids=["read", "expiry"])
    def test_moved_clocks_project_without_assigning(self, ledger: Ledger, clocks: dict[str, object]) -> None:
        put(ledger, record("osm:1", name="A", expires_at=day(5).isoformat()))
        assign(ledger, {"osm:1": "e1"})
        project(ledger)
        put(ledger, record("osm:1", name="A", **{"expires_at": day(5).isoformat(), **clocks}))  # type: ignore[arg-type] # at is a number
        assert ledger.staged("Place", limit=10) == []
        assert project(ledger) == ["e1"]


class DeletionContract:
    def test_a_tombstone_is_staged_with_the_entity_it_leaves(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"))
        before = ledger.staged("Place", limit=1)[0]
        assign(ledger, {"osm:1": "e1"})
        put(ledger, tombstone("osm:1"))
        (stored,) = ledger.staged("Place", limit=10)
        assert stored.record.deleted
        assert stored.entity == "e1"
        assert stored.hash != before.hash
        assert ledger.citable(["osm:1"], now=NOW) == {}
        assert ledger.in_entities(["e1"]) == {}

    def test_a_tombstone_beats_what_was_read_before_it_in_any_order(self, ledger: Ledger) -> None:
        put(ledger, tombstone("osm:1", at=-1), record("osm:1", name="A", at=-2))
        assert ledger.citable(["osm:1"], now=NOW) == {}
        put(ledger, record("osm:1", name="A", at=0))
        assert "osm:1" in ledger.citable(["osm:1"], now=NOW)

    def test_a_tombstone_without_the_right_kind_still_finds_the_record(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", "organization", name="A"))
        assign(ledger, {"osm:1": "e1"}, label="Organization")
        put(ledger, tombstone("osm:1", "place"))
        assert refs(ledger.staged("Organization", limit=10)) == ["osm:1"]

    def test_absence_deletes_what_a_complete_listing_left_out(self, ledger: Ledger) -> None:
        put(
            ledger,
            record("osm:1", name="A", city="pune"),
            record("osm:2", name="B", city="delhi"),
            record("x:1", name="C"),
        )
        ledger.stage([record("osm:1", name="A", city="pune")], now=day(1))
        assert ledger.stage_absent("osm", seen_since=day(1), city="pune") == 0
        assert ledger.stage_absent("osm", seen_since=day(1)) == 1
        assert set(ledger.citable(["osm:1", "osm:2", "x:1"], now=NOW)) == {"osm:1", "x:1"}
        assert ledger.stage_absent("osm", seen_since=day(1)) == 0

    def test_what_was_absent_lives_again_when_it_is_listed_again(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"))
        assign(ledger, {"osm:1": "e1"})
        ledger.stage_absent("osm", seen_since=day(1))
        assert ledger.stage([record("osm:1", name="A")], now=day(2)) == StageCounts(changed=1)
        assert ledger.citable(["osm:1"], now=NOW)["osm:1"].record.data == {"name": "A"}
        assert refs(ledger.staged("Place", limit=1)) == ["osm:1"]

    def test_expiry_deletes_and_a_later_expiry_brings_back(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A", expires_at=day(1).isoformat()), record("osm:2", name="B"))
        assert ledger.expire(now=NOW) == 0
        assert set(ledger.citable(["osm:1", "osm:2"], now=day(1))) == {"osm:2"}
        before = ledger.staged("Place", limit=1)[0].hash
        assert ledger.expire(now=day(1)) == 1
        assert ledger.expire(now=day(1)) == 0
        gone = ledger.staged("Place", limit=1)[0]
        assert gone.record.deleted
        assert gone.hash != before
        ledger.stage([record("osm:1", name="A", expires_at=day(1).isoformat())], now=day(2))
        assert ledger.citable(["osm:1"], now=NOW) == {}
        ledger.stage([record("osm:1", name="A", at=2, expires_at=day(4).isoformat())], now=day(2))
        assert "osm:1" in ledger.citable(["osm:1"], now=day(2))

    def test_what_time_alone_has_changed_is_staged_again_once(self, ledger: Ledger) -> None:
        put(
            ledger,
            record("osm:1", name="A", valid_from=day(1).isoformat(), valid_to=day(2).isoformat()),
            record("osm:2", name="B", valid_to=day(-1).isoformat()),
            record("osm:3", name="C"),
            record("osm:4", name="D", valid_to=day(1).isoformat()),
        )
        assign(ledger, {f"osm:{n}": f"e{n}" for n in range(1, 5)})
        put(ledger, tombstone("osm:4", at=0))
        assign(ledger, {}, gone=["osm:4"], keys_of={"osm:4": []})
        assert ledger.turn(now=NOW) == 0
        for moment in (day(1), day(3)):
            ledger.turn(now=moment)
            assert refs(ledger.staged("Place", limit=9)) == ["osm:1"]
            assign(ledger, {"osm:1": "e1"})
            assert ledger.turn(now=moment) == 0
            assert ledger.staged("Place", limit=9) == []

    def test_what_is_over_when_it_arrives_leaves_nothing(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="Old", at=-3), record("osm:1", name="New", expires_at=day(-0.5).isoformat()))
        (gone,) = ledger.staged("Place", limit=9)
        assert (gone.record.deleted, gone.record.data) == (True, {})
        assert ledger.expire(now=NOW) == 0
        assert ledger.citable(["osm:1"], now=NOW) == {}

    def test_a_clock_that_goes_back_brings_nothing_back(self, ledger: Ledger) -> None:
        said = record("osm:1", name="A", expires_at=day(1).isoformat())
        put(ledger, said)
        assert ledger.expire(now=day(1)) == 1
        assert ledger.stage([said], now=NOW) == StageCounts(unchanged=1)
        assert ledger.citable(["osm:1"], now=day(-5)) == {}
        ledger.stage([record("osm:1", name="A", at=0, expires_at=day(2).isoformat())], now=NOW)
        assert "osm:1" in ledger.citable(["osm:1"], now=NOW), "the source said it anew"

    def test_values_whose_own_time_is_over_are_not_taken(self, ledger: Ledger) -> None:
        ledger.save_policy("osm", OPEN.model_copy(update={"fields": {"phone": FieldPolicy(retention_days=5)}}))
        old = record("osm:1", name="A", phone="+912012345678", at=-9)
        put(ledger, old)
        assert ledger.citable(["osm:1"], now=NOW)["osm:1"].record.data == {"name": "A"}
        assert put(ledger, old) == StageCounts(unchanged=1)
        put(ledger, record("osm:1", name="A", phone="+912012345678", at=-1))
        assert "phone" in ledger.citable(["osm:1"], now=NOW)["osm:1"].record.data, "read again, it counts from then"

    def test_a_tombstone_says_nothing(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:1", name="secret", at=0, deleted=True))
        assert "secret" not in str(ledger.staged("Place", limit=9))

    def test_all_records_are_the_living_ones_in_order(self, ledger: Ledger) -> None:
        put(ledger, record("osm:b", name="B"), record("osm:a", name="A"), record("osm:c", name="C"), tombstone("osm:c"))
        assert refs(list(ledger.all_records())) == ["osm:a", "osm:b"]


class ForgettingContract:
    def test_what_is_forgotten_is_gone_and_staged_first(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="B"), record("osm:0", name="C"))
        assign(ledger, {"osm:1": "e1", "osm:2": "e2"})
        assert ledger.forget(["osm:1", "osm:9"], now=NOW) == 1
        assert ledger.forget(["osm:1"], now=day(1)) == 0
        first = ledger.staged("Place", limit=9)[0]
        assert (first.ref, first.record.deleted, first.record.data, first.entity) == ("osm:1", True, {}, "e1")
        assert set(ledger.citable(["osm:1", "osm:2"], now=NOW)) == {"osm:2"}
        assert refs(list(ledger.all_records())) == ["osm:0", "osm:2"]

    @pytest.mark.parametrize("at", [-9, -1, 0, 30])
    def test_the_same_content_does_not_come_back_whenever_it_was_read(self, ledger: Ledger, at: float) -> None:
        put(ledger, record("osm:1", name="A"))
        ledger.forget(["osm:1"], now=NOW)
        told = put(ledger, record("osm:1", name="A", at=at))
        assert told == StageCounts(remarks=(Remark(0, Why.FORGOTTEN),))
        assert ledger.citable(["osm:1"], now=NOW) == {}

    def test_what_was_forgotten_stays_away_whatever_is_read_in_between(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A", at=-3), record("osm:1", name="B", at=-2), record("osm:1", name="C"))
        ledger.forget(["osm:1"], now=NOW)
        put(ledger, record("osm:1", name="D", at=1))
        ledger.forget(["osm:1"], now=day(2))
        put(ledger, record("osm:1", name="E", at=3))
        for number, name in enumerate("ABCD"):
            assert put(ledger, record("osm:1", name=name, at=2.5)) == StageCounts(remarks=(Remark(0, Why.FORGOTTEN),))
            assert ledger.citable(["osm:1"], now=NOW)["osm:1"].record.data == {"name": "E"}
            put(ledger, record("osm:1", name=name, at=4 + 2 * number))
            assert ledger.citable(["osm:1"], now=NOW) == {}, "its source says what was forgotten, and nothing else"
            put(ledger, record("osm:1", name="E", at=5 + 2 * number))
            assert ledger.citable(["osm:1"], now=NOW)["osm:1"].record.data == {"name": "E"}

    @pytest.mark.parametrize("order", list(permutations(range(4))))
    def test_after_a_forgetting_order_does_not_matter(self, ledger: Ledger, order: Sequence[int]) -> None:
        put(ledger, record("osm:1", name="A"))
        ledger.forget(["osm:1"], now=NOW)
        said = [record("osm:1", name=name, at=at) for name, at in (("Z", -3), ("B", 1), ("A", 2), ("C", 2))]
        put(ledger, *(said[number] for number in order))
        assert ledger.citable(["osm:1"], now=NOW)["osm:1"].record.data == {"name": "C"}

    def test_what_takes_back_content_that_came_later_is_heard(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), tombstone("osm:1"))
        ledger.forget(["osm:1"], now=day(1))
        put(ledger, record("osm:1", name="B", at=2), tombstone("osm:1", at=3))
        assert ledger.citable(["osm:1"], now=NOW) == {}

    def test_forgetting_once_more_forgets_what_came_since(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"))
        ledger.forget(["osm:1"], now=NOW)
        put(ledger, record("osm:1", name="B", at=1), record("osm:1", name="A", at=2))
        assert ledger.forget(["osm:1"], now=day(3)) == 1
        assert ledger.forget(["osm:1"], now=day(3)) == 0
        assert put(ledger, record("osm:1", name="B", at=4)) == StageCounts(remarks=(Remark(0, Why.FORGOTTEN),))

    def test_other_content_comes_back_when_it_was_read_later(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"))
        ledger.forget(["osm:1"], now=NOW)
        told = put(ledger, record("osm:1", name="B", at=-3))
        assert told == StageCounts(remarks=(Remark(0, Why.BEFORE_FORGETTING),))
        put(ledger, tombstone("osm:1", at=3), record("osm:1", name="A", at=4))
        assert ledger.citable(["osm:1"], now=NOW) == {}
        put(ledger, record("osm:1", name="B", at=5))
        assert ledger.citable(["osm:1"], now=NOW)["osm:1"].record.data == {"name": "B"}
        assert refs(ledger.staged("Place", limit=9)) == ["osm:1"]

    @pytest.mark.parametrize("ending", ["expired", "absent", "tombstone"])
    def test_what_had_ended_already_can_be_forgotten(self, ledger: Ledger, ending: str) -> None:
        put(ledger, record("osm:1", name="A", expires_at=day(5).isoformat()))
        if ending == "expired":
            ledger.expire(now=day(5))
        elif ending == "absent":
            ledger.stage_absent("osm", seen_since=day(1))
        else:
            put(ledger, tombstone("osm:1"))
        assert ledger.forget(["osm:1"], now=day(5)) == 1
        ledger.stage([record("osm:1", name="A", at=6)], now=day(6))
        assert ledger.citable(["osm:1"], now=day(6)) == {}

    def test_a_record_read_in_the_future_is_forgotten_too(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A", at=99))
        ledger.forget(["osm:1"], now=NOW)
        put(ledger, record("osm:1", name="A", at=99), record("osm:1", name="B", at=98))
        assert ledger.citable(["osm:1"], now=NOW) == {}

    def test_what_was_hidden_stays_hidden_by_its_digest_alone(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A", phone="+912012345678"))
        ledger.decide(Decision(kind="hide", at=NOW, ref="osm:1", field="phone", value="+912012345678"))
        ledger.forget(["osm:1"], now=NOW)
        put(ledger, record("osm:1", name="B", phone="+912012345678", at=1))
        assert ledger.citable(["osm:1"], now=NOW)["osm:1"].record.data == {"name": "B"}
        put(ledger, record("osm:1", name="B", phone="+912087654321", at=2))
        assert "phone" in ledger.citable(["osm:1"], now=NOW)["osm:1"].record.data


class AssignmentContract:
    def test_assigned_records_wait_no_more_and_are_found(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="B"))
        assign(ledger, {"osm:1": "e1", "osm:2": "e1"})
        assert ledger.staged("Place", limit=10) == []
        assert refs(ledger.in_entities(["e1", "e2"])["e1"]) == ["osm:1", "osm:2"]
        assert ledger.resolve(["osm:1", "osm:9"]) == {"osm:1": ("Place", "e1")}

    def test_blocking_keys_find_assigned_records_of_one_label(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="B"), record("osm:o", "organization", name="O"))
        assign(ledger, {"osm:1": "e1"}, keys_of={"osm:1": ["k", "l"]})
        assign(ledger, {"osm:2": "e2"}, keys_of={"osm:2": ["k"]})
        assign(ledger, {"osm:o": "e3"}, label="Organization", keys_of={"osm:o": ["k"]})
        assert refs(found := ledger.sharing("Place", ["k", "l"])) == ["osm:1", "osm:2"]
        held = ledger.holding("Place", ["k", "l"])
        assert sorted(held, key=lambda one: one.ref) == [stored.holder() for stored in found]
        assert ledger.holders("Place", ["k", "l", "m"], most=9) == {"k": 2, "l": 1}
        assert ledger.holders("Place", ["k", "l", "m"], most=1) == {"k": 1, "l": 1}
        assert {ref: sorted(keys) for ref, keys in ledger.blocking_keys(["osm:1", "osm:9"]).items()} == {
            "osm:1": ["k", "l"]
        }

    def test_a_key_may_hold_any_character(self, ledger: Ledger) -> None:
        odd = ["id|osm|a\0b", "site|é'\"\\%s", "x" * 500]
        put(ledger, record("osm:1", name="A", ids={"osm": "a\0b"}))
        assign(ledger, {"osm:1": "e1"}, keys_of={"osm:1": odd})
        assert ledger.holders("Place", odd, most=9) == dict.fromkeys(odd, 1)
        assert (
            [held.ref for held in ledger.holding("Place", odd)] == refs(ledger.sharing("Place", odd[:1])) == ["osm:1"]
        )

    def test_blocking_keys_stay_as_assigned_while_a_newer_version_waits(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"))
        assign(ledger, {"osm:1": "e1"}, keys_of={"osm:1": ["k"]})
        put(ledger, record("osm:1", name="B", at=0))
        assert [stored.record.data["name"] for stored in ledger.sharing("Place", ["k"])] == ["B"]
        assign(ledger, {"osm:1": "e1"}, keys_of={"osm:1": ["l"]})
        assert ledger.sharing("Place", ["k"]) == []
        assert refs(ledger.sharing("Place", ["l"])) == ["osm:1"]

    def test_deleted_records_are_found_no_more_and_counted_until_they_are_assigned(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"))
        assign(ledger, {"osm:1": "e1"}, keys_of={"osm:1": ["k"]})
        put(ledger, tombstone("osm:1"))
        assert ledger.sharing("Place", ["k"]) == []
        assert ledger.holders("Place", ["k"], most=9) == {"k": 1}
        assert list(ledger.blocking_keys(["osm:1"])["osm:1"]) == ["k"]
        assign(ledger, {}, keys_of={"osm:1": []}, gone=["osm:1"])
        assert ledger.holders("Place", ["k"], most=9) == {}
        assert ledger.blocking_keys(["osm:1"]) == {}

    def test_a_version_that_came_meanwhile_stays_staged(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="B"))
        seen = {stored.ref: stored.hash for stored in ledger.staged("Place", limit=10)}
        put(ledger, record("osm:1", name="A2", at=0), tombstone("osm:2"))
        assign(ledger, {"osm:1": "e1", "osm:2": "e2"}, versions=seen)
        assert refs(ledger.staged("Place", limit=10)) == ["osm:1", "osm:2"]

    def test_a_deletion_that_came_meanwhile_stays_staged(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"))
        seen = {stored.ref: stored.hash for stored in ledger.staged("Place", limit=10)}
        ledger.stage_absent("osm", seen_since=day(1))
        assign(ledger, {"osm:1": "e1"}, versions=seen)
        assert refs(ledger.staged("Place", limit=10)) == ["osm:1"]

    def test_redirects_are_followed_to_their_end(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="B"), record("osm:3", name="C"))
        assign(ledger, {"osm:1": "e1", "osm:2": "e2", "osm:3": "e3"})
        assign(ledger, {"osm:3": "e2"}, redirects={"e3": "e2"})
        assign(ledger, {"osm:2": "e1", "osm:3": "e1"}, redirects={"e2": "e1"})
        assert ledger.redirected(["e1", "e2", "e3"]) == {"e2": "e1", "e3": "e1"}

    def test_a_lease_has_one_owner_at_a_time(self, ledger: Ledger) -> None:
        assert ledger.lease("assign", owner="a", seconds=60)
        assert not ledger.lease("assign", owner="b", seconds=60)
        assert ledger.lease("assign", owner="a", seconds=60)
        assert ledger.lease("other", owner="b", seconds=60)
        ledger.release("assign", owner="b")
        assert not ledger.lease("assign", owner="b", seconds=60)
        ledger.release("assign", owner="a")
        assert ledger.lease("assign", owner="b", seconds=60)

    def test_a_record_of_another_kind_keeps_its_entity_until_it_is_assigned(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"))
        assign(ledger, {"osm:1": "e1"})
        project(ledger)
        put(ledger, record("osm:1", "organization", name="A", at=0))
        (stored,) = ledger.staged("Organization", limit=10)
        assert stored.entity == "e1"
        assign(ledger, {"osm:1": "e2"}, label="Organization")
        assert [(entity.id, entity.label) for entity in ledger.claim_dirty(limit=9)] == [
            ("e1", "Place"),
            ("e2", "Organization"),
        ]


class ProjectionContract:
    def test_only_what_was_touched_is_dirty(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="B"), record("osm:3", name="C"))
        assign(ledger, {"osm:1": "e1", "osm:2": "e2", "osm:3": "e3"})
        assert project(ledger) == ["e1", "e2", "e3"]
        put(ledger, record("osm:1", name="A2", at=0))
        assign(ledger, {"osm:1": "e1", "osm:2": "e2"}, keys_of={"osm:1": []})
        assert project(ledger) == ["e1"]

    def test_both_entities_of_a_moved_record_are_dirty(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="B"))
        assign(ledger, {"osm:1": "e1", "osm:2": "e2"})
        project(ledger)
        assign(ledger, {"osm:2": "e1"}, keys_of={}, redirects={"e2": "e1"})
        assert [(entity.id, list(entity.gone)) for entity in ledger.claim_dirty(limit=9)] == [("e1", []), ("e2", [])]
        assert list(ledger.in_entities(["e1", "e2"])) == ["e1"]

    def test_a_deletion_is_remembered_with_the_mark_until_it_is_cleared(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="B"))
        assign(ledger, {"osm:1": "e1", "osm:2": "e1"})
        project(ledger)
        put(ledger, tombstone("osm:2"))
        assign(ledger, {}, keys_of={"osm:2": []}, gone=["osm:2"])
        assert ledger.staged("Place", limit=9) == []
        assert ledger.resolve(["osm:2"]) == {}
        (claimed,) = ledger.claim_dirty(limit=9)
        assert list(claimed.gone) == ["osm:2"]
        ledger.clear([claimed])
        ledger.mark_records_dirty(["osm:1"])
        assert [list(entity.gone) for entity in ledger.claim_dirty(limit=9)] == [[]]

    def test_asserters_of_what_moved_are_dirty(self, ledger: Ledger) -> None:
        put(
            ledger,
            record("osm:1", "route", name="R", links=[{"rel": "serves", "key": "2"}]),
            record("osm:3", "route", name="S"),
        )
        assign(ledger, {"osm:1": "r1", "osm:3": "r3"}, label="Route")
        project(ledger)
        put(ledger, record("osm:2", "stop", name="T"))
        assign(ledger, {"osm:2": "s2"}, label="Stop")
        assert project(ledger) == ["r1", "s2"]
        put(ledger, tombstone("osm:2", "stop"))
        assign(ledger, {}, label="Stop", keys_of={"osm:2": []}, gone=["osm:2"])
        assert project(ledger) == ["r1", "s2"]

    def test_entities_that_hold_touched_keys_are_dirty_whatever_their_label(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", "area", name="B"), record("osm:3", name="C"))
        assign(ledger, {"osm:1": "e1", "osm:3": "e3"}, keys_of={"osm:1": ["in|x"], "osm:3": ["in|y"]})
        assign(ledger, {"osm:2": "a2"}, label="Area", keys_of={"osm:2": ["in|x"]})
        project(ledger)
        assign(ledger, {"osm:2": "a2"}, label="Area", keys_of={}, touched={"Place": ["in|x", "in|z"]})
        assert project(ledger) == ["e1"]

    def test_entities_are_found_by_the_keys_that_their_living_records_hold(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="B"), record("osm:3", name="C"))
        keys = {"osm:1": ["in|x"], "osm:2": ["in|x", "in|y"], "osm:3": ["in|y"]}
        assign(ledger, {"osm:1": "e1", "osm:2": "e1", "osm:3": "e3"}, keys_of=keys)
        assert list(ledger.entities_sharing("Place", ["in|x", "in|none"])) == ["e1"]
        assert list(ledger.entities_sharing("Place", ["in|y", "in|x"])) == ["e1", "e3"]
        assert list(ledger.entities_sharing("Area", ["in|x"])) == []
        assert list(ledger.entities_sharing("Place", [])) == []
        put(ledger, tombstone("osm:3"))
        assert list(ledger.entities_sharing("Place", ["in|y"])) == ["e1"]

    def test_a_claim_is_exclusive_until_cleared(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="B"))
        assign(ledger, {"osm:1": "e1", "osm:2": "e2"})
        first = ledger.claim_dirty(limit=1)
        assert [entity.id for entity in first] == ["e1"]
        ledger.mark_records_dirty(["osm:1"])
        assert [entity.id for entity in ledger.claim_dirty(limit=9)] == ["e2"]

    def test_a_mark_that_moved_meanwhile_stays(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"))
        assign(ledger, {"osm:1": "e1"})
        (claimed,) = ledger.claim_dirty(limit=9)
        ledger.mark_records_dirty(["osm:1"])
        ledger.clear([claimed])
        (again,) = ledger.claim_dirty(limit=9)
        assert again.revision > claimed.revision
        ledger.clear([again])
        assert ledger.claim_dirty(limit=9) == []

    def test_the_revision_grows_with_what_is_projected(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"))
        assign(ledger, {"osm:1": "e1"})
        before = ledger.revision()
        project(ledger)
        assert ledger.revision() > before

    def test_a_rebuild_marks_every_entity_that_has_records(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="B"))
        assign(ledger, {"osm:1": "e1", "osm:2": "e1"})
        project(ledger)
        assert ledger.mark_all_dirty() == 1
        assert project(ledger) == ["e1"]

    def test_what_was_projected_since_a_revision_or_waits_is_projected_again(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="B"), record("osm:3", name="C"))
        assign(ledger, {"osm:1": "e1"})
        project(ledger)
        begun = ledger.revision()
        assign(ledger, {"osm:2": "e2"})
        project(ledger)
        assign(ledger, {"osm:3": "e3"})
        claimed = ledger.claim_dirty(limit=9)
        assert ledger.mark_projected_since(begun) == 2
        ledger.clear(claimed)
        assert project(ledger) == ["e2", "e3"]

    def test_an_entity_is_settled_when_nothing_of_it_waits(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"))
        assign(ledger, {"osm:1": "e1"})
        waiting = ledger.standing(["e1", "never"])
        assert [(one.id, one.label, one.living, one.settled) for one in waiting.values()] == [
            ("e1", "Place", True, False)
        ]
        project(ledger)
        assert ledger.standing(["e1"])["e1"].settled
        put(ledger, record("osm:1", name="A2", at=0))
        assert not ledger.standing(["e1"])["e1"].settled

    def test_entities_with_records_are_listed_by_id(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="B"), record("osm:3", name="C"))
        assign(ledger, {"osm:1": "e2", "osm:2": "e1", "osm:3": "e3"})
        put(ledger, tombstone("osm:3"))
        assert [one.id for one in ledger.all_standing()] == ["e1", "e2"]
        assert [one.id for one in ledger.all_standing(after="e1")] == ["e2"]

    def test_refs_are_unsettled_until_their_projection_is_over(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="B"))
        assert ledger.unsettled(["osm:1", "osm:9"]) == {"osm:1"}
        assign(ledger, {"osm:1": "e1", "osm:2": "e1"})
        assert ledger.unsettled(["osm:1"]) == {"osm:1"}
        project(ledger)
        assert ledger.unsettled(["osm:1", "osm:2"]) == set()
        put(ledger, tombstone("osm:2"))
        assert "osm:2" in ledger.unsettled(["osm:2"])

    def test_clearing_what_is_unknown_is_no_error(self, ledger: Ledger) -> None:
        ledger.clear([DirtyEntity(id="nothing", label="Place", revision=1)])


def found(probability: float = 0.95, *, together: bool = True) -> PairFinding:
    return PairFinding("same", probability, together, (("name", "equal", 5.5),), snapshot="v1")


class AgainContract:
    def test_who_holds_a_key_waits_once_more(self, ledger: Ledger) -> None:
        put(ledger, *(record(f"osm:{n}", name="A") for n in range(1, 4)), record("osm:o", "organization", name="A"))
        keys = {"osm:1": ["in|r|a"], "osm:2": ["in|r|b"], "osm:3": []}
        ledger.assign(Assignments("Place", {ref: f"e-{ref}" for ref in keys}, keys))
        assert not ledger.staged("Place", limit=9)
        ledger.assign(Assignments("Organization", {"osm:o": "e-o"}, {"osm:o": ["in|r|b"]}, again={"Place": ["in|r|b"]}))
        assert [stored.ref for stored in ledger.staged("Place", limit=9)] == ["osm:2"]
        assert not ledger.staged("Organization", limit=9)


class FindingsContract:
    def test_findings_are_kept_by_pair_until_one_of_them_is_judged_again(self, ledger: Ledger) -> None:
        put(ledger, record("osm:1", name="A"), record("osm:2", name="A"), record("osm:3", name="B"))
        assign(
            ledger,
            {"osm:1": "e1", "osm:2": "e1", "osm:3": "e3"},
            judged=["osm:1", "osm:2", "osm:3"],
            findings={("osm:1", "osm:2"): found(), ("osm:2", "osm:3"): found(0.5, together=False)},
        )
        assert ledger.findings() == {("osm:1", "osm:2"): found(), ("osm:2", "osm:3"): found(0.5, together=False)}  # type: ignore[attr-defined] # both implementations have it
        assign(ledger, {"osm:3": "e3"}, judged=["osm:3"])
        assert ledger.findings() == {("osm:1", "osm:2"): found()}  # type: ignore[attr-defined] # as above

    def test_who_is_apart_although_the_evidence_calls_them_the_same(self, ledger: Ledger) -> None:
        put(ledger, *(record(f"osm:{n}", name="A") for n in range(1, 5)))
        assign(
            ledger,
            {f"osm:{n}": f"e{n}" for n in range(1, 5)},
            judged=["osm:1", "osm:2", "osm:3", "osm:4"],
            findings={
                ("osm:1", "osm:2"): found(together=False),
                ("osm:2", "osm:3"): found(together=False),
                ("osm:2", "osm:4"): found(),
            },
        )
        assert ledger.torn(["osm:2"]) == {"osm:1", "osm:3"}
        assert ledger.torn(["osm:1", "osm:4"]) == {"osm:2"}
        assert ledger.torn([]) == set()

    def test_which_pairs_of_some_records_wait_for_a_person(self, ledger: Ledger) -> None:
        put(ledger, *(record(f"osm:{n}", name="A") for n in range(1, 5)))
        assign(
            ledger,
            {"osm:1": "e1", "osm:2": "e2", "osm:3": "e3", "osm:4": "e3"},
            judged=["osm:1", "osm:2", "osm:3", "osm:4"],
            findings={
                ("osm:1", "osm:2"): found(0.5, together=False),
                ("osm:2", "osm:3"): found(0.5, together=False),
                ("osm:3", "osm:4"): found(),
            },
        )
        assert ledger.undecided(["osm:1", "osm:2", "osm:4"]) == {("osm:1", "osm:2")}
        assert ledger.undecided(["osm:2", "osm:3", "osm:4"]) == {("osm:2", "osm:3")}
        assert ledger.undecided(["osm:3", "osm:4"]) == set()
        assert ledger.undecided([]) == set()


class DecisionContract:
    def decided(self, ledger: Ledger, kind: Literal["same", "different"], *pairs: tuple[str, str]) -> int:
        return ledger.decide(Decision(kind=kind, at=NOW, by="asha", pairs=pairs))

    def settled(self, ledger: Ledger, *given: SourceRecord) -> None:
        put(ledger, *given)
        assign(ledger, {one.ref: f"e-{one.ref}" for one in given})

    def test_a_decision_stages_what_it_is_about(self, ledger: Ledger) -> None:
        self.settled(ledger, record("osm:1", name="A"), record("osm:2", name="B"), record("osm:3", name="C"))
        number = self.decided(ledger, "same", ("osm:2", "osm:1"))
        assert refs(ledger.staged("Place", limit=9)) == ["osm:1", "osm:2"]
        assert ledger.verdicts(["osm:1"]) == {("osm:1", "osm:2"): Verdict(same=True, number=number)}
        assert ledger.verdicts(["osm:3"]) == {}

    def test_what_was_decided_about_comes_before_what_waits_longer(self, ledger: Ledger) -> None:
        self.settled(ledger, record("osm:8", name="A"), record("osm:9", name="B"))
        put(ledger, *(record(f"osm:{n}", name="C") for n in range(4)))
        self.decided(ledger, "same", ("osm:8", "osm:9"))
        assert refs(ledger.staged("Place", limit=3)) == ["osm:8", "osm:9", "osm:0"]
        assign(ledger, {"osm:8": "e-osm:8", "osm:9": "e-osm:8"})
        assert refs(ledger.staged("Place", limit=3)) == ["osm:0", "osm:1", "osm:2"]

    def test_the_latest_decision_on_a_pair_holds(self, ledger: Ledger) -> None:
        self.settled(ledger, record("osm:1", name="A"), record("osm:2", name="B"))
        self.decided(ledger, "same", ("osm:1", "osm:2"))
        later = self.decided(ledger, "different", ("osm:2", "osm:1"))
        assert ledger.verdicts(["osm:2"]) == {("osm:1", "osm:2"): Verdict(same=False, number=later)}

    def test_a_decision_is_taken_back_once(self, ledger: Ledger) -> None:
        self.settled(ledger, record("osm:1", name="A"), record("osm:2", name="B"))
        number = self.decided(ledger, "same", ("osm:1", "osm:2"))
        assign(ledger, {"osm:1": "e1", "osm:2": "e1"})
        assert ledger.undo(number, by="asha", at=day(1))
        assert ledger.verdicts(["osm:1"]) == {}
        assert refs(ledger.staged("Place", limit=9)) == ["osm:1", "osm:2"]
        assert not ledger.undo(number, by="asha", at=day(1))
        assert not ledger.undo(99_999, by="asha", at=day(1))

    def test_what_was_corrected_since(self, ledger: Ledger) -> None:
        self.settled(ledger, *(record(f"osm:{n}", name="A") for n in (1, 2, 3)))
        assign(ledger, {"osm:1": "e1", "osm:2": "e1", "osm:3": "e3"})
        project(ledger)
        before, asked = ledger.revision(), ["osm:1", "osm:2", "osm:3"]
        number = self.decided(ledger, "different", ("osm:2", "osm:9"))
        assert ledger.corrected(asked, after=day(-1), revision=before) == set(), "it has not reached the graph yet"
        assign(ledger, {"osm:2": "e1"})
        project(ledger)
        assert ledger.corrected(asked, after=day(-1), revision=before) == {"osm:1", "osm:2"}
        assert ledger.corrected(asked, after=day(-1), revision=ledger.revision()) == set()
        assert ledger.corrected(asked, after=day(1), revision=before) == set()
        ledger.undo(number, by="asha", at=day(2))
        assert ledger.corrected(["osm:1"], after=day(1), revision=before) == {"osm:1"}

    def test_a_decision_about_what_is_not_there_waits_for_it(self, ledger: Ledger) -> None:
        number = self.decided(ledger, "different", ("osm:1", "osm:9"))
        assert ledger.staged("Place", limit=9) == []
        assert ledger.verdicts(["osm:9"]) == {("osm:1", "osm:9"): Verdict(same=False, number=number)}

    def test_a_pin_is_a_record_of_the_curators_bound_to_its_thing(self, ledger: Ledger) -> None:
        self.settled(ledger, record("osm:1", name="A", phone="1", city="pune"))
        pin = Decision("pin", day(1), "asha", "called them", ref="osm:1", field="phone", value="+91 20 1")
        number = ledger.decide(pin)
        ref = f"curators:pin-{number}"
        assert refs(ledger.staged("Place", limit=9)) == [ref, "osm:1"]
        held = ledger.living([ref])[ref].record
        assert (held.kind, held.city, held.data) == ("place", "pune", {"phone": "+91 20 1"})
        assert held.attribution is not None
        assert "called them" in held.attribution
        assert ledger.policies()["curators"].trust == 1.0
        assert ledger.verdicts(["osm:1"]) == {tuple(sorted((ref, "osm:1"))): Verdict(same=True, number=number)}
        ledger.undo(number, by="asha", at=day(2))
        assert ledger.living([ref]) == {}
        assert ledger.verdicts(["osm:1"]) == {}

    def test_a_pin_is_taken_back_by_a_clock_that_was_set_back(self, ledger: Ledger) -> None:
        self.settled(ledger, record("osm:1", name="A", phone="1"))
        number = ledger.decide(Decision("pin", day(1), "asha", ref="osm:1", field="phone", value="2"))
        assert ledger.undo(number, by="asha", at=day(-3))
        assert ledger.living([f"curators:pin-{number}"]) == {}

    def test_a_hidden_value_is_gone_everywhere_while_the_source_says_it(self, ledger: Ledger) -> None:
        self.settled(ledger, record("osm:1", name="A", phone="1"))
        before = ledger.in_entities(["e-osm:1"])["e-osm:1"][0].hash
        number = ledger.decide(Decision("hide", NOW, "asha", ref="osm:1", field="phone", value="1"))
        (staged,) = ledger.staged("Place", limit=9)
        assert staged.record.data == {"name": "A"}
        assert staged.hash != before
        for shown in (ledger.citable(["osm:1"], now=NOW), ledger.living(["osm:1"])):
            assert shown["osm:1"].record.data == {"name": "A"}
        put(ledger, record("osm:1", name="A", phone="2", at=0))
        assert ledger.living(["osm:1"])["osm:1"].record.data == {"name": "A", "phone": "2"}
        put(ledger, record("osm:1", name="A", phone="1", at=1))
        assert ledger.living(["osm:1"])["osm:1"].record.data == {"name": "A"}
        ledger.undo(number, by="asha", at=day(1))
        assert ledger.living(["osm:1"])["osm:1"].record.data == {"name": "A", "phone": "1"}

    @pytest.mark.parametrize("kind", ["pin", "hide"])
    def test_a_value_of_a_record_that_is_gone_cannot_be_decided(
        self, ledger: Ledger, kind: Literal["pin", "hide"]
    ) -> None:
        put(ledger, record("osm:1", name="A"), tombstone("osm:1"))
        with raises(IbcmError, "there is no record osm:1"):
            ledger.decide(Decision(kind, NOW, ref="osm:1", field="phone", value="1"))
        assert ledger.verdicts(["osm:1"]) == {}

    def test_what_was_projected_since_is_known_by_name(self, ledger: Ledger) -> None:
        self.settled(ledger, record("osm:1", name="A"), record("osm:2", name="B"))
        project(ledger)
        before = ledger.revision()
        assert ledger.projected_since(before, limit=9) == []
        ledger.mark_records_dirty(["osm:2"])
        project(ledger)
        assert ledger.projected_since(before, limit=9) == ["e-osm:2"]
        assert ledger.projected_since(0, limit=9) == ["e-osm:1", "e-osm:2"]
        assert ledger.projected_since(0, limit=1) is None


class LedgerContract(
    ForgettingContract,
    StagingContract,
    DeletionContract,
    AssignmentContract,
    AgainContract,
    FindingsContract,
    DecisionContract,
    ProjectionContract,
):
    """All of it."""


def _hash(ledger: Ledger, one: SourceRecord) -> str:
    from ibcm.domain.records import content_hash

    return content_hash(one)
