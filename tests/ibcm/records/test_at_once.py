"""Two writers say different things about one key at one moment: one of them is current, both are history."""

import threading

import pytest
from django.db import connection

from ibcm.domain.records import SourceRecord, content_hash
from ibcm.records.ledger import DjangoLedger
from ibcm.records.models import Record, RecordVersion
from tests.builders import NOW, OPEN, record

ROUNDS = 10


@pytest.fixture
def ledger(transactional_db: None) -> DjangoLedger:
    made = DjangoLedger()
    made.save_policy("osm", OPEN)
    return made


def test_both_are_kept_and_one_is_current(ledger: DjangoLedger) -> None:
    said = [[record(f"osm:{n}", name=name) for n in range(ROUNDS)] for name in ("Cafe Azul", "Cafe Verde")]
    failed: list[BaseException] = []
    start = threading.Barrier(len(said))

    def write(records: list[SourceRecord]) -> None:
        try:
            start.wait()
            for one in records:
                ledger.stage([one], now=NOW)
        except BaseException as error:  # noqa: BLE001 - shown below
            failed.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(some,)) for some in said]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failed == []
    assert Record.objects.count() == ROUNDS
    assert RecordVersion.objects.count() == ROUNDS, "the one that is not current is history"
    alone = DjangoLedger()
    for one, other in zip(*said, strict=True):
        current = alone.living([one.ref])[one.ref].hash
        assert current == max(content_hash(one), content_hash(other))
