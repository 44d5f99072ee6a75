"""The embedded engine holds what the ledger says: projected for real, read back, compared."""

from collections.abc import Iterator

import pytest

from graph.ingest.canonical import drift
from graph.store.bolt import BoltGraphStore
from tests import engines
from tests.builders import NOW, record, tombstone
from tests.graph.ingest.walk import POLICIES, World


@pytest.fixture
def store() -> Iterator[BoltGraphStore]:
    made = engines.embedded_store()
    yield made
    engines.wipe(made)
    made.close()


@pytest.mark.engine
def test_what_was_projected_has_not_drifted(store: BoltGraphStore) -> None:
    world = World()
    store.prepare()
    world.stage(
        record("gov:1", name="Café Alpha", cuisine=["Thai"], beds=4, lat=12.9, lon=77.5, area="North", city="pune"),
        record("osm:1", name="Cafe Alpha", beds=5, lat=12.9, lon=77.5, city="pune", extra={"deep": 1}),
        record("gov:a", "area", name="North", city="pune"),
        record("osm:f", "funding", data={"date": "2020-01-02", "amount": 5e6, "currency": "INR"}),
        record("osm:r", "review", text="Good.", links=[{"rel": "about", "key": "1"}]),
    )
    world.assign()
    world.project(graph=store)
    assert drift(world.ledger, store, policies=POLICIES, now=NOW) == []
    world.stage(tombstone("osm:1"), tombstone("osm:f", "funding"))
    world.assign()
    left = drift(world.ledger, store, policies=POLICIES, now=NOW)
    assert len(left) == 2
    world.project(graph=store)
    assert drift(world.ledger, store, policies=POLICIES, now=NOW) == []
