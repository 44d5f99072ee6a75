"""One suite for every graph engine: the embedded one always, a Neo4j server when one is named."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from graph.store import cypher
from graph.store.base import GraphStore
from graph.store.bolt import BoltGraphStore
from graph.store.seed import seed
from ibcm.domain.errors import EngineError, IndexMismatch
from ibcm.domain.graph import Edge, Projection, Query, RecordNode, Value
from ibcm.domain.scope import City, Scope, Sector
from tests import engines

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(params=engines.EITHER)
def store(request: pytest.FixtureRequest) -> Iterator[BoltGraphStore]:
    with engines.store_of(request.param) as made:
        yield made


def said(ref: str, **fields: str) -> RecordNode:
    source, _, key = ref.partition(":")
    base = RecordNode(ref, source, key, f"https://example.org/{key}", "CC0-1.0", "Open data", WHEN)
    return replace(base, **fields)  # type: ignore[arg-type]  # tests change text fields only


def place(key: str, *edges: Edge, revision: int = 1, records: tuple[str, ...] = (), **properties: Value) -> Projection:
    nodes = tuple(said(ref) for ref in records or (f"osm:{key}",))
    return Projection(key, "Place", revision, {"name": f"Place {key}", **properties}, edges, nodes)


def in_city(key: str, city: str = "pune", **properties: Value) -> Edge:
    return Edge("IN", "City", city, f"osm:{key}", properties=properties)


def whole(store: GraphStore) -> tuple[list[str], list[str]]:
    """All nodes and edges in one order, without what engines number by themselves."""
    nodes = store.read(Query("nodes", "MATCH (n) RETURN labels(n) AS labels, n"))
    edges = store.read(
        Query("edges", "MATCH (n)-[r]->(t) RETURN n.id AS n, type(r) AS type, t.id AS t, properties(r) AS properties")
    )
    return sorted(map(_text, nodes)), sorted(map(_text, edges))


def _text(row: dict[str, object]) -> str:
    return repr(sorted((name, sorted(v.items()) if isinstance(v, dict) else v) for name, v in row.items()))


def node(store: GraphStore, key: str, label: str = "Place") -> dict[str, object] | None:
    rows = store.read(Query("node", f"MATCH (n:{label} {{id: $id}}) RETURN n", {"id": key}))
    found = rows[0]["n"] if rows else None
    assert found is None or isinstance(found, dict)
    return found


def ids(store: GraphStore, label: str) -> list[object]:
    return [row["id"] for row in store.read(Query("ids", f"MATCH (n:{label}) RETURN n.id AS id ORDER BY id"))]


# -- nodes -------------------------------------------------------------------------------------------------------
def test_a_projection_becomes_a_node_with_exactly_its_properties(store: GraphStore) -> None:
    store.write([place("p1", cuisine=["goan", "thai"], rating=4.5, beds=12, located=True, empty=[])])
    assert node(store, "p1") == {
        "id": "p1",
        "label": "Place",
        "revision": 1,
        "name": "Place p1",
        "cuisine": ["goan", "thai"],
        "rating": 4.5,
        "beds": 12,
        "located": True,
        "empty": [],
    }


def test_old_properties_go_when_a_node_is_written_again(store: GraphStore) -> None:
    store.write([place("p1", phone="+9120", rating=4.5)])
    store.write([place("p1", revision=2, phone="+9122")])
    assert node(store, "p1") == {"id": "p1", "label": "Place", "revision": 2, "name": "Place p1", "phone": "+9122"}


def test_a_repeat_changes_nothing(store: GraphStore) -> None:
    batch = [place("p1", in_city("p1"), Edge("AT", "Place", "p2", "osm:p1", 3, {"side": "left"})), place("p2")]
    store.write(batch)
    before = whole(store)
    store.write(batch)
    store.write(list(reversed(batch)))
    assert whole(store) == before


def test_the_last_of_two_projections_with_one_id_counts(store: GraphStore) -> None:
    store.write([place("p1", x=1), place("p1", x=2)])
    assert node(store, "p1") == {"id": "p1", "label": "Place", "revision": 1, "name": "Place p1", "x": 2}


def test_one_id_may_be_used_under_several_labels(store: GraphStore) -> None:
    store.write([place("x"), Projection("x", "Organization", 1, {"name": "X Ltd"})])
    store.remove("Place", ["x"])
    assert node(store, "x", "Organization") is not None
    assert node(store, "x") is None


def test_nothing_to_write_is_fine(store: GraphStore) -> None:
    store.write([])
    store.remove("Place", [])
    store.remove("Place", ["never was"])


def test_a_large_batch_is_one_transaction(store: GraphStore) -> None:
    many = [place(f"p{number:04}", in_city(f"p{number:04}")) for number in range(1203)]
    store.write(many)
    bad = [place("new"), Projection("broken", "Place", 1, {"nested": {"a": 1}})]  # type: ignore[dict-item]
    with pytest.raises(EngineError, match="'nested' holds a dict"):
        store.write(bad)
    assert len(ids(store, "Place")) == 1203
    rows = store.read(Query("count", "MATCH (:Place)-[r:IN]->(c:City) RETURN count(r) AS n, count(DISTINCT c) AS c"))
    assert rows == [{"n": 1203, "c": 1}]


def test_a_failure_half_way_leaves_nothing(store: GraphStore) -> None:
    with pytest.raises(EngineError, match="no relation"):
        store.write([place("p1", Edge("in lower case", "City", "pune", "osm:p1"))])
    assert ids(store, "Place") == []


# -- edges -------------------------------------------------------------------------------------------------------
def served(*stops: tuple[int, str]) -> Projection:
    edges = tuple(Edge("SERVES", "Stop", stop, "gtfs:r1", n, {"sequence": n, "direction": 0}) for n, stop in stops)
    return Projection("r1", "Route", 1, {"name": "Loop"}, edges, (said("gtfs:r1"),))


def sequence(store: GraphStore) -> list[tuple[object, object]]:
    text = "MATCH (:Route {id: 'r1'})-[r:SERVES]->(s:Stop) RETURN r.ordinal AS n, s.id AS stop ORDER BY n"
    return [(row["n"], row["stop"]) for row in store.read(Query("stops", text))]


def test_a_route_serves_a_stop_twice_and_changes_its_way(store: GraphStore) -> None:
    store.write([served((0, "a"), (1, "b"), (2, "a"))])
    assert sequence(store) == [(0, "a"), (1, "b"), (2, "a")]
    store.write([served((0, "a"), (1, "c"), (2, "a"), (3, "b"))])
    assert sequence(store) == [(0, "a"), (1, "c"), (2, "a"), (3, "b")]
    store.write([served((0, "a"))])
    assert sequence(store) == [(0, "a")]


def test_two_records_may_assert_the_same_relation(store: GraphStore) -> None:
    both = [Edge("IN", "City", "pune", "a:1"), Edge("IN", "City", "pune", "b:1")]
    store.write([place("p1", *both, records=("a:1", "b:1"))])
    store.write([place("p1", both[1], records=("b:1",))])
    rows = store.read(Query("in", "MATCH (:Place)-[r:IN]->(c) RETURN properties(r) AS r, c.id AS city"))
    assert rows == [{"r": {"record": "b:1", "ordinal": 0}, "city": "pune"}]
    assert ids(store, "Record") == ["b:1"]


def test_changed_properties_of_an_edge_replace_the_old_ones(store: GraphStore) -> None:
    store.write([place("p1", in_city("p1", since=2001, old=True))])
    store.write([place("p1", in_city("p1", since=2002))])
    rows = store.read(Query("in", "MATCH (:Place)-[r:IN]->() RETURN properties(r) AS r"))
    assert rows == [{"r": {"record": "osm:p1", "ordinal": 0, "since": 2002}}]


def test_an_edge_may_point_to_its_own_node(store: GraphStore) -> None:
    store.write([place("p1", Edge("PART_OF", "Place", "p1", "osm:p1"))])
    store.write([place("p1", Edge("PART_OF", "Place", "p1", "osm:p1"))])
    assert store.read(Query("self", "MATCH (n)-[r:PART_OF]->(n) RETURN count(r) AS n")) == [{"n": 1}]


def test_a_bare_target_is_filled_later_and_keeps_its_edges(store: GraphStore) -> None:
    store.write([place("p1", Edge("AT", "Place", "p2", "osm:p1"))])
    assert node(store, "p2") == {"id": "p2"}
    store.write([place("p2")])
    assert node(store, "p2") == {"id": "p2", "label": "Place", "revision": 1, "name": "Place p2"}
    assert store.read(Query("at", "MATCH (a)-[:AT]->(b) RETURN a.id AS a, b.id AS b")) == [{"a": "p1", "b": "p2"}]


def test_a_bare_target_goes_with_its_last_edge(store: GraphStore) -> None:
    store.write([place("p1", in_city("p1")), place("p2", in_city("p2"))])
    store.write([place("p1")])
    assert ids(store, "City") == ["pune"]
    store.remove("Place", ["p2"])
    assert ids(store, "City") == []


def test_a_projected_target_stays_without_edges(store: GraphStore) -> None:
    store.write([Projection("pune", "City", 1, {"name": "Pune"}), place("p1", in_city("p1"))])
    store.remove("Place", ["p1"])
    assert ids(store, "City") == ["pune"]


def test_incoming_edges_survive_a_rewrite_of_their_target(store: GraphStore) -> None:
    store.write([place("p2"), place("p1", Edge("AT", "Place", "p2", "osm:p1"))])
    store.write([place("p2", revision=2)])
    assert store.read(Query("at", "MATCH (a)-[:AT]->(b) RETURN a.id AS a, b.revision AS r")) == [{"a": "p1", "r": 2}]


# -- records and removal -----------------------------------------------------------------------------------------
def test_record_nodes_carry_what_a_citation_needs(store: GraphStore) -> None:
    until = replace(said("osm:p1"), expires_at=datetime(2027, 1, 1, tzinfo=UTC))
    store.write([Projection("p1", "Place", 1, {"name": "P"}, records=(until,))])
    assert node(store, "osm:p1", "Record") == {
        "id": "osm:p1",
        "source": "osm",
        "key": "p1",
        "url": "https://example.org/p1",
        "licence": "CC0-1.0",
        "attribution": "Open data",
        "retrieved_at": "2026-01-02T03:04:05+00:00",
        "expires_at": "2027-01-01T00:00:00+00:00",
    }
    store.write([Projection("p1", "Place", 2, {"name": "P"}, records=(said("osm:p1", licence="ODbL-1.0"),))])
    record = node(store, "osm:p1", "Record")
    assert record is not None
    assert record["licence"] == "ODbL-1.0"
    assert "expires_at" not in record


def test_record_nodes_go_when_nobody_needs_them(store: GraphStore) -> None:
    store.write([place("p1", records=("a:1", "b:1", "c:1")), place("p2", records=("c:1",))])
    store.write([place("p1", records=("a:1",))])
    assert ids(store, "Record") == ["a:1", "c:1"]
    store.remove("Place", ["p1", "p2"])
    assert ids(store, "Record") == []


def test_a_record_moves_from_one_entity_to_another(store: GraphStore) -> None:
    store.write([place("p1", records=("a:1", "b:1"))])
    store.write([place("p1", records=("a:1",)), place("p2", records=("b:1",))])
    rows = store.read(Query("said", "MATCH (n)-[:SAID_BY]->(r) RETURN n.id AS n, r.id AS r ORDER BY r"))
    assert rows == [{"n": "p1", "r": "a:1"}, {"n": "p2", "r": "b:1"}]
    store.remove("Place", ["p1"])
    assert ids(store, "Record") == ["b:1"]


def test_removal_takes_edges_of_both_directions_and_leaves_the_others(store: GraphStore) -> None:
    store.write([place("p1", Edge("AT", "Place", "p2", "osm:p1")), place("p2", Edge("AT", "Place", "p3", "osm:p2"))])
    store.write([place("p3")])
    store.remove("Place", ["p2", "unknown"])
    assert ids(store, "Place") == ["p1", "p3"]
    assert store.read(Query("edges", "MATCH ()-[r:AT]->() RETURN count(r) AS n")) == [{"n": 0}]


# -- values ------------------------------------------------------------------------------------------------------
HOSTILE = [
    "'; MATCH (n) DETACH DELETE n //",
    '"}) DETACH DELETE n //',
    "`) RETURN 1 //",
    "$rows",
    "\\u0027 OR 1=1",
    "नमस्ते 🎉 مرحبا \u200d\u202e",
    "tab\tnew\nline\rnul\x00",
    "",
    " ",
    "é" * 2_000,
    "🏙" * 2_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
def test_text_comes_back_as_it_was(store: GraphStore, text: str) -> None:
    key = f"osm:{text or 'x'}"
    store.write(
        [place(key, Edge("AT", "Place", text + "2", key, properties={"note": text}), records=(key,), note=text)]
    )
    found = node(store, key)
    assert found is not None
    assert found["note"] == text
    rows = store.read(
        Query("edge", "MATCH (n {note: $text})-[r:AT]->(t) RETURN r.note AS r, t.id AS t", {"text": text})
    )
    assert rows == [{"r": text, "t": text + "2"}]
    store.remove("Place", [key])
    assert ids(store, "Record") == []


def test_field_names_are_data_too(store: GraphStore) -> None:
    names = ["a.b", "we`ird", "$p", "sp ace", "हिन्दी", "in", "type", "a:b", "n) DETACH DELETE n //"]
    store.write([Projection("p1", "Place", 1, dict.fromkeys([*names, "@type"], "v"))])
    found = node(store, "p1")
    assert found is not None
    assert [found.get(name) for name in [*names, "data_@type"]] == ["v"] * (len(names) + 1)


def test_values_that_no_engine_keeps_are_made_keepable(store: GraphStore) -> None:
    odd: dict[str, Any] = {  # as free keys of a record may be
        "huge": 10**30,
        "inf": float("inf"),
        "mixed": [1, 2.5],
        "words": [1, "a"],
        "half": "a\ud800",
    }
    store.write([Projection("p1", "Place", 1, odd)])
    found = node(store, "p1")
    assert found is not None
    assert {name: found[name] for name in odd} == {
        "huge": str(10**30),
        "inf": "inf",
        "mixed": [1.0, 2.5],
        "words": ["1", "a"],
        "half": "a?",
    }


def test_very_long_values_of_indexed_properties_do_not_stop_a_write(store: GraphStore) -> None:
    store.write([place("p1", name_key="ä" * 100_000, scope_key="x" * 100_000, description="é" * 1_000_000)])
    rows = store.read(Query("key", "MATCH (n:Place {name_key: $key}) RETURN n.id AS id", {"key": "ä" * 1_000}))
    assert rows == [{"id": "p1"}]


def test_batches_heavier_than_one_message_pass(store: GraphStore) -> None:
    store.write([place(f"p{number}", description="म" * 1_500_000) for number in range(8)])
    rows = store.read(Query("sizes", "MATCH (n:Place) RETURN size(n.description) AS size"))
    assert rows == [{"size": 1_500_000}] * 8


# -- reading -----------------------------------------------------------------------------------------------------
def test_rows_are_plain_values(store: GraphStore) -> None:
    store.write([place("p1", in_city("p1"))])
    text = (
        "MATCH p = (n:Place)-[r:IN]->(c:City) RETURN n.revision AS number, r AS relation, p AS path, [c, 1] AS list, "
        "{a: n.missing} AS map, date('2026-01-02') AS day, null AS nothing"
    )
    properties = {"id": "p1", "label": "Place", "revision": 1, "name": "Place p1"}
    assert store.read(Query("plain", text)) == [
        {
            "number": 1,
            "relation": {"record": "osm:p1", "ordinal": 0},
            "path": [properties, {"id": "pune"}],
            "list": [{"id": "pune"}, 1],
            "map": {"a": None},
            "day": "2026-01-02",
            "nothing": None,
        }
    ]


def test_parameters_are_values(store: GraphStore) -> None:
    store.write([place("p1", scope_key="pune|cafe", rating=4.0), place("p2", scope_key="pune|cafe", rating=3.0)])
    query = Query(
        "cafes",
        "UNWIND $keys AS key MATCH (n:Place {scope_key: key}) WHERE n.rating >= $least AND NOT n.id IN $without "
        "RETURN n.id AS id ORDER BY id LIMIT $limit",
        {"keys": ["pune|cafe", "x' OR 1=1"], "least": 3, "without": ["p2"], "limit": 10},
    )
    assert store.read(query) == [{"id": "p1"}]


@pytest.mark.parametrize(
    "text",
    [
        "CREATE (:Place {id: 'x'})",
        "MATCH (n) SET n.x = 1",
        "MATCH (n) DETACH DELETE n",
        "LOAD CSV FROM 'file:///etc/hosts' AS line RETURN line",
        "CALL db.labels()",
        "MATCH (n) CALL { WITH n DELETE n } RETURN 1",
    ],
)
def test_a_read_cannot_write(store: GraphStore, text: str) -> None:
    store.write([place("p1")])
    with pytest.raises(EngineError, match="is no read"):
        store.read(Query("sly", text))
    assert ids(store, "Place") == ["p1"]


def test_an_error_names_the_query_and_quotes_no_text(store: GraphStore) -> None:
    with pytest.raises(EngineError) as caught:
        store.read(Query("find_cafes", "MATCH (n RETURN n", {"text": "secret " * 100}))
    assert "find_cafes(text=700 characters)" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.transient is False


# -- many at once ------------------------------------------------------------------------------------------------
def together(*works: Callable[[], None]) -> None:
    """Run these at once; the first problem of any is raised."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(run, work) for work in works]:
            done.result()


