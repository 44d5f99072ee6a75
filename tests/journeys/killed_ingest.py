"""`python -m tests.journeys.killed_ingest RECORDS STORES KILLS SEED`: ingest, rebuild and purge, killed on the way.

Forks one process after another that ingests into IBCM_HOME, then some that write the graph again, then some that purge
by stricter terms; ends each but the last with SIGKILL at a random moment, so many in all, and prints the canonical
export. STORES keeps what graph and index hold, as files: an engine's double that survives its process.
"""

import os
import pickle
import random
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ibcm.domain.drift import Fault
from ibcm.domain.graph import Projection, Query, Row
from ibcm.domain.passages import Passage
from tests.doubles import answered, compared

PATIENCE = 3
"""Attempts for each kill: what was through in time was not killed."""


class FileGraph:
    """A node a file, replaced whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, projections: Sequence[Projection]) -> None:
        for one in projections:
            _put(self._folder / f"{one.label}-{one.id}.node", one)

    def remove(self, label: str, ids: Sequence[str]) -> None:
        for one in ids:
            (self._folder / f"{label}-{one}.node").unlink(missing_ok=True)

    def read(self, query: Query) -> list[Row]:
        found = [got(path) for path in self._folder.glob("*.node")]
        return answered(query, {(one.label, one.id): one for one in found})

    def close(self) -> None:
        """Nothing to close."""


class FileIndex:
    """A record a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def replace(self, passages: Mapping[str, Sequence[Passage]]) -> None:
        for ref, some in passages.items():
            path = self._path(ref)
            if some:
                _put(path, list(some))
            else:
                path.unlink(missing_ok=True)

    def records(self) -> Iterable[str]:
        return (got(path)[0].record for path in self._folder.glob("*.passages"))

    def compare(self, passages: Mapping[str, Sequence[Passage]]) -> Mapping[str, Sequence[Fault]]:
        return compared({ref: got(path) for ref in passages if (path := self._path(ref)).exists()}, passages)

    def _path(self, ref: str) -> Path:
        return self._folder / f"{quote(ref, safe='')}.passages"


def _put(path: Path, value: object) -> None:
    draft = path.with_suffix(".draft")
    draft.write_bytes(pickle.dumps(value))
    draft.replace(path)


def got(path: Path) -> Any:
    return pickle.loads(path.read_bytes())  # noqa: S301 - written by `_put`


def ingest(records: Path, stores: Path) -> None:
    from ibcm.sources import services

    _connect(stores)
    services.ingest_files(sorted(records.glob("*.jsonl")))


def rebuild(stores: Path) -> None:
    """As the job does it that goes on, or begins anew."""
    from ibcm.sources import services

    _connect(stores)
    services.rebuild_graph(again=False)


def purge(stores: Path) -> None:
    """By terms that forget one field of most records after a day: every one of them was read long ago."""
    from django.utils import timezone

    from ibcm import wiring
    from ibcm.domain.policy import FieldPolicy
    from ibcm.records import purging
    from ibcm.sources import services

    _connect(stores)
    ledger = wiring.ledger()
    policy = ledger.policies()["survey"]
    ledger.save_policy("survey", policy.model_copy(update={"fields": {"area": FieldPolicy(retention_days=1)}}))
    purging.purge(timezone.now())
    services.finish_pending()


def _connect(stores: Path) -> None:
    from ibcm import wiring

    wiring.replace("graph", FileGraph(stores))
    wiring.replace("passage_index", FileIndex(stores))


def killed(work: Callable[[], None], after: float) -> bool:
    """Run in a process of its own and end it after so many seconds. False when it had finished before."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    until = time.monotonic() + after
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            if status:
                raise SystemExit("it failed by itself")
            return False
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def often_killed(work: Callable[[], None], kills: int, moments: random.Random) -> int:
    """Kill it so often before it is through. Returns how often that was."""
    done, latest = 0, 0.9
    for _ in range(PATIENCE * kills):
        if done == kills:
            break
        if killed(work, moments.uniform(0.02, latest)):
            done += 1
        else:  # it was through before that: a fast machine, or little work left
            latest = max(0.05, latest / 2)
    return done


def main(records: Path, stores: Path, kills: int, seed: int) -> None:
    import django

    django.setup()
    from django import db
    from django.core.management import call_command
    from django.utils import timezone

    from graph.ingest.canonical import canonical_export
    from ibcm import wiring
    from ibcm.records.services import waiting

    call_command("migrate", verbosity=0)
    db.connections.close_all()
    moments = random.Random(seed)
    done = 0
    steps: list[Callable[[], None]] = [
        lambda: ingest(records, stores),
        lambda: rebuild(stores),
        lambda: purge(stores),
    ]
    for work in steps:
        done += often_killed(work, kills // len(steps), moments)
        work()
        db.connections.close_all()
    from ibcm.sources import services

    sys.stderr.write(f"killed {done} times; left over: {waiting()}, drift: {services.check_drift()['left']}\n")
    ledger = wiring.ledger()
    for line in canonical_export(ledger, policies=ledger.policies(), now=timezone.now()):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcm.settings")
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
