"""Walk (b): question -> plan -> evidence -> sentences, each checked against what it cites -> answer."""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import regex

from graph.ingest.validity import holds, on_its_clock, span_of
from graph.store.base import GraphStore
from ibcm.domain.answers import Answer, AskRequest, Candidate, Citation, Conflict, Rows, Sentence
from ibcm.domain.errors import IbcmError
from ibcm.domain.ledger import Ledger, StoredRecord
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import DATA_BY_KIND, SourceRecord
from ibcm.domain.scope import Scope
from retrieval import hybrid
from retrieval.answering import facts, funding, geography, journeys, ownership, rounds, sets, text, transit
from retrieval.answering.context import Context
from retrieval.answering.evidence import Draft, Evidence, Fact, QueryResult, Quote, Statement, missing
from retrieval.answering.phrases import LANGUAGES, Phrases
from retrieval.catalogue import Catalogue, build
from retrieval.embedders.base import Embedder
from retrieval.hybrid import live_record
from retrieval.journeys.cache import Networks
from retrieval.language import clean, detect
from retrieval.patching import patched
from retrieval.plan import Plan
from retrieval.planning.planner import make_plan
from retrieval.routing import route
from retrieval.showing import plain, shown
from retrieval.vectors.base import VectorStore, Where
from retrieval.verify import Support, problems

log = logging.getLogger(__name__)
Event = tuple[str, dict[str, Any]]
Handler = Callable[[Plan, Context], Draft]
HANDLERS: Mapping[str, Handler] = {
    "lookup": facts.lookup,
    "check": facts.check,
    "describe": facts.describe,
    "compare": facts.compare,
    "count": sets.sets,
    "list": sets.sets,
    "exists": sets.sets,
    "superlative": sets.superlative,
    "nearest": geography.nearest,
    "within": geography.within,
    "distance": geography.distance,
    "serving": transit.serving,
    "direct": journeys.direct,
    "journey": journeys.journey,
    "stops_between": transit.stops_between,
    "route_stops": transit.route_stops,
    "stop_count": transit.stop_count,
    "service_hours": transit.service_hours,
    "next_stop": transit.next_stop,
    "calls_at": transit.calls_at,
    "terminals": transit.terminals,
    "funding": funding.funding,
    "rounds": rounds.rounds,
    "ownership": ownership.ownership,
}
OPEN_KINDS = ("text", "unclear", "lookup")
"""Questions that a passage may well answer; a list or a count is seldom written down in one."""
NEVER_PROSE = (
    "count",
    "list",
    "exists",
    "superlative",
    "nearest",
    "within",
    "distance",
    "compare",
    "funding",
    "rounds",
    "journey",
)
"""Fully understood, these are answered from records or not at all."""
NO_PROSE_FOR = ("unknown_name", "nothing_known_anywhere", "journey_one_end")
"""What stands in the way of an answer, and no passage helps."""
COMPOSER = "composer"
MOST_CITED = 25
MOST_PATCHED = 300
"""Changed entities that are patched in at once."""
MOST_PATCHES = 3_000
"""After so many the catalogue is built anew: patching leaves values behind that nothing has any more."""
PATIENCE = 2.0
"""Seconds that a question waits for new names; a large home answers from the old ones meanwhile."""


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


