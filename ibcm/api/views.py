"""Parse, call one service, render."""

import uuid
from typing import Any

from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ibcm import entities
from ibcm.api.serializers import (
    AnswerSerializer,
    AskSerializer,
    EntityQuerySerializer,
    EntitySerializer,
    ProblemSerializer,
    ShownAnswerSerializer,
)
from ibcm.api.sse import framed
from ibcm.api.throttling import AskThrottle
from ibcm.chat import services
from ibcm.chat.models import AskedAnswer

PROBLEM = OpenApiResponse(ProblemSerializer, description="RFC 9457 problem details.")
STREAM = OpenApiResponse(
    OpenApiTypes.STR,
    description="Server-sent events, data as JSON: plan, sentence (each), citations, rows, done (the whole answer), "
    "or error (problem details).",
)
ASKS = OpenApiExample(
    "A question", value={"question": "Which airport serves Bengaluru?", "city": "bangalore"}, request_only=True
)
ERRORS = {(status, "application/problem+json"): PROBLEM for status in (400, 406, 415, 429, 500, 503)}
EVENTS = {(200, "text/event-stream"): STREAM}


class EventStreamRenderer(BaseRenderer):
    """Lets `Accept: text/event-stream` choose the stream; the bytes come from ibcm.api.sse."""

    media_type = "text/event-stream"
    format = "event-stream"
    charset = None


class OpenView(APIView):
    """No session, so no cross-site request can act for anybody; no login, because only this machine is listened to."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (JSONParser,)


class AskView(OpenView):
    throttle_classes = (AskThrottle,)
    renderer_classes: tuple[type[BaseRenderer], ...] = (JSONRenderer, EventStreamRenderer)

    @extend_schema(
        operation_id="ask",
        tags=["Answers"],
        summary="Ask a question",
        description="JSON, or with `Accept: text/event-stream` the stream of /api/v1/ask/stream.",
        request=AskSerializer,
        responses={(200, "application/json"): AnswerSerializer, **EVENTS, **ERRORS},
        examples=[ASKS],
    )
    def post(self, request: Request) -> HttpResponseBase:
        return self.answer(request, request.data)

    @extend_schema(
        operation_id="ask_by_address",
        tags=["Answers"],
        summary="Ask a question by address",
        parameters=[AskSerializer],
        responses={(200, "application/json"): AnswerSerializer, **EVENTS, **ERRORS},
    )
    def get(self, request: Request) -> HttpResponseBase:
        return self.answer(request, request.query_params.dict())

    def answer(self, request: Request, data: Any) -> HttpResponseBase:
        asked = AskSerializer(data=data)
        asked.is_valid(raise_exception=True)
        if self.streams(request):
            return _stream(asked)
        return Response(services.ask(asked.to_request()).to_json())

    def streams(self, request: Request) -> bool:
        return request.accepted_renderer.media_type == EventStreamRenderer.media_type


class AskStreamView(AskView):
    renderer_classes = (EventStreamRenderer, JSONRenderer)

    @extend_schema(
        operation_id="ask_stream",
        tags=["Answers"],
        summary="Ask a question, sentence by sentence",
        request=AskSerializer,
        responses={**EVENTS, **ERRORS},
        examples=[ASKS],
    )
    def post(self, request: Request) -> HttpResponseBase:
        return super().post(request)

    @extend_schema(
        operation_id="ask_stream_by_address",
        tags=["Answers"],
        summary="Ask a question by address, sentence by sentence",
        parameters=[AskSerializer],
        responses={**EVENTS, **ERRORS},
    )
    def get(self, request: Request) -> HttpResponseBase:
        return super().get(request)

    def streams(self, request: Request) -> bool:
        return True


class AnswerView(OpenView):
    renderer_classes = (JSONRenderer,)

    @extend_schema(
        operation_id="answer",
        tags=["Answers"],
        summary="An answer that was given",
        description="Its citations are checked again; what no longer stands is left out.",
        responses={
            (200, "application/json"): ShownAnswerSerializer,
            (404, "application/problem+json"): PROBLEM,
            (500, "application/problem+json"): PROBLEM,
        },
    )
    def get(self, request: Request, answer_id: uuid.UUID) -> Response:
        asked = AskedAnswer.objects.filter(pk=answer_id).first()
        if asked is None:
            raise Http404(f"There is no answer {answer_id}.")
        return Response(services.show_again(asked))


class EntityView(OpenView):
    renderer_classes = (JSONRenderer,)

    @extend_schema(
        operation_id="entity",
        tags=["Entities"],
        summary="One entity, with who says what",
        description="By its id, by an id that it had before it became one with another, or by `source:key` of any of "
        "its records. What contradicts a value stands under `conflicts`.",
        parameters=[
            OpenApiParameter("asked", str, OpenApiParameter.PATH, description="Id of an entity, or source:key."),
            EntityQuerySerializer,
        ],
        responses={
            (200, "application/json"): EntitySerializer,
            **{(status, "application/problem+json"): PROBLEM for status in (400, 404, 500)},
        },
    )
    def get(self, request: Request, asked: str) -> Response:
        query = EntityQuerySerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        found = entities.known(asked, as_of=query.validated_data.get("as_of"))
        if found is None:
            raise Http404(f"There is no entity {asked}, or nothing about it may be shown (any more).")
        return Response(entities.to_json(found))


def _stream(asked: AskSerializer) -> StreamingHttpResponse:
    """What can be refused is refused here, while the status can still say so."""
    request = services.check(asked.to_request())
    response = StreamingHttpResponse(framed(services.stream(request)), content_type="text/event-stream; charset=utf-8")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # or nginx holds the sentences back
    return response
