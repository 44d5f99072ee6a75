"""Server-sent events: a blocking iterator of events, read in a bounded pool of threads, as an async byte stream."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from ibcm.api.problems import broken, problem_of
from ibcm.chat.gate import PLACES
from ibcm.domain.errors import IbcmError

log = logging.getLogger(__name__)

Event = tuple[str, dict[str, Any]]
END: Event = ("", {})

_pool = ThreadPoolExecutor(PLACES, thread_name_prefix="ask-stream")


def frame(name: str, payload: dict[str, Any]) -> bytes:
    """One event. JSON escapes line ends, so the data is always one line."""
    return f"event: {name}\ndata: {json.dumps(payload, ensure_ascii=False)}\n\n".encode()


async def framed(events: Iterator[Event]) -> AsyncIterator[bytes]:
    """Frames as they come. An error becomes a last `error` event; a reader who leaves stops the work."""
    loop, queue, left = asyncio.get_running_loop(), asyncio.Queue[Event](), threading.Event()

    def put(event: Event) -> None:
        if not left.is_set():
            loop.call_soon_threadsafe(queue.put_nowait, event)

    work = _pool.submit(_read, events, put, left)
    try:
        while (event := await queue.get()) is not END:
            yield frame(*event)
    finally:
        left.set()
        work.cancel()


def _read(events: Iterator[Event], put: Any, left: threading.Event) -> None:
    """Runs in the pool. Database connections of this thread are closed at the end: nobody else would."""
    try:
        for event in events:
            if left.is_set():
                break
            put(event)
    except IbcmError as error:
        put(("error", problem_of(error) or broken()))
    except Exception:  # the response has begun: the reader must be told, and the log must have it
        log.exception("stream failed")
        put(("error", broken()))
    finally:
        if close := getattr(events, "close", None):
            close()
        connections.close_all()
        put(END)
