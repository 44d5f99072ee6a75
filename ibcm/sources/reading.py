"""The first part of walk (a): what a source yields is judged by its policy and staged, a batch a transaction."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from django.db import DataError
from django.utils import timezone

from crawlers.base import Complete, Fetched, Place, Rejected
from ibcm.domain.decisions import CURATORS
from ibcm.domain.errors import PolicyError, RecordError
from ibcm.domain.gazetteer import Gazetteer
from ibcm.domain.ledger import Ledger
from ibcm.domain.policy import HOW_TO_STATE_TERMS, SourcePolicy, apply_policy
from ibcm.domain.records import SourceRecord
from ibcm.domain.scope import Scope
from ibcm.records import purging
from ibcm.records.models import Record
from ibcm.sources.positions import Oddities, swapped
from ibcm.sources.report import IngestReport, Rejections
from ibcm.sources.scoping import settled, unknown_sectors
from ibcm.sources.unmet import UnmetTerms

BATCH = 500
EVERYTHING = "*"
"""Stands for every field of a record at once."""
UNSTORABLE = (RecordError, ValueError, DataError)
"""What the ledger raises for a record that the database cannot hold (a ValueError also where it is no Unicode)."""
Progress = Callable[[int, int | None, str], None]
"""done, total where it is known, step."""
ShouldStop = Callable[[], bool]


class Reading:
    """Takes one fetch in. After `take_all`: what was read is staged, and `slugs` are the sources it came from."""

    def __init__(
        self,
        ledger: Ledger,
        policies: Mapping[str, SourcePolicy],
        scope: Scope,
        *,
        report: IngestReport,
        rejections: Rejections,
        keep: Callable[[SourceRecord], bool],
        place: Place,
    ) -> None:
        self._ledger, self._policies, self._scope = ledger, policies, scope
        self._known = Gazetteer(scope)
        self._report, self._rejections, self._keep = report, rejections, keep
        self._place = place
        self._batch: list[tuple[SourceRecord, str]] = []
        """Records, and where each was read."""
        self._oddities, self._unmet = Oddities(scope), UnmetTerms()
        self._started = timezone.now()
        self.slugs: set[str] = set()
        self.complete = False

    def take_all(
        self, fetched: Iterator[Fetched], *, limit: int | None, progress: Progress, should_stop: ShouldStop
    ) -> None:
        """Read until the end, the limit, or somebody asks to stop. What was read until then is staged."""
        step = f"reading {self._report.source}"
        try:
            for item in fetched:
                self._take(item)
                if len(self._batch) >= BATCH:
                    self._flush()
                    progress(self._report.read, limit, step)
                    self._report.stopped = should_stop()
                if self._report.stopped or (limit is not None and self._report.read >= limit):
                    self.complete = False
                    break
        finally:
            # An error of the source leaves what was read before it staged: it is true, and the next run goes on.
            self._flush()
            self._report.notes += [*self._oddities.notes(), *self._unmet.notes()]
            progress(self._report.read, self._report.read, step)

    def stage_absent(self, cities: tuple[str, ...]) -> None:
        """After a complete listing: what it left out is gone, within these cities, or everywhere when none is named."""
        if not self.complete:
            return
        if self._report.rejected:
            self._report.notes.append("nothing was deleted as absent, because some items could not be read")
            return
        for slug in sorted(self.slugs):
            for city in cities or (None,):
                self._report.deleted += self._ledger.stage_absent(slug, seen_since=self._started, city=city)

    def _take(self, item: Fetched) -> None:
        if isinstance(item, Complete):
            self.complete = True
        elif isinstance(item, Rejected):
            self._rejections.add(item)
        elif not self._keep(record := settled(item, self._known)):
            self._report.skipped += 1
        else:
            self._report.read += 1
            self._judge(record)

    def _judge(self, record: SourceRecord) -> None:
        where = f"{self._place.where} ({record.ref})" if self._place.where else record.ref
        try:
            policy = self._policy(record.source)
            self._unmet.look(record, policy)
            kept = apply_policy(record, policy, now=timezone.now())
        except PolicyError as error:
            self._rejections.add(Rejected(where=where, message=str(error).splitlines()[0]))
            return
        if kept is None:
            self._report.transient += 1
            return
        if wrong := swapped(kept, self._scope):
            self._rejections.add(Rejected.of(where, wrong, record.source))
            return
        self._count_unknown(kept)
        self._oddities.look(kept)
        self._batch.append((kept, where))

    def _policy(self, slug: str) -> SourcePolicy:
        """A source's terms; they are written down before its first record is."""
        if slug == CURATORS:
            raise PolicyError(f"{CURATORS!r} is the name of what curators pin here: give the source another one")
        policy = self._policies.get(slug)
        if policy is None:
            raise PolicyError(f"source {slug!r} has no terms: {HOW_TO_STATE_TERMS}")
        if slug not in self.slugs:
            save_terms(self._ledger, slug, policy, now=timezone.now())
            self.slugs.add(slug)
        return policy

    def _count_unknown(self, record: SourceRecord) -> None:
        """What the configuration has no name for, as far as terms let it stand in the report."""
        policy, category = self._policies[record.source], record.data.get("category")
        if isinstance(category, str) and self._scope.categories and category not in self._scope.categories:
            self._rejections.categories.update([category] if policy.quotes("category") else ())
        if record.city and not self._known.town(record.city):
            self._rejections.cities[record.city] += 1
        if policy.quotes("sectors"):
            self._rejections.sectors.update(unknown_sectors(record, self._known))

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        if not batch:
            return
        now = timezone.now()
        # A clock that was set back in mid-run must not make what was read after it look absent.
        self._started = min(self._started, now)
        try:
            self._stage(batch, now)
        except UNSTORABLE:
            # One record that the database cannot hold must not take its neighbours with it.
            self._one_by_one(batch, now)

    def _stage(self, batch: list[tuple[SourceRecord, str]], now: datetime) -> None:
        counts = self._ledger.stage([record for record, _ in batch], now=now)
        self._report.add(counts)
        for remark in counts.remarks:
            self._report.remark(remark.why, batch[remark.number][1])

    def _one_by_one(self, batch: list[tuple[SourceRecord, str]], now: datetime) -> None:
        for record, where in batch:
            try:
                self._stage([(record, where)], now)
            except UNSTORABLE as error:
                told, source = "cannot be stored: the database does not take it", record.source
                self._rejections.add(Rejected(where, told, f"cannot be stored: {error}", source, EVERYTHING))


def save_terms(ledger: Ledger, slug: str, policy: SourcePolicy, *, now: datetime) -> None:
    """Write terms down. Where they changed, what is stored follows, and is projected again: trust decides between
    sources. A crash between the two is made good by the next purge."""
    known = ledger.policies().get(slug)
    if known == policy:
        return
    ledger.save_policy(slug, policy)
    if known is not None:
        purging.follow(slug, policy, now=now)
        ledger.mark_records_dirty(Record.objects.filter(source=slug, deleted=False).values_list("ref", flat=True))
