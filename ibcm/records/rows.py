"""Between rows and domain values, and the small helpers that every step of the ledger uses."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any, TypeVar

from django.db import connection
from pydantic import TypeAdapter
from pydantic_core import from_json

from ibcm.domain.decisions import Hidden, hidden_hash, without_hidden
from ibcm.domain.graph import LEDGER_LABEL_BY_KIND
from ibcm.domain.ledger import StoredRecord
from ibcm.domain.records import Link, SourceRecord, When
from ibcm.records.models import Record

T = TypeVar("T")

CHUNK = 900
"""Values in one IN list: SQLite's oldest limit on parameters is 999."""
KEY_LENGTH = 200
CLOCKS = {"retrieved_at", "expires_at"}
_MOMENT: TypeAdapter[date | datetime] = TypeAdapter(When)


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Distinct values in order, in lists of at most `size`."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), size):
        yield distinct[start : start + size]


def row_of(record: SourceRecord, *, digest: str, now: datetime) -> Record:
    """A new row, staged."""
    row = Record(ref=record.ref, source=record.source, first_seen=now, last_seen=now)
    put_version(row, record, digest=digest)
    return row


def put_version(row: Record, record: SourceRecord, *, digest: str) -> None:
    """Make this version the row's current one, and stage it where its kind is assigned to entities.

    A tombstone keeps the kind and the place under which we know the thing.
    """
    if not (record.deleted and row.kind):
        row.kind, row.label = record.kind, LEDGER_LABEL_BY_KIND.get(record.kind, "")
        row.city, row.sector = record.city or "", record.sector or ""
    row.hash, row.payload = digest, record.model_dump_json(exclude=CLOCKS, exclude_none=True)
    row.retrieved_at, row.since, row.expires_at = record.retrieved_at, record.retrieved_at, record.expires_at
    row.deleted, row.absent, row.pruned, row.staged = record.deleted, False, False, bool(row.label)


def record_of(row: Record) -> SourceRecord:
    """The record as it was staged. Not validated again: what is stored stays readable when the rules tighten."""
    said: dict[str, Any] = from_json(row.payload) if row.payload else _unsaid(row)
    links = [Link.model_construct(**link) for link in said.pop("links", ())]
    for name in ("valid_from", "valid_to"):
        if name in said:
            said[name] = _MOMENT.validate_python(said[name])
    said |= {"retrieved_at": row.retrieved_at, "expires_at": row.expires_at, "deleted": row.deleted, "links": links}
    return SourceRecord.model_construct(**{**said, "kind": row.kind})


def _unsaid(row: Record) -> dict[str, Any]:
    """What is left of a record whose payload was dropped."""
    known = {"source": row.source, "key": row.ref.removeprefix(f"{row.source}:"), "data": {}}
    return known | {name: value for name, value in (("city", row.city), ("sector", row.sector)) if value}


def version_hash(row: Record) -> str:
    """Names what is current. A deletion by absence or expiry says something else than what it deletes."""
    return f"absent-{row.hash}" if row.absent else living_hash(row.hash, pruned=row.pruned, hidden=row.hidden)


def living_hash(digest: str, *, pruned: bool, hidden: Sequence[tuple[str, str]]) -> str:
    """Names what is current of a record that is not deleted: what purge or a curator left of it is not the whole."""
    kept = f"pruned-{digest}" if pruned else digest
    return hidden_hash(kept, hidden_of(hidden)) if hidden else kept


def hidden_of(pairs: Iterable[tuple[str, str]]) -> list[Hidden]:
    """What a curator hid of a record."""
    return [Hidden(field, value) for field, value in pairs]


def stored(row: Record, *, hidden: bool = True) -> StoredRecord:
    """The row as the ledger's users see it: without what is hidden, unless `hidden` is not to be."""
    record = record_of(row)
    return StoredRecord(
        record=without_hidden(record, hidden_of(row.hidden)) if row.hidden and hidden else record,
        sequence=row.pk,
        hash=version_hash(row),
        last_seen=row.last_seen,
        entity=row.entity_id or "",
    )


def all_stored(rows: Iterable[Record]) -> list[StoredRecord]:
    """Ordered by ref, whatever order the rows came in."""
    return sorted((stored(row) for row in rows), key=lambda record: record.ref)


def key_text(key: str) -> str:
    """A blocking key as it is kept: long ones by their hash, for an index entry has a limit, and those with a character
    that PostgreSQL has no place for."""
    return key if len(key) <= KEY_LENGTH and "\0" not in key else "#" + sha256(key.encode()).hexdigest()


def listed(values: Iterable[str]) -> tuple[str, str]:
    """Any number of values as a table `listed` with the column `value`: SQL for FROM, and its one parameter. As an IN
    list each of them would be a parameter of its own, which takes longer to write down than to look up."""
    functions = {
        "sqlite": "json_each(%s) AS listed",
        "postgresql": "json_array_elements_text(%s::json) AS listed(value)",
    }
    return functions[connection.vendor], json.dumps(list(dict.fromkeys(values)))


def lock_names(kind: str, names: Sequence[str]) -> None:
    """On PostgreSQL: hold these names until the transaction ends. SQLite's immediate transactions need none."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for name in sorted(set(names)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{kind}:{name}"])
