"""A graph and an index that only remember, and a way to make any of them fail at chosen moments."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ibcm.domain.graph import Projection, Query, Row
from ibcm.domain.passages import Passage


class MemoryGraph:
    """`GraphStore` for tests of what is written; it answers no queries."""

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
        raise NotImplementedError("MemoryGraph answers no queries")

    def close(self) -> None:
        """Nothing to close."""

    def named(self, name: str) -> Projection:
        """The only node of that name."""
        (found,) = (one for one in self.nodes.values() if one.properties.get("name") == name)
        return found


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
