"""What one write does inside its transaction. `run` sends one Query and gives its rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from graph.store import cypher
from graph.store.diff import EdgeChanges, EdgeKey, changes, wanted
from graph.store.failures import TargetGoneError
from graph.store.values import storable
from ibcm.domain.graph import Projection, Query, RecordNode, Row, Value

Run = Callable[[Query], list[Row]]

BATCH_ROWS = 500
BATCH_CHARACTERS = 2_000_000
"""Both bounds of one query's rows. The embedded engine refuses messages of more than 16 MB."""


def write_label(run: Run, label: str, projections: Sequence[Projection]) -> None:
    """Make the graph hold exactly these entities of one label. Ids must differ."""
    entities = sorted(projections, key=lambda one: one.id)
    for rows in batches([{"id": one.id, "properties": node_properties(one)} for one in entities]):
        run(cypher.put_nodes(label, rows))
    records = {record.ref: record for one in entities for record in one.records}
    for rows in batches([{"id": ref, "properties": record_properties(records[ref])} for ref in sorted(records)]):
        run(cypher.put_nodes("Record", rows))
    desired = wanted(entities)
    existing = [row for ids in _slices([one.id for one in entities]) for row in run(cypher.outgoing(label, ids))]
    _apply(run, label, desired, changes(desired, existing))


def remove(run: Run, label: str, ids: Sequence[str]) -> None:
    """Delete the nodes, and what only they held in the graph."""
    existing = [row for part in _slices(ids) for row in run(cypher.outgoing(label, part))]
    for part in _slices(ids):
        run(cypher.remove_nodes(label, part))
    _sweep(run, changes({}, existing))


def node_properties(projection: Projection) -> dict[str, Value]:
    """Everything that the node of an entity carries."""
    own: dict[str, Value] = {"id": projection.id, "label": projection.label, "revision": projection.revision}
    return {**storable(projection.properties), **own}


def record_properties(record: RecordNode) -> dict[str, Value]:
    """Everything that the node of a record carries; times as ISO 8601 text."""
    return storable(
        {
            "id": record.ref,
            "source": record.source,
            "key": record.key,
            "url": record.url,
            "licence": record.licence,
            "attribution": record.attribution,
            "retrieved_at": record.retrieved_at.isoformat(),
            "expires_at": record.expires_at.isoformat() if record.expires_at else None,
        }
    )


def batches(rows: Sequence[Mapping[str, object]]) -> Iterator[list[Mapping[str, object]]]:
    """The rows in parts that one message can carry."""
    part: list[Mapping[str, object]] = []
    weight = 0
    for row in rows:
        size = _weight(row)
        if part and (len(part) >= BATCH_ROWS or weight + size > BATCH_CHARACTERS):
            yield part
            part, weight = [], 0
        part.append(row)
        weight += size
    if part:
        yield part


def _apply(run: Run, label: str, desired: Mapping[EdgeKey, Mapping[str, Value]], found: EdgeChanges) -> None:
    for group, keys in found.obsolete.items():
        rows = [{"source": k.source, "target": k.target, "record": k.record, "ordinal": k.ordinal} for k in keys]
        for part in batches(rows):
            run(cypher.remove_edges(label, group.type, group.target_label, part))
    for target_label in sorted({group.target_label for group in found.missing} - {"Record"}):
        groups = (keys for group, keys in found.missing.items() if group.target_label == target_label)
        for ids in _slices(sorted({key.target for keys in groups for key in keys})):
            run(cypher.put_bare(target_label, ids))
    for group, keys in found.missing.items():
        rows = [{"source": k.source, "target": k.target, "properties": desired[k]} for k in keys]
        for part in batches(rows):
            made = run(cypher.put_edges(label, group.type, group.target_label, part))
            if made != [{"made": len(part)}]:
                raise TargetGoneError(f"{len(part)} edges to {group.target_label} wanted, {made} made")
    _sweep(run, found)


def _sweep(run: Run, found: EdgeChanges) -> None:
    """Delete record nodes and bare targets that lost their last edge."""
    for target_label in sorted({group.target_label for group in found.obsolete}):
        sweep = cypher.remove_unsaid if target_label == "Record" else _remove_lonely(target_label)
        for ids in _slices(sorted(set(found.targets(target_label)))):
            run(sweep(ids))


def _remove_lonely(label: str) -> Callable[[Sequence[str]], Query]:
    return lambda ids: cypher.remove_lonely(label, ids)


def _slices(ids: Sequence[str]) -> Iterator[list[str]]:
    return (list(ids[start : start + BATCH_ROWS]) for start in range(0, len(ids), BATCH_ROWS))


def _weight(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(len(str(name)) + _weight(inner) for name, inner in value.items())
    if isinstance(value, list | tuple):
        return sum(_weight(inner) for inner in value)
    return 8
