"""Every error as RFC 9457 problem details. The one place where errors become HTTP."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions

from ibcm.chat.errors import Busy, NotReady, QuestionError
from ibcm.chat.questions import MAX_QUESTION
from ibcm.domain.errors import EngineError, IbcmError, IndexMismatch, ModelMissing

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
BROKEN = "Something went wrong on our side; it has been logged. Try again."
TOO_LARGE = f"The request is too large. Send one question of at most {MAX_QUESTION:,} characters."

Problem = dict[str, Any]


def problem_of(error: Exception) -> Problem | None:
    """The problem details of an error that a caller may see; None for those that are ours to fix."""
    for kind, shown in SHOWN.items():
        if isinstance(error, kind):
            return shown(error)
    return None


def broken() -> Problem:
    """What a caller sees of an error of ours: nothing of its inside."""
    return _problem(500, "failed", BROKEN)


def response_of(problem: Problem) -> HttpResponse:
    response = JsonResponse(problem, status=problem["status"], content_type=MEDIA_TYPE)
    if "retry_after" in problem:
        response["Retry-After"] = str(problem["retry_after"])
    return response


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """REST framework's hook: it takes any response, and ours keeps its own media type."""
    problem = problem_of(error)
    if problem is None:
        log.error("request failed: %s", context["request"].path, exc_info=error)
        problem = broken()
    response = response_of(problem)
    if isinstance(error, exceptions.APIException) and getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined] # set by REST framework only
    return response


def not_found(request: HttpRequest) -> HttpResponse:
    return response_of(_problem(404, "not-found", f"There is nothing at {request.path}."))


def _question_problem(error: QuestionError) -> Problem:
    more: Problem = {"errors": [{"pointer": f"#/{error.field}", "detail": str(error)}]}
    if error.known:
        more["known"] = list(error.known)
    return _problem(400, f"{error.field}-{error.code}".replace("_", "-"), str(error), **more)


def _rest_problem(error: exceptions.APIException) -> Problem:
    if isinstance(error, exceptions.ValidationError):
        errors = list(_field_errors(error.detail))
        return _problem(400, "invalid", "; ".join(e["detail"] for e in errors), errors=errors)
    more = {"retry_after": int(getattr(error, "wait", None) or 1)} if isinstance(error, exceptions.Throttled) else {}
    return _problem(error.status_code, str(error.default_code).replace("_", "-"), str(error.detail), **more)


def _field_errors(detail: Any, path: str = "") -> Any:
    """Flat `{"pointer", "detail"}` from REST framework's nested lists and dicts."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _field_errors(inner, path if name == "non_field_errors" else f"{path}/{name}")
    elif isinstance(detail, list):
        for inner in detail:
            yield from _field_errors(inner, path)
    else:
        name = path.strip("/").replace("/", ".")
        yield {"pointer": f"#{path}", "detail": f"{name}: {detail}" if name else str(detail)}


def _problem(status: int, kind: str, detail: str, **more: Any) -> Problem:
    title = HTTPStatus(status).phrase
    return {"type": f"urn:ibcm:problem:{kind}", "title": title, "status": status, "detail": detail, **more}


SHOWN: Mapping[type[Exception], Callable[[Any], Problem]] = {
    QuestionError: _question_problem,
    NotReady: lambda error: _problem(503, "not-ready", str(error), retry_after=2, stages=error.report["stages"]),
    Busy: lambda error: _problem(503, "busy", str(error), retry_after=error.retry_after),
    EngineError: lambda error: _problem(503, "not-available", str(error)),
    ModelMissing: lambda error: _problem(503, "not-available", str(error)),
    IndexMismatch: lambda error: _problem(503, "not-available", str(error)),
    IbcmError: lambda error: _problem(500, "failed", str(error)),
    Http404: lambda error: _problem(404, "not-found", str(error) or "There is nothing at this address."),
    RequestDataTooBig: lambda _: _problem(413, "too-large", TOO_LARGE),
    PermissionDenied: lambda _: _problem(403, "forbidden", "You may not do this."),
    exceptions.APIException: _rest_problem,
}
"""The first kind that fits says how an error is shown."""
