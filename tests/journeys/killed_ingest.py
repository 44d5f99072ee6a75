"""`python -m tests.journeys.killed_ingest RECORDS STORES KILLS SEED`: ingest into IBCM_HOME, killed on the way.

Forks one process after another that ingests, ends each but the last with SIGKILL at a random moment, and prints the
canonical export. STORES keeps what graph and index hold, as files: an engine's double that survives its process.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

from ibcm.domain.graph import Projection
from ibcm.domain.passages import Passage


class FileGraph:
    """A node a file, replaced whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, projections: Sequence[Projection]) -> None:
        for one in projections:
            _put(self._folder / f"{one.label}-{one.id}.json", asdict(one))

    def remove(self, label: str, ids: Sequence[str]) -> None:
        for one in ids:
            (self._folder / f"{label}-{one}.json").unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing to close."""


class FileIndex:
    """A record a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def replace(self, passages: Mapping[str, Sequence[Passage]]) -> None:
        for ref, some in passages.items():
            path = self._folder / f"passages-{quote(ref, safe='')}.json"
            if some:
                _put(path, [asdict(one) for one in some])
            else:
                path.unlink(missing_ok=True)

    def records(self) -> Iterable[str]:
        return ()


def _put(path: Path, value: object) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(value, default=str), encoding="utf-8")
    draft.replace(path)


def ingest(records: Path, stores: Path) -> None:
    from django import db

    from ibcm import wiring
    from ibcm.sources import services

    wiring.replace("graph", FileGraph(stores))
    wiring.replace("passage_index", FileIndex(stores))
    services.ingest_files(sorted(records.glob("*.jsonl")))
    db.connections.close_all()


def killed(records: Path, stores: Path, after: float) -> bool:
    """Run in a process of its own and end it after so many seconds. False when it had finished before."""
    child = os.fork()
    if child == 0:
        try:
            ingest(records, stores)
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    until = time.monotonic() + after
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            if status:
                raise SystemExit("an ingest failed by itself")
            return False
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


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
    moments, done, latest = random.Random(seed), 0, 0.9
    for _ in range(kills):
        if killed(records, stores, moments.uniform(0.02, latest)):
            done += 1
        else:  # it was through before that: a fast machine, or little work left
            latest = max(0.05, latest / 2)
    ingest(records, stores)
    sys.stderr.write(f"killed {done} times; left over: {waiting()}\n")
    ledger = wiring.ledger()
    for line in canonical_export(ledger, policies=ledger.policies(), now=timezone.now()):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcm.settings")
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
