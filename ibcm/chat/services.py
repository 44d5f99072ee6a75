"""Every way in (page, REST, command line) asks through here: checked, answered, stored, counted."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from ibcm import wiring
from ibcm.chat.errors import NotReady, QuestionError
from ibcm.chat.gate import asking
from ibcm.chat.models import AskedAnswer
from ibcm.chat.page import Names
from ibcm.chat.questions import checked
from ibcm.chat.recheck import Given, recheck
from ibcm.domain.answers import Answer, AskRequest
from ibcm.monitoring import metrics
from ibcm.readiness import readiness
from ibcm.records.models import Record
from ibcm.records.services import has_records_of
from retrieval.answering.phrases import Phrases


@dataclass(frozen=True, slots=True)
class CityChoice:
    slug: str
    name: str


def cities() -> list[CityChoice]:
    """The cities that can be chosen, by name."""
    chosen = [CityChoice(city.slug, city.names["en"]) for city in wiring.scope().cities.values()]
    return sorted(chosen, key=lambda city: city.name)


def names(language: str) -> Names:
    """What categories, cities and fields are called; in English where that language has no name."""
    scope, base = wiring.scope(), language.partition("-")[0]
    named = {slug: category.names for slug, category in scope.categories.items()}
    named |= {slug: city.names for slug, city in scope.cities.items()}
    slugs = {slug: called.get(base) or called["en"] for slug, called in named.items()}
    return Names(slugs, Phrases(base, scope).field)


def check(request: AskRequest) -> AskRequest:
    """The request as it will be asked. Raises QuestionError (counted) or NotReady before anything is worked on."""
    if not readiness.open:  # until the first data is in, an answer would only pretend to know little
        raise NotReady(readiness.report())
    try:
        return checked(request, wiring.scope(), has_records=has_records_of)
    except QuestionError:
        metrics.ask_refused()
        raise


def ask(request: AskRequest) -> Answer:
    """Answer, store and count. Raises QuestionError, NotReady, Busy, or what the stores raise."""
    request = check(request)
    with asking.passing(), metrics.asking() as measured:
        revision = wiring.ledger().revision()
        answer: Answer = wiring.answerer().ask(request)
        shown = _named(answer.to_json())
        measured.done(shown)
    _store(shown, revision)
    return answer.with_id(shown["id"], feedback_url=shown["feedback_url"])


def stream(request: AskRequest) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events of an answer in order: plan, sentence…, citations, rows, done. `done` is the whole answer, stored.

    Raises QuestionError and Busy before the first event.
    """
    request = check(request)
    with asking.passing(), metrics.asking() as measured:
        revision = wiring.ledger().revision()
        for name, payload in wiring.answerer().stream(request):
            if name != "done":
                if name == "sentence":
                    measured.spoke()
                yield name, dict(payload)
                continue
            shown = _named(payload)
            measured.done(shown)
            _store(shown, revision)
            yield "done", shown


def show_again(asked: AskedAnswer, *, now: datetime | None = None) -> dict[str, Any]:
    """A stored answer as it may be shown at `now`: its citations looked up again, what no longer stands left out."""
    given = Given(asked.created_at, asked.revision)
    return recheck(asked.answer, wiring.ledger(), now=now or timezone.now(), given=given, basis=asked.basis)


def redact_stored(*, now: datetime | None = None, batch: int = 200) -> int:
    """Rewrite stored answers whose citations are gone, so that nothing outlives its terms here. Returns how many."""
    changed = 0
    for asked in AskedAnswer.objects.order_by("created_at").iterator(chunk_size=batch):
        shown = show_again(asked, now=now)
        if shown["redacted"] and shown != asked.answer:
            asked.answer, asked.basis = shown, []
            asked.save(update_fields=["answer", "basis"])
            changed += 1
    return changed


def drop_old_answers(*, now: datetime) -> int:
    """Delete questions and answers that are older than the installation keeps them. Returns how many."""
    gone, _ = AskedAnswer.objects.filter(created_at__lte=now - timedelta(days=settings.IBCM_QUESTION_DAYS)).delete()
    return gone


def _named(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer in its public shape with an id of ours."""
    return {**answer, "id": str(uuid.uuid4()), "feedback_url": None}


def _store(answer: Mapping[str, Any], revision: int) -> AskedAnswer:
    return AskedAnswer.objects.create(
        id=answer["id"],
        question=answer["question"],
        city=answer["city"] or "",
        language=answer["language"],
        kind=str(answer["plan"].get("kind") or "")[:64],
        abstained=answer["abstained"],
        answer=answer,
        basis=_basis(answer),
        revision=revision,
    )


def _basis(answer: Mapping[str, Any]) -> list[str]:
    """Refs of all records of the things that the rows and the map show; where nothing is cited, also of those that
    the question may have meant, for the answer names them."""
    rows, features = answer["rows"], answer["features"]
    shown = {row[rows["entity"]] for row in rows["rows"]} if rows else set()
    shown |= {feature.get("id") for feature in features["features"]} if features else set()
    if not answer["citations"]:
        shown |= {meant["entity"] for meant in answer["clarify"] or ()}
        shown |= {id_ for named in answer["plan"].get("entities", ()) for id_ in named["ids"]}
    held = Record.objects.filter(entity__in=[id_ for id_ in shown if isinstance(id_, str)], deleted=False)
    return sorted(held.values_list("ref", flat=True))
