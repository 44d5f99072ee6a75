"""What is stored follows the terms: as they change, as time passes, whatever interrupts it, down to the file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from ibcm.domain.decisions import Decision
from ibcm.domain.ledger import Assignments
from ibcm.domain.policy import FieldPolicy, SourcePolicy, apply_policy
from ibcm.records import models, purging
from ibcm.records.ledger import DjangoLedger
from ibcm.records.models import Record, RecordVersion
from tests.builders import NOW, OPEN, day, record, tombstone

CANARY = "Quetzalcoatlus"
PHONE = "+912012345678"


@pytest.fixture
def ledger(db: None) -> DjangoLedger:
    ledger = DjangoLedger()
    ledger.save_policy("osm", OPEN)
    return ledger


def held() -> str:
    """Everything that rows say."""
    rows = [*Record.objects.values_list("payload", "hidden"), *RecordVersion.objects.values_list("payload")]
    return str([*rows, *models.Decision.objects.values_list("value")])


def stricter(ledger: DjangoLedger, **update: object) -> SourcePolicy:
    policy = OPEN.model_copy(update=update)
    ledger.save_policy("osm", policy)
    return policy


def two_versions(ledger: DjangoLedger, count: int = 1) -> None:
    for number in range(count):
        ref = f"osm:{number}"
        ledger.stage([record(ref, name="A", phone=PHONE, at=-9), record(ref, name="B", phone=PHONE, at=-2)], now=NOW)
        ledger.assign(Assignments(label="Place", entity_of={ref: f"e{number}"}, keys_of={ref: ["k"]}))
    ledger.clear(ledger.claim_dirty(limit=99))


def test_a_limit_that_is_new_or_shorter_holds_for_what_is_stored(ledger: DjangoLedger) -> None:
    two_versions(ledger)
    stricter(ledger, retention_days=5)
    purging.purge(NOW)
    assert Record.objects.get().expires_at == day(3)
    assert not RecordVersion.objects.exists(), "nine days old"
    assert purging.purge(day(3)).expired == 1
    assert Record.objects.get().ended == "expired"
    assert PHONE not in held()


def test_a_longer_limit_waits_for_the_source_to_say_it_again(ledger: DjangoLedger) -> None:
    stricter(ledger, retention_days=50)
    ledger.stage([record("osm:1", name="A", expires_at=day(2).isoformat())], now=NOW)
    purging.purge(NOW)
    assert Record.objects.get().expires_at == day(2)


@pytest.mark.parametrize("days", [10**6 * 3, 10**6 * 4, 10**12])
def test_a_limit_beyond_every_clock_is_none(ledger: DjangoLedger, days: int) -> None:
    ledger.stage([record("osm:1", name="A")], now=NOW)
    stricter(ledger, retention_days=days)
    assert not purging.purge(datetime(9999, 12, 30, tzinfo=UTC)) or days < 10**6 * 4
    assert Record.objects.filter(deleted=False).exists()


def test_a_value_that_becomes_transient_goes_from_records_and_history(ledger: DjangoLedger) -> None:
    two_versions(ledger)
    stricter(ledger, fields={"phone": FieldPolicy(transient=True)})
    assert purging.purge(NOW).pruned == 2
    assert PHONE not in held()
    assert [entity.id for entity in ledger.claim_dirty(limit=9)] == ["e0"]
    assert ledger.staged("Place", limit=9), "its blocking keys hold the value until it is assigned again"


@pytest.mark.parametrize("terms", [{"transient": True}, {"retention_days": 5}])
def test_a_reading_that_terms_have_shortened_is_the_same_when_it_is_read_again(
    ledger: DjangoLedger, terms: dict[str, object]
) -> None:
    """Whichever of the two digests is the greater: so several records."""
    read = [record(f"osm:{n}", name=f"B{n}", phone=PHONE, website="https://b.example") for n in range(8)]
    ledger.stage(read, now=NOW)
    policy = stricter(ledger, fields={"phone": FieldPolicy.model_validate(terms)})
    purging.follow("osm", policy, now=day(9))
    again = [one for told in read if (one := apply_policy(told, policy, now=day(9))) is not None]
    counts = ledger.stage(again, now=day(9))
    assert (counts.unchanged, counts.changed, list(counts.remarks)) == (8, 0, [])
    assert not RecordVersion.objects.exists()
    assert PHONE not in held()
    other = [one.model_copy(update={"data": {**one.data, "website": "https://c.example"}}) for one in again]
    assert len(ledger.stage(other, now=day(9)).remarks) == 8


def test_a_source_that_becomes_transient_keeps_nothing(ledger: DjangoLedger) -> None:
    two_versions(ledger)
    ledger.stage([record("x:1", name="Other")], now=NOW)
    policy = stricter(ledger, transient=True)
    assert purging.follow("osm", policy, now=NOW).expired == 1
    assert "Other" in held()
    assert '"B"' not in held()
    assert (Record.objects.get(ref="osm:0").ended, Record.objects.get(ref="osm:0").deleted) == ("terms", True)


def test_what_may_be_kept_of_a_transient_source_is_named(ledger: DjangoLedger) -> None:
    two_versions(ledger)
    stricter(ledger, transient=True, fields={"name": FieldPolicy(transient=False)})
    purging.purge(NOW)
    assert PHONE not in held()
    assert '"B"' in held()


class Stopped(Exception):  # noqa: N818 - somebody asked
    pass


def test_interrupted_at_any_page_the_next_run_ends_it(ledger: DjangoLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "ROWS", 2)
    two_versions(ledger, count=5)
    ledger.stage([record("osm:old", name="Old", expires_at=day(1).isoformat())], now=NOW)
    stricter(ledger, fields={"phone": FieldPolicy(retention_days=5)})
    runs, left = 0, 0
    while True:
        runs, left = runs + 1, runs

        def check() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Stopped

        try:
            purging.purge(day(4), check=check)
            break
        except Stopped:
            continue
    assert runs >= 6
    assert PHONE not in held()
    assert "Old" not in held()
    assert not purging.purge(day(4))
    assert Record.objects.filter(deleted=False).count() == 5


def test_a_clock_that_goes_back_resurrects_nothing(ledger: DjangoLedger) -> None:
    policy = stricter(ledger, retention_days=20, fields={"phone": FieldPolicy(retention_days=5)})
    said = record("osm:1", name="A", phone=PHONE, expires_at=day(19).isoformat())
    ledger.stage([said], now=NOW)
    assert purging.purge(day(4)).pruned == 1
    assert not purging.purge(day(-400)), "everything is from a future that is not over"
    ledger.stage([said], now=NOW)
    assert PHONE not in held()
    assert purging.purge(day(19)).expired == 1
    ledger.stage([said], now=day(-400))
    purging.follow("osm", policy, now=day(-400))
    assert not Record.objects.filter(deleted=False).exists()


def test_a_hidden_value_is_remembered_by_its_digest_once_nobody_says_it(ledger: DjangoLedger) -> None:
    two_versions(ledger)
    ledger.decide(Decision(kind="hide", at=NOW, ref="osm:0", field="phone", value=PHONE))
    purging.purge(NOW)
    assert models.Decision.objects.get().value == PHONE, "the source says it, and may"
    stricter(ledger, fields={"phone": FieldPolicy(transient=True)})
    purging.purge(NOW)
    assert PHONE not in held()


def test_forgetting_leaves_the_name_of_the_record_alone(ledger: DjangoLedger) -> None:
    two_versions(ledger)
    old = record("osm:0", name="A", phone=PHONE, at=-9)
    ledger.decide(Decision(kind="hide", at=NOW, ref="osm:0", field="phone", value=PHONE))
    ledger.forget(["osm:0"], now=day(1))
    ledger.stage([old, record("osm:0", name="Older", phone=PHONE, at=-20)], now=day(2))
    assert PHONE not in held()
    assert not RecordVersion.objects.exists()
    row = Record.objects.get()
    assert (row.ended, row.ended_at, row.payload) == ("forgotten", day(1), "")


def test_forgetting_leaves_no_moment_of_what_was_said(ledger: DjangoLedger) -> None:
    ledger.stage([record(f"osm:{n}", name="A", valid_to="2030-01-01") for n in range(3)], now=NOW)
    assert not Record.objects.filter(turns_at=None).exists()
    ledger.forget(["osm:0"], now=NOW)
    ledger.stage([record("osm:0", name="B", valid_to="2031-01-01", at=1)], now=day(1))
    ledger.stage([record("osm:0", name="A", valid_to="2030-01-01", at=2)], now=day(2))
    ledger.stage_absent("osm", seen_since=day(2))
    assert not Record.objects.exclude(turns_at=None).exists()


def test_what_purge_leaves_of_a_record_is_another_version(ledger: DjangoLedger) -> None:
    """Whoever worked out its keys before may not write them afterwards, nor think that nothing waits."""
    two_versions(ledger)
    whole = ledger.living(["osm:0"])["osm:0"]
    stricter(ledger, fields={"phone": FieldPolicy(transient=True)})
    purging.purge(NOW)
    left = ledger.living(["osm:0"])["osm:0"]
    assert left.hash != whole.hash
    assert ledger.holding("Place", ["k"]) == [left.holder()]
    late = Assignments(label="Place", entity_of={}, keys_of={"osm:0": [PHONE]}, versions={"osm:0": whole.hash})
    ledger.assign(late)
    assert [one.ref for one in ledger.staged("Place", limit=9)] == ["osm:0"]


def test_when_and_why_a_record_ended_is_known(ledger: DjangoLedger) -> None:
    ledger.stage([record(f"osm:{n}", name="A", expires_at=day(1).isoformat()) for n in range(2)], now=NOW)
    ledger.stage([tombstone("osm:0")], now=day(0.5))
    ledger.expire(now=day(1))
    known = Record.objects.order_by("ref").values_list("ended", "ended_at")
    assert list(known) == [("tombstone", day(0.5)), ("expired", day(1))]
    ledger.stage([record("osm:0", name="B", at=3)], now=day(3))
    assert Record.objects.get(ref="osm:0").ended_at is None


@pytest.mark.django_db(transaction=True)
def test_what_was_deleted_cannot_be_read_from_the_file() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL writes over what is dead in its own time (docs/terms.md)")
    ledger = DjangoLedger()
    ledger.save_policy("osm", OPEN.model_copy(update={"fields": {"secret": FieldPolicy(retention_days=5)}}))
    big = f"{CANARY} " * 3_000
    names = [record(f"osm:{n}", name=f"{CANARY} {n}", secret=big if n % 9 == 0 else "short") for n in range(60)]
    ledger.stage(names, now=NOW)
    ledger.stage([record(f"osm:{n}", name="Plain", secret=CANARY, at=0) for n in range(40)], now=NOW)
    assert CANARY in _file()
    ledger.forget([f"osm:{n}" for n in range(60)], now=NOW)
    ledger.stage([record(f"osm:{n}", name="Other", secret=CANARY, at=1) for n in range(10)], now=day(1))
    purging.purge(day(30))
    assert "Other" in _file()
    assert CANARY not in _file()


def _file() -> str:
    path = Path(str(settings.DATABASES["default"]["TEST"]["NAME"]))
    parts = [path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-journal")]
    return "".join(part.read_bytes().decode("latin-1") for part in parts if part.exists())
