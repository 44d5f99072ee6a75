"""What may leave: entities with golden values and, for each, the records that say so with licence and attribution.

What a source's terms forbid to export is taken out before values are chosen, so nothing of it shows through.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from graph.ingest.canonical import all_entities, canonical_export
from graph.ingest.merge import Merged, merge
from graph.ingest.projection import properties_of
from graph.resolution.traits import label_of
from ibcm.domain.decisions import is_pin
from ibcm.domain.ledger import Ledger, StoredRecord
from ibcm.domain.policy import SourcePolicy, Terms, without
from ibcm.domain.records import SourceRecord
from ibcm.domain.scope import Scope

Policies = Mapping[str, SourcePolicy]
SCHEMA_TYPES = {
    "Place": "Place", "Area": "Place", "Stop": "Place", "Route": "Trip", "Event": "Event",
    "Organization": "Organization", "Document": "CreativeWork",
}  # fmt: skip
SCHEMA_NAMES = {
    "name": "name", "description": "description", "phone": "telephone", "email": "email", "website": "url",
    "opening_hours": "openingHours", "address": "address", "start": "startDate", "end": "endDate",
    "legal_name": "legalName", "founded": "foundingDate", "title": "headline",
}  # fmt: skip


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


@dataclass(slots=True)
class Count:
    """What an export wrote and left out, in records."""

    written: Counter[str] = field(default_factory=Counter)
    """By licence."""
    partly: int = 0
    """Of those written, the ones that left without some of their values."""
    left_out: Counter[str] = field(default_factory=Counter)
    """By the reason."""

    def lines(self) -> list[str]:
        """In words, a line each."""
        told = [f"{count:,} records under {licence}" for licence, count in sorted(self.written.items())]
        told += [f"{self.partly:,} of them without some of their values, which may not leave"] if self.partly else []
        return told + [f"{count:,} records left out: {why}" for why, count in sorted(self.left_out.items())]


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
            self._count.written[stored.record.licence or "no licence: pinned by curators"] += 1
            self._count.partly += allowed is not stored
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
    """One object an entity: id, label, values, which record said each, other names, conflicts, records.

    `count` is filled while they are read.
    """
    for entity, records in all_entities(_view(ledger, policies, now, choice, count)):
        yield _shown(entity, label_of(records[0].record), merge(records, policies, now), policies)


def _view(ledger: Ledger, policies: Policies, now: datetime, choice: Choice, count: Count | None) -> Any:
    return ExportableLedger(ledger, policies, now, choice, count or Count())


def _shown(entity: str, label: str, merged: Merged, policies: Policies) -> dict[str, Any]:
    return {
        "id": entity,
        "label": label,
        "name": properties_of(merged)["name"],
        "city": merged.city or None,
        "sector": merged.sector or None,
        "values": {name: fact.value for name, fact in merged.facts.items()},
        "said_by": {name: [fact.record, *fact.others] for name, fact in merged.facts.items()},
        "aliases": list(merged.aliases),
        "conflicts": [{"field": lost.field, "value": lost.value, "record": lost.record} for lost in merged.conflicts],
        "records": [_credited(stored, policies.get(stored.record.source)) for stored in merged.records],
    }


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


def as_jsonl(found: Iterable[dict[str, Any]], scope: Scope) -> Iterator[str]:  # noqa: ARG001 - one shape for all formats
    """One entity a line."""
    return (_json(entity) for entity in found)


def as_geojson(found: Iterable[dict[str, Any]], scope: Scope) -> Iterator[str]:  # noqa: ARG001 - as above
    """A FeatureCollection of the entities that have a position."""
    features = (_feature(entity) for entity in found if {"lat", "lon"} <= entity["values"].keys())
    yield '{"type": "FeatureCollection", "features": ['
    yield from _joined(features)
    yield "]}"


def _feature(entity: dict[str, Any]) -> dict[str, Any]:
    values = dict(entity["values"])
    position = [values.pop("lon"), values.pop("lat")]
    properties = {name: value for name, value in entity.items() if name not in ("id", "values")} | values
    point = {"type": "Point", "coordinates": [position[0], position[1]]}
    return {"type": "Feature", "id": entity["id"], "geometry": point, "properties": properties}


def as_jsonld(found: Iterable[dict[str, Any]], scope: Scope) -> Iterator[str]:
    """schema.org, as far as it has words for what is known; the whole of it is in the other formats."""
    yield '{"@context": "https://schema.org", "@graph": ['
    yield from _joined(_linked(entity, scope) for entity in found)
    yield "]}"


def _linked(entity: dict[str, Any], scope: Scope) -> dict[str, Any]:
    values = entity["values"]
    category = scope.categories.get(str(values.get("category", "")))
    kind = (category and category.schema_org) or SCHEMA_TYPES.get(entity["label"], "Thing")
    shown: dict[str, Any] = {"@id": f"urn:ibcm:{entity['id']}", "@type": kind, "name": entity["name"]}
    shown |= {SCHEMA_NAMES[name]: value for name, value in values.items() if name in SCHEMA_NAMES}
    if {"lat", "lon"} <= values.keys():
        shown["geo"] = {"@type": "GeoCoordinates", "latitude": values["lat"], "longitude": values["lon"]}
    if entity["aliases"]:
        shown["alternateName"] = entity["aliases"]
    shown["subjectOf"] = [_dataset(record) for record in entity["records"]]
    return shown


def _dataset(record: dict[str, Any]) -> dict[str, Any]:
    shown = {
        "@type": "CreativeWork",
        "identifier": record["record"],
        "url": record.get("url"),
        "license": record.get("licence_url") or record.get("licence"),
        "creditText": record.get("attribution"),
        "hasPart": [_part(field, terms) for field, terms in record.get("fields", {}).items()],
    }
    return {name: value for name, value in shown.items() if value}


def _part(field: str, terms: Mapping[str, Any]) -> dict[str, Any]:
    """A value with terms of its own, under the name that it has here."""
    shown = {
        "@type": "CreativeWork",
        "name": SCHEMA_NAMES.get(field, field),
        "license": terms.get("licence_url") or terms.get("licence"),
        "creditText": terms.get("attribution"),
    }
    return {name: value for name, value in shown.items() if value}


FORMATS: dict[str, Callable[[Iterable[dict[str, Any]], Scope], Iterator[str]]] = {
    "jsonl": as_jsonl,
    "geojson": as_geojson,
    "jsonld": as_jsonld,
}


def _joined(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Elements of a JSON array, a line each."""
    before = ""
    for item in items:
        yield before + _json(item)
        before = ","


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
