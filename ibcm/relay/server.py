"""The other end: performs a command of the home's owner inside `manage.py up` and streams what it writes.

Closed to everybody but this machine and the holder of the home's token, and absent unless `up` serves.
"""

import asyncio
import contextlib
import json
import logging
import os
import queue
import secrets
import threading
from collections.abc import AsyncIterator
from typing import Any

from django.db import close_old_connections
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from ibcm import wiring
from ibcm.commands import HomeCommand, command_named
from ibcm.relay.protocol import PING_PATH, RUN_PATH, TOKEN_HEADER
from ibcm.terminal import guarded

log = logging.getLogger(__name__)
LOOPBACK = frozenset({"127.0.0.1", "::1"})
WAIT_SECONDS = 0.5
MOST_QUEUED = 1000
_serving = threading.Event()


class CallerGoneError(BaseException):
    """Nobody reads any more. No Exception, so that a command's own handlers let it pass."""


def serve(*, on: bool) -> None:
    """Open or close this door; `up` alone does."""
    _serving.set() if on else _serving.clear()


def serving() -> bool:
    """Whether this process is `up` at work."""
    return _serving.is_set()


class Stream:
    """What one command writes, as messages. The performing thread puts, the web server takes."""

    def __init__(self, *, goes_on: bool) -> None:
        self._messages: queue.Queue[dict[str, Any]] = queue.Queue(MOST_QUEUED)
        self._goes_on, self._gone = goes_on, threading.Event()

    def put(self, message: dict[str, Any]) -> None:
        """Raises CallerGoneError when nobody reads and the command should not go on alone."""
        while not self._gone.is_set():
            try:
                return self._messages.put(message, timeout=WAIT_SECONDS)
            except queue.Full:
                continue
        if not self._goes_on:
            raise CallerGoneError
        return None

    def leave(self) -> None:
        self._gone.set()

    def take(self) -> list[dict[str, Any]]:
        """What has come, waiting a moment for the first."""
        taken: list[dict[str, Any]] = []
        with contextlib.suppress(queue.Empty):
            taken.append(self._messages.get(timeout=WAIT_SECONDS))
            while len(taken) < MOST_QUEUED:
                taken.append(self._messages.get_nowait())
        return taken


class LineWriter:
    """Passes whole lines on."""

    def __init__(self, stream: Stream, name: str) -> None:
        self._stream, self._name, self._rest = stream, name, ""

    def write(self, text: str, /) -> int:
        whole, newline, self._rest = (self._rest + text).rpartition("\n")
        if newline:
            self._stream.put({self._name: whole + newline})
        return len(text)

    def flush(self) -> None:
        """Half a line waits for its end; `close` sends it."""

    def close(self) -> None:
        if self._rest:
            self._stream.put({self._name: self._rest})
            self._rest = ""


def _let_in(request: HttpRequest) -> None:
    """Raises Http404 for everybody else: a stranger learns nothing."""
    here = request.META.get("REMOTE_ADDR", "")
    near = here in LOOPBACK or here == request.scope.get("server", ("",))[0]  # type: ignore[attr-defined]  # ASGI's
    token = request.headers.get(TOKEN_HEADER, "")
    known = secrets.compare_digest(token.encode(), wiring.home().token().encode())
    if not (serving() and near and known):
        raise Http404


@require_GET
def ping(request: HttpRequest) -> JsonResponse:
    _let_in(request)
    return JsonResponse({"pid": os.getpid()})


@csrf_exempt  # the token in a header is what a foreign page cannot send
@require_POST
async def run(request: HttpRequest) -> HttpResponseBase:
    _let_in(request)
    try:
        asked = json.loads(request.body)
        name, arguments, cwd = str(asked["command"]), [str(word) for word in asked["arguments"]], str(asked["cwd"])
    except (ValueError, KeyError, TypeError):
        return HttpResponse("command, arguments and cwd are needed", status=400)
    command = command_named(name)
    if not isinstance(command, HomeCommand):
        return HttpResponse("there is no such command", status=400)
    stream = Stream(goes_on=command.goes_on)
    threading.Thread(
        target=_perform, args=(command, name, arguments, cwd, stream), name=f"command {name}", daemon=True
    ).start()
    return StreamingHttpResponse(
        _lines(stream), content_type="application/x-ndjson", headers={"Cache-Control": "no-store"}
    )


def _perform(command: HomeCommand, name: str, arguments: list[str], cwd: str, stream: Stream) -> None:
    out, err = LineWriter(stream, "out"), LineWriter(stream, "err")
    try:
        options = command.parsed(name, arguments)
        code = guarded(lambda: command.perform(out, err, **{**options, "cwd": cwd}), err)
        out.close()
        err.close()
        stream.put({"exit": code})
    except CallerGoneError:
        log.info("the caller of %s left", name)
    finally:
        close_old_connections()


async def _lines(stream: Stream) -> AsyncIterator[bytes]:
    try:
        while True:
            for message in await asyncio.to_thread(stream.take):
                yield json.dumps(message, ensure_ascii=False).encode() + b"\n"
                if "exit" in message:
                    return
    finally:
        stream.leave()


urlpatterns = [path(PING_PATH.lstrip("/"), ping), path(RUN_PATH.lstrip("/"), run)]
