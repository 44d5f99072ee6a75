"""The sets on which resolution is measured, as records and labelled pairs, out of a folder of development data."""

import csv
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawlers.file import policies_for, read_files
from ibcm.domain.records import SourceRecord

LABELS = Path(__file__).with_name("labels")
READ = "2026-01-01T00:00:00Z"
Row = dict[str, Any]
Labelled = list[tuple[str, str, bool]]


@dataclass(slots=True)
class Set:
    """Records (docs/records.md) with the pairs of which somebody knows whether they are one thing."""

    name: str
    records: list[Row] = field(default_factory=list)
    pairs: Labelled = field(default_factory=list)
    whole: bool = True
    """Every pair of its records that is one thing is among `pairs`; else they are a sample."""
    sides: bool = True
    """Each source lists a thing once."""
    registers: frozenset[str] = frozenset()
    """Sources that do although others here do not."""

    def write(self, folder: Path) -> None:
        """records.jsonl, source.yaml and pairs.csv, as `evaluate resolution` reads them."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "records.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in self.records)
        sources = sorted({record["source"] for record in self.records})
        terms = "licence: LicenseRef-benchmark, attribution: benchmark"
        once = {one: str(self.sides or one in self.registers).lower() for one in sources}
        said = (f"{one}: {{name: {one}, {terms}, deduplicated: {once[one]}}}\n" for one in sources)
        (folder / "source.yaml").write_text("".join(said))
        with (folder / "pairs.csv").open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(["left", "right", "same"])
            lines.writerows((left, right, int(same)) for left, right, same in self.pairs)


def record(source: str, key: str, kind: str, city: str | None = None, **data: Any) -> Row:
    told = {name: value for name, value in data.items() if value not in ("", None, [])}
    return {"source": source, "key": key, "kind": kind, "city": city, "retrieved_at": READ, "data": told}


def _magellan(folder: Path, name: str, splits: tuple[str, ...], data_of: Callable[[Row], Row]) -> Set:
    """A DeepMatcher set; a row that several pairs hold is one record, known by what it says."""
    found, seen = Set(name), dict[tuple[str, str], str]()
    for split in splits:
        with gzip.open(folder / f"er_magellan/{name}_{split}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                pair, refs = json.loads(line), []
                for side in ("left", "right"):
                    row = pair[side]
                    known = (side, json.dumps(row, sort_keys=True))
                    if known not in seen:
                        made = record(side, f"r{len(seen)}", "place", **data_of(row))
                        seen[known] = f"{side}:{made['key']}"
                        found.records.append(made)
                    refs.append(seen[known])
                found.pairs.append((refs[0], refs[1], bool(int(pair["label"]))))
    return found


def _restaurant(row: Row) -> Row:
    told = {"name": row["name"], "address": row["addr"], "locality": row["city"], "phone": row["phone"]}
    return {**told, "cuisine": [row["type"]], "country": "US"}


def _product(row: Row) -> Row:
    price = float(row["price"]) if row["price"] else None
    return {"name": row["name"], "description": row["description"], "price": price}


def fodors_zagats(folder: Path) -> Set:
    return _magellan(folder, "fodors_zagats", ("train", "valid"), _restaurant)


def abt_buy_dev(folder: Path) -> Set:
    return _magellan(folder, "abt_buy_textual", ("train", "valid"), _product)


def abt_buy_test(folder: Path) -> Set:
    return _magellan(folder, "abt_buy_textual", ("test",), _product)


def _csv(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def _labels(name: str) -> Labelled:
    return [(row["left"], row["right"], row["same"] == "1") for row in _csv(LABELS / f"{name}.csv")]


def hospitals(folder: Path) -> Set:
    """One directory that lists the same hospital up to three times."""
    found = Set("hospitals", pairs=_labels("hospitals"), whole=False, sides=False)
    for row in _csv(folder / "hospitals/hospitals_5cities.csv.gz"):
        told = {"name": row["name"], "address": row["address_line"], "category": "hospital"}
        where = {"lat": float(row["lat"]), "lon": float(row["lon"]), "country": "IN"}
        found.records.append(record("hospitals", row["id"], "place", row["city"], **told, **where))
    return found


def stops(folder: Path) -> Set:
    """The bus stops of one network, fourteen years apart."""
    found = Set("stops", pairs=_labels("stops"), whole=False, sides=False)
    files = (
        ("bmtc2012", "bangalore_civic/bmtc_stops_2012.csv", "id"),
        ("bmtc", "city_transit/bangalore_stops.csv.gz", "stop_id"),
    )
    for source, path, key in files:
        for row in _csv(folder / path):
            where = {"lat": float(row["lat"]), "lon": float(row["lon"])}
            found.records.append(record(source, row[key], "stop", "bangalore", name=row["name"], mode="bus", **where))
    return found


def companies(folder: Path) -> Set:
    """Start-ups and their investors (one list, as the press wrote them), two lists of unicorns, a stock exchange."""
    found = Set("companies", pairs=_labels("companies"), whole=False, sides=False, registers=frozenset({"nse"}))
    mapping = Path(__file__).parents[2] / "docs/examples/companies.yaml"
    policies = policies_for([folder], mapping)
    for one in read_files([folder / "companies"], mapping, policies=policies):
        if isinstance(one, SourceRecord) and one.kind == "organization" and one.source != "india_banks":
            found.records.append(one.model_dump(mode="json", exclude_none=True, exclude_defaults=True))
    return found


SETS: Mapping[str, Callable[[Path], Set]] = {
    "fodors-zagats": fodors_zagats,
    "abt-buy-dev": abt_buy_dev,
    "abt-buy-test": abt_buy_test,
    "hospitals": hospitals,
    "stops": stops,
    "companies": companies,
}
