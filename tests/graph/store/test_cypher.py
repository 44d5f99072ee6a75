"""The texts that are sent, and the guard that keeps reads from writing."""

import pytest

from graph.store import cypher
from ibcm.domain.errors import EngineError
from ibcm.domain.graph import ALL_LABELS, ENTITY_LABELS, Query


def test_every_label_has_its_constraint_and_every_entity_its_indexes() -> None:
    texts = [query.text for query in cypher.schema()]
    for label in (*ALL_LABELS, "Meta"):
        assert f"CREATE CONSTRAINT {label.lower()}_id IF NOT EXISTS FOR (n:`{label}`) REQUIRE n.id IS UNIQUE" in texts
    for label in ENTITY_LABELS:
        assert f"CREATE INDEX {label.lower()}_name_key IF NOT EXISTS FOR (n:`{label}`) ON (n.name_key)" in texts
    assert "CREATE INDEX place_cell7 IF NOT EXISTS FOR (n:`Place`) ON (n.cell7)" in texts
    assert len(texts) == len(set(texts))


def test_nodes_are_merged_under_one_label_and_replaced() -> None:
    rows = [{"id": "p1", "properties": {"id": "p1"}}]
    assert cypher.put_nodes("Place", rows) == Query(
        "put_nodes", "UNWIND $rows AS row MERGE (n:`Place` {id: row.id}) SET n = row.properties", {"rows": rows}
    )


def test_edges_name_both_labels_so_that_both_ends_are_found_by_index() -> None:
    assert cypher.put_edges("Route", "SERVES", "Stop", []).text == (
        "UNWIND $rows AS row MATCH (n:`Route` {id: row.source}) MATCH (t:`Stop` {id: row.target}) "
        "CREATE (n)-[r:`SERVES`]->(t) SET r = row.properties RETURN count(r) AS made"
    )


@pytest.mark.parametrize("label", ["", "place", "Place`) DETACH DELETE (n", "Nonsense"])
def test_an_unknown_label_is_refused(label: str) -> None:
    with pytest.raises(EngineError, match="no label"):
        cypher.put_nodes(label, [])


@pytest.mark.parametrize("relation", ["", "in", "IN`]->() //", "IN THE", "_X", "A" * 65])
def test_an_odd_relation_is_refused(relation: str) -> None:
    with pytest.raises(EngineError, match="no relation"):
        cypher.put_edges("Place", relation, "City", [])


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (n) WHERE n.name = 'CREATE (x)' RETURN n",
        "MATCH (n) WHERE n.set = $delete RETURN n.`drop table`",
        'MATCH (n {title: "it\'s \\" SET n.x"}) RETURN n',
        "MATCH (offset:Place) RETURN offset.created AS created, 'http://example.org'",
        "MATCH (n) CALL (n) { MATCH (n)-[r]->() RETURN count(r) AS c } RETURN c",
        "OPTIONAL MATCH (n) WITH n WHERE EXISTS { (n)--() } RETURN n ORDER BY n.id SKIP 1 LIMIT 2",
    ],
)
def test_reads_pass(text: str) -> None:
    cypher.refuse_writes(Query("q", text))


@pytest.mark.parametrize(
    "text",
    [
        "match (n) set n.x = 1",
        "MATCH (n)SET n.x=1",
        "MERGE (n)",
        "MATCH (n) REMOVE n.x",
        "MATCH (n) FOREACH (x IN [1] | SET n.x = x)",
        "CALL apoc.load.json('x')",
        "CALL\n`db`.labels()",
        "DROP INDEX x",
        "RETURN 'a' /* ' */ SET n.x = 1 // '",
        "MATCH (n) // it's\nDELETE n // '",
        "USE other MATCH (n) RETURN n",
    ],
)
def test_writes_do_not_pass(text: str) -> None:
    with pytest.raises(EngineError, match="the query q is no read"):
        cypher.refuse_writes(Query("q", text))
