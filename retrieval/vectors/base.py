"""The seam to vector stores. Text goes in to be weighed word by word (BM25) and is not kept in the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from retrieval.embedders.base import Matrix, ModelId

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """A passage on its way in. `payload` holds ids and filter fields: record, ordinal, entity, kind, city, sector,
    language, expires_at (seconds), at ({lat, lon}); absent when unknown."""

    id: str
    dense: Matrix
    text: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Where:
    """A filter. Every given condition must hold; a list means any of these values."""

    equals: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    near: tuple[float, float, float] | None = None
    """lat, lon, radius in metres, over payload field `at`."""
    not_expired_at: float | None = None
    """Leaves out points whose `expires_at` is at or before this moment; points without one stay."""


@dataclass(frozen=True, slots=True)
class Hit:
    id: str
    score: float
    payload: Payload


class VectorStore(Protocol):
    """One collection of passages made by one embedder. Raises EngineError."""

    def prepare(self, model: ModelId) -> None:
        """Create the collection and payload indexes. Safe to repeat.

        Raises IndexMismatch when it was made by another model or a newer schema.
        """

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points under their ids; acknowledged points survive a crash."""

    def delete_records(self, records: Sequence[str]) -> None:
        """Remove every point of these records (`source:key`)."""

    def delete_points(self, ids: Sequence[str]) -> None:
        """Remove these points; unknown ids are no error."""

    def set_payloads(self, payloads: Mapping[str, Payload]) -> None:
        """Point id -> the payload that replaces its own; vectors stay. Unknown ids are no error."""

    def points_of_records(self, records: Sequence[str]) -> Mapping[str, Mapping[str, Payload]]:
        """record -> id of each of its points -> payload; records without points are missing."""

    def records(self) -> set[str]:
        """Every record that has a point."""

    def dense(self, vector: Matrix, *, where: Where, limit: int) -> list[Hit]:
        """Nearest by cosine, best first, ties by id."""

    def bm25(self, text: str, *, where: Where, limit: int) -> list[Hit]:
        """Best by BM25, best first, ties by id; nothing when no word matches."""

    def count(self) -> int:
        """How many points there are."""

    def optimize(self) -> None:
        """Build search structures. May hold the process for seconds: never while serving."""

    def clear(self) -> None:
        """Remove everything, the collection itself included; `prepare` makes it anew."""

    def close(self) -> None:
        """Flush and release; nothing may be called afterwards."""
