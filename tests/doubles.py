"""A graph and an index that only remember, and a way to make any of them fail at chosen moments."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from graph.store.diff import EdgeKey, wanted
from graph.store.writing import node_properties, record_properties
from ibcm.domain.drift import Fault
from ibcm.domain.graph import Projection, Query, Row
from ibcm.domain.passages import Passage

Nodes = Mapping[tuple[str, str], Projection]


def answered(query: Query, nodes: Nodes) -> list[Row]:
    """What a search for drift reads, from projections; a double answers nothing else."""
    found = re.search(r"\(n:`?(\w+)", query.text)
    label = found.group(1) if found else ""
    held = {id_: node_properties(one) for (of, id_), one in nodes.items() if of == label}
    if label == "Record":
        held = {record.ref: record_properties(record) for one in nodes.values() for record in one.records}
    asked = [id_ for id_ in cast("Sequence[str]", query.parameters.get("ids", ())) if id_ in held]
    match query.name:
        case "drift.revisions":
            return [{"id": id_, "revision": held[id_]["revision"]} for id_ in asked]
        case "drift.contents":
            return [{"id": id_, "properties": held[id_]} for id_ in asked]
        case "drift.size":
            return [{"number": len(held)}]
        case "drift.page":
            return [{"id": id_} for id_ in sorted(held) if id_ > str(query.parameters["after"])]
        case "drift.unsaid":
            return []
        case "outgoing":
            return [_edge(key, properties) for key, properties in wanted(nodes[label, id_] for id_ in asked).items()]
    raise NotImplementedError(f"doubles do not answer {query.name}")


def _edge(key: EdgeKey, properties: Mapping[str, Any]) -> Row:
    ends = {"source": key.source, "label": key.target_label, "target": key.target}
    return {**ends, "type": key.type, "properties": dict(properties)}


class MemoryGraph:
    """`GraphStore` for tests of what is written; of queries it answers those of a search for drift."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[str, str], Projection] = {}

    def prepare(self) -> None:
        """Nothing to prepare."""

    def write(self, projections: Sequence[Projection]) -> None:
        self.nodes.update({(one.label, one.id): one for one in projections})

    def remove(self, label: str, ids: Sequence[str]) -> None:
        for one in ids:
            self.nodes.pop((label, one), None)

    def read(self, query: Query) -> list[Row]:
        return answered(query, self.nodes)

    def close(self) -> None:
        """Nothing to close."""

    def named(self, name: str) -> Projection:
        """The only node of that name."""
        (found,) = (one for one in self.nodes.values() if one.properties.get("name") == name)
        return found


def compared(
    held: Mapping[str, Sequence[Passage]], wanted: Mapping[str, Sequence[Passage]]
) -> dict[str, Sequence[Fault]]:
    """What is wrong with the passages of each record that are not held exactly so."""
    return {
        ref: ["stale" if held.get(ref) and some else "missing" if some else "extra"]
        for ref, some in wanted.items()
        if tuple(held.get(ref, ())) != tuple(some)
    }


class MemoryIndex:
    """`PassageIndex` for tests."""

    def __init__(self) -> None:
        self.passages: dict[str, Sequence[Passage]] = {}

    def replace(self, passages: Mapping[str, Sequence[Passage]]) -> None:
        for ref, some in passages.items():
            if some:
                self.passages[ref] = tuple(some)
            else:
                self.passages.pop(ref, None)

    def records(self) -> Iterable[str]:
        return set(self.passages)

    def compare(self, passages: Mapping[str, Sequence[Passage]]) -> Mapping[str, Sequence[Fault]]:
        return compared(self.passages, passages)


class Crash(Exception):  # noqa: N818 - it stands for a machine that stops, not for an error of ours
    """The process died here."""


class Crashing:
    """Any part, dying before or after calls of its methods whenever `dies` says so."""

    def __init__(self, part: object, dies: Callable[[], bool]) -> None:
        self._part, self._dies = part, dies

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._part, name)

        def call(*args: Any, **named: Any) -> Any:
            if self._dies():
                raise Crash(f"before {name}")
            done = method(*args, **named)
            if self._dies():
                raise Crash(f"after {name}")
            return done

        return call if callable(method) else method