class Answerer:
    """Answers questions from the graph and the index. Safe to share between threads."""

    def __init__(
        self, *, graph: GraphStore, vectors: VectorStore, embedder: Embedder, ledger: Ledger, scope: Scope
    ) -> None:
        self.graph, self.vectors, self.embedder, self.ledger, self.scope = graph, vectors, embedder, ledger, scope
        self.networks = Networks(graph, ledger)
        self._catalogue: Catalogue | None = None
        self._patches = 0
        self._reads_ahead = False
        self._building = threading.Lock()

    # -- what is known --------------------------------------------------------------------------------------
    def catalogue(self) -> Catalogue:
        """The names as of the last projected change. The first caller builds it; a few changes are patched in, many
        are built aside."""
        revision, current = self.ledger.revision(), self._catalogue
        if current is None:
            with self._building:
                if self._catalogue is None:
                    self._catalogue = build(self.graph, self.scope, revision=revision)
                return self._catalogue
        if current.revision != revision and self._building.acquire(blocking=False):
            self._follow(current, revision)
        return self._catalogue or current

    def _follow(self, current: Catalogue, revision: int) -> None:
        """Called with the lock, which whoever finishes gives back."""
        try:
            found = self._patched(current, revision)
        except BaseException:
            self._building.release()
            raise
        if found is not None:
            self._catalogue = found
            self._building.release()
            return
        aside = threading.Thread(target=self._rebuild, args=(revision,), name="catalogue", daemon=True)
        aside.start()
        aside.join(PATIENCE)

    def _patched(self, current: Catalogue, revision: int) -> Catalogue | None:
        """None when a new catalogue is due."""
        changed = self.ledger.projected_since(current.revision, limit=MOST_PATCHED)
        if changed is None or self._patches + len(changed) > MOST_PATCHES:
            return None
        self._patches += len(changed)
        return patched(current, self.graph, changed, revision=revision)

    def _rebuild(self, revision: int) -> None:
        try:
            self._catalogue, self._patches = build(self.graph, self.scope, revision=revision), 0
        finally:
            self._building.release()
        if self._reads_ahead:
            threading.Thread(target=self._read_networks_again, name="networks", daemon=True).start()

    def read_networks(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Read the network of every city that has routes, which takes seconds, so that nobody who asks for the way
        waits for it; from now on also after the catalogue was built anew."""
        self._reads_ahead = True
        catalogue = self.catalogue()
        for city in sorted({thing.city for thing in catalogue.things.values() if thing.label == "Route"}):
            if stopping():
                return
            self.networks.of(city, catalogue)

    def _read_networks_again(self) -> None:
        try:
            self.read_networks()
        except IbcmError as error:  # an engine that stops or restarts: whoever asks next reads it
            log.info("networks are read later: %s", error)

    def refresh(self) -> None:
        """Build the catalogue now and wait for it; for commands that answer right after they changed something."""
        with self._building:
            self._catalogue = build(self.graph, self.scope, revision=self.ledger.revision())

    # -- asking ---------------------------------------------------------------------------------------------
    def ask(self, request: AskRequest) -> Answer:
        """The whole answer. Raises IbcmError when an engine fails; anything about the question is in the answer."""
        answer: Answer | None = None
        for event, payload in self._events(request):
            if event == "answer":
                answer = payload["answer"]
        assert answer is not None
        return answer

    def stream(self, request: AskRequest) -> Iterator[Event]:
        """`plan`, then a `sentence` each, `citations`, `rows`, and `done` with the whole answer."""
        for event, payload in self._events(request):
            if event == "answer":
                answer: Answer = payload["answer"]
                shown = answer.to_json()
                for sentence in shown["sentences"]:
                    yield "sentence", sentence
                yield "citations", {"citations": shown["citations"]}
                yield "rows", {"rows": shown["rows"], "features": shown["features"]}
                yield "done", shown
            else:
                yield event, payload

    def _events(self, request: AskRequest) -> Iterator[Event]:
        question = clean(request.question)
        asked = Asked(request, self._language(request, question), request.now or datetime.now(UTC))
        mark = time.perf_counter()
        catalogue = self.catalogue()
        plan = make_plan(question, catalogue, city=request.city, sector=request.sector, language=asked.language)
        asked.lap("plan", mark)
        names = (
            {id_: thing.name for id_, thing in catalogue.things.items()}
            if len(catalogue.things) < 200
            else _Names(catalogue)
        )
        public = plan.public(names)
        if public["unit"] == "currency":
            public["unit"] = self._currency(plan.city)
        public = plain(public)
        yield "plan", public
        mark = time.perf_counter()
        phrases = Phrases(asked.language, self.scope)
        context = Context(self.graph, self.ledger, catalogue, phrases, asked.now, self.networks)
        draft = self._draft(plan, context, asked)
        asked.lap("evidence", mark)
        mark = time.perf_counter()
        answer = shown(Finisher(self, asked, plan, context).finish(draft), draft)
        asked.lap("verify", mark)
        asked.lap("total", asked.started)
        yield "answer", {"answer": replace(answer, plan=public, timings_ms=dict(asked.timings))}

    def _currency(self, city: str | None) -> str | None:
        """ISO 4217 code of the money of the city; without a city, of all of them if they share one."""
        known = [self.scope.cities[city]] if city and city in self.scope.cities else list(self.scope.cities.values())
        codes = {place.currency for place in known}
        return codes.pop() if len(codes) == 1 else None

    def _language(self, request: AskRequest, question: str) -> str:
        return request.language if request.language in LANGUAGES else detect(question)

    def _draft(self, plan: Plan, context: Context, asked: Asked) -> Draft:
        """The structured answer; the passages where there is none, or where the question was not fully understood."""
        structured: Draft | None = None
        if plan.kind in HANDLERS and not plan.not_understood:
            structured = HANDLERS[plan.kind](plan, context)
            if structured.missing is None or structured.candidates:
                return structured
        understood = plan.kind in NEVER_PROSE and not plan.not_understood
        if understood or plan.why_unclear in NO_PROSE_FOR:
            return structured or missing(self._why_not(plan, context))
        from_text = self._from_text(plan, context, asked)
        if from_text.missing is None or (structured is None and plan.kind == "text" and not plan.not_understood):
            return from_text
        return structured or missing(self._why_not(plan, context))

    def _why_not(self, plan: Plan, context: Context) -> str:
        """What stands in the way of an answer."""
        if plan.kind != "unclear":
            words = ", ".join(plan.not_understood[:6]) or plan.question[:80]
            return context.phrases.say("not_understood", words=words)
        name = plan.subjects[0].text if plan.subjects else plan.about.get("name", "")
        things = context.sought(plan) if plan.label else name
        measure = context.phrases.field(plan.about.get("measure", ""))
        return context.phrases.say(plan.why_unclear, name=name, things=things, filters="", field=measure)

    def _from_text(self, plan: Plan, context: Context, asked: Asked) -> Draft:
        where = Where(equals={"city": [plan.city, ""]} if plan.city else {}, not_expired_at=asked.now.timestamp())
        found = hybrid.search(
            plan.question, vectors=self.vectors, embedder=self.embedder, ledger=self.ledger, where=where, now=asked.now
        )
        covered = text.COVERED if plan.kind in OPEN_KINDS else text.COVERED_BY_SET

        def quoted(some: Sequence[hybrid.Found]) -> Draft:
            return text.answer(
                plan.question, some, self.embedder, context.phrases, needed=_needed_words(plan), covered=covered
            )

        draft = quoted([hit for hit in found if hit.holds])
        over = [hit for hit in found if not hit.holds]
        return quoted(over) if over and draft.missing is not None else draft


def _needed_words(plan: Plan) -> list[str] | None:
    """What a passage has to speak of: what was asked about, and every word that the plan could not place.

    None when the question is one for passages alone: nothing in it asks for anything that records could tell.
    """
    if plan.kind in ("text", "unclear"):
        return None
    if not plan.not_understood:
        return text.content_words(plan.question)
    named = [n.text for n in (*plan.subjects, plan.anchor, plan.route) if n]
    if plan.kind == "describe":
        named = [name for name in named if len(name.split()) > 1]
        return [word for name in named for word in text.content_words(name)]
    return [word for part in (*named, *plan.not_understood) for word in text.content_words(part)]


class _Names(Mapping[str, str]):
    """Entity id -> name, without copying the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._things = catalogue.things

    def __getitem__(self, key: str) -> str:
        return self._things[key].name

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __len__(self) -> int:
        return len(self._things)


class Finisher:
    """Draft -> answer: every record is looked up, every sentence checked, what does not stand is dropped."""

    def __init__(self, answerer: Answerer, asked: Asked, plan: Plan, context: Context) -> None:
        self.answerer, self.asked, self.plan, self.context = answerer, asked, plan, context
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
        request, answerer = self.asked.request, self.answerer
        model = answerer.embedder.model
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
        ledger, now = self.answerer.ledger, self.asked.now
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
