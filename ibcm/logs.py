"""Logging: one JSON object a line in the home, and only what a person must see on the terminal.

What people ask is theirs: question text is logged at DEBUG alone.
"""

import logging
import traceback
from collections.abc import Iterator
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from ibcm.domain.errors import as_kept

MAX_BYTES, KEPT = 20 * 2**20, 5


def without_request(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - structlog's way
    """Django hands the request on, which shows its whole address, and so the question of whoever asked by address."""
    event.pop("request", None)
    return event


def format_error(exc_info: tuple[type[BaseException], BaseException, TracebackType | None]) -> str:
    """The traceback of an error and of those behind it, each as it may be kept."""
    return "\n".join(_lines(exc_info[1]))


def _lines(error: BaseException) -> Iterator[str]:
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if behind is not None:
        yield from _lines(behind)
        yield "which led to:"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
    yield as_kept(error)


SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    without_request,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.ExceptionRenderer(format_error),
]


def logging_settings(file: Path, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything of ours from `level`, others from WARNING, into the rotated file."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
            }
        },
        "handlers": {
            "file": {
                "class": "ibcm.logs.OwnerFileHandler",
                "filename": file,
                "maxBytes": MAX_BYTES,
                "backupCount": KEPT,
                "encoding": "utf-8",
                "delay": True,
                "formatter": "json",
                "filters": ["no_waiting"],
            }
        },
        "filters": {"no_waiting": {"()": "ibcm.logs.NoWaiting"}},
        "root": {"level": "WARNING", "handlers": ["file"]},
        "loggers": {
            **{name: {"level": level} for name in ("ibcm", "graph", "retrieval", "crawlers")},
            # Django would write to the terminal as well; the file is the one place.
            "django": {"level": "WARNING", "handlers": ["file"], "propagate": False},
            "uvicorn": {"level": "WARNING", "handlers": ["file"], "propagate": False},
            # One line for every query that names a property no node has yet: normal on an empty database.
            "neo4j.notifications": {"level": "ERROR"},
        },
    }


class OwnerFileHandler(RotatingFileHandler):
    """Files that their owner alone may read: errors can carry addresses and names."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).touch(mode=0o600)
        return super()._open()


class NoWaiting(logging.Filter):
    """Leaves out Django's line for every 503: whoever waits for the start asks again and again."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.name == "django.request" and getattr(record, "status_code", 0) == 503)
