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
from ibcm.domain.ledger import StageCounts, Why
from ibcm.domain.policy import SourcePolicy

SHOWN = 10
PLACES = 3
"""Places that are named of those where the same is wrong."""
REMARKS = {
    Why.FORGOTTEN: "says what was forgotten: nothing is kept of it",
    Why.BEFORE_FORGETTING: "was read before its record was forgotten: nothing is kept of it",
    Why.OLDER: "says something else than what was read later: that holds, this is its history",
    Why.LOST_TIE: "its key came with other content, read at the same moment: the other one holds, its digest being the "
    "greater (no order may matter), and this one is its history; give each thing a key of its own",
    Why.WON_TIE: "its key came with other content, read at the same moment: this one holds, its digest being the "
    "greater (no order may matter), and the other is its history; give each thing a key of its own",
}
COUNTED = {
    Why.FORGOTTEN: "forgotten",
    Why.BEFORE_FORGETTING: "forgotten",
    Why.OLDER: "older",
    Why.LOST_TIE: "same_key",
    Why.WON_TIE: "same_key",
}
"""Under which count of a report each is."""
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
    older: int = 0
    """Other content than what was read later: it went to the history of its record."""
    same_key: int = 0
    """Other content of a record, read at the same moment: one of the two holds."""
    forgotten: int = 0
    """Not stored, because it was forgotten."""
    projected: int = 0
    seconds: float = 0.0
    stopped: bool = False
    """Somebody asked to stop; the next ingest, or the clock, finishes what is staged."""
    report_path: str | None = None
    rejections: list[dict[str, Any]] = field(default_factory=list)
    """The first few reasons: `message` (of several places without what is said there), `count`, and the first of them
    in `where`."""
    remarks: list[dict[str, Any]] = field(default_factory=list)
    """In the same shape: what `older`, `same_key` and `forgotten` count."""
    unknown_categories: dict[str, int] = field(default_factory=dict)
    """Categories that the taxonomy lacks; kept as the source wrote them."""
    unknown_cities: dict[str, int] = field(default_factory=dict)
    unknown_sectors: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, counts: StageCounts) -> None:
        self.new += counts.new
        self.changed += counts.changed
        self.unchanged += counts.unchanged

    def remark(self, why: Why, where: str) -> None:
        """A record that was not simply taken."""
        setattr(self, COUNTED[why], getattr(self, COUNTED[why]) + 1)
        _count(self.remarks, REMARKS[why], REMARKS[why], where)

    @property
    def failure(self) -> str:
        """What to say when nothing at all could be taken in; empty otherwise."""
        taken = self.new + self.changed + self.unchanged + self.older + self.same_key + self.forgotten
        if not self.rejected or taken or self.transient or self.skipped or self.stopped:
            return ""
        return f"nothing was taken in, all {self.rejected:,} items were rejected: mend what is told of them and repeat"

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
            "older",
            "same_key",
            "forgotten",
        )
        always = ("read", "new", "changed", "unchanged", "rejected", "merged", "to_review")
        shown = [
            f"{name.replace('_', ' ')} {getattr(self, name)}" for name in names if name in always or getattr(self, name)
        ]
        told = [f"{self.source}: {', '.join(shown)} in {self.seconds:.1f} s"]
        told += [f"  {_in_words(one)}" for one in (*self.rejections, *self.remarks)]
        if unnamed := self.rejected - sum(one["count"] for one in self.rejections):
            told.append(f"  {unnamed:,} more are rejected for other reasons")
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


def _count(groups: list[dict[str, Any]], reason: str, told: str, where: str) -> None:
    """One more place where the same is wrong. Reasons beyond the first few are not counted apart."""
    group = next((one for one in groups if one["reason"] == reason), None)
    if group is None:
        if len(groups) == SHOWN:
            return
        groups.append(group := {"reason": reason, "message": told, "count": 0, "where": []})
    if told != group["message"]:
        group["message"] = reason
    group["count"] += 1
    if len(group["where"]) < PLACES:
        group["where"].append(where)


def _in_words(group: Mapping[str, Any]) -> str:
    places, count = "; ".join(group["where"]), group["count"]
    if count == 1:
        return f"{places}: {group['message']}"
    more = f" and {count - len(group['where']):,} more" if count > len(group["where"]) else ""
    return f"{count:,} times: {group['message']} ({places}{more})"


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
        _count(self._report.rejections, item.message, told["message"], item.where)
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
