"""The reads that monitoring makes of the graph."""

from ibcm.domain.graph import ALL_LABELS, Query


def alive() -> Query:
    return Query("monitoring.alive", "RETURN 1 AS one")


def size(label: str) -> Query:
    """Number of nodes of a label. Labels cannot be parameters, so only ours are let through."""
    if label not in ALL_LABELS:
        raise ValueError(f"{label!r} is no label of ours")
    return Query("monitoring.size", f"MATCH (n:{label}) RETURN count(n) AS number")
