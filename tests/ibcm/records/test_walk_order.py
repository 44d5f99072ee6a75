"""Invariant 5 over the database: batches in any order end as the ledger in memory ends."""

import random
from typing import Any

import pytest

from ibcm.domain.records import SourceRecord
from ibcm.records.ledger import DjangoLedger
from tests.builders import record, tombstone
from tests.graph.ingest.walk import World


def some_records(dice: random.Random) -> list[SourceRecord]:
    """A few things told by three sources, several versions and deletions among them."""
    found = []
    for number in range(60):
        ref = f"{dice.choice(('gov', 'list', 'osm'))}:{dice.randint(0, 7)}"
        at = dice.choice((-3.0, -2.0, -1.0))
        if number % 9 == 8:
            found.append(tombstone(ref, at=at))
            continue
        data: dict[str, Any] = {
            "name": dice.choice(("Alpha", "Beta")),
            "lat": 12.9 + dice.randint(0, 5) * 0.0006,
            "lon": 77.5,
        }
        more: tuple[dict[str, Any], ...] = ({}, {"ids": {"osm": dice.choice("12")}}, {"description": "A quiet hall."})
        data |= dice.choice(more)
        link = {"rel": "near", "source": "osm", "key": str(dice.randint(0, 7))}
        found.append(record(ref, at=at, data={**data, "area": "North"}, city="pune", links=[link]))
    found += [record("gov:a", "area", name="North", city="pune", at=-1)]
    return found


@pytest.mark.parametrize("seed", range(3))
def test_any_order_on_the_database_ends_as_in_memory(db: None, seed: int) -> None:
    dice = random.Random(seed)
    records = some_records(dice)
    memory, database = World(), World(DjangoLedger())
    memory.take(*records)
    dice.shuffle(records)
    for start in range(0, len(records), 13):
        database.stage(*records[start : start + 13])
        database.assign(batch=dice.choice((2, 500)))
        database.project(batch=5)
    assert database.canonical() == memory.canonical()
    database.assert_projected()
    memory.assert_projected()
