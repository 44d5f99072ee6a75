"""Drift, from the commands and by the clock: searched for, told, and put right."""

import logging
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.utils import timezone

from graph.ingest.drift import Search
from graph.ingest.mending import mend
from ibcm import wiring
from ibcm.domain.drift import FAULTS, PARTS, Drift
from ibcm.domain.ledger import Standing
from ibcm.sources.finishing import StopAsked, check_stop, finish_pending
from ibcm.sources.reading import Progress, ShouldStop

log = logging.getLogger(__name__)

SHOWN = 20
"""Findings that are told one by one; all are counted."""
ROUNDS = 5
"""A search tells at most some thousands of records that nothing points to; the next one tells the rest."""


def check_drift(
    *, sample: int | None, after: str, repair: bool, most: int | None, progress: Progress, should_stop: ShouldStop
) -> dict[str, Any]:
    """Compare graph and index with the ledger: all by revision, and by content `sample` entities beyond the id `after`.

    Without `sample` all by content. Returns what was compared and found, with `repair` what was put right and what is
    still otherwise, and in `last` where the next sample goes on. More than `most` findings are told and left alone.
    """

    def search() -> tuple[Drift, str]:
        return _searched(sample=sample, after=after, progress=progress, should_stop=should_stop)

    try:
        drift, last = search()
        result = {"checked": dict(drift.checked), "found": counted(drift), "last": last, "shown": _shown(drift)}
        if drift.findings:
            log.warning("graph and index have drifted: %s", result["found"])
        left = drift
        many = most is not None and len(drift.findings) > most
        if repair and many:
            log.error("too much has drifted to be put right unasked: look at it, then run `manage.py drift --repair`")
        if repair and drift.findings and not many:
            result["marked"] = _mended(drift, progress=progress, should_stop=should_stop)
            left, _ = search()
    except StopAsked:
        return {"stopped": True}
    return {**result, "left": len(left.findings)}


def sweep(*, progress: Progress, should_stop: ShouldStop) -> int:
    """Put right what a rebuild cannot reach: what graph and index hold that the ledger does not know. Returns how much.

    Raises StopAsked.
    """
    swept = 0
    for _ in range(ROUNDS):
        search = _search(progress, should_stop)
        search.by_revision()
        if not search.drift.findings:
            break
        swept += len(search.drift.findings)
        _mended(search.drift, progress=progress, should_stop=should_stop)
    return swept


def counted(drift: Drift) -> dict[str, int]:
    """ "part fault" -> how many, for those that were found."""
    numbers = {f"{part} {fault}": drift.count(part, fault) for part in PARTS for fault in FAULTS}
    return {name: number for name, number in numbers.items() if number}


def _searched(*, sample: int | None, after: str, progress: Progress, should_stop: ShouldStop) -> tuple[Drift, str]:
    now = timezone.now()
    wiring.ledger().turn(now=now)  # what time alone has changed waits for its projection, and is no drift
    search = _search(progress, should_stop)
    search.by_revision()
    chosen: Iterator[Standing] = islice(wiring.ledger().all_standing(after=after), sample)
    last = search.by_content(chosen, policies=wiring.ledger().policies(), now=now)
    return search.drift, last


def _search(progress: Progress, should_stop: ShouldStop) -> Search:
    def told(done: int) -> None:
        progress(done, None, "comparing")
        check_stop(should_stop)

    return Search(wiring.ledger(), wiring.graph(), wiring.passage_index(), Drift(), told)


def _mended(drift: Drift, *, progress: Progress, should_stop: ShouldStop) -> int:
    marked = mend(wiring.ledger(), wiring.graph(), wiring.passage_index(), drift)
    finish_pending(progress=progress, should_stop=should_stop)
    check_stop(should_stop)
    return marked


def _shown(drift: Drift) -> list[dict[str, str]]:
    return [
        {"part": one.part, "fault": one.fault, "what": one.what, "label": one.label, "entity": one.entity}
        for one in drift.findings[:SHOWN]
    ]