def test_eight_writers_on_the_same_new_ids(store: GraphStore) -> None:
    keys = [f"p{number}" for number in range(12)]
    batch = [place(key, in_city(key), Edge("OF", "Sector", "retail", f"osm:{key}")) for key in keys]

    def write(seed: int) -> None:
        order = random.Random(seed).sample(batch, len(batch))
        for start in range(0, len(order), 4):
            store.write(order[start : start + 4])

    together(*(partial(write, seed) for seed in range(8)))
    expected = whole(store)
    store.write(batch)
    assert whole(store) == expected
    assert len(expected[0]) == 12 + 12 + 2 + 1
    assert len(expected[1]) == 12 * 3


def test_a_bare_target_that_some_leave_and_others_need(store: GraphStore) -> None:
    def come_and_go(key: str) -> None:
        for _ in range(12):
            store.write([place(key, in_city(key))])
            store.remove("Place", [key])
        store.write([place(key, in_city(key))])

    keys = [f"p{number}" for number in range(4)]
    together(*(partial(come_and_go, key) for key in keys))
    rows = store.read(Query("in", "MATCH (n:Place)-[:IN]->(c:City) RETURN n.id AS n, c.id AS c ORDER BY n"))
    assert rows == [{"n": key, "c": "pune"} for key in keys]
    assert ids(store, "Record") == [f"osm:{key}" for key in keys]


