"""What the records of a pair are called in the queue. A funding round has no name: its company and what was raised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ibcm import wiring
from ibcm.domain.ledger import StoredRecord
from ibcm.domain.records import SourceRecord
from ibcm.domain.texts import displayed

RAISED_BY = "raised_by"


@dataclass(frozen=True, slots=True)
class Title:
    """Name, what tells it from others of that name, and city; empty where the record does not say."""

    name: str
    detail: str
    city: str


def titles(refs: Sequence[str]) -> Mapping[str, Title]:
    """Ref -> its title; records that are gone are missing."""
    found = wiring.ledger().living(refs)
    companies = company_names(list(found.values()))
    return {ref: _title(stored.record, companies.get(ref, "")) for ref, stored in found.items()}


def company_names(records: Sequence[StoredRecord]) -> Mapping[str, str]:
    """Ref of a funding -> who raised it, as it writes or as the record to which it links is called."""
    fundings = [stored.record for stored in records if stored.record.kind == "funding"]
    linked = {one.ref: _raised_by(one) for one in fundings if not one.data.get("company")}
    targets = wiring.ledger().living([ref for refs in linked.values() for ref in refs]) if linked else {}
    called = {ref: str(stored.record.data.get("name", "")) for ref, stored in targets.items()}
    known = {ref: next((called[one] for one in refs if called.get(one)), "") for ref, refs in linked.items()}
    return {one.ref: str(one.data.get("company") or known.get(one.ref, "")) for one in fundings}


def _raised_by(record: SourceRecord) -> list[str]:
    return [ref for link, ref in zip(record.links, record.targets(), strict=True) if link.rel == RAISED_BY]


def _title(record: SourceRecord, company: str) -> Title:
    data = record.data
    if record.kind == "funding":
        return Title(displayed(company), _round_line(data), record.city or "")
    where = data.get("address") or data.get("area") or ""
    name = str(data.get("name") or data.get("title") or "")
    return Title(displayed(name), displayed(str(where)), record.city or "")


def _round_line(data: Mapping[str, Any]) -> str:
    amount = data.get("amount")
    told = f"{amount:,.0f} {data.get('currency') or ''}".strip() if isinstance(amount, int | float) else ""
    parts = (data.get("round"), told or data.get("amount_text"), data.get("date"))
    return ", ".join(str(part) for part in parts if part)
