"""Records of one entity -> golden values. A pure function: invariant 1 hangs on it.

The rules, in the order in which they decide between two values of one field:

1. a record whose validity has ended at `now` loses to one that still holds;
2. the value of the most trusted source wins;
3. then the value on which more sources agree;
4. then the value that was read last;
5. then the value of the smaller ref.

Values agree when they are equal after normalisation (numbers by amount, text folded). Fields that only mean something
together (latitude and longitude, price and currency) are taken from one record. Lists are united in rank order. Each
golden value remembers the record that won; what lost and says something else is kept as a conflict.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from graph.ingest.flatten import UNITED, flat_data
from graph.ingest.normalise import fold, value_key
from graph.ingest.traits import position
from ibcm.domain.ledger import StoredRecord
from ibcm.domain.policy import SourcePolicy, live_data

TOGETHER: Mapping[str, tuple[str, ...]] = {
    "lat": ("lon", "coordinate_precision"),
    "rating": ("rating_count",),
    "price_for_two": ("price_currency",),
    "price": ("price_currency",),
    "amount": ("currency",),
    "value": ("unit",),
}
"""Leading field -> fields that are taken from the record that won it."""
_FOLLOWERS = frozenset(name for names in TOGETHER.values() for name in names)
QUIET = frozenset({"name", "description", "summary", "text", "body", "title", "lat", "code"})
"""Fields in which records differ without contradicting each other: the poles of a stop each have a code and a place."""
UNKNOWN_TRUST = 0.5


@dataclass(frozen=True, slots=True)
class Fact:
    """One golden value."""

    field: str
    value: Any
    record: str
    """Ref of the record whose value won."""
    others: tuple[str, ...] = ()
    """For united lists: refs of the other records that added to the value, best first."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that lost and says something else, with the record that says it."""

    field: str
    value: Any
    record: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What the records of one entity say together."""

    facts: Mapping[str, Fact]
    """By field, sorted. Names by language are `name_<language>`, ids are `ids_<scheme>`."""
    aliases: tuple[str, ...]
    """Every other name of all records, best source first, each folded form once."""
    conflicts: tuple[Conflict, ...]
    records: tuple[StoredRecord, ...]
    """All of them, best first: the first is the winning record of the entity."""
    city: str
    sector: str

    @property
    def winner(self) -> StoredRecord:
        return self.records[0]

    def value(self, field: str) -> Any:
        """The golden value; None when nobody gives one."""
        fact = self.facts.get(field)
        return fact.value if fact else None


@dataclass(frozen=True, slots=True)
class _Said:
    """One value of one record."""

    value: Any
    key: str
    record: str
    source: str
    standing: tuple[bool, float]
    """Still valid, trust."""
    read: datetime


def merge(records: Sequence[StoredRecord], policies: Mapping[str, SourcePolicy], now: datetime) -> Merged:
    """Golden values of at least one record. The order of `records` does not matter; expired fields are left out."""
    ranked = sorted(records, key=lambda stored: _rank(stored, policies, now))
    datas = [flat_data(live_data(stored.record, _policy(stored, policies), now)) for stored in ranked]
    facts, conflicts = (
        _decide(ranked, datas, policies, now) if len(ranked) > 1 else (_undisputed(ranked[0], datas[0]), [])
    )
    return Merged(
        facts=dict(sorted(facts.items())),
        aliases=_aliases(datas, facts),
        conflicts=tuple(sorted(conflicts, key=lambda lost: (lost.field, lost.record))),
        records=tuple(ranked),
        city=next((stored.record.city for stored in ranked if stored.record.city), ""),
        sector=next((stored.record.sector for stored in ranked if stored.record.sector), ""),
    )


def _undisputed(stored: StoredRecord, data: Mapping[str, Any]) -> dict[str, Fact]:
    """What a record says alone, which is the common case; lists still hold each element once."""
    return {
        field: Fact(field, list(_distinct(value).values()) if field in UNITED else value, stored.ref)
        for field, value in data.items()
    }


def _decide(
    ranked: Sequence[StoredRecord],
    datas: Sequence[Mapping[str, Any]],
    policies: Mapping[str, SourcePolicy],
    now: datetime,
) -> tuple[dict[str, Fact], list[Conflict]]:
    said = _by_field(ranked, datas, policies, now)
    facts: dict[str, Fact] = {}
    conflicts: list[Conflict] = []
    for field, values in said.items():
        if field in _FOLLOWERS:
            continue
        fact, lost = _united(field, values) if field in UNITED else _golden(field, values)
        facts[field] = fact
        conflicts += lost
    _add_followers(facts, said, datas, ranked)
    return facts, conflicts


def _policy(stored: StoredRecord, policies: Mapping[str, SourcePolicy]) -> SourcePolicy:
    return policies.get(stored.record.source) or SourcePolicy(name=stored.record.source, trust=UNKNOWN_TRUST)


def _standing(stored: StoredRecord, policies: Mapping[str, SourcePolicy], now: datetime) -> tuple[bool, float]:
    return not _is_over(stored.record.valid_to, now), _policy(stored, policies).trust


def _is_over(end: datetime | date | None, now: datetime) -> bool:
    if isinstance(end, datetime):
        return (end if end.tzinfo else end.replace(tzinfo=now.tzinfo)) < now
    return end is not None and end < now.date()


def _rank(stored: StoredRecord, policies: Mapping[str, SourcePolicy], now: datetime) -> tuple[bool, float, float, str]:
    valid, trust = _standing(stored, policies, now)
    return not valid, -trust, -stored.record.retrieved_at.timestamp(), stored.ref


def _by_field(
    ranked: Sequence[StoredRecord],
    datas: Sequence[Mapping[str, Any]],
    policies: Mapping[str, SourcePolicy],
    now: datetime,
) -> dict[str, list[_Said]]:
    said: dict[str, list[_Said]] = defaultdict(list)
    for stored, data in zip(ranked, datas, strict=True):
        standing = _standing(stored, policies, now)
        for field, value in data.items():
            said[field].append(
                _Said(value, value_key(value), stored.ref, stored.record.source, standing, stored.record.retrieved_at)
            )
    return said


def _golden(field: str, values: Sequence[_Said]) -> tuple[Fact, list[Conflict]]:
    if len(values) == 1:
        return Fact(field, values[0].value, values[0].record), []
    groups: dict[str, list[_Said]] = defaultdict(list)
    for one in values:
        groups[one.key].append(one)
    best = sorted(groups.values(), key=_strength)
    winner = best[0][0]
    lost = (
        []
        if field in QUIET or field.startswith(("name_", "ids_"))
        else [Conflict(field, group[0].value, group[0].record) for group in best[1:]]
    )
    return Fact(field, winner.value, winner.record), lost


def _strength(group: Sequence[_Said]) -> tuple[Any, ...]:
    """Sorts the strongest first. A group holds its values by the rank of their records."""
    valid, trust = max(one.standing for one in group)
    agreed = len({one.source for one in group})
    read = max(one.read for one in group).timestamp()
    return not valid, -trust, -agreed, -read, min(one.record for one in group)


def _united(field: str, values: Sequence[_Said]) -> tuple[Fact, list[Conflict]]:
    """Every element once, by folded form, in the order of the records' ranks."""
    found: dict[str, Any] = {}
    contributors: list[str] = []
    for one in values:
        new = {key: element for key, element in _distinct(one.value).items() if key not in found}
        if new or not contributors:
            contributors.append(one.record)
        found |= new
    return Fact(field, list(found.values()), contributors[0], tuple(contributors[1:])), []


