"""A pair that somebody is to decide, as it is shown: both sides, what they say, and what the evidence weighs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from graph.ingest.agreement import key_of
from graph.ingest.merge import Merged, merge
from graph.ingest.projection import properties_of
from graph.resolution.traits import label_of, position
from ibcm import wiring
from ibcm.chat.maps import Map, draw
from ibcm.curation.titles import company_names
from ibcm.domain.decisions import is_pin
from ibcm.domain.ledger import StoredRecord
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.texts import displayed, unturned
from ibcm.records.models import Pair

FIRST = (
    "name", "legal_name", "category", "categories", "address", "area", "locality", "postcode", "phone", "email",
    "website", "opening_hours", "cuisine", "price_for_two", "rating", "beds", "operator", "mode", "founded", "sectors",
)  # fmt: skip
"""Fields in the order in which a person compares things; the rest by name."""
QUIET = frozenset({"lat", "lon", "coordinate_precision", "country", "price_currency"})
"""Fields that the map or others show."""
WIDEST_BITS = 10.0
"""A comparison of this weight fills its bar."""

LEVELS: Mapping[str, str] = {
    "equal_rare": "the same, a rare name", "equal": "the same", "equal_common": "the same, a common name",
    "close_rare": "spelt alike, a rare name", "close": "spelt alike", "close_common": "spelt alike, a common name",
    "held_rare": "one holds the other, a rare name", "held": "one holds the other",
    "held_common": "one holds the other, common words", "held_kind": "one adds what kind of thing it is",
    "alike": "nearly the same", "overlap": "share words", "coded": "one model number", "touch": "share hardly a word",
    "other_kind": "say other kinds of thing", "other_number": "other numbers", "unlike": "different",
    "door_whole": "the same door", "door": "the same number and street", "alike_whole": "the same",
    "street": "the same street", "part": "share a part", "elsewhere": "different",
    "m30": "within 30 m", "m120": "within 120 m", "m350": "within 350 m", "km1": "within 1 km", "km5": "within 5 km",
    "named_m30": "within 30 m, with one name", "named_m120": "within 120 m, with one name",
    "named_m350": "within 350 m, with one name", "far": "far apart", "district": "the same district",
    "other_district": "other districts", "doubtful": "apart, but the address agrees",
    "crowded": "shared by many", "same": "the same", "other": "different", "variant": "variants", "related": "related",
    "sibling": "neighbouring kinds", "same_words": "the same words", "some_words": "some words",
    "other_words": "other words", "one": "one source", "two": "two sources",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two things."""

    entity: str
    label: str
    name: str
    city: str
    records: Sequence[StoredRecord]
    values: Mapping[str, Sequence["Said"]]


@dataclass(frozen=True, slots=True)
class Said:
    """A value with the records that say it; the golden one first."""

    value: Any
    records: Sequence[str]

    @property
    def shown(self) -> str:
        return unturned(", ".join(map(str, self.value)) if isinstance(self.value, list) else str(self.value))


@dataclass(frozen=True, slots=True)
class Row:
    """One field on both sides."""

    field: str
    left: Sequence[Said]
    right: Sequence[Said]

    @property
    def state(self) -> str:
        """`same`, `differs`, or `one` where only one side says anything."""
        if not self.left or not self.right:
            return "one"
        mine, theirs = ({key_of(self.field, said.value) for said in side} for side in (self.left, self.right))
        return "same" if mine & theirs else "differs"


@dataclass(frozen=True, slots=True)
class Weighed:
    """One comparison: what it saw and how much that says."""

    comparison: str
    seen: str
    bits: float

    @property
    def width(self) -> int:
        """Of its bar, in per cent."""
        return round(min(1.0, abs(self.bits) / WIDEST_BITS) * 100)


@dataclass(frozen=True, slots=True)
class Case:
    pair: Pair
    left: Side
    right: Side
    rows: Sequence[Row]
    weighed: Sequence[Weighed]
    map: Map | None
    kept_apart: bool
    """Its own evidence says the same, but joining them would bring together what contradicts each other."""

    @property
    def both(self) -> tuple[Side, Side]:
        return self.left, self.right

    @property
    def per_cent(self) -> str:
        return f"{self.pair.probability:.0%}"


def case_of(pair: Pair) -> Case | None:
    """None when one of the two is gone, or both are one thing by now."""
    ledger = wiring.ledger()
    found = ledger.resolve([pair.left, pair.right])
    if len(found) < 2 or found[pair.left] == found[pair.right]:
        return None
    policies, now = ledger.policies(), timezone.now()
    left, right = (side_of(found[ref][1], policies, now) for ref in (pair.left, pair.right))
    if left is None or right is None:
        return None
    return Case(
        pair=pair,
        left=left,
        right=right,
        rows=_rows(left, right),
        weighed=weighed(pair.parts),
        map=_map(left, right),
        kept_apart=pair.band == Pair.Band.SAME,
    )


def side_of(entity: str, policies: Mapping[str, SourcePolicy], now: datetime) -> Side | None:
    """An entity with every value that its records say; None when it has no record."""
    records = wiring.ledger().in_entities([entity]).get(entity, ())
    if not records:
        return None
    label = label_of(records[0].record)
    merged = merge([stored for stored in records if label_of(stored.record) == label], policies, now)
    company = next((name for name in company_names(merged.records).values() if name), "")
    name = ": ".join(part for part in (company, str(properties_of(merged)["name"])) if part)
    return Side(entity, label, displayed(name), city_name(merged.city), merged.records, values_of(merged))


def city_name(slug: str) -> str:
    """As people write it; a city that is not configured stays as it is."""
    city = wiring.scope().cities.get(slug)
    return city.names.get("en", slug) if city else slug


def values_of(merged: Merged) -> dict[str, list[Said]]:
    """Field -> the golden value, then those that contradict it."""
    found = {name: [Said(fact.value, (fact.record, *fact.others))] for name, fact in merged.facts.items()}
    for lost in merged.conflicts:
        found.setdefault(lost.field, []).append(Said(lost.value, (lost.record,)))
    return {name: found[name] for name in sorted(found, key=_order)}


def _order(field: str) -> tuple[int, str]:
    return (FIRST.index(field) if field in FIRST else len(FIRST), field)


def _rows(left: Side, right: Side) -> list[Row]:
    fields = sorted({*left.values, *right.values} - QUIET, key=_order)
    return [Row(name, left.values.get(name, ()), right.values.get(name, ())) for name in fields]


def weighed(parts: Sequence[Sequence[Any]]) -> list[Weighed]:
    """Comparisons by weight, what speaks most for it first; what says nothing either way is left out."""
    found = [
        Weighed(str(name), LEVELS.get(str(level), str(level).replace("_", " ")), float(bits))
        for name, level, bits in parts
        if name != "prior" and abs(float(bits)) >= 0.1
    ]
    return sorted(found, key=lambda one: -one.bits)


def _map(left: Side, right: Side) -> Map | None:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [point[1], point[0]]},
            "properties": {"name": f"{_called(stored)} ({stored.ref})", "role": role},
        }
        for side, role in ((left, "anchor"), (right, "result"))
        for stored in side.records
        if not is_pin(stored.ref) and (point := position(stored.record.data))
    ]
    return draw({"features": features})


def _called(stored: StoredRecord) -> str:
    return displayed(str(stored.record.data.get("name", "")))
