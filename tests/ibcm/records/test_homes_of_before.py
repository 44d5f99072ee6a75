"""What migrations make of the records of a home of before."""

from importlib import import_module

import pytest
from django.apps import apps

from ibcm.domain.ledger import Assignments, PairFinding
from ibcm.records.ledger import DjangoLedger
from ibcm.records.models import Record
from tests.builders import NOW, OPEN, day, record


@pytest.fixture
def ledger(db: None) -> DjangoLedger:
    ledger = DjangoLedger()
    ledger.save_policy("osm", OPEN)
    return ledger


def test_pairs_with_an_address_are_compared_again(ledger: DjangoLedger) -> None:
    said = {"osm:0": "6th Main", "osm:1": "6 Main", "osm:2": "", "osm:3": "7 Main"}
    records = [record(ref, name="A", data={"address": street} if street else {}) for ref, street in said.items()]
    ledger.stage(records, now=NOW)
    same = PairFinding(band="same", probability=0.99, together=True, parts=(), bond=False, snapshot="s")
    findings = {("osm:0", "osm:1"): same, ("osm:0", "osm:2"): same}
    entity_of = {ref: "e2" if ref == "osm:3" else "e1" for ref in said}
    ledger.assign(Assignments(label="Place", entity_of=entity_of, keys_of={ref: [] for ref in said}, findings=findings))
    assert not ledger.staged("Place", limit=9)
    import_module("ibcm.records.migrations.0010_looked_at_again").look_again(apps, None)
    assert [one.ref for one in ledger.staged("Place", limit=9)] == ["osm:0", "osm:1"]


def test_what_comes_at_the_moment_of_what_was_forgotten_before_is_heard(ledger: DjangoLedger) -> None:
    ledger.stage([record("osm:0", name="A")], now=NOW)
    ledger.forget(["osm:0"], now=NOW)
    Record.objects.update(hash="~forgotten", turns_at=day(9))
    import_module("ibcm.records.migrations.0010_looked_at_again").leave_no_more(apps, None)
    ledger.stage([record("osm:0", name="A", at=1)], now=day(1))
    ledger.stage([record("osm:0", name="B", at=1)], now=day(1))
    row = Record.objects.get()
    assert (row.deleted, row.turns_at) == (False, None)
