"""One entity as people and programs look at it: every value with who says so, what contradicts it, and its past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from graph.ingest.merge import Merged, merge
from graph.ingest.projection import properties_of
from graph.resolution.traits import label_of
from ibcm import wiring
from ibcm.domain.errors import IbcmError
from ibcm.domain.ledger import StoredRecord
from ibcm.exporting import lapsed_json
from ibcm.records import history
from ibcm.records.models import Entity, Record


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an entity: golden values with all records behind them."""

    id: str
    label: str
    name: str
    merged: Merged
    asked: str
    """What it was asked by: its id, an id that leads to it now, or `source:key`."""
    as_of: datetime | None = None

    @property
    def redirected(self) -> bool:
        """It was asked by an id that it had before it became one with another."""
        return ":" not in self.asked and self.asked != self.id


def known(asked: str, *, as_of: datetime | None = None) -> Known | None:
    """By entity id, by an id that leads to another now, or by `source:key`; None when there is no such thing.

    With `as_of`, its records as they had been read by then. What may no longer be kept is left out of the past too.
    """
    ledger = wiring.ledger()
    entity = "" if "\0" in asked else _entity_of(asked)  # PostgreSQL takes no NUL, and nothing is called so
    records: Sequence[StoredRecord] = ledger.in_entities([entity]).get(entity, ()) if entity else ()
    now = timezone.now()
    records = [stored for stored in records if not stored.record.expires_at or stored.record.expires_at > now]
    if as_of is not None:
        records = history.as_of(records, as_of)
    if not records:
        return None
    label = label_of(records[0].record)
    records = [stored for stored in records if label_of(stored.record) == label]
    merged = merge(records, ledger.policies(), as_of or now)
    return Known(entity, label, str(properties_of(merged)["name"]), merged, asked, as_of)


def moment(text: str) -> datetime:
    """The end of a day such as 2026-01-31, or a time with its zone. Raises IbcmError for anything else."""
    try:
        if len(text) <= len("2026-01-31"):
            day = date.fromisoformat(text)
            return datetime.combine(day, time(), tzinfo=UTC) + timedelta(days=1) - timedelta(microseconds=1)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise IbcmError(f"{text!r} is no day or time: write it like 2026-01-31 or 2026-01-31T18:30:00+05:30") from error
    if found.tzinfo is None:
        raise IbcmError(f"{text!r} has no time zone: write it like 2026-01-31T18:30:00+05:30")
    return found


def _entity_of(asked: str) -> str:
    if ":" in asked:
        found = Record.objects.filter(ref=asked, deleted=False).values_list("entity_id", flat=True).first()
        return found or ""
    row = Entity.objects.filter(pk=asked).first()
    return "" if row is None else row.redirect_to_id or row.pk


def to_json(found: Known) -> dict[str, Any]:
    """The public shape: values by field, each with the record that says so; what does not hold; conflicts; records with
    their terms."""
    merged = found.merged
    return {
        "id": found.id,
        "redirected_from": found.asked if found.redirected else None,
        "label": found.label,
        "name": found.name,
        "city": merged.city or None,
        "sector": merged.sector or None,
        "as_of": found.as_of.isoformat() if found.as_of else None,
        "values": {
            name: {"value": fact.value, "records": [fact.record, *fact.others]} for name, fact in merged.facts.items()
        },
        "holds": merged.holds,
        "lapsed": lapsed_json(merged),
        "aliases": list(merged.aliases),
        "conflicts": [{"field": lost.field, "value": lost.value, "record": lost.record} for lost in merged.conflicts],
        "records": [_credited(stored) for stored in merged.records],
    }


def _credited(stored: StoredRecord) -> dict[str, Any]:
    kept = {"url", "licence", "licence_url", "attribution", "retrieved_at", "expires_at", "valid_from", "valid_to"}
    said = stored.record.model_dump(mode="json", include=kept, exclude_none=True)
    return {"record": stored.ref, "source": stored.record.source, "last_seen": stored.last_seen.isoformat(), **said}
