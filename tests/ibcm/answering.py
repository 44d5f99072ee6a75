"""A double of the answerer that knows a few questions of an invented city, and a ledger that knows what is citable."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from ibcm.domain.answers import Answer, AskRequest, Candidate, Citation, Conflict, Rows, Sentence
from ibcm.domain.errors import EngineError
from ibcm.domain.ledger import StoredRecord
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord

Json = dict[str, Any]
WHEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def cite(n: int, record: str, **more: Any) -> Citation:
    given: Json = {
        "kind": "fact",
        "source": record.partition(":")[0],
        "title": "Directory of parks",
        "licence": "CC-BY-4.0",
        "attribution": "City of Example",
        "retrieved_at": "2026-01-05T09:00:00+00:00",
        "url": "https://example.org/parks",
    }
    return Citation(n=n, record=record, **{**given, **more})


def point(name: str, lat: float, lon: float, entity: str = "e") -> Json:
    return {
        "type": "Feature",
        "id": entity,
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {"name": name, "entity": entity},
    }


def named(*ids: str) -> dict[str, Any]:
    """A thing that a question names, as a plan shows it."""
    return {"text": "words", "ids": list(ids), "names": [f"Name of {id_}" for id_ in ids]}


FACT = Answer(
    id="x",
    question="When does Lake Park open?",
    language="en",
    text="Lake Park opens at 06:00 [1]. It covers 12 hectares [2].",
    abstained=False,
    city="bangalore",
    short="06:00",
    sentences=[
        Sentence("Lake Park opens at 06:00.", [1], "fact"),
        Sentence("It covers 12 hectares.", [2], "fact"),
    ],
    citations=[cite(1, "parks:1", value="06:00"), cite(2, "survey:9", value="12", url=None, title="Survey")],
    conflicts=[Conflict("closing time", [{"value": "20:00", "citation": 1}, {"value": "22:00", "citation": 2}])],
    plan={"kind": "fact", "entities": [named("e1")], "constraints": [], "operators": [], "unit": None},
    timings_ms={"total": 12.5},
)
LIST = Answer(
    id="x",
    question="Which parks are in the north?",
    language="en",
    text="Three parks are in the north [1].",
    abstained=False,
    city="bangalore",
    short=["Lake Park", "Hill Park", "Rose Garden"],
    sentences=[Sentence("Three parks are in the north.", [1], "computed")],
    citations=[
        cite(
            1,
            "parks:1",
            kind="query",
            url=None,
            query={
                "constraints": ["category park", "area North"],
                "total": 3,
                "sources": [{"source": "parks", "as_of": "2026-01-05"}],
                "records": ["parks:1", "parks:2", "parks:3"],
            },
        )
    ],
    rows=Rows(
        columns=["id", "name", "area", "distance_m"],
        rows=[
            ["e1", "Lake Park", "North", 120.0],
            ["e2", "Hill Park", "North", 890.5],
            ["e3", "Rose Garden", "North", None],
        ],
        ordered=True,
        total=3,
    ),
    features={
        "type": "FeatureCollection",
        "features": [
            point("Lake Park", 13.02, 77.58, "e1"),
            point("Hill Park", 13.05, 77.61, "e2"),
            point("Rose Garden", 13.03, 77.63, "e3"),
        ],
    },
    plan={"kind": "list", "entities": [], "constraints": ["category park"], "operators": ["filter"], "unit": None},
)
UNKNOWN = Answer(
    id="x",
    question="",
    language="en",
    text="I do not know: there is nothing about this in the graph.",
    abstained=True,
    missing="Looked for a place called Atlantis in 3 sources and found none.",
    plan={"kind": "fact", "entities": [], "constraints": [], "operators": [], "unit": None},
)
CLARIFY = Answer(
    id="x",
    question="Where is Central Park?",
    language="en",
    text="Several places have that name. Which one do you mean?",
    abstained=False,
    clarify=[
        Candidate("e7", "Central Park, Mumbai", "a park in Mumbai"),
        Candidate("e8", "Central Park, Pune", "a park in Pune"),
    ],
    plan={"kind": "fact", "entities": [named("e7", "e8")], "constraints": [], "operators": [], "unit": None},
)
HINDI = Answer(
    id="x",
    question="झील पार्क कब खुलता है?",
    language="hi",
    text="झील पार्क सुबह 06:00 बजे खुलता है [1]।",
    abstained=False,
    short="06:00",
    sentences=[Sentence("झील पार्क सुबह 06:00 बजे खुलता है।", [1], "fact")],
    citations=[cite(1, "parks:1", value="06:00", title="उद्यानों की सूची", attribution="उदाहरण नगर")],
    plan={"kind": "fact", "entities": [named("e1")], "constraints": [], "operators": [], "unit": None},
)
EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)>'
HOSTILE = replace(
    FACT,
    question="Who is hostile?",
    text=f"{EVIL} says so [1].",
    sentences=[Sentence(f"{EVIL} says so.", [1], "fact")],
    citations=[
        cite(1, f"evil:{EVIL}", title=EVIL, attribution=EVIL, licence=EVIL, url="javascript:alert(1)", value=EVIL)
    ],
    conflicts=[Conflict(EVIL, [{"value": EVIL, "citation": 1}])],
    rows=Rows(columns=["id", EVIL], rows=[["e1", EVIL]]),
    features={"type": "FeatureCollection", "features": [point(EVIL, 13.02, 77.58)]},
)
ANSWERS = [FACT.question, LIST.question, CLARIFY.question, HINDI.question, HOSTILE.question, "Where is Atlantis?"]
KNOWN = {answer.question: answer for answer in (FACT, LIST, CLARIFY, HINDI, HOSTILE)}


@dataclass
class DoubleAnswerer:
    """Answers what it knows, abstains otherwise, and fails when asked to."""

    asked: list[AskRequest] = field(default_factory=list)

    def ask(self, request: AskRequest) -> Answer:
        self.asked.append(request)
        if request.question == "Please fail":
            raise EngineError("The graph does not answer. Try again in a minute.")
        if request.question == "Please break":
            raise RuntimeError("secret inside")
        return replace(KNOWN.get(request.question, UNKNOWN), question=request.question)

    def stream(self, request: AskRequest) -> Iterator[tuple[str, Json]]:
        answer = self.ask(request).to_json()
        yield "plan", answer["plan"]
        for sentence in answer["sentences"]:
            yield "sentence", sentence
        yield "citations", {"citations": answer["citations"]}
        if answer["rows"]:
            yield "rows", answer["rows"]
        yield "done", answer


@dataclass(frozen=True)
class DoubleThing:
    id: str
    name: str
    city: str = "bangalore"
    category: str = "park"
    label: str = "Place"
    located: bool = True


@dataclass
class DoubleLedger:
    """Every record is citable but those that have gone; those of `fixed` were corrected at WHEN."""

    gone: set[str] = field(default_factory=set)
    fixed: set[str] = field(default_factory=set)
    terms: dict[str, SourcePolicy] = field(default_factory=dict)
    ends: dict[str, date] = field(default_factory=dict)
    """Ref -> the last day on which what it says holds."""

    def policies(self) -> Mapping[str, SourcePolicy]:
        return self.terms

    def citable(self, refs: Iterable[str], *, now: datetime) -> Mapping[str, StoredRecord]:
        return {ref: _stored(ref, self.ends.get(ref)) for ref in refs if ref not in self.gone}

    def corrected(self, refs: Iterable[str], *, after: datetime, revision: int) -> set[str]:
        return set(refs) & self.fixed if after <= WHEN else set()

    def revision(self) -> int:
        return 1


def _stored(ref: str, ends: date | None = None) -> StoredRecord:
    source, _, key = ref.partition(":")
    said = {"data": {"name": "Lake Park"}, "retrieved_at": WHEN, "valid_to": ends}
    record = SourceRecord.model_validate({"source": source, "key": key, "kind": "place", **said})
    return StoredRecord(record=record, sequence=1, hash="0", last_seen=WHEN, entity="e1")
