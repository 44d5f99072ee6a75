"""The seam to sources: one folder or module per source, one line in crawlers.registry."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ibcm.domain.errors import RecordError
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord
from ibcm.domain.scope import City, Sector


@dataclass(frozen=True, slots=True)
class FetchScope:
    """What to fetch. Sources that know nothing about a city or sector yield nothing for it."""

    cities: tuple[City, ...]
    sectors: tuple[Sector, ...]
    now: datetime
    since: datetime | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """One line or item that could not be taken. Good ones around it are kept."""

    where: str
    """File and line, or the item's key."""
    message: str
    """What is wrong, without any value: it is kept in reports and job rows, which outlive every limit."""
    quoting: str = ""
    """The same with the value, told only where the terms of `source` let the value of `field` be kept for ever."""
    source: str = ""
    field: str = ""

    @classmethod
    def of(cls, where: str, error: RecordError, source: str) -> "Rejected":
        """A record that could not be read."""
        return cls(where, str(error), error.quoting, source, error.field)

    @property
    def shown(self) -> str:
        """What is wrong, for the eyes of whoever has the file; not to be kept."""
        return self.quoting or self.message

    def told(self, policies: Mapping[str, SourcePolicy]) -> str:
        """What may be kept of it."""
        policy = policies.get(self.source)
        return self.quoting if self.quoting and policy is not None and policy.quotes(self.field) else self.message


@dataclass(frozen=True, slots=True)
class Complete:
    """Ends a fetch that listed everything there is: what it did not list is gone."""


Fetched = SourceRecord | Rejected | Complete


@dataclass(slots=True)
class Place:
    """Where a reading of files stands, so that what is found wrong with a record later is told with its line."""

    where: str = ""
    """File and line of the record that was yielded last."""


class Source(Protocol):
    """A source reads; what it yields is staged by others."""

    slug: str
    policy: SourcePolicy

    def fetch(self, scope: FetchScope) -> Iterator[Fetched]:
        """Records, rejected items with the reason, and `Complete` last when the listing was whole.

        Raises IbcmError when the source as a whole cannot be read.
        """
