"""Drift: where a projection does not hold what the ledger says, although nothing waits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, TypeVar

T = TypeVar("T")
Part = Literal["nodes", "edges", "records", "passages"]
Fault = Literal["missing", "extra", "stale"]
PARTS: tuple[Part, ...] = ("nodes", "edges", "records", "passages")
FAULTS: tuple[Fault, ...] = ("missing", "extra", "stale")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a projection holds otherwise than it should."""

    part: Part
    fault: Fault
    what: str
    """Id of the node, ref of the record or of the passage's record, or the edge in words."""
    label: str = ""
    """Label of the node or of the edge's source."""
    entity: str = ""
    """The entity whose projection puts it right; empty: nothing should be there, and it is to be deleted."""


@dataclass(slots=True)
class Drift:
    """What a search found."""

    checked: dict[Part, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))
    """How many were compared, by part."""
    findings: list[Finding] = field(default_factory=list)

    def saw(self, part: Part, number: int) -> None:
        self.checked[part] += number

    def count(self, part: Part, fault: Fault) -> int:
        return sum(1 for one in self.findings if (one.part, one.fault) == (part, fault))


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some
