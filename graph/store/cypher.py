"""All Cypher that the store sends: functions that give a name, a text and its parameters. Nothing is executed here.

Labels and relation types are the only parts of a text that vary; they are checked and quoted. All else is a parameter.
Both Neo4j 5 and ArcadeDB take every text without a notice, which rules out second labels, full-text and point indexes.
"""

import re
from collections.abc import Mapping, Sequence

from ibcm.domain.errors import EngineError
from ibcm.domain.graph import ALL_LABELS, ENTITY_LABELS, Query

SCHEMA_VERSION = 1
"""Grows when nodes, edges or indexes change so that older code would read them wrongly."""

SAID_BY = "SAID_BY"

INDEXES: Mapping[str, tuple[str, ...]] = {
    label: ("scope_key", "name_key", "cell7", "cell9")
    if label in {"Place", "Stop", "Area", "Event"}
    else ("scope_key", "name_key")
    for label in ENTITY_LABELS
}
"""Properties that readers look up by equality, per label; `id` has its constraint."""

_RELATION = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_WRITES = re.compile(
    r"\b(?:create|merge|set|delete|detach|remove|drop|load|foreach|insert|alter|grant|deny|revoke|use)\b"
    r"|\bcall\b(?!\s*[({])",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`(?:``|[^`])*`|[.$]\w+", re.DOTALL)
_COMMENT = re.compile(r"//|/\*")

Rows = Sequence[Mapping[str, object]]


# -- schema ------------------------------------------------------------------------------------------------------
def schema() -> list[Query]:
    """Constraints and indexes, each of which may be repeated."""
    constraints = [
        Query(
            "constraint",
            f"CREATE CONSTRAINT {label.lower()}_id IF NOT EXISTS FOR (n:{_label(label)}) REQUIRE n.id IS UNIQUE",
        )
        for label in (*ALL_LABELS, "Meta")
    ]
    indexes = [
        Query("index", f"CREATE INDEX {label.lower()}_{name} IF NOT EXISTS FOR (n:{_label(label)}) ON (n.{name})")
        for label, names in INDEXES.items()
        for name in names
    ]
    return constraints + indexes


def read_meta() -> Query:
    """The schema version and the instance that the graph belongs to; no row in a graph that was never prepared."""
    return Query("read_meta", "MATCH (m:Meta {id: 'schema'}) RETURN m.version AS version, m.instance AS instance")


def write_meta(instance: str) -> Query:
    return Query(
        "write_meta",
        "MERGE (m:Meta {id: 'schema'}) SET m.version = $version, m.instance = $instance",
        {"version": SCHEMA_VERSION, "instance": instance},
    )


def any_node() -> Query:
    """One row when the graph holds anything at all."""
    return Query("any_node", "MATCH (n) RETURN 1 AS found LIMIT 1")


# -- nodes -------------------------------------------------------------------------------------------------------
def put_nodes(label: str, rows: Rows) -> Query:
    """Rows of {id, properties}: the node holds exactly these properties afterwards; `id` must be one of them."""
    text = f"UNWIND $rows AS row MERGE (n:{_label(label)} {{id: row.id}}) SET n = row.properties"
    return Query("put_nodes", text, {"rows": rows})


def put_bare(label: str, ids: Sequence[str]) -> Query:
    """Targets of edges that may not have been projected yet."""
    return Query("put_bare", f"UNWIND $ids AS id MERGE (n:{_label(label)} {{id: id}})", {"ids": ids})


def remove_nodes(label: str, ids: Sequence[str]) -> Query:
    text = f"UNWIND $ids AS id MATCH (n:{_label(label)} {{id: id}}) DETACH DELETE n"
    return Query("remove_nodes", text, {"ids": ids})


def remove_unsaid(refs: Sequence[str]) -> Query:
    """Record nodes among these that no entity points to."""
    text = "UNWIND $ids AS id MATCH (n:`Record` {id: id}) WHERE NOT (n)<--() DELETE n"
    return Query("remove_unsaid", text, {"ids": refs})


def remove_lonely(label: str, ids: Sequence[str]) -> Query:
    """Bare nodes among these (never projected: no revision) that nothing is joined to any more.

    The pattern is asked for, not counted: a city has as many edges as there are places in it.
    """
    text = f"UNWIND $ids AS id MATCH (n:{_label(label)} {{id: id}}) WHERE n.revision IS NULL AND NOT (n)--() DELETE n"
    return Query("remove_lonely", text, {"ids": ids})


# -- edges -------------------------------------------------------------------------------------------------------
def outgoing(label: str, ids: Sequence[str]) -> Query:
    """Rows of source, type, label, target, properties: every edge that leaves these nodes."""
    text = (
        f"UNWIND $ids AS id MATCH (n:{_label(label)} {{id: id}})-[r]->(t) {_seek(label)} "
        "RETURN id AS source, type(r) AS type, labels(t)[0] AS label, t.id AS target, properties(r) AS properties"
    )
    return Query("outgoing", text, {"ids": ids})


def put_edges(label: str, relation: str, target_label: str, rows: Rows) -> Query:
    """Rows of {source, target, properties} between nodes that are there; one row, `made`: how many were."""
    text = (
        f"UNWIND $rows AS row MATCH (n:{_label(label)} {{id: row.source}}) "
        f"MATCH (t:{_label(target_label)} {{id: row.target}}) "
        f"CREATE (n)-[r:{_relation(relation)}]->(t) SET r = row.properties RETURN count(r) AS made"
    )
    return Query("put_edges", text, {"rows": rows})


def remove_edges(label: str, relation: str, target_label: str, rows: Rows) -> Query:
    """Rows of {source, target, record, ordinal}."""
    text = (
        f"UNWIND $rows AS row MATCH (n:{_label(label)} {{id: row.source}})"
        f"-[r:{_relation(relation)}]->(t:{_label(target_label)} {{id: row.target}}) {_seek(label)} "
        "WHERE coalesce(r.record, '') = row.record AND coalesce(r.ordinal, 0) = row.ordinal DELETE r"
    )
    return Query("remove_edges", text, {"rows": rows})


# -- guards ------------------------------------------------------------------------------------------------------
def refuse_writes(query: Query) -> None:
    """Raise EngineError for a text with a clause that writes, reads files or calls procedures.

    The embedded engine takes writes in sessions opened for reading, so the text itself has to be looked at. It errs on
    the safe side: comments are refused, because they could hide a quote.
    """
    code = _QUOTED.sub(" x ", query.text)
    found = _WRITES.search(code) or _COMMENT.search(code)
    if found:
        raise EngineError(f"the query {query.name} is no read: it holds {found.group().upper()}")


def _seek(label: str) -> str:
    """A hint to start at `n`. Neo4j plans while a graph is small, and then a scan looks as cheap as the index; from the
    other end it would go through everything in a city."""
    return f"USING INDEX SEEK n:{_label(label)}(id)"


def _label(label: str) -> str:
    if label != "Meta" and label not in ALL_LABELS:
        raise EngineError(f"{label!r} is no label of the graph; there are {', '.join(ALL_LABELS)}")
    return f"`{label}`"


def _relation(relation: str) -> str:
    if not _RELATION.fullmatch(relation):
        raise EngineError(f"{relation!r} is no relation: use capital letters, digits and underscores")
    return f"`{relation}`"
