"""The last step of an answer: every record is looked up, and every sentence checked against what it cites."""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import regex

from graph.ingest.validity import holds, on_its_clock, span_of
from ibcm.domain.answers import Answer, AskRequest, Candidate, Citation, Conflict, Rows, Sentence
from ibcm.domain.ledger import Ledger, StoredRecord
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import DATA_BY_KIND, SourceRecord
from retrieval.answering.context import Context
from retrieval.answering.evidence import Draft, Evidence, Fact, QueryResult, Quote, Statement
from retrieval.embedders.base import Embedder
from retrieval.hybrid import live_record
from retrieval.plan import Plan
from retrieval.routing import route
from retrieval.verify import Support, problems

COMPOSER = "composer"
MOST_CITED = 25


@dataclass
class Asked:
    """One question on its way."""

    request: AskRequest
    language: str
    now: datetime
    started: float = field(default_factory=time.perf_counter)
    timings: dict[str, float] = field(default_factory=dict)

    def lap(self, name: str, since: float) -> None:
        self.timings[name] = round((time.perf_counter() - since) * 1000, 1)


class Finisher:
    """Draft -> answer: every record is looked up, every sentence checked, what does not stand is dropped."""

    def __init__(self, ledger: Ledger, embedder: Embedder, asked: Asked, plan: Plan, context: Context) -> None:
        self.ledger, self.embedder, self.asked, self.plan, self.context = ledger, embedder, asked, plan, context
        self.citations: list[Citation] = []
        self._numbers: dict[object, int] = {}
        self._policies: Mapping[str, SourcePolicy] = {}

    def finish(self, draft: Draft) -> Answer:
        records = self._records(draft)
        sentences = [self._checked(statement, records) for statement in draft.statements]
        if draft.missing is not None or not sentences or sentences[0] is None:
            return self._abstain(draft)  # without its first sentence nothing else of an answer stands
        dated = bool(self._not_holding(draft.statements[0], records))  # then a bare value would pass for one of today
        conflicts = [c for about, facts_ in draft.conflicts if (c := self._conflict(about, facts_, records))]
        return self._answer(
            text=" ".join(sentence.text for sentence in sentences if sentence),
            abstained=False,
            short=None if dated else _plain(draft.short),
            sentences=[sentence for sentence in sentences if sentence],
            citations=self.citations,
            rows=None if dated else _rows(draft),
            features=None if dated else _features(draft),
            conflicts=conflicts,
        )

    def _abstain(self, draft: Draft) -> Answer:
        what = _unmarked(draft.missing or self.context.phrases.say("no_passage", words=self.plan.question[:80]))
        clarify = [Candidate(entity, label, why) for entity, label, why in draft.candidates] or None
        text_ = what if clarify else self.context.phrases.say("not_found", missing=what)
        return self._answer(text=text_, abstained=True, missing=what, clarify=clarify, features=_features(draft))

    def _answer(self, **parts: Any) -> Answer:
        request, model = self.asked.request, self.embedder.model
        return Answer(
            id=str(uuid.uuid4()),
            question=request.question,
            language=self.asked.language,
            domain=request.domain or route(self.plan, self.context.catalogue),
            city=self.plan.city,
            sector=request.sector,
            conversation=request.conversation,
            model={"generator": COMPOSER, "adapter": None, "embedder": model.name, "index": model.sha256[:12]},
            **parts,
        )

    # -- checking -------------------------------------------------------------------------------------------
    def _records(self, draft: Draft) -> dict[str, StoredRecord]:
        """The records behind the draft as they may be cited now, fields past their own limit left out."""
        ledger, now = self.ledger, self.asked.now
        stored = ledger.citable(_refs(draft), now=now)
        self._policies = policies = ledger.policies() if stored else {}
        return {ref: replace(kept, record=live_record(kept.record, policies, now)) for ref, kept in stored.items()}

    def _checked(self, statement: Statement, records: Mapping[str, StoredRecord]) -> Sentence | None:
        """The sentence with its citations, or None when it does not stand on records that may be cited."""
        standing = [e for e in statement.evidence if self._stands(e, records)]
        if not standing or len(standing) < len(_needed(statement)):
            return None
        texts = [text for one in standing for text in _texts(one)] + self._scope_texts()
        spelled = [name for text in texts for name in self.context.spelled.get(text, ())]
        support = Support([*texts, *spelled], statement.computed)
        if problems(statement.text, support, known_words=self.context.phrases.words()):
            return None
        numbers = list(dict.fromkeys(n for e in standing[:MOST_CITED] for n in self._cite(e, records)))
        marks = "".join(f"[{n}]" for n in numbers)
        text_ = self._dated(statement, records)
        return Sentence(_marked(text_, marks), numbers, statement.support)  # type: ignore[arg-type]

    def _dated(self, statement: Statement, records: Mapping[str, StoredRecord]) -> str:
        """The sentence as one about the past, or the time to come, where what it rests on does not hold now."""
        phrases, now = self.context.phrases, self.asked.now
        told = self._not_holding(statement, records)
        spans = [(span_of(one).standing(now), one) for one in told]
        ended = [on_its_clock(one.valid_to, one) for standing, one in spans if standing == "ended" and one.valid_to]
        coming = [
            on_its_clock(one.valid_from, one) for standing, one in spans if standing == "to_come" and one.valid_from
        ]
        if ended:
            return phrases.say("until", date=phrases.day(min(ended, key=str)), text=statement.text)
        if coming:
            return phrases.say("from_then", date=phrases.day(max(coming, key=str)), text=statement.text)
        return statement.text

    def _not_holding(self, statement: Statement, records: Mapping[str, StoredRecord]) -> list[SourceRecord]:
        """Records of its facts and quotes whose validity has ended or has not begun."""
        refs = [e.record for e in statement.evidence if not isinstance(e, QueryResult) and e.record in records]
        told = [records[ref].record for ref in dict.fromkeys(refs)]
        return [record for record in told if not holds(record, self.asked.now)]

    def _scope_texts(self) -> list[str]:
        """What the question itself asked for: its filters and names may be repeated."""
        plan = self.plan
        shown = [f"{c.shown} {c.value}" for c in plan.constraints]
        named = [n.text for n in (*plan.subjects, plan.anchor, plan.route, plan.towards) if n]
        names = [
            thing.name
            for n in (*plan.subjects, plan.anchor, plan.route, plan.towards)
            if n
            for thing in self.context.things(n)[:20]
        ]
        distance = (
            [f"{plan.distance_m:g} {plan.distance_m / 1000:g} {plan.distance_m / 1000:.2f}"] if plan.distance_m else []
        )
        things = [self.context.sought(plan, plural=plural) for plural in (False, True)] if plan.label else []
        return [*shown, *named, *names, *distance, *things, self.context.phrases.city(plan.city or "")]

    def _cite(self, evidence: Evidence, records: Mapping[str, StoredRecord]) -> list[int]:
        key = _key(evidence)
        if key not in self._numbers:
            ref = next(ref for ref in _refs_of(evidence) if ref in records)
            self._numbers[key] = len(self.citations) + 1
            self.citations.append(
                self._with_terms(_citation(len(self.citations) + 1, evidence, ref, records), evidence)
            )
        return [self._numbers[key]]

    def _with_terms(self, citation: Citation, evidence: Evidence) -> Citation:
        """A value may have another licence, and other people to be named, than the rest of its record."""
        policy = self._policies.get(citation.source)
        if policy is None or not isinstance(evidence, Fact):
            return citation
        own = policy.terms(evidence.field)
        return replace(
            citation, licence=own.licence or citation.licence, attribution=own.attribution or citation.attribution
        )

    def _conflict(self, about: str, facts_: Sequence[Fact], records: Mapping[str, StoredRecord]) -> Conflict | None:
        values = [{"value": f.value, "citation": self._cite(f, records)[0]} for f in facts_ if self._stands(f, records)]
        return Conflict(about, values) if len(values) > 1 else None

    def _stands(self, evidence: Evidence, records: Mapping[str, StoredRecord]) -> bool:
        """The record is there, and still says it: a field whose time has passed is gone from it."""
        if isinstance(evidence, QueryResult):
            return any(ref in records for ref in evidence.records)
        kept = records.get(evidence.record)
        if kept is None:
            return False
        if not isinstance(evidence, Fact) or evidence.field in kept.record.data:
            return True
        # What we make of a field, such as `name_hi` of `names`, has the terms of that field.
        policy = self._policies.get(kept.record.source)
        if policy is not None and policy.over(evidence.field, kept.record.retrieved_at, self.asked.now):
            return False
        return evidence.field not in DATA_BY_KIND[kept.record.kind].model_fields


