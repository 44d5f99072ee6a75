"""The graph store on the embedded engine beside Neo4j: start-up, writes and reads, in one run on one machine.

    python -m benchmarks.graph_store [--neo4j bolt://127.0.0.1:7687] [--entities 10000] [--rounds 3]

Only ratios mean anything: both engines share the machine with this client. Without --neo4j (or IBCM_TEST_NEO4J_URI) the
embedded engine is measured alone. The server must be empty and is left empty. Prints one line per measure:

- start: until the engine answers and its schema is prepared, the second time on the same folder
- new: entities a second, each with twelve properties, two edges and one record node, 100 a transaction
- again: the same entities once more, nothing changed
- changed: the same entities with another revision and another value
- id, cells, hop: milliseconds a read, median: one entity by id; seven indexed cells; everything in one area
- memory: resident megabytes of the engine after all that (embedded only)
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from neo4j import GraphDatabase

from graph.store.base import GraphStore
from graph.store.bolt import BoltGraphStore
from graph.store.embedded import EmbeddedEngine
from ibcm.domain.graph import Edge, Projection, Query, RecordNode, Value

BATCH = 100
READS = 300
WARM = 2_000
"""Entities written and removed first, because a fresh Java process is slow and a server has run for long."""
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    arguments = _arguments()
    results = {"embedded": _embedded(arguments.entities, arguments.rounds)}
    if arguments.neo4j:
        results["neo4j"] = _neo4j(arguments.neo4j, arguments.entities, arguments.rounds)
    both = len(results) > 1
    print(f"{'':10}{'embedded':>12}{'neo4j':>12}{'ratio':>8}" if both else f"{'':10}{'embedded':>12}")
    for name, value in results["embedded"].items():
        other = results.get("neo4j", {}).get(name)
        compared = f"{other:12.2f}{value / other:8.2f}" if other else ""
        print(f"{name:10}{value:12.2f}{compared}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--neo4j", default=os.environ.get("IBCM_TEST_NEO4J_URI", ""))
    parser.add_argument("--entities", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3, help="how often reads are measured; the best counts")
    return parser.parse_args()


def _embedded(entities: int, rounds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        with EmbeddedEngine(Path(home)) as engine:
            store = engine.store()
            store.prepare()
            store.close()
        start = time.perf_counter()
        with EmbeddedEngine(Path(home)) as engine:
            store = engine.store()
            store.prepare()
            started = time.perf_counter() - start
            measured = _measure(store, entities, rounds)
            memory = _resident_mb(engine.pid)
            store.close()
    return {"start s": started, **measured, "memory MB": memory}


def _neo4j(uri: str, entities: int, rounds: int) -> dict[str, float]:
    with GraphDatabase.driver(uri) as driver:
        if driver.execute_query("MATCH (n) RETURN 1 LIMIT 1").records:
            raise SystemExit(f"the server at {uri} is not empty: name one that holds nothing")
        store = BoltGraphStore(uri)
        store.prepare()
        try:
            return _measure(store, entities, rounds)
        finally:
            store.close()
            while driver.execute_query("MATCH (n) WITH n LIMIT 5000 DETACH DELETE n RETURN count(n) AS n").records[0][
                "n"
            ]:
                pass


def _measure(store: GraphStore, entities: int, rounds: int) -> dict[str, float]:
    _write(store, WARM, revision=1)
    store.remove("Place", [f"p{number}" for number in range(WARM)])
    found = {
        "new /s": _write(store, entities, revision=1),
        "again /s": _write(store, entities, revision=1),
        "changed /s": _write(store, entities, revision=2),
    }
    reads: dict[str, Callable[[int], Query]] = {
        "id ms": lambda n: Query("id", "MATCH (n:Place {id: $id}) RETURN n", {"id": f"p{n * 37 % entities}"}),
        "cells ms": lambda n: Query(
            "cells",
            "UNWIND $cells AS cell MATCH (n:Place {cell9: cell}) WHERE n.rating >= 3 RETURN n",
            {"cells": [f"c{(n * 7 + k) % 500}" for k in range(7)]},
        ),
        "hop ms": lambda n: Query(
            "hop",
            "MATCH (a:Area {id: $id})<-[:IN]-(n:Place) RETURN n.name AS name ORDER BY name LIMIT 20",
            {"id": f"a{n % 40}"},
        ),
    }
    for name, query in reads.items():
        found[name] = min(_median_ms(store, query) for _ in range(rounds))
    return found


def _write(store: GraphStore, entities: int, *, revision: int) -> float:
    """Entities a second."""
    batches = list(_batches(entities, revision))
    start = time.perf_counter()
    for batch in batches:
        store.write(batch)
    return entities / (time.perf_counter() - start)


def _batches(entities: int, revision: int) -> Iterator[list[Projection]]:
    for start in range(0, entities, BATCH):
        yield [_entity(number, revision) for number in range(start, min(start + BATCH, entities))]


def _entity(number: int, revision: int) -> Projection:
    ref = f"bench:{number}"
    properties: dict[str, Value] = {
        "name": f"Place number {number}",
        "name_key": f"place number {number}",
        "aliases": [f"P {number}", f"No. {number}"],
        "scope_key": f"town|kind{number % 20}",
        "city": "town",
        "address": f"{number} Long Street, Old Quarter",
        "rating": (number + revision) % 50 / 10,
        "lat": 10 + number / 1e5,
        "lon": 70 + number / 1e5,
        "cell7": f"b{number % 100}",
        "cell9": f"c{number % 500}",
        "located": True,
    }
    edges = (Edge("IN", "City", "town", ref), Edge("IN", "Area", f"a{number % 40}", ref))
    record = RecordNode(ref, "bench", str(number), "https://example.org", "CC0-1.0", "Nobody", WHEN)
    return Projection(f"p{number}", "Place", revision, properties, edges, (record,))


def _median_ms(store: GraphStore, query: Callable[[int], Query]) -> float:
    taken = []
    for number in range(READS):
        asked = query(number)
        start = time.perf_counter()
        store.read(asked)
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


def _resident_mb(pid: int | None) -> float:
    """Of a Linux process; 0 elsewhere."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
