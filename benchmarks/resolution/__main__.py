"""Resolution beside Splink, one run: `python -m benchmarks.resolution --data DIR [--rival PYTHON] [--set NAME …]`.

Both see the same records and no label. The product resolves by `manage.py evaluate resolution`, with weights fitted to
the set; Splink by rival.py, in the environment of the interpreter that `--rival` names. Splink's line is the threshold
that its labels like best, which nobody has who lacks labels; the one at 0.9 stands beside it.
"""

import argparse
import csv
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.resolution.sets import SETS, Set
from benchmarks.running import manage
from graph.ingest.evaluation import Gold, b_cubed, pairwise
from graph.resolution.cluster import Pair, pair

RIVAL = Path(__file__).with_name("rival.py")
THRESHOLDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
FIXED = 0.9
Line = tuple[str, dict[str, float], float | None, dict[str, Any]]
"""Who, pairwise figures, B-cubed F1 where it can be told, and the rest."""
HEADING = "| set | records | who | P | R | F1 | B-cubed F1 | in review | seconds | peak MiB |"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resolution", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of development data")
    parser.add_argument("--rival", type=Path, help="a Python with Splink (benchmarks/requirements.txt)")
    parser.add_argument("--set", dest="sets", action="append", choices=sorted(SETS))
    parser.add_argument("--keep", type=Path, help="folder for records, pairs and clusters; else they are thrown away")
    given = parser.parse_args(arguments)
    print(HEADING)
    print("|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for name in given.sets or SETS:
            measure(name, SETS[name](given.data), (given.keep or Path(scratch)) / name, given.rival)
    return 0


def measure(name: str, found: Set, folder: Path, rival: Path | None) -> None:
    found.write(folder)
    told = ours(folder)
    bcubed = told["b_cubed"]["f1"] if found.whole else None
    _print(name, len(found.records), ("IBCM", told["pairwise"], bcubed, told))
    print(f"| {name} | | with its review | " + _figures(told["pairwise_with_review"]) + " | | | | |")
    if rival:
        for line in theirs(found, folder, rival):
            _print(name, len(found.records), line)


def ours(folder: Path) -> dict[str, Any]:
    """metrics.json of `evaluate resolution`."""
    out = folder / "out"
    manage(
        None,
        "evaluate",
        "resolution",
        "--records",
        str(folder),
        "--labelled",
        str(folder / "pairs.csv"),
        "--out",
        str(out),
    )
    told: dict[str, Any] = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    return told


def theirs(
    found: Set, folder: Path, python: Path
) -> Sequence[tuple[str, dict[str, float], float | None, dict[str, Any]]]:
    """Splink at the threshold that the labels like best, and at a fixed one."""
    out = folder / "splink.csv"
    done = subprocess.run(
        [str(python), str(RIVAL), str(folder), "--out", str(out)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"Splink failed: {done.stderr[-2_000:]}")
    cost = json.loads(done.stdout.splitlines()[-1])
    with out.open(encoding="utf-8", newline="") as lines:
        scores = {pair(row["left"], row["right"]): float(row["score"]) for row in csv.DictReader(lines)}
    gold = Gold(
        {pair(left, right) for left, right, same in found.pairs if same},
        {pair(left, right) for left, right, _ in found.pairs},
    )
    refs = [f"{record['source']}:{record['key']}" for record in found.records]
    by_threshold = {least: {one for one, score in scores.items() if score >= least} for least in THRESHOLDS}
    best = max(THRESHOLDS, key=lambda least: pairwise(by_threshold[least], gold).f1)
    told = []
    for who, least in ((f"Splink, best of its thresholds ({best:g})", best), (f"Splink at {FIXED:g}", FIXED)):
        figures = pairwise(by_threshold[least], gold).to_json()
        told.append((who, figures, _b_cubed(by_threshold[least], refs, gold) if found.whole else None, cost))
    return told


def _b_cubed(joined: set[Pair], refs: Sequence[str], gold: Gold) -> float:
    """Of the connected components, as Splink clusters."""
    parent = {ref: ref for ref in refs}

    def root(ref: str) -> str:
        while parent[ref] != ref:
            parent[ref] = parent[parent[ref]]
            ref = parent[ref]
        return ref

    for one, other in joined:
        parent[root(one)] = root(other)
    clusters: dict[str, list[str]] = {}
    for ref in refs:
        clusters.setdefault(root(ref), []).append(ref)
    precision, recall = b_cubed(list(clusters.values()), gold.same)
    return round(2 * precision * recall / (precision + recall), 4)


def _figures(figures: dict[str, float]) -> str:
    return " | ".join(f"{figures[name]:.3f}" for name in ("precision", "recall", "f1"))


def _print(name: str, records: int, line: Line) -> None:
    who, figures, bcubed, cost = line
    review = cost.get("review", {}).get("share_of_records")
    shown = [
        name,
        f"{records:,}",
        who,
        _figures(figures),
        "" if bcubed is None else f"{bcubed:.3f}",
        "" if review is None else f"{review:.1%}",
        f"{cost['seconds']:.1f}",
        str(cost["peak_mib"]),
    ]
    print("| " + " | ".join(shown) + " |", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