def _distinct(elements: Sequence[Any]) -> dict[str, Any]:
    """Normalised form -> the first element that has it."""
    found: dict[str, Any] = {}
    for element in elements:
        found.setdefault(value_key(element), element)
    return found


def _add_followers(
    facts: dict[str, Fact],
    said: Mapping[str, Sequence[_Said]],
    datas: Sequence[Mapping[str, Any]],
    ranked: Sequence[StoredRecord],
) -> None:
    """Fields that go with a leading one come from its winner; without the leading one, from the best that has them."""
    _prefer_positions(facts, datas, ranked)
    by_ref = {stored.ref: data for stored, data in zip(ranked, datas, strict=True)}
    for lead, names in TOGETHER.items():
        for name in names:
            if name not in said or name in facts:
                continue
            if lead not in facts:
                if not any(name in others and other in facts for other, others in TOGETHER.items()):
                    facts[name] = _golden(name, said[name])[0]
            elif (value := by_ref[facts[lead].record].get(name)) is not None:
                facts[name] = Fact(name, value, facts[lead].record)


def _prefer_positions(
    facts: dict[str, Fact], datas: Sequence[Mapping[str, Any]], ranked: Sequence[StoredRecord]
) -> None:
    """A position of the thing's own beats the centre of its surroundings, whoever says it."""
    own = next((number for number, data in enumerate(datas) if position(data)), None)
    if own is not None:
        facts["lat"] = Fact("lat", datas[own]["lat"], ranked[own].ref)


def _aliases(datas: Sequence[Mapping[str, Any]], facts: Mapping[str, Fact]) -> tuple[str, ...]:
    name = facts["name"].value if "name" in facts else ""
    found: dict[str, str] = {}
    for text in _names(datas):
        found.setdefault(fold(text), text)
    found.pop(fold(str(name)), None)
    return tuple(found.values())


def _names(datas: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for data in datas:
        for field, value in data.items():
            if field in {"name", "legal_name"} or field.startswith("name_"):
                yield str(value)
        yield from data.get("aliases", ())
