"""Places in any number, put together from real ones: `python -m benchmarks.places --n 100000 --out DIR`.

Names are real names (post offices and GeoNames out of the packages that the product ships with; with `--data`
hospitals and stops too) with one word exchanged for another that occurs as often as it does in life; positions are
real ones, moved by up to a few kilometres; a tenth of the places is told a second time by another source, with
abbreviations, slips and a shifted position. Nothing in it exists, and how its words, distances and doubles are spread
is as in life.
"""

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.resolution.sets import hospitals, stops
from crawlers.base import FetchScope
from crawlers.registry import sources
from ibcm.config import load_scope
from ibcm.domain.records import SourceRecord

CATEGORIES = {
    "hospital": "Hospital",
    "clinic": "Clinic",
    "pharmacy": "Medicals",
    "school": "School",
    "bank": "Bank",
    "cafe": "Cafe",
    "restaurant": "Restaurant",
    "temple": "Temple",
    "hotel": "Hotel",
    "supermarket": "Stores",
    "park": "Park",
    "gym": "Gym",
}
SHORT = {
    "Hospital": "Hosp.",
    "Road": "Rd",
    "Street": "St.",
    "Nagar": "Ngr",
    "Medicals": "Medical Store",
    "Saint": "St.",
}
STREETS = ("Main Road", "Station Road", "Cross Street", "Temple Street", "Ring Road", "Market Road", "Lake Road")
TOLD_TWICE = 0.1
DEGREE_M = 111_195.0
READ = "2026-01-01T00:00:00Z"
SOURCES = ("one", "two", "three")


@dataclass(frozen=True, slots=True)
class Real:
    name: str
    city: str
    lat: float
    lon: float


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.places", description=__doc__)
    parser.add_argument("--n", type=int, required=True, help="how many records")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="folder of development data, for more real names")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    write(given.out, given.n, seed=given.seed, data=given.data)
    return 0


def write(folder: Path, n: int, *, seed: int = 1, data: Path | None = None) -> None:
    """records.jsonl and source.yaml with n records."""
    folder.mkdir(parents=True, exist_ok=True)
    terms = "licence: CC0-1.0, attribution: invented, allow_export: true"
    (folder / "source.yaml").write_text("".join(f"{one}: {{name: {one}, {terms}}}\n" for one in SOURCES))
    with (folder / "records.jsonl").open("w", encoding="utf-8") as file:
        for record in records(n, random.Random(seed), list(real(data))):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def real(data: Path | None) -> Iterator[Real]:
    """Real places with a position."""
    scope = load_scope()
    everything = FetchScope(tuple(scope.cities.values()), tuple(scope.sectors.values()), datetime.now(UTC))
    for slug in ("geonames", "india_post"):
        for item in sources()[slug].fetch(everything):
            if isinstance(item, SourceRecord) and item.city and item.data.get("lat") is not None:
                name = str(item.data["name"]).rpartition(" ")[0] if slug == "india_post" else str(item.data["name"])
                yield Real(name or str(item.data["name"]), item.city, item.data["lat"], item.data["lon"])
    for made in (hospitals, stops) if data else ():
        for row in made(data).records:  # type: ignore[arg-type] # data is there
            if row["city"] in scope.cities:
                yield Real(row["data"]["name"], row["city"], row["data"]["lat"], row["data"]["lon"])


def records(n: int, dice: random.Random, known: list[Real]) -> Iterator[dict[str, Any]]:
    """n records; of every ten places one is told twice."""
    words = [word for one in known for word in one.name.split() if len(word) > 2]
    made = 0
    while made < n:
        place = _place(dice, known, words)
        yield _record("one", made, place)
        made += 1
        if made < n and dice.random() < TOLD_TWICE:
            yield _record(dice.choice(SOURCES[1:]), made, _again(dice, place))
            made += 1


def _place(dice: random.Random, known: list[Real], words: list[str]) -> dict[str, Any]:
    base, where = dice.choice(known), dice.choice(known)
    said = base.name.split()
    said[dice.randrange(len(said))] = dice.choice(words)
    category = dice.choice(list(CATEGORIES))
    lat, lon = _moved(dice, where.lat, where.lon, 4_000)
    found: dict[str, Any] = {
        "name": " ".join((*said, CATEGORIES[category]))[:120],
        "category": category,
        "address": f"{dice.randint(1, 400)}, {dice.choice(words)} {dice.choice(STREETS)}, {where.name}",
        "lat": lat,
        "lon": lon,
        "city": where.city,
    }
    if dice.random() < 0.4:
        found["phone"] = f"+91 {dice.randint(20, 99)} {dice.randint(20_000_000, 49_999_999)}"
    return found


def _again(dice: random.Random, place: dict[str, Any]) -> dict[str, Any]:
    """As another source tells it."""
    name = " ".join(SHORT.get(word, word) if dice.random() < 0.5 else word for word in place["name"].split())
    if dice.random() < 0.2 and len(name) > 8:
        at = dice.randrange(2, len(name) - 1)
        name = name[:at] + name[at + 1 :]
    lat, lon = _moved(dice, place["lat"], place["lon"], 80)
    found = {**place, "name": name, "lat": lat, "lon": lon}
    if dice.random() < 0.5:
        found.pop("phone", None)
    if dice.random() < 0.5:
        found.pop("address")
    return found


def _moved(dice: random.Random, lat: float, lon: float, metres: float) -> tuple[float, float]:
    reach = metres / DEGREE_M
    return round(lat + dice.uniform(-reach, reach), 6), round(lon + dice.uniform(-reach, reach), 6)


def _record(source: str, number: int, place: dict[str, Any]) -> dict[str, Any]:
    data = {name: value for name, value in place.items() if name != "city"}
    key = f"p{number}"
    return {"source": source, "key": key, "kind": "place", "city": place["city"], "retrieved_at": READ, "data": data}


if __name__ == "__main__":
    raise SystemExit(main())
