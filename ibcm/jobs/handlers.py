"""What kinds of job there are. A new kind is a function and a line in HANDLERS."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from ibcm import wiring
from ibcm.chat.services import drop_old_answers, redact_stored
from ibcm.domain.errors import IbcmError
from ibcm.jobs.context import JobContext
from ibcm.records import purging, snapshots
from ibcm.records.forgetting import Chosen
from ibcm.records.forgetting import forget as forget_records
from ibcm.sources import finishing, resolving
from ibcm.sources import services as sources
from ibcm.sources.report import IngestReport, drop_old

Handler = Callable[[Mapping[str, Any], JobContext], dict[str, Any]]
"""Arguments of the job and its context -> the result, as JSON. Repeating a handler must be harmless."""


def ingest_source(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:
    """`source`, and optionally `cities`, `sectors`, `since` (ISO), `limit`."""
    report = IngestReport(source=arguments["source"])
    with _reported(report, context):
        sources.ingest(arguments["source"], report=report, **_bounds(arguments, context))
    return report.to_json()


def ingest_files(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:
    """`paths`, and optionally `mapping`, `cities`, `sectors`, `since`, `limit`."""
    report, mapping = IngestReport(source="file"), arguments.get("mapping")
    with _reported(report, context):
        sources.ingest_files(
            [Path(path) for path in arguments["paths"]],
            mapping=Path(mapping) if mapping else None,
            report=report,
            **_bounds(arguments, context),
        )
    return report.to_json()


def _bounds(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:
    """What is wanted of a source, and how its reading is watched and stopped."""
    since = arguments.get("since")
    return {
        "cities": arguments.get("cities") or (),
        "sectors": arguments.get("sectors") or (),
        "since": datetime.fromisoformat(since) if since else None,
        "limit": arguments.get("limit"),
        "progress": context.progress,
        "should_stop": context.should_stop,
    }


@contextmanager
def _reported(report: IngestReport, context: JobContext) -> Iterator[None]:
    """What was read and rejected is told of an ingest that fails, too: later, or because nothing was taken in."""
    try:
        yield
    except IbcmError:
        context.result = report.to_json() if report.read or report.rejected else None
        raise
    context.check()
    if report.failure:
        context.result = report.to_json()
        raise IbcmError(report.failure)


def finish_pending(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:  # noqa: ARG001 - takes none
    """Assign and project what a crash, a purge or another process left behind."""
    done = sources.finish_pending(progress=context.progress, should_stop=context.should_stop)
    context.check()
    return done


def purge(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:  # noqa: ARG001 - takes none
    """Drop what may not be kept any longer, then take it out of graph and index."""
    now = timezone.now()
    purged = purging.purge(now, check=context.check)
    context.check()
    dropped, redacted = drop_old_answers(now=now), redact_stored(now=now)
    drop_old(wiring.home().reports, now=now)
    _take_out(context)
    return {
        "expired": purged.expired,
        "versions": purged.versions,
        "pruned": purged.pruned,
        "answers": redacted,
        "old_answers": dropped,
    }


def forget(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:
    """`sources` and `refs`: forget them, and take them out of graph, index and stored answers."""
    chosen = Chosen(tuple(arguments.get("sources", ())), tuple(arguments.get("refs", ())))
    forgotten = forget_records(chosen, ordered=context.ordered, progress=context.progress, check=context.check)
    redacted = redact_stored(now=timezone.now())
    _take_out(context)
    return {"forgotten": forgotten, "answers": redacted}


def _take_out(context: JobContext) -> None:
    """Let graph and index follow the records, and the file the database: blocking keys and evidence held values too."""
    sources.finish_pending(progress=context.progress, should_stop=context.should_stop)
    purging.scrub()
    context.check()


def graph_rebuild(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:  # noqa: ARG001 - takes none
    """Write every entity into the graph again; after a kill, those that are left."""
    done = sources.rebuild_graph(again=context.again, progress=context.progress, should_stop=context.should_stop)
    context.check()
    return done


def index_rebuild(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:  # noqa: ARG001 - takes none
    """Build the index anew, aside, and switch to it."""
    done = sources.rebuild_index(progress=context.progress, should_stop=context.should_stop)
    context.check()
    return done


def drift(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:
    """Optionally `sample` (entities compared by content; absent: all), `after` (an entity's id), `repair`, and `most`
    (findings beyond which nothing is repaired)."""
    done = sources.check_drift(
        sample=arguments.get("sample"),
        after=arguments.get("after") or "",
        repair=bool(arguments.get("repair")),
        most=arguments.get("most"),
        progress=context.progress,
        should_stop=context.should_stop,
    )
    context.check()
    return done


def resolver_refit(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:
    """Fit weights to what is known, and tell what they would change; with `apply`, put them to use."""
    done = resolving.refit_weights(progress=context.progress, should_stop=context.should_stop)
    context.check()
    return {**done, **_put_to_use(done["version"], context)} if arguments.get("apply") else done


def resolver_use(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:
    """`version`: judge every pair again by these weights."""
    return _put_to_use(arguments["version"], context)


def _put_to_use(version: str, context: JobContext) -> dict[str, Any]:
    staged = snapshots.use(version)
    done = sources.finish_pending(progress=context.progress, should_stop=context.should_stop)
    context.check()
    return {"judged_again": staged, **done}


def settle(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:  # noqa: ARG001 - takes none
    """Let what curators decided take effect."""
    done = finishing.settle(should_stop=context.should_stop)
    context.check()
    return done


HANDLERS: dict[str, Handler] = {
    "ingest_source": ingest_source,
    "ingest_files": ingest_files,
    "finish_pending": finish_pending,
    "purge": purge,
    "forget": forget,
    "graph_rebuild": graph_rebuild,
    "index_rebuild": index_rebuild,
    "drift": drift,
    "settle": settle,
    "resolver_refit": resolver_refit,
    "resolver_use": resolver_use,
}


def handler(kind: str) -> Handler:
    """Raises IbcmError naming the kinds there are."""
    if kind not in HANDLERS:
        raise IbcmError(f"there is no job of kind {kind!r}: choose one of {', '.join(HANDLERS)}")
    return HANDLERS[kind]
