"""Parse, call one service, render."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse


def ask(request: HttpRequest) -> HttpResponse:
    return HttpResponse("x")


def answer(request: HttpRequest, answer_id: uuid.UUID) -> HttpResponse:
    raise Http404