def _needed(statement: Statement) -> list[Evidence]:
    """A comparison or a conflict needs all of its facts; a list stands on what is left of it."""
    if statement.whole:
        return list(statement.evidence)
    facts_only = all(isinstance(e, Fact) for e in statement.evidence)
    return list(statement.evidence) if facts_only and len(statement.evidence) <= 2 else list(statement.evidence[:1])


def _plain(short: Any) -> Any:
    """1400 rather than 1400.0."""
    return int(short) if isinstance(short, float) and short.is_integer() else short


_LOOKS_CITED = regex.compile(r"\[(\d+)\]")


def _unmarked(text_: str) -> str:
    """`[42]` in a name or a question is no citation, and must not look like one."""
    return _LOOKS_CITED.sub(r"(\1)", text_)


def _marked(text_: str, marks: str) -> str:
    """The marks stand before the full stop."""
    text_ = _unmarked(text_)
    return f"{text_[:-1]} {marks}{text_[-1]}" if text_[-1:] in ".।!?" else f"{text_} {marks}"


def _refs(draft: Draft) -> set[str]:
    said = {ref for statement in draft.statements for e in statement.evidence for ref in _refs_of(e)}
    return said | {fact.record for _, facts_ in draft.conflicts for fact in facts_}


def _refs_of(evidence: Evidence) -> tuple[str, ...]:
    return evidence.records if isinstance(evidence, QueryResult) else (evidence.record,)


