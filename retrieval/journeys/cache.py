"""The networks of the cities that are asked about, each as new as the catalogue that a question is read with."""

import threading
from collections import defaultdict

from graph.store.base import GraphStore
from ibcm.domain.ledger import Ledger
from retrieval.catalogue import Catalogue
from retrieval.journeys.network import Network, load, patched

MOST_PATCHED = 2_000
"""Changed entities that are looked through; more of them, and the network is read anew."""


class Networks:
    """Reads a city's network when it is first asked about, and what changed of it afterwards. Safe for threads."""

    def __init__(self, graph: GraphStore, ledger: Ledger) -> None:
        self._graph, self._ledger = graph, ledger
        self._by_city: dict[str, Network] = {}
        self._revisions: dict[str, int] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def of(self, city: str, catalogue: Catalogue) -> Network:
        """The network as of the catalogue's revision."""
        if self._revisions.get(city) != catalogue.revision:
            with self._locks[city]:
                if self._revisions.get(city) != catalogue.revision:
                    self._by_city[city] = self._renewed(city, catalogue)
                    self._revisions[city] = catalogue.revision
        return self._by_city[city]

    def cities(self) -> set[str]:
        """Those whose network has been read."""
        return set(self._by_city)

    def _renewed(self, city: str, catalogue: Catalogue) -> Network:
        known = self._by_city.get(city)
        if known is not None:
            changed = self._ledger.projected_since(self._revisions[city], limit=MOST_PATCHED)
            if changed is not None:
                return patched(known, self._graph, catalogue, city, changed) or known
        return load(self._graph, catalogue, city)
