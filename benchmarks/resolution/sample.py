"""Draws the pairs that were read by hand: `python -m benchmarks.resolution.sample --data DIR --out DIR`.

Candidates are all pairs whose names (and addresses and positions, of hospitals) are somewhat alike, by measures that
the product does not use; they are drawn in strata, so that the doubtful ones are many. Each line holds what a reader
needs; the answers are kept in labels/ as keys alone.
"""

import argparse
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from benchmarks.resolution.sets import Row, companies, hospitals, stops
from graph.geo import metres

SEED = 20
REACH = 0.006
"""Degrees beyond which two stops are not looked at."""
STRATA = {
    "hospitals": {"A": 110, "B": 160, "C": 50},
    "stops": {"A": 90, "B": 120, "C": 40, "E": 30},
    "companies": {"A": 70, "B": 80, "C": 40},
}
Candidate = tuple[str, Row, Row, float]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resolution.sample", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of development data")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    makers: dict[str, Callable[[Path], Iterator[Candidate]]] = {
        "hospitals": _hospitals,
        "stops": _stops,
        "companies": _companies,
    }
    dice = random.Random(SEED)
    for name, make in makers.items():
        strata: dict[str, list[Candidate]] = defaultdict(list)
        for candidate in make(given.data):
            strata[candidate[0]].append(candidate)
        drawn = [one for key, n in STRATA[name].items() for one in dice.sample(strata[key], min(n, len(strata[key])))]
        dice.shuffle(drawn)
        lines = (json.dumps({"left": _told(a), "right": _told(b), "metres": round(d)}) for _, a, b, d in drawn)
        (given.out / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{name}: {len(drawn)} of { ({key: len(found) for key, found in strata.items()}) }")
    return 0


def _hospitals(folder: Path) -> Iterator[Candidate]:
    by_city: dict[str, list[Row]] = defaultdict(list)
    for row in hospitals(folder).records:
        by_city[row["city"]].append(row)
    for rows in by_city.values():
        for one, other in combinations(rows, 2):
            names = max(_alike(one, other, 0.9), fuzz.token_sort_ratio(_plain(one, "name"), _plain(other, "name")))
            addresses = fuzz.token_set_ratio(_plain(one, "address"), _plain(other, "address"))
            apart = _apart(one, other)
            if names < 60 and not (apart < 30 and names >= 45 and addresses >= 60):
                continue
            score = names / 100 * 0.6 + addresses / 100 * 0.25 + max(0.0, 1 - apart / 1500) * 0.15
            if score > 0.62:
                yield ("A" if score > 0.86 else "B" if score > 0.72 else "C"), one, other, apart


def _stops(folder: Path) -> Iterator[Candidate]:
    rows = stops(folder).records
    for one, other in _near(rows):
        apart, names = _apart(one, other), _alike(one, other, 0.95)
        if apart > 600 or names < 55:
            continue
        if _plain(one, "name") == _plain(other, "name") and apart < 150:
            yield "E", one, other, apart
        else:
            yield ("A" if names >= 85 and apart < 150 else "B" if names >= 70 else "C"), one, other, apart


def _companies(folder: Path) -> Iterator[Candidate]:
    rows = companies(folder).records
    names = [_plain(row, "name") for row in rows]
    squeezed = [name.replace(" ", "") for name in names]
    whole, words = (
        process.cdist(one, one, scorer=how, dtype=np.uint8, score_cutoff=70)
        for one, how in ((squeezed, fuzz.ratio), (names, fuzz.token_set_ratio))
    )
    for at, to in zip(*np.nonzero(np.triu(np.maximum(whole, words), 1)), strict=True):
        alike = max(int(whole[at, to]), int(words[at, to]) * 0.9)
        if alike >= 70 and min(len(squeezed[at]), len(squeezed[to])) > 2:
            yield ("A" if alike >= 93 else "B" if alike >= 84 else "C"), rows[at], rows[to], 0.0


def _near(rows: Iterable[Row]) -> Iterator[tuple[Row, Row]]:
    found = list(rows)
    for one in (row for row in found if row["source"] == "bmtc2012"):
        for other in (row for row in found if row["source"] == "bmtc"):
            if all(abs(one["data"][axis] - other["data"][axis]) <= REACH for axis in ("lat", "lon")):
                yield one, other


def _alike(one: Row, other: Row, share: float) -> float:
    a, b = _plain(one, "name"), _plain(other, "name")
    return max(fuzz.token_set_ratio(a, b) * share, fuzz.ratio(a.replace(" ", ""), b.replace(" ", "")))


def _plain(row: Row, name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", str(row["data"].get(name, "")).lower()).strip()


def _apart(one: Row, other: Row) -> float:
    a, b = ((row["data"]["lat"], row["data"]["lon"]) for row in (one, other))
    return metres(a, b)


def _told(row: Row) -> dict[str, Any]:
    data = row["data"]
    told = ("name", "address", "legal_name", "city", "sectors", "business", "investors", "role", "valuation_usd")
    return {"ref": f"{row['source']}:{row['key']}", **{field: data[field] for field in told if field in data}}


if __name__ == "__main__":
    raise SystemExit(main())
