"""Pairs -> entities. A pure function of a whole component, so that the order of arrival cannot matter."""

from collections.abc import Iterable, Mapping

Adjacency = Mapping[str, Mapping[str, str]]
"""ref -> every ref that is the same thing by evidence -> that evidence. Symmetric."""


def partition(refs: Iterable[str], same: Adjacency, *, chained: bool) -> list[list[str]]:
    """Clusters of refs, each sorted, ordered by their first ref."""
    ordered = sorted(refs)
    return _chains(ordered, same) if chained else _cliques(ordered, same)


def _chains(ordered: list[str], same: Adjacency) -> list[list[str]]:
    """Single linkage: whatever a chain of pairs connects."""
    seen: set[str] = set()
    clusters = []
    for ref in ordered:
        if ref in seen:
            continue
        found, frontier = {ref}, [ref]
        while frontier:
            new = set(same.get(frontier.pop(), ())) - found
            found |= new
            frontier += new
        seen |= found
        clusters.append(sorted(found))
    return clusters


def _cliques(ordered: list[str], same: Adjacency) -> list[list[str]]:
    """Greedy complete linkage in ref order: each joins the first cluster with every member of which it has evidence."""
    clusters: list[list[str]] = []
    home: dict[str, int] = {}
    for ref in ordered:
        near = same.get(ref, {})
        candidates = sorted({home[other] for other in near if other in home})
        fitting = (number for number in candidates if all(member in near for member in clusters[number]))
        number = next(fitting, len(clusters))
        if number == len(clusters):
            clusters.append([])
        clusters[number].append(ref)
        home[ref] = number
    return clusters
