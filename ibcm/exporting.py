"""What may leave: entities with golden values and, for each, the records that say so with licence and attribution.

What a source's terms forbid to export is taken out before values are chosen, so nothing of it shows through.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from graph.ingest.canonical import Linked, canonical_export
from graph.ingest.merge import Merged, merge
from graph.ingest.projection import project_entity
from graph.ingest.surroundings import rank_of
from graph.resolution.traits import label_of
from graph.territory import read_territory
from ibcm.domain.decisions import is_pin
from ibcm.domain.graph import Edge
from ibcm.domain.ledger import DirtyEntity, Ledger, StoredRecord
from ibcm.domain.policy import SourcePolicy, Terms, without
from ibcm.domain.records import SourceRecord, canonical_json

Policies = Mapping[str, SourcePolicy]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked for, within what may leave."""

    licences: frozenset[str] = frozenset()
    """Only what is under one of these; all when empty."""
    training: bool = False
    """Only what a model may be trained on."""

    def against(self, terms: Terms, record: SourceRecord) -> str:
        """Why a value under these terms stays; empty when it may leave."""
        if is_pin(record.ref):  # what our own curators say has no licence and no terms
            return NO_LICENCE if self.licences else "terms do not allow training" if self.training else ""
        if not terms.allow_export:
            return "terms forbid export"
        if self.training and not terms.allow_training:
            return "terms do not allow training"
        if self.licences and (terms.licence or record.licence) not in self.licences:
            return NO_LICENCE
        return ""


EVERYTHING = Choice()
NO_LICENCE = "under no licence that was asked for"
NO_THING = "of nothing that is a thing here, such as observations, or not assigned yet"
PINNED = "no licence: pinned by curators"
POLYGON = "polygon"


@dataclass(slots=True)
class Count:
    """What an export wrote and left out: records, and what of the things that it wrote has no place in its format."""

    written: Counter[str] = field(default_factory=Counter)
    """Records by licence."""
    partly: set[str] = field(default_factory=set)
    """Of those written, the ones that left without some of their values, by ref."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Records by the reason."""
    polygons: int = 0
    """Areas that left with a polygon."""
    unusable: int = 0
    """Polygons of which nothing can be made: they stay."""
    wordless: Counter[str] = field(default_factory=Counter)
    """Values by field, and relations by name, for which the format has no word."""

    def drop(self, entity: Mapping[str, Any], why: str) -> None:
        """This thing has no place in the format: its records did not leave after all."""
        for record in entity["records"]:
            self.written[record.get("licence") or PINNED] -= 1
            self.partly.discard(record["record"])
            self.left_out[why] += 1

    def lines(self) -> list[str]:
        """In words, a line each."""
        told = [f"{count:,} records under {licence}" for licence, count in sorted(self.written.items()) if count]
        told += [f"{len(self.partly):,} of them without some of their values, which may not leave"] * bool(self.partly)
        told += [f"{self.polygons:,} areas with their polygon"] * bool(self.polygons)
        told += [f"{count:,} records left out: {why}" for why, count in sorted(self.left_out.items())]
        told += [f"{self.unusable:,} polygons left out: no shape can be made of them"] * bool(self.unusable)
        if self.wordless:
            names = ", ".join(sorted(self.wordless))
            told.append(f"{self.wordless.total():,} values left out: this format has no word for {names}")
        return told


