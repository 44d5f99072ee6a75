"""Passages: the pieces of text that retrieval finds. They are a pure function of a record."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ibcm.domain.drift import Fault


@dataclass(frozen=True, slots=True)
class Passage:
    """One piece of one record's text."""

    id: str
    """UUIDv5 of record, ordinal and text."""
    record: str
    """`source:key`."""
    ordinal: int
    title: str
    text: str
    kind: str
    """Kind of the record."""
    entity: str
    """Id of the entity that the passage is about; empty when there is none."""
    city: str = ""
    sector: str = ""
    language: str = ""
    lat: float | None = None
    lon: float | None = None
    expires_at: float | None = None
    """Seconds since 1970; None: no limit."""


class PassageIndex(Protocol):
    """Where projection puts passages. Implemented over a vector store by retrieval."""

    def replace(self, passages: Mapping[str, Sequence[Passage]]) -> None:
        """For each record (`source:key`) hold exactly these passages; an empty sequence removes the record.

        Passages whose id is there already are not embedded again. Safe to repeat.
        """

    def records(self) -> Iterable[str]:
        """Every record that has at least one passage, in no order."""

    def compare(self, passages: Mapping[str, Sequence[Passage]]) -> Mapping[str, Sequence[Fault]]:
        """Record -> what is wrong with its passages, for those of these records that are not held exactly so."""
