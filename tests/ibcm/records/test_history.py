"""What the contract leaves to the database: history, purge, figures, claims and leases of the dead."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from ibcm.domain.ledger import Assignments
from ibcm.domain.policy import FieldPolicy
from ibcm.records import purging, services
from ibcm.records.ledger import DjangoLedger
from ibcm.records.models import Entity, Lease, Record, RecordVersion
from ibcm.records.owners import is_gone, owner_id, task_owner
from tests.builders import NOW, OPEN, day, record, tombstone

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger() -> DjangoLedger:
    return DjangoLedger()


def place(ledger: DjangoLedger, ref: str = "osm:1", **said: object) -> None:
    ledger.stage([record(ref, name="Cafe", **said)], now=NOW)  # type: ignore[arg-type] # mixed values
    ledger.assign(Assignments(label="Place", entity_of={ref: "e1"}, keys_of={ref: ["k"]}))


def names(ref: str = "osm:1") -> list[str]:
    versions = RecordVersion.objects.filter(record__ref=ref)
    return sorted(part.split('"')[0] for version in versions for part in version.payload.split('"name":"')[1:])


def test_every_version_is_kept_once_whatever_the_order(ledger: DjangoLedger) -> None:
    versions = [record("osm:1", name="A", at=-3), record("osm:1", name="C", at=-1), record("osm:1", name="B", at=-2)]
    ledger.stage(versions, now=NOW)
    ledger.stage(list(reversed(versions)), now=NOW)
    assert names() == ["A", "B"]


def test_a_tombstone_leaves_what_was_said_in_history(ledger: DjangoLedger) -> None:
    ledger.stage([record("osm:1", name="A")], now=NOW)
    ledger.stage([tombstone("osm:1")], now=NOW)
    assert names() == ["A"]


def test_absence_keeps_history_and_expiry_drops_it(ledger: DjangoLedger) -> None:
    soon = day(1).isoformat()
    ledger.stage([record("osm:1", name="A"), record("x:1", name="B", expires_at=soon)], now=NOW)
    ledger.stage_absent("osm", seen_since=day(1))
    ledger.expire(now=day(1))
    assert (names("osm:1"), names("x:1")) == (["A"], [])
    assert set(Record.objects.values_list("payload", flat=True)) == {""}


def test_purge_drops_versions_past_their_time_and_limited_sources_history(ledger: DjangoLedger) -> None:
    ledger.save_policy("osm", OPEN)
    ledger.save_policy("brief", OPEN.model_copy(update={"retention_days": 30}))
    ledger.stage([record("osm:1", name="A", expires_at=day(1).isoformat())], now=NOW)
    ledger.stage([record("osm:1", name="B", at=0, expires_at=day(9).isoformat())], now=NOW)
    ledger.stage([record("brief:1", name="C")], now=NOW)
    ledger.stage([tombstone("brief:1")], now=NOW)
    purged = purging.purge(day(2))
    assert (purged.expired, purged.versions) == (0, 2)
    assert RecordVersion.objects.count() == 0
    assert purging.purge(day(10)).expired == 1
    assert not purging.purge(day(10))


def test_purge_takes_fields_out_when_their_own_time_is_over(ledger: DjangoLedger) -> None:
    fields = {"phone": FieldPolicy(retention_days=30), "rating": FieldPolicy(transient=True)}
    ledger.save_policy("osm", OPEN.model_copy(update={"fields": fields}))
    place(ledger, phone="+91 80 1234", rating=4.5, postcode="560001")
    ledger.stage([record("osm:1", name="Cafe", at=-2, phone="+91 80 999")], now=NOW)
    ledger.clear(ledger.claim_dirty(limit=9))
    assert purging.purge(NOW).pruned == 1
    assert set(ledger.citable(["osm:1"], now=NOW)["osm:1"].record.data) == {"name", "postcode", "phone"}
    assert purging.purge(day(31)).pruned == 2
    assert set(ledger.citable(["osm:1"], now=NOW)["osm:1"].record.data) == {"name", "postcode"}
    assert [stored.ref for stored in ledger.staged("Place", limit=9)] == ["osm:1"]
    assert [entity.id for entity in ledger.claim_dirty(limit=9)] == ["e1"]
    assert "999" not in "".join(RecordVersion.objects.values_list("payload", flat=True))
    ledger.stage([record("osm:1", name="Cafe", at=31, phone="+91 80 1234", rating=4.5, postcode="560001")], now=NOW)
    assert "phone" in ledger.citable(["osm:1"], now=NOW)["osm:1"].record.data


def test_stats_count_what_lives(ledger: DjangoLedger) -> None:
    place(ledger, city="pune")
    ledger.stage([record("x:1", "organization", name="O", sector="retail"), tombstone("x:2")], now=NOW)
    told = services.stats()
    assert (told["records"], told["deleted"], told["entities"]) == (2, 1, 1)
    assert told["by_kind"] == {"organization": 1, "place": 1}
    assert told["by_label"] == {"Place": 1}
    assert told["by_city"] == {"pune": 1}
    assert [(row["source"], row["records"]) for row in told["by_source"]] == [("osm", 1), ("x", 1)]
    assert told["waiting"] == {"to_assign": 2, "to_project": 1}


def test_long_blocking_keys_are_kept_whole_in_meaning(ledger: DjangoLedger) -> None:
    ledger.stage([record("osm:1", name="A")], now=NOW)
    long = "name|" + "x" * 4000
    ledger.assign(Assignments(label="Place", entity_of={"osm:1": "e1"}, keys_of={"osm:1": [long]}))
    assert [stored.ref for stored in ledger.sharing("Place", [long])] == ["osm:1"]
    assert ledger.holders("Place", [long], most=9) == {long: 1}


def test_more_refs_than_a_database_takes_parameters(ledger: DjangoLedger) -> None:
    refs = [f"osm:{number}" for number in range(2500)]
    ledger.stage([record(ref, name="A") for ref in refs], now=NOW)
    ledger.assign(
        Assignments(label="Place", entity_of=dict(zip(refs, refs, strict=True)), keys_of={r: ["k"] for r in refs})
    )
    assert len(ledger.resolve(refs)) == len(ledger.citable(refs, now=NOW)) == 2500
    assert len(list(ledger.all_records())) == 2500
    assert len(ledger.claim_dirty(limit=5000)) == 2500


def ended_owner() -> str:
    """The name of a process that has ended."""
    code = "from ibcm.records.owners import owner_id; print(owner_id())"
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_owners_of_this_machine_are_known_to_be_gone() -> None:
    assert not is_gone(owner_id())
    assert not is_gone(task_owner())
    assert not is_gone("elsewhere@boot-1/1/2/abc")
    assert not is_gone("a")
    assert is_gone(ended_owner())


def test_what_the_dead_held_is_free_at_once(ledger: DjangoLedger) -> None:
    place(ledger)
    dead = ended_owner()
    Lease.objects.create(name="assign", owner=dead, until=timezone.now() + timedelta(hours=1))
    assert ledger.lease("assign", owner="b", seconds=60)
    assert ledger.claim_dirty(limit=9)
    assert not ledger.claim_dirty(limit=9)
    Entity.objects.update(claimed_by=dead)
    assert [entity.id for entity in ledger.claim_dirty(limit=9)] == ["e1"]


def test_a_claim_runs_out(ledger: DjangoLedger) -> None:
    place(ledger)
    DjangoLedger(claim_seconds=0).claim_dirty(limit=9)
    assert [entity.id for entity in ledger.claim_dirty(limit=9)] == ["e1"]
