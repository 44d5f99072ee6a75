"""`ingest` killed with -9 at random points and rerun must give the same export.

`python -m benchmarks.crash_ingest --records DIR [--kills 20] [--seed 1]` ingests the records into one home without
disturbance and keeps `export --canonical`; then, in another home, starts the same `ingest` again and again and kills
its process with SIGKILL after a random part of the undisturbed time, so that the kills fall everywhere from start-up to
the last projection. When a run gets through, its export is compared byte by byte and a new home begins. Every kill
also leaves an embedded engine behind that has to go by itself: what is still alive after thirty seconds is told. Exit
0: the same export and nothing left over. IBCM_EMBEDDER=hashing makes it quicker.
"""

import argparse
import difflib
import os
import random
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL

from benchmarks.running import ROOT, command, environment, manage, tree

GONE_SECONDS = 30.0
SHOWN_LINES = 20


def main(arguments: list[str] | None = None) -> int:
    """Kill, compare, print; exit 1 on a difference."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash_ingest", description=__doc__)
    parser.add_argument("--records", nargs="+", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, help="folder for the homes; a temporary one otherwise")
    given = parser.parse_args(arguments)
    ingest = ["ingest", "file", *(str(path.resolve()) for path in given.records)]
    with tempfile.TemporaryDirectory() as folder:
        work = given.work or Path(folder)
        begun = time.monotonic()
        manage(work / "calm", *ingest)
        whole = time.monotonic() - begun
        expected = manage(work / "calm", "export", "--canonical")
        print(f"undisturbed: {whole:.1f} s, {len(expected.splitlines())} lines")
        run = Disturbed(work, ingest, whole, expected, random.Random(given.seed))
        while run.kills < given.kills:
            run.step()
        run.compare()
    print(f"{run.kills} kills, {run.compared} exports compared, {run.different} not the same, {run.left} left alive")
    return 1 if run.different or run.left or not expected else 0


@dataclass
class Disturbed:
    """Starts and kills on one home until the ingest gets through; then that home is compared and a new one begins."""

    work: Path
    ingest: list[str]
    whole: float
    expected: str
    rng: random.Random
    kills: int = 0
    left: int = 0
    homes: int = 1
    compared: int = 0
    different: int = 0

    @property
    def home(self) -> Path:
        return self.work / f"killed-{self.homes}"

    def step(self) -> None:
        """One start, ended by a kill or by itself."""
        moment = self.rng.uniform(0.3, max(1.0, self.whole))
        process = subprocess.Popen(
            command(*self.ingest), cwd=ROOT, env=environment(self.home), stdout=DEVNULL, stderr=DEVNULL
        )
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            self._kill(process, moment)
        else:
            print(f"home {self.homes}: got through before {moment:.1f} s")
            self.compare()
            self.homes += 1

    def compare(self) -> None:
        """Let the ingest finish, and hold its export against the undisturbed one."""
        manage(self.home, *self.ingest)
        got = manage(self.home, "export", "--canonical")
        changes = difflib.unified_diff(self.expected.splitlines(), got.splitlines(), "calm", "killed", lineterm="", n=0)
        shown = list(changes)[:SHOWN_LINES]
        self.compared += 1
        self.different += bool(shown)
        print(f"home {self.homes}: " + ("NOT THE SAME" if shown else "the same export"))
        print("".join(f"  {line[:300]}\n" for line in shown), end="")

    def _kill(self, process: "subprocess.Popen[bytes]", moment: float) -> None:
        family = tree(process.pid)[1:]
        process.send_signal(signal.SIGKILL)
        process.wait()
        alive = outlived(family)
        self.kills, self.left = self.kills + 1, self.left + len(alive)
        told = f", ALIVE: {alive}" if alive else ""
        print(f"kill {self.kills}: home {self.homes}, after {moment:.1f} s, {len(family)} children{told}", flush=True)


def outlived(family: list[int]) -> list[int]:
    """Those of the processes that are still there after `GONE_SECONDS`."""
    end = time.monotonic() + GONE_SECONDS
    alive = family
    while alive and time.monotonic() < end:
        alive = [pid for pid in alive if _there(pid)]
        time.sleep(0.1)
    return alive


def _there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    raise SystemExit(main())
