"""Graph engines for tests: one embedded engine for the whole run, and the Neo4j server that the environment names."""

import atexit
import contextlib
import functools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from neo4j import GraphDatabase
from pytest_socket import enable_socket

from graph.store.base import GraphStore
from graph.store.bolt import BoltGraphStore
from graph.store.embedded import EmbeddedEngine, Watch
from ibcm.domain.graph import Query

NO_PINGS = Watch(interval=3600)
"""The watchdog still sees an engine die, but opens no connection while a test without network runs."""


@functools.cache
def shared_engine() -> EmbeddedEngine:
    """Started on first use, stopped when Python ends. Only for tests marked `engine`."""
    home = Path(tempfile.mkdtemp(prefix="ibcm-engine-"))
    engine = EmbeddedEngine(home, heap="256m", watch=NO_PINGS)
    engine.start()
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    atexit.register(engine.stop)
    return engine


def embedded_store() -> BoltGraphStore:
    """A prepared graph in the shared engine. Whoever writes to it wipes it afterwards."""
    store = shared_engine().store()
    store.prepare()
    return store


@functools.cache
def neo4j_uri() -> str:
    """The address of a server that was found empty at the start of the run; skips where none is named."""
    uri = os.environ.get("IBCM_TEST_NEO4J_URI", "")
    if not uri:
        pytest.skip("IBCM_TEST_NEO4J_URI names no Neo4j server")
    with GraphDatabase.driver(uri) as driver:
        if driver.execute_query("MATCH (n) RETURN 1 LIMIT 1").records:
            pytest.fail(f"the server at {uri} is not empty: tests take only one that holds nothing", pytrace=False)
    atexit.register(leave_empty, uri)
    return uri


EITHER = (pytest.param("embedded", marks=pytest.mark.engine), pytest.param("neo4j", marks=pytest.mark.neo4j))
"""For the `params` of a fixture; `store_of` makes the one that is asked for."""


@contextlib.contextmanager
def store_of(engine: str) -> Iterator[BoltGraphStore]:
    """A prepared graph, empty again afterwards."""
    store = embedded_store() if engine == "embedded" else neo4j_store()
    yield store
    wipe(store)
    store.close()


def neo4j_store() -> BoltGraphStore:
    """A prepared graph on the server that the environment names."""
    store = BoltGraphStore(neo4j_uri())
    store.prepare()
    return store


def leave_empty(uri: str) -> None:
    """Take everything away that tests brought to the server, constraints and indexes too."""
    enable_socket()  # the last test may have been one without network
    with GraphDatabase.driver(uri) as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n")
        for kind, names in (("CONSTRAINT", "SHOW CONSTRAINTS"), ("INDEX", "SHOW INDEXES")):
            found = driver.execute_query(names + " YIELD name, type WHERE type <> 'LOOKUP'").records
            for row in found:
                driver.execute_query(f"DROP {kind} `{row['name']}` IF EXISTS")


def wipe(store: GraphStore) -> None:
    """Remove every node but the schema's own."""
    rows = store.read(Query("all", "MATCH (n) WHERE NOT n:Meta RETURN labels(n)[0] AS label, collect(n.id) AS ids"))
    for row in rows:
        ids = row["ids"]
        assert isinstance(ids, list)
        store.remove(str(row["label"]), ids)
