"""Settings -> the parts that walk (a) and walk (b) are made of. Nobody else builds them.

Each is built when it is first asked for, once per process, whichever thread asks. `close_all` stops what was built.
"""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from django.conf import settings

from crawlers.base import Source
from graph.store.base import GraphStore
from graph.store.seed import seed
from ibcm.domain.errors import ConfigurationError
from ibcm.domain.ledger import Ledger
from ibcm.domain.passages import PassageIndex
from ibcm.domain.scope import Scope
from ibcm.home import Home
from retrieval.embedders.base import Embedder
from retrieval.vectors.base import VectorStore
from retrieval.vectors.switch import SwitchableStore

if TYPE_CHECKING:  # heavy: commands that never ask should not wait for them
    from graph.store.embedded import EmbeddedEngine
    from retrieval.answer import Answerer

T = TypeVar("T")

PARTS = (
    "answerer", "passage_index", "vectors", "index_store", "graph", "engine", "embedder", "ledger", "sources", "scope",
)  # fmt: skip
"""In the order in which they are closed: users before what they use."""


class _Parts:
    """Built parts by name, each under its own lock: a slow one does not hold up the others."""

    def __init__(self) -> None:
        self._built: dict[str, object] = {}
        self._locks: dict[str, threading.RLock] = {}
        self._guard = threading.Lock()

    def get(self, name: str, build: Callable[[], T]) -> T:
        built = self._built.get(name)
        if built is None:
            with self._guard:
                lock = self._locks.setdefault(name, threading.RLock())
            with lock:
                built = self._built.get(name)
                if built is None:
                    built = self._built[name] = build()
        return cast("T", built)

    def built(self, name: str) -> object | None:
        return self._built.get(name)

    def put(self, name: str, part: object) -> None:
        self._built[name] = part

    def take(self, name: str) -> object | None:
        return self._built.pop(name, None)


_parts = _Parts()


def home() -> Home:
    return settings.IBCM_HOME


def scope() -> Scope:
    """Cities, sectors, assistants and the taxonomy."""

    def build() -> Scope:
        from ibcm.config import load_scope

        return load_scope()

    return _parts.get("scope", build)


def ledger() -> Ledger:
    def build() -> Ledger:
        from ibcm.records.ledger import DjangoLedger

        return DjangoLedger()

    return _parts.get("ledger", build)


def sources() -> Mapping[str, Source]:
    """Every bundled source by slug."""

    def build() -> Mapping[str, Source]:
        from crawlers.registry import sources as registered

        return registered()

    return _parts.get("sources", build)


def engine() -> "EmbeddedEngine | None":
    """The embedded graph engine, started; None where a Neo4j server is configured."""

    def build() -> "EmbeddedEngine":
        from graph.store.embedded import EmbeddedEngine

        started = EmbeddedEngine(home().path)
        started.start()
        return started

    return None if settings.IBCM_NEO4J_URI else _parts.get("engine", build)


def graph() -> GraphStore:
    """The graph, prepared. Starts the embedded engine where no server is configured."""

    def build() -> GraphStore:
        embedded = engine()
        store = embedded.store(instance=settings.IBCM_INSTANCE) if embedded else _neo4j()
        store.prepare()
        seed(store, scope())
        return store

    return _parts.get("graph", build)


def _neo4j() -> GraphStore:
    from graph.store.bolt import BoltGraphStore

    return BoltGraphStore(
        settings.IBCM_NEO4J_URI,
        settings.IBCM_NEO4J_USER if settings.IBCM_NEO4J_PASSWORD else "",
        settings.IBCM_NEO4J_PASSWORD,
        settings.IBCM_NEO4J_DATABASE,
        instance=settings.IBCM_INSTANCE,
    )


def embedder() -> Embedder:
    """The configured model, loaded. Raises ModelMissing with the command that brings it."""

    def build() -> Embedder:
        from retrieval.models.load import load_embedder

        return load_embedder(settings.IBCM_EMBEDDER, settings.IBCM_MODELS)

    return _parts.get("embedder", build)


def vectors() -> VectorStore:
    """The index, prepared for the configured embedder. Raises IndexMismatch when another one built it."""

    def build() -> VectorStore:
        store = index_store()
        store.prepare(embedder().model)
        return store

    return _parts.get("vectors", build)


def index_store() -> SwitchableStore:
    """The index, whichever embedder built it: what a rebuild works on."""
    return _parts.get("index_store", _open_index)


def _open_index() -> SwitchableStore:
    if settings.IBCM_QDRANT_URL:
        from retrieval.vectors.server_index import ServerIndex

        return ServerIndex(settings.IBCM_QDRANT_URL, settings.IBCM_QDRANT_API_KEY or None, settings.IBCM_INSTANCE)
    from retrieval.vectors.edge_index import EdgeIndex

    return EdgeIndex(home().index)


def passage_index() -> PassageIndex:
    def build() -> PassageIndex:
        from retrieval.index import Indexer

        return Indexer(embedder(), vectors())

    return _parts.get("passage_index", build)


def answerer() -> "Answerer":
    """Walk (b): `ask` and `stream`."""

    def build() -> "Answerer":
        from retrieval.answer import Answerer

        return Answerer(graph=graph(), vectors=vectors(), embedder=embedder(), ledger=ledger(), scope=scope())

    return _parts.get("answerer", build)


def replace(name: str, part: object) -> None:
    """Put a double in the place of a part, for tests."""
    if name not in PARTS:
        raise ConfigurationError(f"there is no part named {name!r}")
    _parts.put(name, part)


def close_all() -> None:
    """Close what was built, users before what they use. Safe to repeat; the next call of a part builds it anew."""
    for name in PARTS:
        part = _parts.take(name)
        stop = getattr(part, "close", None) or getattr(part, "stop", None)
        if callable(stop):
            stop()
