"""What one ingest did: counts for people, and a file with every item that could not be taken."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from crawlers.base import Rejected
from ibcm.domain.ledger import StageCounts
from ibcm.domain.policy import SourcePolicy

SHOWN = 10
KEPT = timedelta(days=30)
"""For how long reports are kept."""
MOST_UNKNOWN = 200
"""Names of sectors that a report keeps: sources write free text there."""
MOST_LINES = 100_000
"""A file of nothing but bad lines must not fill the disk with their report."""


@dataclass(slots=True)
class IngestReport:
    """Counts of one run, of records; `merged` are those that share their entity with another one."""

    source: str
    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    merged: int = 0
    to_review: int = 0
    transient: int = 0
    """Read, but not stored: the source's terms forbid it."""
    deleted: int = 0
    """Absent from a complete listing, or expired."""
    skipped: int = 0
    """Of another city or sector than was asked for."""
    projected: int = 0
    seconds: float = 0.0
    stopped: bool = False
    """Somebody asked to stop; the next ingest, or the clock, finishes what is staged."""
    report_path: str | None = None
    first_rejected: list[dict[str, str]] = field(default_factory=list)
    unknown_categories: dict[str, int] = field(default_factory=dict)
    """Categories that the taxonomy lacks; kept as the source wrote them."""
    unknown_cities: dict[str, int] = field(default_factory=dict)
    unknown_sectors: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, counts: StageCounts) -> None:
        self.new += counts.new
        self.changed += counts.changed
        self.unchanged += counts.unchanged
        self.transient += counts.transient

    def to_json(self) -> dict[str, Any]:
        """Plain values, rounded for reading."""
        return {name: getattr(self, name) for name in self.__slots__} | {"seconds": round(self.seconds, 2)}

    def lines(self) -> list[str]:
        """For a terminal: the counts, then the first rejected items and where all of them are."""
        names = (
            "read",
            "new",
            "changed",
            "unchanged",
            "rejected",
            "merged",
            "to_review",
            "transient",
            "deleted",
            "skipped",
        )
        always = ("read", "new", "changed", "unchanged", "rejected", "merged", "to_review")
        shown = [
            f"{name.replace('_', ' ')} {getattr(self, name)}" for name in names if name in always or getattr(self, name)
        ]
        told = [f"{self.source}: {', '.join(shown)} in {self.seconds:.1f} s"]
        told += [f"  {item['where']}: {item['message']}" for item in self.first_rejected]
        if self.report_path:
            told.append(f"  all rejected items: {self.report_path}")
        return told + [f"  {note}" for note in self._all_notes()]

    def _all_notes(self) -> list[str]:
        named = (
            ("categories", self.unknown_categories),
            ("cities", self.unknown_cities),
            ("sectors", self.unknown_sectors),
        )
        return self.notes + [
            f"{what} that the configuration does not know, kept as they are: "
            + ", ".join(f"{name} ({count})" for name, count in list(found.items())[:SHOWN])
            for what, found in named
            if found
        ]


class Rejections:
    """Collects rejected items into a file that appears with the first of them."""

    def __init__(
        self, folder: Path, report: IngestReport, *, policies: Mapping[str, SourcePolicy], now: datetime
    ) -> None:
        self._path = folder / f"ingest-{now:%Y%m%dT%H%M%S}-{now.microsecond:06d}.jsonl"
        self._report, self._policies = report, policies
        self._file: TextIO | None = None
        self.categories: Counter[str] = Counter()
        self.cities: Counter[str] = Counter()
        self.sectors: Counter[str] = Counter()

    def add(self, item: Rejected) -> None:
        told = {"where": item.where, "message": item.told(self._policies)}
        self._report.rejected += 1
        if len(self._report.first_rejected) < SHOWN:
            self._report.first_rejected.append(told)
        if self._report.rejected > MOST_LINES:
            return
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("x", encoding="utf-8", errors="backslashreplace")
            self._report.report_path = str(self._path)
        self._file.write(json.dumps(told, ensure_ascii=False) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._report.unknown_categories = dict(self.categories.most_common())
        self._report.unknown_cities = dict(self.cities.most_common())
        self._report.unknown_sectors = dict(self.sectors.most_common(MOST_UNKNOWN))
        if self._file is not None:
            self._file.close()


def drop_old(folder: Path, *, now: datetime) -> int:
    """Delete reports that are as old as the jobs that are forgotten. Returns how many."""
    old = [path for path in folder.glob("ingest-*.jsonl") if path.stat().st_mtime <= (now - KEPT).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
