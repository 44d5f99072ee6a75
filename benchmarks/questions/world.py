"""Everything that the record files say, joined into things, stops and routes that questions can be asked about.

Two records are surely one thing when kind, city and name agree and they lie within 60 m or give the same address or
area; they are doubtful when nothing says either way. Questions whose answer hangs on a doubtful pair are left out or
carry the range of right answers, because no reader of the records could know better.
"""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.questions import phrases
from benchmarks.questions.text import fold, metres

SAME_SPOT_M = 60.0
CLEARLY_APART_M = 1_500.0


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    ref: str
    kind: str
    city: str
    data: dict[str, Any]
    links: tuple[tuple[str, str, dict[str, Any]], ...]
    """(relation, ref of the target, link data)."""


@dataclass(eq=False)
class Thing:
    """One real thing, as far as the records can tell."""

    records: list[Record]
    doubtful: bool = False
    """Another thing of the same name may be the same."""

    @property
    def kind(self) -> str:
        return self.records[0].kind

    @property
    def city(self) -> str:
        return self.records[0].city

    @cached_property
    def name(self) -> str:
        return tidy_name(str(self.records[0].data.get("name") or self.records[0].data.get("title") or ""))

    @cached_property
    def key(self) -> str:
        return fold(self.name)

    @cached_property
    def all_names(self) -> set[str]:
        """Folded names and aliases of all its records."""
        found: set[str] = set()
        for record in self.records:
            data = record.data
            ways = [data.get("name"), data.get("title"), data.get("legal_name"), data.get("short_name")]
            ways += [*data.get("aliases", ()), *data.get("names", {}).values()]
            found.update(fold(way) for way in ways if way)
        return found - {""}

    @property
    def refs(self) -> list[str]:
        return [record.ref for record in self.records]

    def values(self, key: str) -> list[Any]:
        """Distinct values of one data key over its records."""
        found: list[Any] = []
        for record in self.records:
            value = record.data.get(key)
            if value not in (None, "", [], {}) and value not in found:
                found.append(value)
        return found

    def sole(self, key: str) -> Any:
        """The value when all records that have one agree, else None."""
        values = self.values(key)
        return values[0] if len(values) == 1 else None

    @cached_property
    def categories(self) -> set[str]:
        return {str(c) for r in self.records for c in (r.data.get("category"), *r.data.get("categories", ())) if c}

    @cached_property
    def point(self) -> tuple[float, float] | None:
        """Where it is, when that is good enough for distances."""
        for record in self.records:
            precision = record.data.get("coordinate_precision")
            rough = precision == "centroid" or (isinstance(precision, int | float) and precision > 500)
            if record.data.get("lat") is not None and not rough:
                return float(record.data["lat"]), float(record.data["lon"])
        return None

    def at_one_spot(self) -> bool:
        """Whether all its records agree about the place to 60 m."""
        points = [_point(record) for record in self.records]
        known = [point for point in points if point]
        return bool(known) and all(metres(known[0], point) <= SAME_SPOT_M for point in known)


@dataclass
class World:
    """All things by city, kind and name."""

    things: list[Thing]
    reviewed: set[str] = field(default_factory=set)
    """Refs of what reviews are about: nobody can say what their texts leave unsaid."""
    by_ref: dict[str, Thing] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_ref = {ref: thing for thing in self.things for ref in thing.refs}

    @cached_property
    def cities(self) -> list[str]:
        counted = Counter(thing.city for thing in self.things if thing.city)
        return sorted(city for city, n in counted.items() if n >= 10)

    @cached_property
    def by_city(self) -> dict[str, list[Thing]]:
        found: dict[str, list[Thing]] = defaultdict(list)
        for thing in self.things:
            found[thing.city].append(thing)
        return dict(found)

    @cached_property
    def by_name(self) -> dict[str, list[Thing]]:
        """Folded name or alias -> things."""
        found: dict[str, list[Thing]] = defaultdict(list)
        for thing in self.things:
            for name in thing.all_names:
                found[name].append(thing)
        return dict(found)

    @cached_property
    def crowd(self) -> Counter[tuple[float, float]]:
        """How many things of different names share one point."""
        names: dict[tuple[float, float], set[str]] = defaultdict(set)
        for thing in self.things:
            if thing.kind == "place" and thing.point:
                names[_spot(thing.point)].add(thing.key)
        return Counter({spot: len(found) for spot, found in names.items()})

    def sharers(self, thing: Thing) -> int:
        """How many things, itself included, stand at its very point."""
        return self.crowd[_spot(thing.point)] if thing.point else 0

    def places(self, city: str, category: str) -> list[Thing]:
        return list(self.by_category.get(city, {}).get(category, ()))

    @cached_property
    def by_category(self) -> dict[str, dict[str, list[Thing]]]:
        found: dict[str, dict[str, list[Thing]]] = defaultdict(lambda: defaultdict(list))
        for thing in self.things:
            if thing.kind == "place":
                for category in thing.categories:
                    found[thing.city][category].append(thing)
        for held in found.values():
            for umbrella, under in phrases.words()["umbrellas"].items():
                members = {id(thing): thing for category in (umbrella, *under) for thing in held.get(category, ())}
                if len([category for category in under if category in held]) >= 2:
                    held[umbrella] = list(members.values())
        return {city: dict(held) for city, held in found.items()}

    @cached_property
    def keys(self) -> set[str]:
        """Every data key of any record."""
        return {key for thing in self.things for record in thing.records for key in record.data}

    def named(self, name: str, city: str | None) -> list[Thing]:
        """Things of that name in the city; with no city, anywhere."""
        return [t for t in self.by_name.get(fold(name), ()) if city is None or t.city in (city, "")]

    @cached_property
    def told(self) -> list[Thing]:
        """Things about which there is prose."""
        return [thing for thing in self.things if thing.values("description") or thing.values("body")]

    @cached_property
    def words(self) -> set[str]:
        """Every word of every name, folded."""
        return {word for name in self.by_name for word in name.split()}


