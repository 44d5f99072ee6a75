"""Makes the weights that the product ships with: `graph/resolution/shipped.json`.

`python -m benchmarks.resolver_defaults --data DIR` counts the words of names and addresses in open data (hospitals of
India's National Hospital Directory, GODL-India; stops of three cities from transitrouter, MIT; and what ships inside
packages: post offices, GODL-India, and GeoNames, CC BY 4.0), joins them with resolver_shares.yaml, and writes the
snapshot with its manifest. Counts are kept, texts are not. Without `--data` only the packages are counted.
"""

import argparse
import csv
import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from crawlers.base import FetchScope
from crawlers.registry import sources
from graph.resolution.snapshot import SHIPPED, Bands, LabelModel, Snapshot, WordCounts
from graph.resolution.tokens import address_words, name_words
from ibcm.config import load_scope
from ibcm.domain.records import SourceRecord

SHARES = Path(__file__).with_name("resolver_shares.yaml")
LEAST = 4
"""Texts that hold a word before it is listed: rarer ones count as unseen."""
NAMED = ("name",)
FILES = (
    ("hospitals/hospitals_5cities.csv.gz", "name", "address_line"),
    ("city_transit/bangalore_stops.csv.gz", "name", None),
    ("city_transit/chennai_stops.csv.gz", "name", None),
    ("city_transit/delhi_stops.csv.gz", "name", None),
)


def main(arguments: list[str] | None = None) -> int:
    """Count, join, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resolver_defaults", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of development data")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args(arguments)
    said = yaml.safe_load(SHARES.read_text(encoding="utf-8"))
    texts = [*packaged(), *(rows(given.data) if given.data else ())]
    names = counted((name for name, _ in texts), said["common_words"])
    addresses = counted((address_words(address)[0] for _, address in texts if address), {})
    snapshot = Snapshot(
        labels={label: model(said, label) for label in said if label[0].isupper()},
        names=names,
        addresses=addresses,
        bands=Bands(**said["bands"]),
        fitted={
            "by": "python -m benchmarks.resolver_defaults",
            "names": names.total,
            "addresses": addresses.total,
            "counted": ["GeoNames", "India Post", *(path for path, _, _ in FILES if given.data)],
        },
    )
    given.out.write_text(snapshot.dumped() + "\n", encoding="utf-8")
    print(f"{given.out}: version {snapshot.version}, {len(names.counts)} + {len(addresses.counts)} words")
    return 0


def packaged() -> Iterator[tuple[tuple[str, ...], str]]:
    """Names and addresses of what ships inside packages."""
    scope = load_scope()
    everything = FetchScope(tuple(scope.cities.values()), tuple(scope.sectors.values()), datetime.now(UTC))
    for slug in ("geonames", "india_post"):
        for item in sources()[slug].fetch(everything):
            if isinstance(item, SourceRecord) and item.data.get("name"):
                yield name_words(str(item.data["name"])), str(item.data.get("address") or "")


def rows(data: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    """The same of development data."""
    for path, name, address in FILES:
        with gzip.open(data / path, "rt", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                yield name_words(row[name]), row[address] if address else ""


def counted(texts: Iterable[Iterable[str]], common: dict[str, float]) -> WordCounts:
    """How many texts hold each word; `common` are shares in per cent, for words that are hardly counted."""
    found: Counter[str] = Counter()
    total = 0
    for words in texts:
        total += 1
        found.update(set(words))
    for word, share in common.items():
        found[word] = max(found[word], round(total * share / 100))
    return WordCounts(total=total, counts={word: n for word, n in sorted(found.items()) if n >= LEAST})


def model(said: dict[str, Any], label: str) -> LabelModel:
    """Shares in per cent -> shares that add up to one."""
    own = said[label]
    told = {**said[own["like"]], **own} if "like" in own else own
    comparisons = {name: levels for name, levels in told.items() if isinstance(levels, dict)}
    return LabelModel(
        prior=told["prior"] / 100,
        m={name: normed({level: pair[0] for level, pair in levels.items()}) for name, levels in comparisons.items()},
        u={name: normed({level: pair[1] for level, pair in levels.items()}) for name, levels in comparisons.items()},
    )


def normed(shares: dict[str, float]) -> dict[str, float]:
    total = sum(shares.values())
    return {level: round(share / total, 6) for level, share in shares.items()}


if __name__ == "__main__":
    raise SystemExit(main())
