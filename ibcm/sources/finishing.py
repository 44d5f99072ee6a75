"""The second part of walk (a): assign what is staged, project what is dirty."""

import time
from typing import Any

from django.utils import timezone

from graph.ingest.assign import AssignCounts, assign_all
from graph.ingest.project import ProjectCounts, project_all
from graph.resolution.resolver import ScoredResolver
from ibcm import wiring
from ibcm.records import snapshots
from ibcm.records.owners import task_owner
from ibcm.records.projection import give_back
from ibcm.records.services import urgent, waiting
from ibcm.sources.reading import Progress, ShouldStop


class StopAsked(Exception):  # noqa: N818 - no error: somebody asked
    """Leaves a long step between two batches; what is left stays marked."""


def finish(*, progress: Progress, should_stop: ShouldStop) -> tuple[AssignCounts, ProjectCounts]:
    """Assign and project everything that waits, whoever left it. Raises StopAsked when asked to stop."""
    ledger = wiring.ledger()
    # Engines start and models load here, where a failure leaves everything staged, and not between two steps.
    graph, index = wiring.graph(), wiring.passage_index()
    to_assign = waiting()["to_assign"]

    def assigned(counts: AssignCounts) -> None:
        progress(counts.assigned + counts.gone, to_assign, "assigning")
        check_stop(should_stop)

    policies = ledger.policies()
    assigning = assign_all(
        ledger, resolver=current_resolver(), policies=policies, owner=task_owner(), progress=assigned
    )
    to_project = waiting()["to_project"]

    def projected(counts: ProjectCounts) -> None:
        progress(counts.written + counts.removed, to_project, "projecting")
        check_stop(should_stop)

    try:
        projecting = project_all(ledger, graph, index, policies=policies, now=timezone.now(), progress=projected)
    except BaseException:
        # Whoever tries again, in a minute or at once, must find what was claimed and not written.
        give_back()
        raise
    return assigning, projecting


def finish_pending(*, progress: Progress, should_stop: ShouldStop) -> dict[str, Any]:
    """Expire what is over, look again at what began or ceased to hold, and finish what a crash, a purge or another
    process left. Cheap where nothing waits."""
    expired = wiring.ledger().expire(now=timezone.now())
    wiring.ledger().turn(now=timezone.now())
    if not any(waiting().values()):
        return {"expired": expired, "assigned": 0, "projected": 0}
    try:
        assigning, projecting = finish(progress=progress, should_stop=should_stop)
    except StopAsked:
        return {"expired": expired, "stopped": True, **waiting()}
    return {"expired": expired, "assigned": assigning.assigned, "projected": projecting.written}


SETTLE_SECONDS = 60.0
POLL_SECONDS = 0.2
SMALL_BATCH = 50
"""Decisions are about a few things: small steps, so that they are seen at once."""


def settle(*, should_stop: ShouldStop) -> dict[str, Any]:
    """Let what curators decided take effect, ahead of everything else that waits.

    Where an ingest holds a label, its own next step takes decided records first, and this waits for it.
    """
    until = time.monotonic() + SETTLE_SECONDS
    while urgent()["to_assign"] and time.monotonic() < until:
        _assign_some()
        _pause(should_stop, urgent()["to_assign"])
    while urgent()["to_project"] and time.monotonic() < until:
        _project_some()
        _pause(should_stop, urgent()["to_project"])
    return {"left": sum(urgent().values())}


def _assign_some() -> None:
    ledger = wiring.ledger()
    assign_all(
        ledger,
        resolver=current_resolver(),
        policies=ledger.policies(),
        owner=task_owner(),
        batch=SMALL_BATCH,
        patience=0,
        batches=1,
    )


def _project_some() -> None:
    ledger = wiring.ledger()
    try:
        project_all(
            ledger,
            wiring.graph(),
            wiring.passage_index(),
            policies=ledger.policies(),
            now=timezone.now(),
            batch=SMALL_BATCH,
            batches=1,
        )
    except BaseException:
        give_back()
        raise


def _pause(should_stop: ShouldStop, left: int) -> None:
    check_stop(should_stop)
    if left:
        time.sleep(POLL_SECONDS)


def current_resolver() -> ScoredResolver:
    """By the weights that are active now."""
    return ScoredResolver(wiring.scope(), snapshots.active())


def check_stop(should_stop: ShouldStop) -> None:
    """Raises StopAsked when somebody asks to stop."""
    if should_stop():
        raise StopAsked
