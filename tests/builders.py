"""Records for tests, with short calls and invented facts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord, parse_record

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPEN = SourcePolicy(name="Open", licence="CC0-1.0", attribution="Open data")


def day(number: float) -> datetime:
    """That many days after (or before) NOW."""
    return NOW + timedelta(days=number)


def record(
    ref: str, kind: str = "place", *, at: float = -1, data: dict[str, Any] | None = None, **top: Any
) -> SourceRecord:
    """`record("osm:1", name="Cafe")`-like: keys that SourceRecord knows go there, all others are in `data`."""
    source, _, key = ref.partition(":")
    known = {name: top.pop(name) for name in list(top) if name in SourceRecord.model_fields}
    return parse_record(
        {
            "source": source,
            "key": key,
            "kind": kind,
            "data": {**(data or {}), **top},
            "retrieved_at": day(at).isoformat(),
            "licence": "CC0-1.0",
            "attribution": "Open data",
            **known,
        }
    )


def tombstone(ref: str, kind: str = "place", *, at: float = 0) -> SourceRecord:
    return record(ref, kind, at=at, deleted=True)
