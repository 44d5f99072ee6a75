"""Where a statement comes from, before records are looked up: facts of records, quotes, and whole queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

CITED = 20
"""Records that a citation of a whole result names."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One value that one record gives."""

    record: str
    field: str
    value: Any
    name: str
    """Name of the entity."""
    source: str = ""
    """What its source is called, where the sentence says so."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a passage, exactly as the record has them."""

    record: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class QueryResult:
    """A count, a list or `none`: what was asked of the graph, how many met it, and their records."""

    constraints: tuple[tuple[str, str, str], ...]
    """(field, op, value) as shown."""
    total: int
    records: tuple[str, ...]
    """Some records of what was found, of every source; of what was searched, when nothing was found."""
    names: tuple[str, ...] = ()


Evidence = Fact | Quote | QueryResult


@dataclass(slots=True)
class Statement:
    """A sentence to be, with the evidence that must support it."""

    text: str
    evidence: Sequence[Evidence]
    support: str = "fact"
    computed: Sequence[float] = ()
    """Numbers in the text that we computed from the evidence."""
    whole: bool = False
    """It falls with any of its evidence."""


@dataclass(slots=True)
class Draft:
    """What a handler found: statements, or what is missing."""

    statements: list[Statement] = field(default_factory=list)
    short: Any = None
    columns: Sequence[str] = ()
    rows: list[Sequence[Any]] = field(default_factory=list)
    total: int | None = None
    ordered: bool = False
    points: list[Mapping[str, Any]] = field(default_factory=list)
    """Each {id, name, lat, lon, role}."""
    conflicts: list[tuple[str, list[Fact]]] = field(default_factory=list)
    missing: str | None = None
    candidates: list[tuple[str, str, str]] = field(default_factory=list)
    """(entity, label, why) when the question may mean several things."""

    def say(
        self,
        text: str,
        *evidence: Evidence,
        support: str = "fact",
        computed: Sequence[float] = (),
        whole: bool = False,
    ) -> None:
        self.statements.append(Statement(text, evidence, support, computed, whole))


def missing(text: str) -> Draft:
    """A draft that says what could not be found."""
    return Draft(missing=text)


def some_of_each_source(refs: Iterable[str], most: int = CITED) -> tuple[str, ...]:
    """The first records of a result, as many as a citation names; a source that speaks only later is not left out."""
    distinct = list(dict.fromkeys(refs))
    speakers = {ref.partition(":")[0]: ref for ref in reversed(distinct)}
    rest = [ref for ref in distinct if ref not in speakers.values()]
    chosen = {*speakers.values(), *rest[: max(0, most - len(speakers))]}
    return tuple(ref for ref in distinct if ref in chosen)
