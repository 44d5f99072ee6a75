"""Request and answer as users see them (docs/answers.md). `to_json` is the public shape."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

Support = Literal["fact", "quote", "computed"]
CitationKind = Literal["fact", "quote", "query"]


@dataclass(frozen=True, slots=True)
class AskRequest:
    question: str
    city: str | None = None
    sector: str | None = None
    domain: str | None = None
    language: str | None = None
    conversation: str | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    n: int
    kind: CitationKind
    source: str
    record: str
    title: str
    licence: str
    attribution: str
    retrieved_at: str
    value: str | None = None
    """The value or the quoted words that this citation supports."""
    url: str | None = None
    query: Mapping[str, Any] | None = None
    """For kind `query`: constraints, total, sources with as_of, first 20 records."""


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    citations: Sequence[int]
    support: Support


@dataclass(frozen=True, slots=True)
class Rows:
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    entity: int = 0
    """Index of the id column."""
    ordered: bool = False
    total: int | None = None
    """How many there are when the rows were cut."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several things that the question may mean."""

    entity: str
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Conflict:
    about: str
    values: Sequence[Mapping[str, Any]]
    """Each `{"value", "citation"}`."""


@dataclass(frozen=True, slots=True)
class Answer:
    id: str
    question: str
    language: str
    text: str
    abstained: bool
    domain: str | None = None
    city: str | None = None
    sector: str | None = None
    short: str | int | float | list[str] | None = None
    sentences: Sequence[Sentence] = ()
    citations: Sequence[Citation] = ()
    conversation: str | None = None
    clarify: Sequence[Candidate] | None = None
    parts: Sequence[Mapping[str, Any]] | None = None
    rows: Rows | None = None
    features: Mapping[str, Any] | None = None
    conflicts: Sequence[Conflict] = ()
    missing: str | None = None
    plan: Mapping[str, Any] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    feedback_url: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values that `json.dumps` takes."""
        shown = asdict(self)
        shown["citations"] = [_citation_json(citation) for citation in self.citations]
        return shown

    def with_id(self, new: str, *, feedback_url: str | None = None) -> "Answer":
        return replace(self, id=new, feedback_url=feedback_url)


def _citation_json(citation: Citation) -> dict[str, Any]:
    shown = asdict(citation)
    query = shown.pop("query")
    return {**shown, **query} if query else shown
