"""Splink on a folder of records, without labels: `python rival.py FOLDER --out pairs.csv`. Prints a line of JSON.

Runs in an environment of its own (benchmarks/requirements.txt) and imports nothing of the product. Set up as its
documentation advises: term frequencies on names, u by random sampling, m by EM over two blocking rules. Names of
products are compared by their words and model numbers, because spelling distances are blind there.
"""

import argparse
import csv
import json
import logging
import re
import resource
import time
from pathlib import Path
from typing import Any

import pandas as pd
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

PLAIN = re.compile(r"[^a-z0-9]+")
CODE = re.compile(r"\b(?=[a-z0-9-]*\d)(?=[a-z0-9-]*[a-z])[a-z0-9-]{5,}\b")
LEAST = 0.001


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    frame = table(given.folder / "records.jsonl")
    begun = time.monotonic()
    found = predictions(frame)
    seconds = time.monotonic() - begun
    with given.out.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["left", "right", "score"])
        lines.writerows([min(a, b), max(a, b), f"{score:.6f}"] for a, b, score in found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"pairs": len(found), "seconds": round(seconds, 2), "peak_mib": peak}))
    return 0


def table(path: Path) -> pd.DataFrame:
    rows = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            rows.append(row_of(record, record["data"]))
    frame = pd.DataFrame(rows)
    return frame.dropna(axis="columns", how="all")


def row_of(record: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    name = plain(data["name"]) or ""
    code = CODE.findall(str(data["name"]).lower())
    position = {"lat": data.get("lat"), "lon": data.get("lon")}
    if position["lat"] is not None:
        position |= {"near": f"{position['lat']:.3f},{position['lon']:.3f}"}
    return {
        "unique_id": f"{record['source']}:{record['key']}",
        "source": record["source"],
        "city": record.get("city"),
        "name": name,
        "words": sorted(set(name.split())),
        "first_word": name.split()[0] if name else None,
        "start": name[:4],
        "code": code[0].replace("-", "") if code else None,
        "address": plain(data.get("address")),
        "phone": re.sub(r"\D", "", str(data.get("phone") or "")) or None,
        "locality": data.get("locality"),
        "town": plain(data.get("city")),
        "sector": plain(next(iter(data.get("sectors") or []), None)),
        "price": data.get("price"),
        **position,
    }


def plain(text: object) -> str | None:
    return PLAIN.sub(" ", str(text).lower()).strip() or None if text else None


def predictions(frame: pd.DataFrame) -> list[tuple[str, str, float]]:
    known = set(frame.columns)
    products = "price" in known
    firms = "town" in known
    comparisons, blocks = _products() if products else _firms() if firms else _places(known)
    sides = [frame[frame.source == one].reset_index(drop=True) for one in sorted(frame.source.unique())]
    if len(sides) > 2:
        sides = [frame]
    settings = SettingsCreator(
        link_type="link_only" if len(sides) == 2 else "dedupe_only",
        unique_id_column_name="unique_id",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=blocks,
    )
    api = DuckDBAPI()
    linker = Linker([api.register(side) for side in sides], settings)
    linker.training.estimate_probability_two_random_records_match([block_on("name")], recall=0.7)
    linker.training.estimate_u_using_random_sampling(1e6)
    trained = [
        "name",
        "town"
        if firms
        else "phone"
        if "phone" in known
        else "code"
        if products
        else "address"
        if "address" in known
        else "near",
    ]
    for column in trained:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(column))
    told = linker.inference.predict(threshold_match_probability=LEAST).as_pandas_dataframe()
    columns = told["unique_id_l"], told["unique_id_r"], told["match_probability"]
    return list(zip(*columns, strict=True))


def _places(known: set[str]) -> tuple[list[Any], list[Any]]:
    names = cl.JaroWinklerAtThresholds("name", [0.95, 0.88, 0.7]).configure(term_frequency_adjustments=True)
    first = block_on("first_word", "city") if "city" in known else block_on("first_word")
    comparisons: list[Any] = [names]
    blocks: list[Any] = [block_on("name"), first]
    if "phone" in known:
        comparisons.append(cl.ExactMatch("phone"))
        blocks.append(block_on("phone"))
    if "address" in known:
        comparisons.append(cl.JaroWinklerAtThresholds("address", [0.95, 0.88, 0.7]))
        blocks.append(block_on("address"))
    if "locality" in known:
        comparisons.append(cl.ExactMatch("locality"))
    if "near" in known:
        comparisons.append(cl.DistanceInKMAtThresholds("lat", "lon", [0.05, 0.15, 0.4, 1, 5]))
        blocks += [block_on("near"), block_on("start", "city")]
    return comparisons, blocks


def _firms() -> tuple[list[Any], list[Any]]:
    comparisons: list[Any] = [
        cl.JaroWinklerAtThresholds("name", [0.95, 0.88, 0.7]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("town", [0.95, 0.85]).configure(term_frequency_adjustments=True),
        cl.ExactMatch("sector"),
    ]
    return comparisons, [block_on("name"), block_on("first_word"), block_on("start", "town")]


def _products() -> tuple[list[Any], list[Any]]:
    comparisons = [
        cl.ArrayIntersectAtSizes("words", [6, 5, 4, 3, 2]),
        cl.ExactMatch("code").configure(term_frequency_adjustments=True),
        cl.ExactMatch("price"),
    ]
    return comparisons, [block_on("code"), block_on("words", arrays_to_explode=["words"])]


if __name__ == "__main__":
    raise SystemExit(main())
