"""The whole of walk (a), and what there is to know about sources."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from crawlers.base import Fetched, FetchScope, Place, Source
from crawlers.file import policies_for, read_files
from ibcm import wiring
from ibcm.domain.errors import as_kept
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord
from ibcm.records.models import Record
from ibcm.records.services import open_pairs
from ibcm.sources import choosing, drifting, finishing, rebuilding
from ibcm.sources.finishing import StopAsked
from ibcm.sources.models import Source as SourceRow
from ibcm.sources.reading import Progress, Reading, ShouldStop
from ibcm.sources.report import IngestReport, Rejections

__all__ = [
    "IngestReport",
    "check_drift",
    "finish_pending",
    "ingest",
    "ingest_files",
    "rebuild_graph",
    "rebuild_index",
    "sources",
]


def _silent(done: int, total: int | None, step: str) -> None:
    """Nobody watches."""


def _everything(record: SourceRecord) -> bool:  # noqa: ARG001 - a filter's signature
    return True


def _never() -> bool:
    return False


def ingest(
    source: str,
    *,
    cities: Sequence[str] = (),
    sectors: Sequence[str] = (),
    since: datetime | None = None,
    limit: int | None = None,
    progress: Progress = _silent,
    should_stop: ShouldStop = _never,
    report: IngestReport | None = None,
) -> IngestReport:
    """Fetch a registered source, stage, assign, project. Repeating it is harmless and finishes what a crash left.

    `report` is filled and returned, so that whoever gives one has it when this raises, too.
    Raises IbcmError naming what is known for an unknown source, city or sector, and when the source cannot be read.
    """
    chosen = choosing.source(wiring.sources(), source)
    policies = {chosen.slug: chosen.policy}
    scope = _fetch_scope(cities, sectors, since, limit)
    whole = not sectors and since is None
    report = report or IngestReport(source=chosen.slug)
    run = _Run(report, SourceRow.Origin.BUNDLED, policies, progress, should_stop)
    return run.go(
        chosen.fetch(scope), scope, cities=tuple(city.slug for city in scope.cities) if cities else (), whole=whole
    )


def ingest_files(  # noqa: PLR0913 - what may be asked of an ingest, each by its name
    paths: Sequence[Path],
    *,
    mapping: Path | None = None,
    cities: Sequence[str] = (),
    sectors: Sequence[str] = (),
    since: datetime | None = None,
    limit: int | None = None,
    progress: Progress = _silent,
    should_stop: ShouldStop = _never,
    report: IngestReport | None = None,
) -> IngestReport:
    """As `ingest`, for files and folders of records or, through a mapping file, of anything else.

    `cities` and `sectors` keep only records of those. Raises IbcmError for paths, mapping or terms that are wrong.
    """
    scope = _fetch_scope(cities, sectors, since, limit)
    policies = _file_policies(paths, mapping)
    run = _Run(report or IngestReport(source="file"), SourceRow.Origin.FILE, policies, progress, should_stop)
    city_slugs = {city.slug for city in scope.cities} if cities else None
    sector_slugs = {sector.slug for sector in scope.sectors} if sectors else None

    def keep(record: SourceRecord) -> bool:
        return (city_slugs is None or record.city in city_slugs) and (
            sector_slugs is None or record.sector in sector_slugs
        )

    place = Place()
    fetched = read_files(paths, mapping, policies=policies, scope=wiring.scope(), place=place)
    whole = not sectors and since is None
    return run.go(fetched, scope, cities=tuple(sorted(city_slugs or ())), whole=whole, keep=keep, place=place)


def _file_policies(paths: Sequence[Path], mapping: Path | None) -> dict[str, SourcePolicy]:
    """The registry's terms win over those beside the files, and those over what an earlier file said."""
    registered = {slug: source.policy for slug, source in wiring.sources().items()}
    return {**wiring.ledger().policies(), **policies_for(paths, mapping, scope=wiring.scope()), **registered}


def _fetch_scope(
    cities: Sequence[str], sectors: Sequence[str], since: datetime | None, limit: int | None
) -> FetchScope:
    scope = wiring.scope()
    return FetchScope(
        cities=choosing.cities(scope, cities),
        sectors=choosing.sectors(scope, sectors),
        now=timezone.now(),
        since=since,
        limit=limit,
    )


