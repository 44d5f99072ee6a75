"""GraphStore over Bolt: the official driver, the same Cypher for the embedded engine and for Neo4j.

All retrying happens here, not in the driver, because it has to cover two things that the driver does not: write
conflicts that the embedded engine reports as ConstraintValidationFailed, and an engine that comes back at another
address. Every transaction is repeatable, so trying again after a doubtful commit is safe.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar, cast

from neo4j import Driver, GraphDatabase, ManagedTransaction, NotificationDisabledClassification, unit_of_work
from neo4j.exceptions import ConfigurationError as DriverConfigurationError
from neo4j.exceptions import DriverError, Neo4jError
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from graph.store import cypher, writing
from graph.store.failures import TargetGoneError, engine_error, worth_retrying
from graph.store.values import plain
from ibcm.domain.errors import EngineError, IndexMismatch
from ibcm.domain.graph import Projection, Query, Row

WRITE_SECONDS = 60.0
WRITE_PATIENCE = 60.0
"""How long a write is tried again: longer than an embedded engine that hangs needs to be noticed and restarted."""
READ_PATIENCE = 15.0

Result = TypeVar("Result")


class BoltGraphStore:
    """`uri` may be a function that gives the present address, for an engine that moves when it is restarted.

    `explain` gives the engine's last log line, which is added to errors that do not say why. Safe for threads.
    """

    def __init__(
        self,
        uri: str | Callable[[], str],
        user: str = "",
        password: str = "",
        database: str = "",
        *,
        instance: str = "",
        read_seconds: float = 20.0,
        explain: Callable[[], str] | None = None,
    ) -> None:
        self._address: Callable[[], str] = uri if callable(uri) else lambda: uri
        self._auth = (user, password) if user else None
        self._database = database or None
        self._instance = instance
        self._read_seconds = read_seconds
        self._explain = explain or (lambda: "")
        self._lock = threading.Lock()
        self._driver: Driver | None = None
        self._retired: Driver | None = None
        self._driver_uri = ""
        self._closed = False

    # -- GraphStore ----------------------------------------------------------------------------------------------
    def prepare(self) -> None:
        """Create what is missing. Raises IndexMismatch for a newer schema, EngineError for somebody else's graph."""
        found = self.read(cypher.read_meta())
        if found:
            if self._check_meta(found[0]) == cypher.SCHEMA_VERSION:
                return
        elif self.read(cypher.any_node()):
            raise EngineError(
                f"the graph database at {self._driver_uri} holds nodes that IBCM did not write: name an empty database"
            )
        for query in cypher.schema():  # one transaction each: Neo4j does not mix schema changes with data
            self._write(query.name, partial(_send, query))
        self._write("write_meta", lambda run: run(cypher.write_meta(self._instance)))

    def write(self, projections: Sequence[Projection]) -> None:
        """Make the graph hold exactly these entities, in one transaction. The last of two with one id counts."""
        by_label: dict[str, dict[str, Projection]] = {}
        for one in projections:
            by_label.setdefault(one.label, {})[one.id] = one
        if by_label:
            self._write("write", lambda run: _write_all(run, by_label))

    def remove(self, label: str, ids: Sequence[str]) -> None:
        """Delete these nodes, their edges and the record nodes that nothing else needs."""
        unique = sorted(set(ids))
        if unique:
            self._write("remove", lambda run: writing.remove(run, label, unique))

    def read(self, query: Query) -> list[Row]:
        """Rows as dicts of plain Python values. Raises EngineError for a query that writes or takes too long."""
        cypher.refuse_writes(query)
        return self._attempts(_Asked(query), READ_PATIENCE, lambda driver: self._read_once(driver, query))

    def close(self) -> None:
        """Close every connection. May be called twice."""
        with self._lock:
            self._closed = True
            drivers = [driver for driver in (self._driver, self._retired) if driver is not None]
            self._driver = self._retired = None
        for driver in drivers:
            driver.close()

    # -- transactions --------------------------------------------------------------------------------------------
    def _read_once(self, driver: Driver, query: Query) -> list[Row]:
        @unit_of_work(timeout=self._read_seconds)
        def inside(transaction: ManagedTransaction) -> list[Row]:
            return _rows(transaction, query)

        with driver.session(database=self._database) as session:
            return session.execute_read(inside)

    def _write(self, name: str, work: Callable[[writing.Run], Result]) -> Result:
        asked = _Asked(Query(name, ""))

        @unit_of_work(timeout=WRITE_SECONDS)
        def inside(transaction: ManagedTransaction) -> Result:
            def run(query: Query) -> list[Row]:
                asked.query = query
                return _rows(transaction, query)

            return work(run)

        def once(driver: Driver) -> Result:
            with driver.session(database=self._database) as session:
                return session.execute_write(inside)

        return self._attempts(asked, WRITE_PATIENCE, once)

    def _attempts(self, asked: "_Asked", patience: float, once: Callable[[Driver], Result]) -> Result:
        """Run `once` until it passes, fails for good, or `patience` seconds are over."""
        attempts = Retrying(
            retry=retry_if_exception(worth_retrying),
            wait=wait_random_exponential(multiplier=0.02, max=1.0),
            stop=stop_after_delay(patience),
            reraise=True,
        )
        try:
            for attempt in attempts:
                with attempt:
                    return once(self._connection())
        except (DriverError, Neo4jError, OSError, ValueError, OverflowError, TargetGoneError) as error:
            hint = self._explain() if isinstance(error, DriverError | Neo4jError | OSError) else ""
            raise engine_error(asked.query, error, uri=self._driver_uri, hint=hint) from error
        raise AssertionError("tenacity ends with a result or an error")

    # -- connections ---------------------------------------------------------------------------------------------
    def _connection(self) -> Driver:
        """The driver for the present address, a new one when the engine has moved."""
        uri = self._address()
        with self._lock:
            if self._closed:
                raise EngineError("the graph store is closed")
            if self._driver is None or uri != self._driver_uri:
                self._retire()
                self._driver, self._driver_uri = self._open(uri), uri
            return self._driver

    def _retire(self) -> None:
        """Keep one left driver open, since another thread may be about to use it: its failure leads to a retry."""
        if self._retired is not None:
            self._retired.close()
        self._retired = self._driver

    def _open(self, uri: str) -> Driver:
        try:
            if not uri.startswith(("bolt", "neo4j")):
                raise ValueError("it must start with bolt:// or neo4j://")
            return GraphDatabase.driver(
                uri,
                auth=self._auth,
                connection_timeout=5.0,
                connection_acquisition_timeout=20.0,
                max_transaction_retry_time=0,
                # An empty graph has no labels or properties yet: the notices about that would be noise.
                notifications_disabled_classifications=[NotificationDisabledClassification.UNRECOGNIZED],
                telemetry_disabled=True,
            )
        except (DriverConfigurationError, ValueError) as error:
            raise EngineError(f"{uri!r} is no address of a graph, such as bolt://host:7687: {error}") from error

    # -- schema --------------------------------------------------------------------------------------------------
    def _check_meta(self, meta: Row) -> int:
        version, instance = int(cast("int", meta["version"])), str(meta["instance"] or "")
        if version > cypher.SCHEMA_VERSION:
            raise IndexMismatch(
                f"the graph at {self._driver_uri} has schema {version}, this version of IBCM knows "
                f"{cypher.SCHEMA_VERSION}: install the newer version"
            )
        if instance != self._instance:
            raise EngineError(
                f"the graph at {self._driver_uri} belongs to the instance {instance!r}, not to {self._instance!r}: "
                "set IBCM_INSTANCE or name another database"
            )
        return version


@dataclass(slots=True)
class _Asked:
    """The query that a transaction came to, for its error."""

    query: Query


def _send(query: Query, run: writing.Run) -> None:
    run(query)


def _write_all(run: writing.Run, by_label: dict[str, dict[str, Projection]]) -> None:
    for label in sorted(by_label):
        writing.write_label(run, label, list(by_label[label].values()))


def _rows(transaction: ManagedTransaction, query: Query) -> list[Row]:
    result = transaction.run(query.text, dict(query.parameters))
    return [{name: plain(value) for name, value in dict(record).items()} for record in result]
