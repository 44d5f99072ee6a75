"""Walk (a) with a graph and an index that only remember."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from crawlers.base import Fetched, FetchScope
from ibcm import wiring
from ibcm.domain.policy import SourcePolicy
from tests.builders import OPEN
from tests.doubles import MemoryGraph, MemoryIndex


@dataclass
class ListSource:
    """A source that yields what it is given, and remembers for what it was asked."""

    items: list[Fetched | Exception] = field(default_factory=list)
    slug: str = "osm"
    policy: SourcePolicy = OPEN
    asked: FetchScope | None = None

    def fetch(self, scope: FetchScope) -> Iterator[Fetched]:
        self.asked = scope
        for item in self.items:
            if isinstance(item, Exception):
                raise item
            yield item


@dataclass
class Stores:
    graph: MemoryGraph
    index: MemoryIndex


@pytest.fixture
def stores(db: None) -> Iterator[Stores]:
    made = Stores(MemoryGraph(), MemoryIndex())
    wiring.replace("graph", made.graph)
    wiring.replace("passage_index", made.index)
    yield made
    wiring.close_all()


@pytest.fixture
def source(stores: Stores) -> ListSource:
    made = ListSource()
    wiring.replace("sources", {made.slug: made})
    return made
