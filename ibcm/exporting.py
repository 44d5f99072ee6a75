"""What may leave: entities with golden values and, for each, the records that say so with licence and attribution.

What a source's terms forbid to export is taken out before values are chosen, so nothing of it shows through.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from graph.ingest.canonical import all_entities, canonical_export
from graph.ingest.merge import Merged, merge
from graph.ingest.projection import properties_of
from graph.resolution.traits import label_of
from ibcm.domain.ledger import Ledger, StoredRecord
from ibcm.domain.policy import SourcePolicy
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


class ExportableLedger:
    """A view of a ledger without what may not be exported. Everything else is the ledger itself."""

    def __init__(self, ledger: Ledger, policies: Policies) -> None:
        self._ledger, self._policies = ledger, policies

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def all_records(self) -> Iterator[StoredRecord]:
        return self._allowed(self._ledger.all_records())

    def sharing(self, label: str, keys: Iterable[str]) -> Sequence[StoredRecord]:
        return list(self._allowed(self._ledger.sharing(label, keys)))

    def in_entities(self, entities: Iterable[str]) -> Mapping[str, Sequence[StoredRecord]]:
        found = {entity: list(self._allowed(some)) for entity, some in self._ledger.in_entities(entities).items()}
        return {entity: some for entity, some in found.items() if some}

    def _allowed(self, records: Iterable[StoredRecord]) -> Iterator[StoredRecord]:
        for stored in records:
            allowed = exportable(stored, self._policies.get(stored.record.source))
            if allowed is not None:
                yield allowed


def exportable(stored: StoredRecord, policy: SourcePolicy | None) -> StoredRecord | None:
    """The record without the fields whose terms forbid export; None when nothing is left."""
    if policy is None:
        return stored
    data = {name: value for name, value in stored.record.data.items() if _may_leave(name, policy)}
    if not data:
        return None
    return replace(stored, record=stored.record.model_copy(update={"data": data}))


def _may_leave(field: str, policy: SourcePolicy) -> bool:
    own = policy.fields.get(field)
    return policy.allow_export if own is None or own.allow_export is None else own.allow_export


def canonical(ledger: Ledger, *, policies: Policies, now: datetime) -> Iterator[str]:
    """Lines that depend on records and decisions alone: two homes with the same ones print the same."""
    return canonical_export(_view(ledger, policies), policies=policies, now=now)


def entities(ledger: Ledger, *, policies: Policies, now: datetime) -> Iterator[dict[str, Any]]:
    """One object an entity: id, label, values, which record said each, other names, conflicts, records."""
    for entity, records in all_entities(_view(ledger, policies)):
        yield _shown(entity, label_of(records[0].record), merge(records, policies, now))


def _view(ledger: Ledger, policies: Policies) -> Any:
    return ExportableLedger(ledger, policies)


def _shown(entity: str, label: str, merged: Merged) -> dict[str, Any]:
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
        "records": [_credited(stored) for stored in merged.records],
    }


def _credited(stored: StoredRecord) -> dict[str, Any]:
    kept = {"url", "licence", "licence_url", "attribution", "retrieved_at", "expires_at"}
    said = stored.record.model_dump(mode="json", include=kept, exclude_none=True)
    return {"record": stored.ref, **said}


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
