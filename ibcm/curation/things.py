"""One entity as a curator looks at it: values with their sources, records, the pairs that joined them, decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from graph.ingest.merge import Fact, Merged
from ibcm import entities
from ibcm.curation import services
from ibcm.curation.cases import QUIET, Said, Weighed, city_name, values_of, weighed
from ibcm.domain.decisions import is_pin
from ibcm.domain.ledger import StoredRecord
from ibcm.domain.texts import displayed
from ibcm.entities import Known
from ibcm.records.models import Decision, Pair


@dataclass(frozen=True, slots=True)
class Value:
    """A field: what holds, and what contradicts it."""

    field: str
    golden: Said
    others: Sequence[Said]
    pinned: int | None
    """The decision that pinned it."""

    @property
    def sayers(self) -> list[str]:
        """Records of sources that say this or something else here."""
        said = (self.golden, *self.others)
        return [ref for one in said for ref in one.records if not is_pin(ref)]

    @property
    def hideable(self) -> bool:
        return (
            bool(self.sayers) and self.field not in {"name", "title"} and not self.field.startswith(("name_", "ids_"))
        )


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A field of which nothing holds: what held last, or will hold first."""

    field: str
    said: Said
    since: str
    until: str
    """Days as its record states them; empty where it states none."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Two of its records, and why they were joined."""

    pair: Pair
    left: str
    right: str
    weighed: Sequence[Weighed]


@dataclass(frozen=True, slots=True)
class Thing:
    known: Known
    city: str
    values: Sequence[Value]
    lapsed: Sequence["Lapsed"]
    records: Sequence[StoredRecord]
    """Pins left out."""
    joined: Sequence[Joined]
    open: Sequence[Pair]
    """Pairs with other things that wait to be decided."""
    decisions: Sequence[Decision]
    hidden: Sequence[Decision]

    @property
    def anchor(self) -> str:
        """The record to which a pinned value is tied."""
        return self.records[0].ref


def page_of(asked: str, *, as_of: datetime | None = None) -> Thing | None:
    """None when there is no such entity, or there was none by then."""
    found = entities.known(asked, as_of=as_of)
    if found is None:
        return None
    records = [stored for stored in found.merged.records if not is_pin(stored.ref)]
    refs = [stored.ref for stored in records]
    names = {stored.ref: displayed(str(stored.record.data.get("name", ""))) for stored in records}
    decided = services.about(refs)
    pairs = list(Pair.objects.filter(Q(left__in=refs) | Q(right__in=refs)).order_by("-probability"))
    return Thing(
        known=found,
        city=city_name(found.merged.city),
        values=[_value(name, said) for name, said in values_of(found.merged).items() if name not in QUIET],
        lapsed=[_lapsed(name, fact, found.merged) for name, fact in found.merged.lapsed.items() if name not in QUIET],
        records=records,
        joined=[
            Joined(pair, names.get(pair.left, pair.left), names.get(pair.right, pair.right), weighed(pair.parts))
            for pair in pairs
            if pair.together and not is_pin(pair.left) and not is_pin(pair.right)
        ],
        open=[pair for pair in pairs if not pair.together],
        decisions=decided,
        hidden=[row for row in decided if row.kind == Decision.Kind.HIDE and row.stands],
    )


def _lapsed(name: str, fact: Fact, merged: Merged) -> Lapsed:
    record = merged.said_by(fact.record).record
    said = Said(fact.value, (fact.record, *fact.others))
    return Lapsed(name, said, str(record.valid_from or ""), str(record.valid_to or ""))


def _value(name: str, said: Sequence[Said]) -> Value:
    golden = said[0]
    pins = [ref for ref in golden.records if is_pin(ref)]
    return Value(name, golden, said[1:], int(pins[0].rpartition("-")[2]) if pins else None)
