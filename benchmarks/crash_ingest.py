"""`ingest` killed with -9 at random points and rerun must give the same export.

`python -m benchmarks.crash_ingest --records DIR [--kills 20] [--seed 1]` ingests the records into one home without
disturbance and keeps `export --canonical`; then, in a second home, starts the same `ingest` again and again and kills
its process with SIGKILL after a random part of the undisturbed time, so that the kills fall everywhere from start-up to
the last projection; lets the last run finish, exports, and compares byte by byte. Every kill also leaves an embedded
engine behind that has to go by itself: what is still alive after ten seconds is told. Exit 0: the same export and
nothing left over. IBCM_EMBEDDER=hashing makes it quicker.
"""

import argparse
import difflib
import os
import random
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.running import ROOT, command, environment, manage, tree

GONE_SECONDS = 10.0
SHOWN_LINES = 20


def main(arguments: list[str] | None = None) -> int:
    """Compare, print, exit 1 on a difference."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash_ingest", description=__doc__)
    parser.add_argument("--records", nargs="+", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, help="folder for the two homes and exports; temporary otherwise")
    given = parser.parse_args(arguments)
    ingest = ["ingest", "file", *(str(path.resolve()) for path in given.records)]
    with tempfile.TemporaryDirectory() as folder:
        work = given.work or Path(folder)
        begun = time.monotonic()
        manage(work / "calm", *ingest)
        calm_seconds = time.monotonic() - begun
        print(f"undisturbed: {calm_seconds:.1f} s")
        expected = manage(work / "calm", "export", "--canonical")
        left = disturb(work / "killed", ingest, calm_seconds, given.kills, random.Random(given.seed))
        print(manage(work / "killed", *ingest).strip())
        got = manage(work / "killed", "export", "--canonical")
        (work / "calm.jsonl").write_text(expected, encoding="utf-8")
        (work / "killed.jsonl").write_text(got, encoding="utf-8")
    differences = list(
        difflib.unified_diff(expected.splitlines(), got.splitlines(), "calm", "killed", lineterm="", n=0)
    )
    print("\n".join(line[:300] for line in differences[:SHOWN_LINES]))
    print(f"{len(expected.splitlines())} lines, {'the same' if not differences else 'NOT THE SAME'}; {left} left alive")
    return 1 if differences or left or not expected else 0


def disturb(home: Path, ingest: list[str], whole: float, kills: int, rng: random.Random) -> int:
    """Start and kill that many times. Returns how many child processes outlived their parent."""
    left = 0
    for number in range(kills):
        moment = rng.uniform(0.3, max(1.0, whole))
        process = subprocess.Popen(
            command(*ingest), cwd=ROOT, env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(moment)
            print(f"kill {number + 1}: it had ended after less than {moment:.1f} s")
            continue
        except subprocess.TimeoutExpired:
            family = tree(process.pid)[1:]
        process.send_signal(signal.SIGKILL)
        process.wait()
        alive = outlived(family)
        left += len(alive)
        print(
            f"kill {number + 1}: after {moment:.1f} s, {len(family)} children" + (f", ALIVE: {alive}" if alive else "")
        )
    return left


def outlived(family: list[int]) -> list[int]:
    """Those of the processes that are still there after ten seconds."""
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
