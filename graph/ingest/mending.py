"""Putting drift right: what differs is projected again, what nothing stands behind is deleted."""

from collections import defaultdict

from graph.store.base import GraphStore
from ibcm.domain.drift import Drift, batches
from ibcm.domain.ledger import Ledger
from ibcm.domain.passages import PassageIndex

BATCH = 500


def mend(ledger: Ledger, graph: GraphStore, index: PassageIndex, drift: Drift) -> int:
    """Delete and mark; the next projection does the rest. Returns how many entities were marked. May be repeated.

    An id can come back to life with the record that founded it. So whatever was deleted is looked up afterwards, and
    marked where it lives: its projection may have come before the deletion.
    """
    nodes: dict[str, list[str]] = defaultdict(list)
    passages: list[str] = []
    marked = {one.entity for one in drift.findings if one.entity}
    for one in drift.findings:
        if one.entity:
            continue
        if one.part == "passages":
            passages.append(one.what)
        else:
            nodes[one.label].append(one.what)
    for label, ids in nodes.items():
        for some in batches(ids, BATCH):
            graph.remove(label, some)
    for some in batches(passages, BATCH):
        index.replace({ref: [] for ref in some})
    marked |= {id_ for ids in nodes.values() for id_ in ids}
    refs = {*passages, *nodes.get("Record", ())}
    return _mark(ledger, sorted(marked), sorted(refs))


def _mark(ledger: Ledger, entities: list[str], refs: list[str]) -> int:
    """Mark those of them that live."""
    entities = sorted({*entities, *(entity for _, entity in ledger.resolve(refs).values())})
    living = 0
    for some in batches(entities, BATCH):
        members = ledger.in_entities(some)
        living += len(members)
        ledger.mark_records_dirty([records[0].ref for records in members.values()])
    return living
