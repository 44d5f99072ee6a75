"""What Prometheus reads. Labels take few values by construction: an unknown one counts as `other`."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30)
"""Seconds. The bounds at 0.15 and 0.3 are the ones that we promise."""
LANGUAGES = frozenset({"en", "hi"})
MOST_KINDS = 40

ASKS = Counter("ibcm_asks_total", "Questions by kind, outcome and language.", ["kind", "outcome", "language"])
ASK_SECONDS = Histogram("ibcm_ask_seconds", "Time from question to whole answer.", ["kind"], buckets=BUCKETS)
FIRST_SENTENCE_SECONDS = Histogram(
    "ibcm_first_sentence_seconds", "Time to the first sentence of a stream.", buckets=BUCKETS
)
ASKING = Gauge("ibcm_asks_in_progress", "Questions that are being answered now.")

_kinds: set[str] = set()


class Measured:
    """One question on its way. `done` is called with the answer in its public shape; without it, it has failed."""

    def __init__(self) -> None:
        self.kind, self.outcome, self.language = "other", "failed", "other"
        self._start = time.perf_counter()
        self._spoke = False

    def spoke(self) -> None:
        """The first sentence is out."""
        if not self._spoke:
            self._spoke = True
            FIRST_SENTENCE_SECONDS.observe(self.elapsed())

    def done(self, answer: Mapping[str, Any]) -> None:
        self.kind = _kind(answer["plan"].get("kind"))
        self.language = _language(answer["language"])
        self.outcome = "clarified" if answer["clarify"] else "abstained" if answer["abstained"] else "answered"

    def elapsed(self) -> float:
        return time.perf_counter() - self._start


@contextmanager
def asking() -> Iterator[Measured]:
    """Counts what happens inside as one question."""
    measured = Measured()
    try:
        with ASKING.track_inprogress():
            yield measured
    except GeneratorExit:  # the reader of a stream has gone: nothing failed
        measured.outcome = "left"
        raise
    finally:
        ASKS.labels(measured.kind, measured.outcome, measured.language).inc()
        ASK_SECONDS.labels(measured.kind).observe(measured.elapsed())


def ask_refused() -> None:
    """A request that could not be taken."""
    ASKS.labels("other", "refused", "other").inc()


def _kind(value: object) -> str:
    name = str(value or "other")
    if name in _kinds or len(_kinds) < MOST_KINDS:
        _kinds.add(name)
        return name
    return "other"


def _language(tag: str) -> str:
    base = tag.partition("-")[0]
    return base if base in LANGUAGES else "other"