# -- schema ------------------------------------------------------------------------------------------------------
def test_cities_and_sectors_come_from_the_configuration(store: GraphStore) -> None:
    pune = City("pune", {"en": "Pune", "hi": "पुणे"}, ["Poona"], 18.5, 73.9, 30_000, "IN", "IN-MH", "Asia/Kolkata", "INR")
    store.write([place("p1", in_city("p1"))])
    seed(store, Scope({"pune": pune}, {"retail": Sector("retail", {"en": "Retail"})}, {}))
    found = node(store, "pune", "City")
    assert found is not None
    assert {name: found[name] for name in ("name", "name_hi", "aliases", "name_key", "lat")} == {
        "name": "Pune",
        "name_hi": "पुणे",
        "aliases": ["Poona"],
        "name_key": "pune",
        "lat": 18.5,
    }
    assert store.read(Query("in", "MATCH (n)-[:IN]->(c:City {name: 'Pune'}) RETURN n.id AS n")) == [{"n": "p1"}]
    assert ids(store, "Sector") == ["retail"]


def test_prepare_may_be_repeated(store: GraphStore) -> None:
    store.write([place("p1")])
    store.prepare()
    assert ids(store, "Place") == ["p1"]


def test_a_newer_schema_is_refused(store: BoltGraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as newer:
        newer.setattr("graph.store.cypher.SCHEMA_VERSION", 2)
        store.prepare()
    with pytest.raises(IndexMismatch, match="has schema 2, this version of IBCM knows 1"):
        store.prepare()
    store._write("reset", lambda run: run(cypher.write_meta("")))  # the engine is shared with other tests


def test_a_graph_of_another_instance_is_refused(store: BoltGraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_instance", "elsewhere")
    with pytest.raises(EngineError, match="belongs to the instance '', not to 'elsewhere'"):
        store.prepare()