def tidy_name(name: str) -> str:
    """A name as people write it: no stray punctuation at the ends."""
    return " ".join(name.split()).strip(" ,;.:-#")


def read_records(paths: Iterable[Path]) -> Iterator[Record]:
    """Records of JSON lines files (`.gz` too), or of all such files below a folder."""
    for path in paths:
        inside = sorted(p for p in path.rglob("*") if p.name.endswith((".jsonl", ".jsonl.gz")))
        for file in inside if path.is_dir() else [path]:
            opener = gzip.open if file.suffix == ".gz" else open
            with opener(file, "rt", encoding="utf-8") as lines:
                yield from (_record(json.loads(line)) for line in lines if line.strip())


def _record(value: dict[str, Any]) -> Record:
    source = value["source"]
    links = tuple(
        (link["rel"], f"{link.get('source') or source}:{link['key']}", link.get("data") or {})
        for link in value.get("links") or ()
    )
    data = {} if value.get("deleted") else value.get("data") or {}
    return Record(f"{source}:{value['key']}", value["kind"], value.get("city") or "", data, links)


def load(paths: Iterable[Path]) -> World:
    """Read, join and index. The last line of a ref wins, as a later reading would."""
    records = {record.ref: record for record in read_records(paths)}
    groups: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in records.values():
        if record.data and record.kind not in ("review", "observation"):
            groups[_group(record)].append(record)
    things: list[Thing] = []
    for group in groups.values():
        things += _joined(group)
    reviewed = {ref for record in records.values() if record.kind == "review" for _, ref, _ in record.links}
    return World(sorted(things, key=lambda thing: thing.records[0].ref), reviewed)


def _group(record: Record) -> tuple[str, ...]:
    name = fold(record.data.get("name") or record.data.get("title") or "")
    if record.kind in ("stop", "route", "funding", "indicator") or not name:
        return (record.kind, record.ref)  # stops of one name are grouped by transit.py; a route is itself
    return (record.kind, record.city, name)


def _joined(group: Sequence[Record]) -> list[Thing]:
    things: list[Thing] = []
    for record in group:
        for thing in things:
            if any(_verdict(record, other) == "same" for other in thing.records):
                thing.records.append(record)
                break
        else:
            things.append(Thing([record]))
    for i, one in enumerate(things):
        for other in things[i + 1 :]:
            if any(_verdict(a, b) == "doubtful" for a in one.records for b in other.records):
                one.doubtful = other.doubtful = True
    return things


def _verdict(one: Record, other: Record) -> str:  # noqa: PLR0911 - a list of rules reads best as returns
    a, b = one.data, other.data
    if one.kind == "organization":
        return "same"
    here, there = _point(one), _point(other)
    if a.get("category") != b.get("category"):
        return "doubtful" if here and there and metres(here, there) <= CLEARLY_APART_M else "apart"
    apart = metres(here, there) if here and there else None
    if apart is not None and apart <= SAME_SPOT_M:
        return "same"
    if apart is not None and apart > CLEARLY_APART_M:
        return "apart"
    for key in ("address", "area"):
        mine, theirs = fold(a.get(key) or ""), fold(b.get(key) or "")
        if mine and mine == theirs:
            return "same" if apart is None or apart <= 300 else "doubtful"
        if key == "area" and mine and theirs and apart is None and not (mine in theirs or theirs in mine):
            return "apart"
    return "doubtful"


def _point(record: Record) -> tuple[float, float] | None:
    if record.data.get("lat") is None or record.data.get("coordinate_precision") == "centroid":
        return None
    return float(record.data["lat"]), float(record.data["lon"])


def _spot(point: tuple[float, float]) -> tuple[float, float]:
    return round(point[0], 5), round(point[1], 5)
