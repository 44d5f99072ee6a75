"""What must hold before questions are taken. Each check is one small function that names what is wrong."""

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection

from ibcm import wiring
from ibcm.domain.errors import IbcmError
from ibcm.monitoring.queries import alive
from ibcm.readiness import readiness

Check = Callable[[], None]


def database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def graph() -> None:
    wiring.graph().read(alive())


def index() -> None:
    wiring.vectors().count()


def models() -> None:
    wiring.embedder()


CHECKS: dict[str, Check] = {"database": database, "graph": graph, "index": index, "models": models}


def report() -> dict[str, Any]:
    """`{"ready", "open", "seconds", "stages", "checks"}`; `open` says whether questions are taken already.

    Stores are asked only once the start is over: asking would start them.
    """
    shown = readiness.report()
    checks = {name: _outcome(check) for name, check in CHECKS.items()} if shown["ready"] else {}
    ready = shown["ready"] and not any(checks.values())
    return {**shown, "ready": ready, "open": readiness.open, "checks": checks}


def _outcome(check: Check) -> str | None:
    """None when it holds, else the sentence that says why not."""
    try:
        check()
    except (IbcmError, DatabaseError, OSError) as error:
        return str(error) or type(error).__name__
    return None
