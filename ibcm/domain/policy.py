"""What a source allows. Applied before anything is stored, so that terms hold by construction."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ibcm.domain.errors import PolicyError
from ibcm.domain.records import SourceRecord

HOW_TO_STATE_TERMS = (
    "write a source.yaml beside the file with one line each for `name: `, `licence: ` (such as CC-BY-4.0), "
    "`attribution: ` and `trust: ` (0 to 1), as docs/records.md shows"
)
"""One line: a failed job tells the first line of its error only."""


class FieldPolicy(BaseModel):
    """Terms of one field of `data`, over the source's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    retention_days: Annotated[int, Field(ge=0)] | None = None
    transient: bool = False
    allow_export: bool | None = None
    allow_training: bool | None = None


class SourcePolicy(BaseModel):
    """The terms of one source. `trust` (0-1) decides between sources that disagree."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    homepage: str | None = None
    licence: str | None = None
    licence_url: str | None = None
    attribution: str | None = None
    retention_days: Annotated[int, Field(ge=0)] | None = None
    transient: bool = False
    trust: Annotated[float, Field(ge=0, le=1)] = 0.5
    allow_export: bool = True
    allow_training: bool = False
    deduplicated: bool = False
    fields: dict[str, FieldPolicy] = {}


def apply_policy(record: SourceRecord, policy: SourcePolicy) -> SourceRecord | None:
    """The record as it may be stored: transient fields gone, licence filled in, expiry set.

    None when nothing of it may be stored. Raises PolicyError when neither the record nor the policy names a
    licence: without one we do not know what is allowed.
    """
    if record.deleted:
        return record
    if policy.transient:
        return None
    licence = record.licence or policy.licence
    if not licence:
        raise PolicyError(f"source {record.source!r} states no licence: {HOW_TO_STATE_TERMS}")
    attribution = record.attribution or policy.attribution
    if not attribution:
        raise PolicyError(f"source {record.source!r} states no attribution: {HOW_TO_STATE_TERMS}")
    return record.model_copy(
        update={
            "licence": licence,
            "licence_url": record.licence_url or policy.licence_url,
            "attribution": attribution,
            "expires_at": _earlier(record.expires_at, _limit(record.retrieved_at, policy.retention_days)),
            "data": {
                field: value
                for field, value in record.data.items()
                if not (field in policy.fields and policy.fields[field].transient)
            },
        }
    )


def live_data(record: SourceRecord, policy: SourcePolicy, now: datetime) -> dict[str, object]:
    """`data` without the fields whose own time limit has passed at `now`."""

    def expired(field: str) -> bool:
        own = policy.fields.get(field)
        limit = _limit(record.retrieved_at, own.retention_days) if own else None
        return limit is not None and limit <= now

    return {field: value for field, value in record.data.items() if not expired(field)}


def _limit(start: datetime, days: int | None) -> datetime | None:
    return None if days is None else start + timedelta(days=days)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [moment for moment in (one, other) if moment is not None]
    return min(known) if known else None
