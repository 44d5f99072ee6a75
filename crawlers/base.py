"""The seam to sources: one folder or module per source, one line in crawlers.registry."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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


@dataclass(frozen=True, slots=True)
class Complete:
    """Ends a fetch that listed everything there is: what it did not list is gone."""


Fetched = SourceRecord | Rejected | Complete


class Source(Protocol):
    """A source reads; what it yields is staged by others."""

    slug: str
    policy: SourcePolicy

    def fetch(self, scope: FetchScope) -> Iterator[Fetched]:
        """Records, rejected items with the reason, and `Complete` last when the listing was whole.

        Raises IbcmError when the source as a whole cannot be read.
        """
