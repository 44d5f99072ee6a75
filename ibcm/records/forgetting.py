"""Forgetting: single records, or everything that a source ever said, once and for all.

A forgotten record leaves its name, the moments, and the digests of all that it said (`Record.ended`, `ended_at`,
`forgotten_at`, `ForgottenContent`): so much is needed to keep that content from coming back. Everything that is made
from records follows when what waits is assigned and projected.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from ibcm.domain.errors import IbcmError
from ibcm.records.ledger import DjangoLedger
from ibcm.records.models import Record, RecordVersion
from ibcm.records.rows import chunks

PAGE = 500
Progress = Callable[[int, int | None, str], None]
Check = Callable[[], None]
"""Called between two pages; raises to stop."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be forgotten: whole sources, and single records."""

    sources: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Iterable[str]) -> "Chosen":
        """From names: a source by its slug, a record by `source:key`."""
        wanted = sorted(set(names))
        return cls(
            sources=tuple(name for name in wanted if ":" not in name),
            refs=tuple(name for name in wanted if ":" in name),
        )

    def rows(self) -> Iterator[QuerySet[Record]]:
        """What is known of them and not forgotten yet, in parts that do not overlap."""
        heard_since = Exists(RecordVersion.objects.filter(record=OuterRef("pk")))
        held = Record.objects.filter(~Q(ended=Record.Ended.FORGOTTEN) | heard_since)
        if self.sources:
            yield held.filter(source__in=self.sources)
        for some in chunks(self.refs):
            yield held.filter(ref__in=some).exclude(source__in=self.sources)


@dataclass(frozen=True, slots=True)
class Preview:
    """What forgetting would take."""

    records: int
    """All that are known, those that ended long ago too."""
    living: int
    """Those that answers may cite now."""
    versions: int
    entities: int
    """Things that lose a record; those without any other are gone."""

    def __bool__(self) -> bool:
        return bool(self.records)


def preview(chosen: Chosen) -> Preview:
    """Count, and change nothing. Raises IbcmError for a source or record that was never there."""
    _refuse_unknown(chosen)
    records = living = versions = 0
    entities = set[str]()
    for rows in chosen.rows():
        records += rows.count()
        living += rows.filter(deleted=False).count()
        versions += RecordVersion.objects.filter(record__in=rows).count()
        entities |= set(rows.exclude(entity=None).values_list("entity", flat=True).distinct().iterator())
    return Preview(records, living, versions, len(entities))


def forget(chosen: Chosen, *, ordered: datetime, progress: Progress, check: Check) -> int:
    """Forget, a page at a time; repeating it ends what was interrupted. Returns how many records were forgotten now.

    What was read after it was ordered is not meant: a job that was killed may be taken up again much later. Raises
    what `check` raises, between two pages.
    """
    ledger, done = DjangoLedger(), 0
    meant = Q(retrieved_at__lte=ordered) | Q(last_seen__lte=ordered)
    parts = [rows.filter(meant) for rows in chosen.rows()]
    total = sum(rows.count() for rows in parts)
    for rows in parts:
        newest = rows.order_by("-pk").values_list("pk", flat=True).first() or 0  # what arrives meanwhile is not meant
        while page := list(rows.filter(pk__lte=newest).order_by("pk").values_list("ref", flat=True)[:PAGE]):
            done += ledger.forget(page, now=ordered)
            progress(done, total, "forgetting")
            check()
    return done


def _refuse_unknown(chosen: Chosen) -> None:
    known = {source for source in chosen.sources if Record.objects.filter(source=source).exists()}
    for source in chosen.sources:
        if source not in known:
            raise IbcmError(f"no record of a source {source!r} is known: `manage.py sources` lists them")
    held = {
        ref for some in chunks(chosen.refs) for ref in Record.objects.filter(ref__in=some).values_list("ref", flat=True)
    }
    for ref in chosen.refs:
        if ref not in held:
            raise IbcmError(f"no record {ref!r} is known: write `source:key` as citations show it")
