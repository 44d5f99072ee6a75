"""Records a second, end to end, through the command that people use.

`python -m benchmarks.ingest_rate --records DIR [--mapping MAP.YAML]` makes a home of its own, ingests the records
(reading, checking, staging, assignment, graph, index), then ingests them again unchanged, and prints both rates and the
command's own counts. `python -m benchmarks.questions.synthetic --out DIR` makes records when there are none.
Models are taken from IBCM_MODELS; IBCM_EMBEDDER chooses the embedder.
"""

import argparse
import gzip
import tempfile
import time
from pathlib import Path

from benchmarks.running import manage


def main(arguments: list[str] | None = None) -> int:
    """Ingest twice, print rates."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest_rate", description=__doc__)
    parser.add_argument("--records", nargs="+", type=Path, required=True)
    parser.add_argument("--mapping", type=Path, help="for files that are not records yet")
    parser.add_argument("--home", type=Path, help="keep the home here; a temporary one otherwise")
    given = parser.parse_args(arguments)
    paths = [str(path.resolve()) for path in given.records]
    mapping = ["--mapping", str(given.mapping.resolve())] if given.mapping else []
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or Path(folder) / "home"
        empty = timed(home, "sources")[0]
        print(f"a command that only opens the home: {empty:.1f} s")
        for round_name in ("first time", "again, unchanged"):
            seconds, said = timed(home, "ingest", "file", *paths, *mapping)
            n = sum(records_in(path) for path in given.records) if not mapping else 0
            rate = f"{n} records, {n / seconds:.1f} a second ({n / max(seconds - empty, 0.1):.1f} without start-up)"
            print(f"{round_name}: {seconds:.1f} s" + (f", {rate}" if n else ""))
            print("  " + said.strip().replace("\n", "\n  "))
    return 0


def timed(home: Path, *arguments: str) -> tuple[float, str]:
    """Seconds and stdout of one command."""
    start = time.perf_counter()
    said = manage(home, *arguments)
    return time.perf_counter() - start, said


def records_in(path: Path) -> int:
    """Lines of a record file, or of all record files below a folder."""
    files = [f for f in path.rglob("*") if f.name.endswith((".jsonl", ".jsonl.gz"))] if path.is_dir() else [path]
    found = 0
    for file in files:
        opener = gzip.open if file.suffix == ".gz" else open
        with opener(file, "rb") as lines:
            found += sum(1 for line in lines if line.strip())
    return found


if __name__ == "__main__":
    raise SystemExit(main())
