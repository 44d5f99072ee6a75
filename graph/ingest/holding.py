"""What the graph holds, as a search for drift asks for it."""

from collections.abc import Iterator, Sequence

from graph.store.base import GraphStore
from ibcm.domain.graph import ALL_LABELS, Query

PAGE = 20_000


def revisions(label: str, ids: Sequence[str]) -> Query:
    """Rows of id and revision for the nodes that are there; a bare target has no revision."""
    text = f"UNWIND $ids AS id MATCH (n:{_known(label)} {{id: id}}) RETURN id, n.revision AS revision"
    return Query("drift.revisions", text, {"ids": list(ids)})


def contents(label: str, ids: Sequence[str]) -> Query:
    """Rows of id and properties for the nodes that are there."""
    text = f"UNWIND $ids AS id MATCH (n:{_known(label)} {{id: id}}) RETURN id, properties(n) AS properties"
    return Query("drift.contents", text, {"ids": list(ids)})


def size(label: str) -> Query:
    """One row, `number`: how many nodes carry that label, bare ones among them."""
    return Query("drift.size", f"MATCH (n:{_known(label)}) RETURN count(n) AS number")


def unsaid() -> Query:
    """Rows of id: Record nodes that no entity points to."""
    return Query("drift.unsaid", f"MATCH (n:Record) WHERE NOT (n)<--() RETURN n.id AS id LIMIT {PAGE}")


def page_of(label: str, after: str) -> Query:
    """Rows of id in order, beyond `after`. Each page looks at all that is left: it is for when numbers differ."""
    text = f"MATCH (n:{_known(label)}) WHERE n.id > $after RETURN n.id AS id ORDER BY id LIMIT {PAGE}"
    return Query("drift.page", text, {"after": after})


def every_id(graph: GraphStore, label: str) -> Iterator[str]:
    """The id of every node of that label, in order."""
    after = ""
    while page := [str(row["id"]) for row in graph.read(page_of(label, after))]:
        yield from page
        after = page[-1]


def _known(label: str) -> str:
    """Labels cannot be parameters, so only ours are let through."""
    if label not in ALL_LABELS:
        raise ValueError(f"{label!r} is no label of ours")
    return label
