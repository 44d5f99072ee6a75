"""Records of one entity -> golden values. A pure function: invariant 1 hangs on it.

Which value of a field wins stands in rules.py, when two values agree in agreement.py. Fields that only mean something
together (latitude and longitude, price and currency) are taken from one record. Lists are united in rank order. Each
golden value remembers the record that won; what lost and says something else is kept as a conflict.

What does not hold now contradicts nothing: it gives way to a value that holds, and where there is none it is kept
apart, so that nobody takes it for one.

What curators decide takes part as records do: a pinned value is a record of theirs, and what is hidden is not in a
record any more when it comes here.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.ingest import validity
from graph.ingest.agreement import key_of, refines
from graph.ingest.belonging import city_of, sectors_of, towns_of
from graph.ingest.flatten import UNITED, flat_data
from graph.ingest.rules import order_of
from graph.ingest.validity import ALWAYS, Span
from graph.normalise import fold
from graph.resolution.traits import position
from ibcm.domain.decisions import is_pin
from ibcm.domain.ledger import StoredRecord
from ibcm.domain.policy import SourcePolicy, live_data
from ibcm.domain.records import SourceRecord

TOGETHER: Mapping[str, tuple[str, ...]] = {
    "lat": ("lon", "coordinate_precision"),
    "rating": ("rating_count",),
    "price_for_two": ("price_currency",),
    "price": ("price_currency",),
    "amount": ("currency", "amount_text", "amount_approximate"),
    "value": ("unit",),
}
"""Leading field -> fields that are taken from the record that won it."""
_FOLLOWERS = frozenset(name for names in TOGETHER.values() for name in names)
CURRENCY_OF: Mapping[str, str] = {
    field: name for field, names in TOGETHER.items() for name in names if name.endswith("currency")
}
QUIET = frozenset({"name", "description", "summary", "text", "body", "title", "lat", "code"})
"""Fields in which records differ without contradicting each other: the poles of a stop each have a code and a place."""
NAMING = frozenset({"name", "title", "legal_name", "short_name", "code", "aliases"})
UNKNOWN_TRUST = 0.5


@dataclass(frozen=True, slots=True)
class Fact:
    """One golden value."""

    field: str
    value: Any
    record: str
    """Ref of the record whose value won."""
    others: tuple[str, ...] = ()
    """Refs of the other records that say so too, if more vaguely, or that added to a list, best first."""


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
    """All of them, best first; pinned values of curators before everything else."""
    city: str
    towns: tuple[str, ...] = ()
    """Slugs of every city that a firm or a round names, best record first."""
    sectors: tuple[str, ...] = ()
    lapsed: Mapping[str, Fact] = dataclasses.field(default_factory=dict)
    """By field, sorted: what held last, or will hold first, where nothing holds now."""
    holding: tuple[StoredRecord, ...] = ()
    """Those of the records that hold, in the same order."""
    span: Span = ALWAYS
    """The time in which all this is so, unless a record comes or goes."""

    @property
    def holds(self) -> bool:
        """A record of a source holds; else it is only known what the thing was, or will be."""
        return any(not is_pin(stored.ref) for stored in self.holding)

    @property
    def sector(self) -> str:
        """The first of `sectors`."""
        return next(iter(self.sectors), "")

    @property
    def winner(self) -> StoredRecord:
        """The best record of a source; a pin only says one thing of it."""
        return next((stored for stored in self.records if not is_pin(stored.ref)), self.records[0])

    def said_by(self, ref: str) -> StoredRecord:
        """One of the records."""
        return next(stored for stored in self.records if stored.ref == ref)

    def value(self, field: str) -> Any:
        """The golden value; None when nobody gives one."""
        fact = self.facts.get(field)
        return fact.value if fact else None


@dataclass(frozen=True, slots=True)
class _Said:
    """One value of one record."""

    value: Any
    meaning: Any
    """What is compared of it: money with its currency."""
    key: str
    record: str
    source: str
    pinned: bool
    valid: tuple[int, float]
    """Sorts what holds first."""
    trust: float
    read: datetime


def merge(records: Sequence[StoredRecord], policies: Mapping[str, SourcePolicy], now: datetime) -> Merged:
    """Golden values of at least one record as they hold at `now`. The order of `records` does not matter; fields past
    their limit are left out."""
    ranked = sorted(records, key=lambda stored: _rank(stored, policies, now))
    datas = [flat_data(live_data(stored.record, _policy(stored, policies), now)) for stored in ranked]
    present = sum(validity.holds(stored.record, now) for stored in ranked)  # these come first
    facts, conflicts = _facts(ranked[:present], datas[:present], policies, now)
    others, _ = _facts(ranked[present:], datas[present:], policies, now)
    facts |= {field: fact for field, fact in others.items() if field not in facts and _names_it(field)}
    speaking = present if any(not is_pin(stored.ref) for stored in ranked[:present]) else len(ranked)
    return Merged(
        facts=dict(sorted(facts.items())),
        lapsed={field: fact for field, fact in sorted(others.items()) if not _is_told(field, facts)},
        aliases=_aliases(datas, facts),
        conflicts=tuple(sorted(conflicts, key=lambda lost: (lost.field, lost.record))),
        records=tuple(ranked),
        city=next(
            (city for stored, data in zip(ranked, datas, strict=True) if (city := city_of(stored.record, data))), ""
        ),
        towns=_each_of(ranked[:speaking], datas[:speaking], towns_of),
        sectors=_each_of(ranked[:speaking], datas[:speaking], sectors_of),
        holding=tuple(ranked[:present]),
        span=validity.between_turns([stored.record for stored in ranked], now),
    )


def _names_it(field: str) -> bool:
    """By what a thing is known, whether or not anything of it still holds."""
    return field in NAMING or field.startswith(("name_", "ids_"))


def _is_told(field: str, facts: Mapping[str, Fact]) -> bool:
    """It has a value that holds, or goes with one."""
    return field in facts or any(lead in facts for lead, names in TOGETHER.items() if field in names)


def _facts(
    ranked: Sequence[StoredRecord],
    datas: Sequence[Mapping[str, Any]],
    policies: Mapping[str, SourcePolicy],
    now: datetime,
) -> tuple[dict[str, Fact], list[Conflict]]:
    if len(ranked) > 1:
        return _decide(ranked, datas, policies, now)
    return (_undisputed(ranked[0], datas[0]) if ranked else {}), []


def _each_of(
    ranked: Sequence[StoredRecord],
    datas: Sequence[Mapping[str, Any]],
    slugs_of: Callable[[SourceRecord, Mapping[str, Any]], Sequence[str]],
) -> tuple[str, ...]:
    """What every record says, once, best record first."""
    pairs = zip(ranked, datas, strict=True)
    return tuple(dict.fromkeys(slug for stored, data in pairs for slug in slugs_of(stored.record, data)))


def _undisputed(stored: StoredRecord, data: Mapping[str, Any]) -> dict[str, Fact]:
    """What a record says alone, which is the common case; lists still hold each element once."""
    return {
        field: Fact(field, list(_distinct(field, value).values()) if field in UNITED else value, stored.ref)
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


def _rank(stored: StoredRecord, policies: Mapping[str, SourcePolicy], now: datetime) -> tuple[Any, ...]:
    trust, read = _policy(stored, policies).trust, stored.record.retrieved_at.timestamp()
    return not is_pin(stored.ref), validity.order(stored.record, now), -trust, -read, stored.ref


def _by_field(
    ranked: Sequence[StoredRecord],
    datas: Sequence[Mapping[str, Any]],
    policies: Mapping[str, SourcePolicy],
    now: datetime,
) -> dict[str, list[_Said]]:
    said: dict[str, list[_Said]] = defaultdict(list)
    for stored, data in zip(ranked, datas, strict=True):
        pinned, valid = is_pin(stored.ref), validity.order(stored.record, now)
        trust, source, read = _policy(stored, policies).trust, stored.record.source, stored.record.retrieved_at
        for field, value in data.items():
            meaning = _with_currency(field, value, data)
            said[field].append(
                _Said(value, meaning, key_of(field, meaning), stored.ref, source, pinned, valid, trust, read)
            )
    return said


def _with_currency(field: str, value: Any, data: Mapping[str, Any]) -> Any:
    """500 rupees are not 500 dollars, and 500 without a currency may be either."""
    currency = data.get(CURRENCY_OF.get(field, ""))
    return f"{value} {currency}" if currency and isinstance(value, int | float) else value


def _golden(field: str, values: Sequence[_Said]) -> tuple[Fact, list[Conflict]]:
    if len(values) == 1:
        return Fact(field, values[0].value, values[0].record), []
    order = order_of(field)
    best = sorted(_groups(field, values), key=lambda group: _strength(group, order))
    winner = best[0].said[0]
    lost = (
        []
        if field in QUIET or field.startswith(("name_", "ids_"))
        else [Conflict(field, group.said[0].value, group.said[0].record) for group in best[1:]]
    )
    others = dict.fromkeys(one.record for one in best[0].support if one.record != winner.record)
    return Fact(field, winner.value, winner.record, tuple(others)), lost


@dataclass(slots=True)
class _Group:
    """Values that say the same, by the rank of their records, and vaguer ones that support them."""

    said: list[_Said]
    support: list[_Said]


def _groups(field: str, values: Sequence[_Said]) -> list[_Group]:
    """Vaguer values go into whatever says the same more exactly, unless a curator chose them."""
    by_key: dict[str, list[_Said]] = defaultdict(list)
    for one in values:
        by_key[one.key].append(one)
    groups = [_Group(said, list(said)) for said in by_key.values()]
    if len(groups) == 1:
        return groups
    kept = []
    for group in groups:
        finer = [other for other in groups if refines(field, other.said[0].meaning, group.said[0].meaning)]
        if not finer or any(one.pinned for one in group.said):
            kept.append(group)
        for other in finer:
            other.support += group.said
    return kept


def _strength(group: _Group, order: Sequence[str]) -> tuple[Any, ...]:
    """Sorts the strongest first."""
    measured = {
        "pinned": not any(one.pinned for one in group.said),
        "valid": min(one.valid for one in group.said),
        "trusted": -max(one.trust for one in group.support),
        "agreed": -len({one.source for one in group.support}),
        "recent": -max(one.read for one in group.support).timestamp(),
    }
    return (*(measured[name] for name in order), min(one.record for one in group.said))


def _united(field: str, values: Sequence[_Said]) -> tuple[Fact, list[Conflict]]:
    """Every element once, by folded form, in the order of the records' ranks. A pinned list stands alone."""
    values = [one for one in values if one.pinned][:1] or values
    found: dict[str, Any] = {}
    contributors: list[str] = []
    for one in values:
        new = {key: element for key, element in _distinct(field, one.value).items() if key not in found}
        if new or not contributors:
            contributors.append(one.record)
        found |= new
    return Fact(field, list(found.values()), contributors[0], tuple(contributors[1:])), []


def _distinct(field: str, elements: Sequence[Any]) -> dict[str, Any]:
    """Normalised form -> the first element that has it."""
    found: dict[str, Any] = {}
    for element in elements:
        found.setdefault(key_of(field, element), element)
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
