"""Walk (b): question -> plan -> evidence -> sentences, each checked against what it cites -> answer."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from graph.store.base import GraphStore
from ibcm.domain.answers import Answer, AskRequest
from ibcm.domain.errors import IbcmError
from ibcm.domain.ledger import Ledger
from ibcm.domain.scope import Scope
from retrieval import hybrid
from retrieval.answering import facts, funding, geography, journeys, ownership, rounds, sets, text, transit
from retrieval.answering.context import Context
from retrieval.answering.evidence import Draft, missing
from retrieval.answering.phrases import LANGUAGES, Phrases
from retrieval.catalogue import Catalogue, build
from retrieval.embedders.base import Embedder
from retrieval.finishing import Asked, Finisher
from retrieval.journeys.cache import Networks
from retrieval.language import clean, detect
from retrieval.patching import patched
from retrieval.plan import Plan
from retrieval.planning.planner import make_plan
from retrieval.showing import plain, shown
from retrieval.vectors.base import VectorStore, Where

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
MOST_PATCHED = 300
"""Changed entities that are patched in at once."""
MOST_PATCHES = 3_000
"""After so many the catalogue is built anew: patching leaves values behind that nothing has any more."""
PATIENCE = 2.0
"""Seconds that a question waits for new names; a large home answers from the old ones meanwhile."""


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
        answer = shown(Finisher(self.ledger, self.embedder, asked, plan, context).finish(draft), draft)
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
