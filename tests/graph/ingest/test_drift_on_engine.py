"""Each kind of drift, brought about behind the ledger's back in real engines, is found, told apart and put right."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.ingest.drift import find_drift
from graph.ingest.mending import mend
from graph.store.bolt import BoltGraphStore
from ibcm.domain.graph import Projection, Query
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.index import Indexer
from retrieval.vectors.edge import EdgeVectorStore
from tests import engines
from tests.builders import NOW, record, tombstone
from tests.graph.ingest.walk import POLICIES, World

EMBEDDER = HashingEmbedder(32)
ROUNDS = 10
HERE: dict[str, Any] = {"lat": 12.9 + 70 / 500, "lon": 77.5, "city": "pune"}


class Engines(World):
    """The walk on a real graph and the embedded index."""

    def __init__(self, store: BoltGraphStore, vectors: EdgeVectorStore) -> None:
        super().__init__()
        self.store, self.vectors = store, vectors
        self.graph, self.index = store, Indexer(EMBEDDER, vectors)  # type: ignore[assignment] # real ones

    def send(self, text: str, **parameters: object) -> None:
        """Write into the graph as only an accident would."""
        self.store._write("accident", lambda run: run(Query("accident", text, parameters)))

    def mend(self) -> int:
        found = find_drift(self.ledger, self.graph, self.index, policies=POLICIES, now=NOW)
        marked = mend(self.ledger, self.graph, self.index, found)
        self.project()
        return marked


@pytest.fixture(params=engines.EITHER)
def store(request: pytest.FixtureRequest) -> Iterator[BoltGraphStore]:
    with engines.store_of(request.param) as made:
        yield made


@pytest.fixture
def world(store: BoltGraphStore, tmp_path: Path) -> Iterator[Engines]:
    vectors = EdgeVectorStore(tmp_path / "index")
    vectors.prepare(EMBEDDER.model)
    made = Engines(store, vectors)
    made.take(
        record("gov:1", name="Café Alpha", cuisine=["Thai"], beds=4, area="North", description="By the lake.", **HERE),
        record("osm:1", name="Cafe Alpha", beds=5, extra={"deep": 1}, **HERE),
        record("gov:a", "area", name="North", city="pune"),
        record("osm:f", "funding", data={"date": "2020-01-02", "amount": 5e6, "currency": "INR"}),
        record("osm:r", "review", text="Good.", links=[{"rel": "about", "key": "1"}]),
    )
    yield made
    vectors.close()


def test_what_was_projected_has_not_drifted(world: Engines) -> None:
    assert world.drift() == []
    world.stage(tombstone("osm:1"), tombstone("osm:f", "funding"))
    world.assign()
    assert world.drift() == []
    world.project()
    assert world.drift() == []


def lost_node(world: Engines) -> list[tuple[str, str, str]]:
    world.send("MATCH (n:Place {id: $id}) DETACH DELETE n", id=world.entity("osm:1"))
    alpha = world.entity("osm:1")
    return [("nodes", "missing", alpha)]


def old_revision(world: Engines) -> list[tuple[str, str, str]]:
    world.send("MATCH (n:Place {id: $id}) SET n.revision = 0, n.name = 'Old'", id=world.entity("osm:1"))
    return [("nodes", "stale", world.entity("osm:1"))]


def other_value(world: Engines) -> list[tuple[str, str, str]]:
    world.send("MATCH (n:Place {id: $id}) SET n.beds = 99", id=world.entity("osm:1"))
    return [("nodes", "stale", world.entity("osm:1"))]


def unknown_node(world: Engines) -> list[tuple[str, str, str]]:
    world.store.write([Projection("nobody", "Place", 3, {"name": "Nobody"})])
    return [("nodes", "extra", "nobody")]


def lost_edge(world: Engines) -> list[tuple[str, str, str]]:
    alpha, north = world.entity("gov:1"), world.entity("gov:a")
    world.send("MATCH (n:Place {id: $id})-[r:IN]->(:Area) DELETE r", id=alpha)
    return [("edges", "missing", f"{alpha} IN Area {north} said by gov:1")]


def unknown_edge(world: Engines) -> list[tuple[str, str, str]]:
    alpha, north = world.entity("gov:1"), world.entity("gov:a")
    world.send("MATCH (n:Area {id: $a}), (p:Place {id: $b}) CREATE (n)-[:OWNS]->(p)", a=north, b=alpha)
    return [("edges", "extra", f"{north} OWNS Place {alpha}")]


def changed_edge(world: Engines) -> list[tuple[str, str, str]]:
    alpha, north = world.entity("gov:1"), world.entity("gov:a")
    world.send("MATCH (n:Place {id: $id})-[r:IN]->(:Area) SET r.sequence = 4", id=alpha)
    return [("edges", "stale", f"{alpha} IN Area {north} said by gov:1")]


def lost_record(world: Engines) -> list[tuple[str, str, str]]:
    world.send("MATCH (n:Record {id: 'gov:1'}) DETACH DELETE n")
    return [("edges", "missing", f"{world.entity('gov:1')} SAID_BY Record gov:1"), ("records", "missing", "gov:1")]


def changed_record(world: Engines) -> list[tuple[str, str, str]]:
    world.send("MATCH (n:Record {id: 'gov:1'}) SET n.licence = 'none'")
    return [("records", "stale", "gov:1")]


def unsaid_record(world: Engines) -> list[tuple[str, str, str]]:
    world.send("CREATE (n:Record {id: 'osm:gone', source: 'osm'})")
    return [("records", "extra", "osm:gone")]


def cut_record(world: Engines) -> list[tuple[str, str, str]]:
    world.send("MATCH (:Funding)-[r:SAID_BY]->(:Record {id: 'osm:f'}) DELETE r")
    return [("edges", "missing", f"{world.entity('osm:f')} SAID_BY Record osm:f")]


def lost_passage(world: Engines) -> list[tuple[str, str, str]]:
    world.vectors.delete_records(["osm:r"])
    return [("passages", "missing", "osm:r")]


def old_passage(world: Engines) -> list[tuple[str, str, str]]:
    held = world.vectors.points_of_records(["osm:r"])["osm:r"]
    world.vectors.set_payloads({id_: {**payload, "entity": "other"} for id_, payload in held.items()})
    return [("passages", "stale", "osm:r")]


def unknown_passage(world: Engines) -> list[tuple[str, str, str]]:
    held = world.vectors.points_of_records(["osm:r"])["osm:r"]
    world.vectors.set_payloads({id_: {**payload, "record": "osm:gone"} for id_, payload in held.items()})
    return [("passages", "extra", "osm:gone"), ("passages", "missing", "osm:r")]


ACCIDENTS: list[Callable[[Engines], list[tuple[str, str, str]]]] = [
    lost_node, old_revision, other_value, unknown_node, lost_edge, unknown_edge, changed_edge, lost_record,
    changed_record, unsaid_record, cut_record, lost_passage, old_passage, unknown_passage,
]  # fmt: skip


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_an_accident_is_told_and_put_right(
    world: Engines, accident: Callable[[Engines], list[tuple[str, str, str]]]
) -> None:
    told = accident(world)
    assert set(told) <= set(world.drift())
    world.mend()
    assert world.drift() == []
    world.mend()
    assert world.drift() == []


def test_an_accident_is_all_that_is_told(world: Engines) -> None:
    for accident in (other_value, lost_edge, changed_record, old_passage, unsaid_record):
        told = accident(world)
        assert world.drift() == told
        world.mend()


def test_reads_stay_right_while_everything_is_projected_again(world: Engines) -> None:
    shown = Query("shown", "MATCH (n:Place)-[r:SAID_BY|IN]->(m) RETURN n.name AS name, type(r) AS type, m.id AS to")
    wrong: list[object] = []
    reads, over = 0, threading.Event()

    def read() -> list[tuple[str, ...]]:
        return sorted(tuple(map(str, row.values())) for row in world.store.read(shown))

    def watch() -> None:
        nonlocal reads
        while not over.is_set():
            if (now := read()) != before:
                wrong.append(now)
            reads += 1

    before = read()
    watching = threading.Thread(target=watch)
    watching.start()
    try:
        for _ in range(ROUNDS):
            world.ledger.mark_all_dirty()
            world.project(batch=1)
    finally:
        over.set()
        watching.join()
    assert wrong == []
    assert reads > ROUNDS
