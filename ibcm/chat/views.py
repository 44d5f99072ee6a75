"""Parse, call one service, render."""

import uuid
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from ibcm.chat import services
from ibcm.chat.errors import Busy, NotReady, QuestionError
from ibcm.chat.examples import examples
from ibcm.chat.models import AskedAnswer
from ibcm.chat.page import page_of
from ibcm.chat.questions import MAX_QUESTION
from ibcm.chat.starting import stages
from ibcm.domain.answers import AskRequest
from ibcm.domain.errors import EngineError, IbcmError, IndexMismatch, ModelMissing
from ibcm.readiness import readiness

PASSING = (Busy, NotReady, EngineError, ModelMissing, IndexMismatch)
"""Errors that are over when time has passed or an operator has acted."""


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The question box; with a question, its answer's own page."""
    given = request.POST if request.method == "POST" else request.GET
    if given.get("part") == "starting":
        return render(request, "chat/_starting.html", {"stages": stages(readiness.report())})
    if "question" not in given:
        return _page(request)
    asked = AskRequest(
        question=given["question"], city=given.get("city"), conversation=given.get("conversation") or None
    )
    try:
        answer = services.ask(asked)
    except IbcmError as error:
        return _page(request, asked, problem=str(error), status=_status(error))
    return HttpResponseRedirect(AskedAnswer(pk=answer.id).get_absolute_url())


@require_safe
def answer(request: HttpRequest, answer_id: uuid.UUID) -> HttpResponse:
    """A stored answer, checked again; with `?part=1` only the answer, for the script."""
    asked = AskedAnswer.objects.filter(pk=answer_id).first()
    if asked is None:
        raise Http404("There is no such answer.")
    page = page_of(services.show_again(asked), services.names(asked.language))
    if "part" in request.GET:
        return render(request, "chat/_answer.html", {"page": page})
    return _page(request, AskRequest(question=asked.question, city=asked.city), page=page)


def _page(request: HttpRequest, asked: AskRequest | None = None, *, status: int = 200, **more: Any) -> HttpResponse:
    open_ = readiness.open
    context = {
        "question": asked.question[:MAX_QUESTION] if asked else "",
        "city": asked.city if asked else "",
        "longest": MAX_QUESTION,
        "cities": services.cities(),
        "starting": not open_,
        "stages": stages(readiness.report()),
        "examples": examples() if open_ else [],
    }
    return render(request, "chat/ask.html", {**context, **more}, status=status)


def _status(error: IbcmError) -> HTTPStatus:
    if isinstance(error, QuestionError):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.SERVICE_UNAVAILABLE if isinstance(error, PASSING) else HTTPStatus.INTERNAL_SERVER_ERROR