def _texts(evidence: Evidence) -> list[str]:
    if isinstance(evidence, Fact):
        values = evidence.value if isinstance(evidence.value, list) else [evidence.value]
        return [evidence.name, evidence.source, *(str(value) for value in values)]
    if isinstance(evidence, Quote):
        return [evidence.text, evidence.title]
    return [str(evidence.total), *evidence.names, *(value for _, _, value in evidence.constraints)]


def _key(evidence: Evidence) -> object:
    if isinstance(evidence, Fact):
        return ("fact", evidence.record, evidence.field, str(evidence.value))
    if isinstance(evidence, Quote):
        return ("quote", evidence.record, evidence.text)
    return ("query", evidence.constraints, evidence.total, evidence.records)


def _citation(n: int, evidence: Evidence, ref: str, records: Mapping[str, StoredRecord]) -> Citation:
    record = records[ref].record
    title = str(record.data.get("name") or record.data.get("title") or record.ref)
    query: dict[str, Any] | None = None
    kind, value = "fact", None
    if isinstance(evidence, QueryResult):
        kind, query = "query", _query(evidence, records)
    elif isinstance(evidence, Quote):
        kind, value = "quote", evidence.text
    else:
        value = f"{evidence.field}: {evidence.value}"
    return Citation(
        n=n,
        kind=kind,  # type: ignore[arg-type]
        source=record.source,
        record=record.ref,
        title=title,
        licence=record.licence or "",
        attribution=record.attribution or "",
        retrieved_at=record.retrieved_at.isoformat(),
        value=value,
        url=record.url,
        query=query,
    )


def _query(evidence: QueryResult, records: Mapping[str, StoredRecord]) -> dict[str, Any]:
    held = [records[ref].record for ref in evidence.records if ref in records]
    as_of: dict[str, str] = {}
    for record in held:
        as_of[record.source] = max(as_of.get(record.source, ""), record.retrieved_at.isoformat())
    return {
        "constraints": [{"field": f, "op": op, "value": value} for f, op, value in evidence.constraints],
        "total": evidence.total,
        "sources": [{"source": source, "as_of": moment} for source, moment in sorted(as_of.items())],
        "records": [record.ref for record in held],
    }


def _rows(draft: Draft) -> Rows | None:
    if not draft.rows:
        return None
    return Rows(list(draft.columns), draft.rows, entity=0, ordered=draft.ordered, total=draft.total)


def _features(draft: Draft) -> dict[str, Any] | None:
    if not draft.points:
        return None
    unique = {p["id"]: p for p in reversed(draft.points)}
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": p["id"],
                "geometry": {"type": "Point", "coordinates": [p["lon"], p["lat"]]},
                "properties": {"name": p["name"], "role": p["role"]},
            }
            for p in reversed(list(unique.values()))
        ],
    }