class _Run:
    """One ingest, from the first item to the cleared mark."""

    def __init__(
        self,
        report: IngestReport,
        origin: SourceRow.Origin,
        policies: Mapping[str, SourcePolicy],
        progress: Progress,
        should_stop: ShouldStop,
    ) -> None:
        self._policies, self._origin = policies, origin
        self._progress, self._should_stop = progress, should_stop
        self._report = report
        self._slugs_read: set[str] = set()
        self._begun = timezone.now()

    def go(
        self,
        fetched: Iterator[Fetched],
        scope: FetchScope,
        *,
        cities: tuple[str, ...],
        whole: bool,
        keep: Callable[[SourceRecord], bool] = _everything,
        place: Place | None = None,
    ) -> IngestReport:
        begun, report = time.monotonic(), self._report
        into = Rejections(wiring.home().reports, report, policies=self._policies, now=scope.now)
        with self._recorded(scope.now), into as rejections:
            reading = Reading(
                wiring.ledger(),
                self._policies,
                wiring.scope(),
                report=report,
                rejections=rejections,
                keep=keep,
                place=place or Place(),
            )
            self._slugs_read = reading.slugs
            reading.take_all(fetched, limit=scope.limit, progress=self._progress, should_stop=self._should_stop)
            if whole:
                reading.stage_absent(cities)
            if not report.stopped:
                self._finish()
            report.seconds = time.monotonic() - begun
        return report

    def _finish(self) -> None:
        self._report.deleted += wiring.ledger().expire(now=timezone.now())
        wiring.ledger().turn(now=timezone.now())
        try:
            assigning, projecting = finishing.finish(progress=self._progress, should_stop=self._should_stop)
        except StopAsked:
            self._report.stopped = True
            return
        self._report.merged, self._report.projected = assigning.merged, projecting.written
        self._report.to_review = open_pairs(since=self._begun)
        if assigning.large_blocks:
            self._report.notes.append(
                f"{len(assigning.large_blocks)} values are shared by too many records to tell them apart by"
            )

    @contextmanager
    def _recorded(self, now: datetime) -> Iterator[None]:
        """Write terms before the first record, and how it went into every source's row."""
        error = ""
        try:
            yield
            error = self._report.failure
        except BaseException as problem:
            error = as_kept(problem).splitlines()[0][:2000]
            raise
        finally:
            SourceRow.objects.filter(slug__in=self._slugs()).update(
                origin=self._origin,
                last_started=now,
                last_ended=timezone.now(),
                last_error=error,
                last_counts=self._report.to_json(),
            )

    def _slugs(self) -> list[str]:
        """The sources that this run read, or was to read."""
        return sorted(self._slugs_read) or [self._report.source]


def finish_pending(*, progress: Progress = _silent, should_stop: ShouldStop = _never) -> dict[str, Any]:
    """Assign and project what a crash, a purge or another process left behind."""
    return finishing.finish_pending(progress=progress, should_stop=should_stop)


def rebuild_graph(
    *, again: bool = False, progress: Progress = _silent, should_stop: ShouldStop = _never
) -> dict[str, Any]:
    """Project every entity again, in place: reads stay right throughout. `again`: go on with one that was killed."""
    return rebuilding.rebuild_graph(again=again, progress=progress, should_stop=should_stop)


def rebuild_index(*, progress: Progress = _silent, should_stop: ShouldStop = _never) -> dict[str, Any]:
    """Build the index anew, whatever embedder made it; the old one answers meanwhile."""
    return rebuilding.rebuild_index(progress=progress, should_stop=should_stop)


def check_drift(
    *,
    sample: int | None = None,
    after: str = "",
    repair: bool = False,
    most: int | None = None,
    progress: Progress = _silent,
    should_stop: ShouldStop = _never,
) -> dict[str, Any]:
    """What graph and index hold otherwise than the ledger: see ibcm.sources.drifting."""
    return drifting.check_drift(
        sample=sample, after=after, repair=repair, most=most, progress=progress, should_stop=should_stop
    )


def sources() -> list[dict[str, Any]]:
    """Every source, registered or met in a file: its terms, how many records it has, how its last run went."""
    registered = wiring.sources()
    rows = {row.slug: row for row in SourceRow.objects.all()}
    counted = _counts()
    return [
        _listed(slug, registered.get(slug), rows.get(slug), counted.get(slug, 0))
        for slug in sorted({*registered, *rows})
    ]


def _counts() -> dict[str, int]:
    from django.db.models import Count

    return dict(Record.objects.filter(deleted=False).values_list("source").annotate(n=Count("id")).order_by("source"))


def _listed(slug: str, registered: Source | None, row: SourceRow | None, records: int) -> dict[str, Any]:
    terms = (
        registered.policy.model_dump(mode="json", exclude_defaults=True) if registered else row.policy if row else {}
    )
    return {
        "source": slug,
        "origin": "bundled" if registered else "file",
        "policy": terms,
        "records": records,
        "last_started": _iso(row.last_started if row else None),
        "last_ended": _iso(row.last_ended if row else None),
        "last_error": row.last_error if row else "",
        "last_counts": row.last_counts if row else {},
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
