"""How ingest grows: `python -m benchmarks.scale --n 10000 100000 [--data DIR] [--home DIR]`.

For each number it makes so many places (benchmarks.places), ingests them into a home of its own with one command, and
prints a line: seconds by the command's own count (reading, staging, assignment, graph, index), records a second, the
highest sum of memory (PSS) of the whole process tree, and what the home takes on disk. With `IBCM_NEO4J_URI` the graph
is that server's, whose memory is not counted; it is emptied by nobody, so give it one number at a time.
`IBCM_EMBEDDER=hashing` leaves the encoder's time out (benchmarks.index_throughput measures it).
"""

import argparse
import json
import re
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.places import main as make_places
from benchmarks.running import ROOT, command, environment, memory, tree

SECONDS = re.compile(r" in ([\d.]+) s$", re.MULTILINE)
EVERY = 2.0


def main(arguments: list[str] | None = None) -> int:
    """Make, ingest, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--n", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--data", type=Path, help="development data: more real names")
    parser.add_argument("--home", type=Path, help="keep the homes below this folder; temporary ones otherwise")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        for n in given.n:
            places = Path(scratch) / f"places-{n}"
            data = ["--data", str(given.data)] if given.data else []
            make_places(["--n", str(n), "--out", str(places), *data])
            print(json.dumps(measured(n, places, (given.home or Path(scratch)) / f"home-{n}")), flush=True)
    return 0


def measured(n: int, places: Path, home: Path) -> dict[str, float | int | str]:
    """One ingest; raises SystemExit with its last words when it fails."""
    log = places / "log"
    with log.open("wb") as out:
        running = subprocess.Popen(
            command("ingest", "file", str(places)), env=environment(home), cwd=ROOT, stdout=out, stderr=out
        )
        highest = 0
        while running.poll() is None:
            highest = max(highest, sum(memory(one)[0] for one in tree(running.pid)))
            time.sleep(EVERY)
    said = log.read_text(encoding="utf-8", errors="replace")
    found = SECONDS.search(said)
    if running.returncode or not found:
        raise SystemExit(f"the ingest of {n} places failed: {said[-2_000:]}")
    seconds = float(found[1])
    used = sum(file.stat().st_size for file in home.rglob("*") if file.is_file())
    return {
        "places": n,
        "seconds": seconds,
        "a_second": round(n / seconds, 1),
        "peak_mib": round(highest / 1024),
        "home_mib": round(used / 2**20),
        "said": next(line for line in said.splitlines() if line.startswith("file: ")),
    }


if __name__ == "__main__":
    raise SystemExit(main())
