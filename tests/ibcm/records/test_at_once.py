"""Two writers at one moment: of one key one content is current and both are history; nobody waits for ever."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection

from ibcm.domain.ledger import Assignments
from ibcm.domain.records import SourceRecord, content_hash
from ibcm.records.ledger import DjangoLedger
from ibcm.records.models import Record, RecordVersion
from tests.builders import NOW, OPEN, day, record

ROUNDS = 10


@pytest.fixture
def ledger(transactional_db: None) -> DjangoLedger:
    made = DjangoLedger()
    made.save_policy("osm", OPEN)
    return made


def at_once(*steps: Callable[[], None]) -> list[BaseException]:
    """What goes wrong when each of these begins at the same moment."""
    failed: list[BaseException] = []
    start = threading.Barrier(len(steps))

    def run(step: Callable[[], None]) -> None:
        try:
            start.wait()
            step()
        except BaseException as error:  # noqa: BLE001 - shown by whoever asks
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def test_both_are_kept_and_one_is_current(ledger: DjangoLedger) -> None:
    said = [[record(f"osm:{n}", name=name) for n in range(ROUNDS)] for name in ("Cafe Azul", "Cafe Verde")]

    def write(records: list[SourceRecord]) -> None:
        for one in records:
            ledger.stage([one], now=NOW)

    assert at_once(*(partial(write, some) for some in said)) == []
    assert Record.objects.count() == ROUNDS
    assert RecordVersion.objects.count() == ROUNDS, "the one that is not current is history"
    alone = DjangoLedger()
    for one, other in zip(*said, strict=True):
        current = alone.living([one.ref])[one.ref].hash
        assert current == max(content_hash(one), content_hash(other))


def test_what_assigns_and_what_stages_wait_for_each_other_in_one_order(ledger: DjangoLedger) -> None:
    """Of organizations and the rounds that are to be assigned again with them: neither writer holds what the other one
    waits for."""
    ids = [f"osm:{number:02}" for number in range(40)]
    rounds, firms = ids[:20], ids[20:]

    def said(text: str) -> list[SourceRecord]:
        return [
            *(record(ref, "funding", company=text, date="2024-01-01") for ref in rounds),
            *(record(ref, "organization", name=text) for ref in firms),
        ]

    ledger.stage(said("Azul"), now=NOW)
    ledger.assign(
        Assignments(label="Funding", entity_of=dict.fromkeys(rounds, "f"), keys_of={ref: ["k"] for ref in rounds})
    )
    firms_again = Assignments(
        label="Organization",
        entity_of=dict.fromkeys(firms, "o"),
        keys_of={ref: ["n"] for ref in firms},
        again={"Funding": ["k"]},
    )

    def stage() -> None:
        for turn in range(ROUNDS * 3):
            ledger.stage([one.model_copy(update={"retrieved_at": day(turn)}) for one in said(f"Azul {turn}")], now=NOW)

    def assign() -> None:
        for _ in range(ROUNDS * 3):
            ledger.assign(firms_again)

    assert at_once(stage, assign) == []
    assert {one.ref for one in ledger.staged("Funding", limit=99)} == set(rounds)
