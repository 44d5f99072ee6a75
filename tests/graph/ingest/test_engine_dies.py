"""The graph engine dies in the middle of a merge, and the walk ends as if nothing had happened."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.store.bolt import BoltGraphStore
from graph.store.embedded import EmbeddedEngine
from tests.builders import record
from tests.engines import NO_PINGS
from tests.graph.ingest.walk import World

pytestmark = pytest.mark.engine
NAMES = ("Ashwini", "Bhaskar", "Chandan", "Devaki", "Eklavya", "Falguni")
PAIRS = len(NAMES)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    with EmbeddedEngine(tmp_path, heap="256m", watch=NO_PINGS) as made:
        yield made


class Dying:
    """A store whose engine is killed right before or after one chosen call."""

    def __init__(self, store: BoltGraphStore, kill: Callable[[], None], at: int) -> None:
        self._store, self._kill, self._left = store, kill, at

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def call(*args: Any, **named: Any) -> Any:
            self._tick()
            done = method(*args, **named)
            self._tick()
            return done

        return call

    def _tick(self) -> None:
        self._left -= 1
        if self._left == 0:
            self._kill()


def test_a_merge_is_finished_after_the_engine_died_in_it(engine: EmbeddedEngine) -> None:
    world, store = World(), engine.store()
    store.prepare()
    for n in range(PAIRS):
        world.stage(
            record(f"osm:{n}", name=f"{NAMES[n]} Hospital", ids={"wikidata": f"Q{n}"}, lat=12.9, lon=77.5, city="pune"),
            record(f"list:{n}", name=f"{NAMES[n]} Hospital", phone=f"+91201234{n:04}", lat=12.9, lon=77.5, city="pune"),
        )
    world.assign()
    world.project(graph=store)
    for round_, at in enumerate((1, 2, 5, 8), 1):
        for n in range(PAIRS):
            same = f"Q{n}" if round_ % 2 else f"X{n}"
            told: dict[str, Any] = {"ids": {"wikidata": same}, "lat": 12.9, "lon": 77.5, "city": "pune", "beds": round_}
            world.stage(record(f"list:{n}", name=f"{NAMES[n]} Hospital", at=round_, **told))
        world.assign()
        assert len(world.together()) == (PAIRS if round_ % 2 else 2 * PAIRS)

        def kill() -> None:
            assert engine.pid is not None
            os.kill(engine.pid, signal.SIGKILL)

        world.project(graph=Dying(store, kill, at), batch=2)
        assert world.drift(store) == []
    assert engine.restarts > 0
    store.close()