class ExportableLedger:
    """A view of a ledger without what may not leave, or was not asked for. Everything else is the ledger itself.

    A thing of which nothing may leave is not there: no link leads to it.
    """

    def __init__(self, ledger: Ledger, policies: Policies, now: datetime, choice: Choice, count: Count) -> None:
        self._ledger, self._policies, self._now, self._choice, self._count = ledger, policies, now, choice, count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def all_records(self) -> Iterator[StoredRecord]:
        for stored in self._ledger.all_records():
            allowed, why = self._sifted(stored)
            if allowed is None:
                self._count.left_out[why] += 1
                continue
            if not stored.entity:
                self._count.left_out[NO_THING] += 1
                continue
            self._count.written[stored.record.licence or PINNED] += 1
            if allowed is not stored:
                self._count.partly.add(stored.ref)
            yield allowed

    def sharing(self, label: str, keys: Iterable[str]) -> Sequence[StoredRecord]:
        return list(self._allowed(self._ledger.sharing(label, keys)))

    def living(self, refs: Iterable[str]) -> Mapping[str, StoredRecord]:
        return {stored.ref: stored for stored in self._allowed(self._ledger.living(refs).values())}

    def in_entities(self, entities: Iterable[str]) -> Mapping[str, Sequence[StoredRecord]]:
        found = {entity: list(self._allowed(some)) for entity, some in self._ledger.in_entities(entities).items()}
        return {entity: some for entity, some in found.items() if some}

    def resolve(self, refs: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        found = self._ledger.resolve(refs)
        shown = self.in_entities({entity for _, entity in found.values()})
        return {ref: target for ref, target in found.items() if target[1] in shown}

    def _allowed(self, records: Iterable[StoredRecord]) -> Iterator[StoredRecord]:
        return (allowed for stored in records if (allowed := self._sifted(stored)[0]) is not None)

    def _sifted(self, stored: StoredRecord) -> tuple[StoredRecord | None, str]:
        """The record without the values that stay; None, and why, when nothing is left."""
        record = stored.record
        if record.expires_at is not None and record.expires_at <= self._now:
            return None, "their time is over"
        policy = self._policies.get(record.source) or SourcePolicy(name=record.source)
        reasons: list[str] = []

        def stays(terms: Terms) -> bool:
            why = "their time is over" if terms.over(record.retrieved_at, self._now) else ""
            why = why or self._choice.against(terms, record)
            reasons.extend([why] if why else [])
            return bool(why)

        left = without(record, policy, stays)
        if reasons and not left.data:
            return None, reasons[0]
        return (stored if left is record else replace(stored, record=left)), ""


def canonical(
    ledger: Ledger, *, policies: Policies, now: datetime, choice: Choice = EVERYTHING, count: Count | None = None
) -> Iterator[str]:
    """Lines that depend on records and decisions alone: two homes with the same ones print the same."""
    return canonical_export(_view(ledger, policies, now, choice, count), policies=policies, now=now)


def entities(
    ledger: Ledger, *, policies: Policies, now: datetime, choice: Choice = EVERYTHING, count: Count | None = None
) -> Iterator[dict[str, Any]]:
    """One object an entity: id, label, values, which record said each, other names, conflicts, relations, records.

    `count` is filled while they are read.
    """
    count = count or Count()
    reader = Linked(_view(ledger, policies, now, choice, count), policies, now)
    for entity, records, targets in reader.entities():
        merged = merge(records, policies, now)
        node = project_entity(DirtyEntity(entity, label_of(records[0].record), 0), merged, targets)
        shown = _shown(merged)
        _draw(shown, merged.holding, policies, count)
        credited = [_credited(stored, policies.get(stored.record.source)) for stored in merged.records]
        relations = sorted((_relation(edge, reader) for edge in node.edges), key=canonical_json)
        named = {"id": entity, "label": node.label, "name": node.properties["name"]}
        yield {**named, **shown, "relations": relations, "records": credited}


def _view(ledger: Ledger, policies: Policies, now: datetime, choice: Choice, count: Count | None) -> Any:
    return ExportableLedger(ledger, policies, now, choice, count or Count())


def _shown(merged: Merged) -> dict[str, Any]:
    return {
        "city": merged.city or None,
        "sector": merged.sector or None,
        "values": {name: fact.value for name, fact in merged.facts.items()},
        "said_by": {name: [fact.record, *fact.others] for name, fact in merged.facts.items()},
        "holds": merged.holds,
        "lapsed": lapsed_json(merged),
        "aliases": list(merged.aliases),
        "conflicts": [{"field": lost.field, "value": lost.value, "record": lost.record} for lost in merged.conflicts],
    }


def _draw(shown: dict[str, Any], records: Sequence[StoredRecord], policies: Policies, count: Count) -> None:
    """Add the polygon that counts, as its record has it, and the others as what they are: other views of one area."""
    drawn = []
    for stored in sorted(records, key=lambda stored: rank_of(stored, policies)):
        polygon = stored.record.data.get(POLYGON) if stored.record.kind == "area" else None
        if polygon and read_territory(polygon).geometry is None:
            count.unusable += 1
        elif polygon:
            drawn.append((polygon, stored.ref))
    if drawn:
        count.polygons += 1
        polygon, record = drawn[0]
        shown["values"][POLYGON], shown["said_by"][POLYGON] = polygon, [record]
        others = [{"field": POLYGON, "value": other, "record": ref} for other, ref in drawn[1:] if other != polygon]
        shown["conflicts"] += others


def _relation(edge: Edge, reader: Linked) -> dict[str, Any]:
    """What leads where, and the record that says so; `data` is what is said of the relation itself."""
    found = {
        "name": edge.type.lower(),
        "target": reader.name(edge),
        "target_label": edge.target_label,
        "target_id": edge.target_id,
        "record": edge.record,
    }
    return {**found, "data": dict(edge.properties)} if edge.properties else found


def lapsed_json(merged: Merged) -> dict[str, Any]:
    """By field: what held last or will hold first, where nothing holds, with when its record says that it does."""
    return {
        name: {"value": fact.value, "records": [fact.record, *fact.others], **_validity(merged.said_by(fact.record))}
        for name, fact in merged.lapsed.items()
    }


def _validity(stored: StoredRecord) -> dict[str, Any]:
    return stored.record.model_dump(mode="json", include={"valid_from", "valid_to"}, exclude_none=True)


def _credited(stored: StoredRecord, policy: SourcePolicy | None) -> dict[str, Any]:
    """A record with its licence and attribution, and those of fields that have others."""
    kept = {"url", "licence", "licence_url", "attribution", "retrieved_at", "expires_at"}
    said = stored.record.model_dump(mode="json", include=kept, exclude_none=True)
    own = _own_terms(stored.record, policy) if policy and policy.fields else {}
    return {"record": stored.ref, **said, **({"fields": own} if own else {})}


def _own_terms(record: SourceRecord, policy: SourcePolicy) -> dict[str, Any]:
    found = {}
    for name in record.data:
        terms = policy.terms(name)
        said = {"licence": terms.licence, "licence_url": terms.licence_url, "attribution": terms.attribution}
        if own := {term: value for term, value in said.items() if value}:
            found[name] = own
    return found
