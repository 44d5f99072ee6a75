"""Evaluations that people run on files of their own. Nothing of the home is read or changed."""

import csv
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from crawlers.base import Rejected
from crawlers.file import policies_for, read_files
from graph.ingest.evaluation import Gold, Resolved, figures, resolve_all
from graph.resolution.cluster import Pair, pair
from graph.resolution.snapshot import Snapshot, load, shipped
from ibcm.config import load_scope
from ibcm.domain.errors import IbcmError
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord
from ibcm.files import folder

YES = frozenset({"1", "true", "yes", "same", "match", "1.0"})
NO = frozenset({"0", "false", "no", "different", "nonmatch", "0.0"})
SHOWN = 5


class AnyTerms(dict[str, SourcePolicy]):
    """Terms of every source: what is only looked at and never kept needs none. Those that are stated hold."""

    def __contains__(self, slug: object) -> bool:
        return True

    def __missing__(self, slug: str) -> SourcePolicy:
        return SourcePolicy(name=slug, licence="LicenseRef-evaluation", attribution=slug)


@dataclass(slots=True)
class ResolutionRun:
    """What `evaluate resolution` found; the files are written."""

    figures: dict[str, Any]
    rejected: list[Rejected]


def resolution(
    records: Sequence[Path],
    out: Path,
    *,
    gold: Path | None = None,
    labelled: Path | None = None,
    weights: str = "fitted",
    tell: Callable[[str], None],
) -> ResolutionRun:
    """Resolve the records in a store of their own; writes pairs.csv, clusters.csv, snapshot.json, metrics.json.

    `weights`: `fitted` to these records without looking at labels, `shipped`, or a file that an earlier run wrote.
    Raises IbcmError for files that cannot be read, and for pairs of records that are not there.
    """
    rejected: list[Rejected] = []
    policies = AnyTerms(policies_for(records))
    found = list(_read(records, policies, rejected))
    if not found:
        raise IbcmError("there is no record in these files" + (f": {rejected[0].message}" if rejected else ""))
    folder(out)
    tell(f"{len(found):,} records")
    begun = time.monotonic()
    resolved = resolve_all(
        found, policies=policies, scope=load_scope(), now=timezone.now(), snapshot=_snapshot(weights)
    )
    seconds = time.monotonic() - begun
    told: dict[str, Any] = {
        "records": len(resolved.entity_of),
        "entities": len(resolved.clusters()),
        "compared": resolved.counts.compared,
        "most_compared": resolved.counts.most_compared,
        "crowded_keys": len(resolved.counts.large_blocks),
        "snapshot": resolved.snapshot.version,
        "fitted": resolved.snapshot.fitted if weights == "fitted" else {},
        "seconds": round(seconds, 2),
        "peak_mib": peak_mib(),
    }
    if gold or labelled:
        told |= figures(resolved, _gold(gold, labelled, set(resolved.entity_of), tell))
    _write(out, resolved, told)
    return ResolutionRun(told, rejected)


def peak_mib() -> int:
    """Most memory that this process has had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform != "darwin" else peak // 2**20


def _read(paths: Sequence[Path], policies: AnyTerms, rejected: list[Rejected]) -> Iterator[SourceRecord]:
    for item in read_files(paths, policies=policies):
        if isinstance(item, SourceRecord):
            yield item
        elif isinstance(item, Rejected):
            rejected.append(item)


def _snapshot(weights: str) -> Snapshot | None:
    if weights == "fitted":
        return None
    if weights == "shipped":
        return shipped()
    path = Path(weights)
    if not path.is_file():
        raise IbcmError(f"{weights!r} is neither `fitted` nor `shipped`, and there is no such file")
    return load(path.read_text(encoding="utf-8"))


def _gold(gold: Path | None, labelled: Path | None, known: set[str], tell: Callable[[str], None]) -> Gold:
    """`labelled` may say the label itself; then no other file is needed."""
    same = {found for found, label in _pairs(gold) if label is not False} if gold else set()
    judged: set[Pair] | None = None
    if labelled:
        rows = list(_pairs(labelled))
        judged = {found for found, _ in rows}
        same |= {found for found, label in rows if label}
        if gold is None and all(label is None for _, label in rows):
            raise IbcmError(f"{labelled} has no label column: say `same` for each pair there, or give --gold")
    unknown = sorted({ref for found in same | (judged or set()) for ref in found} - known)
    if unknown:
        shown = ", ".join(unknown[:SHOWN])
        tell(f"{len(unknown):,} refs of the given pairs are no record here, and count as missed: {shown} …")
    return Gold(same, judged, unknown)


def _pairs(path: Path) -> Iterator[tuple[Pair, bool | None]]:
    """Pairs of a CSV file with a heading: `left`, `right` (else the first two columns), and a label where there is
    one."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            columns = [name.strip() for name in reader.fieldnames or ()]
            if len(columns) < 2:
                raise IbcmError(f"{path} needs a heading with two columns, such as left,right")
            reader.fieldnames = columns
            left, right = ("left", "right") if {"left", "right"} <= set(columns) else columns[:2]
            label = next((name for name in ("same", "label", "match", "gold") if name in columns), None)
            for row in reader:
                yield pair(str(row[left]).strip(), str(row[right]).strip()), _label(row, label, path, reader.line_num)
    except FileNotFoundError as error:
        raise IbcmError(f"there is no file {path}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise IbcmError(f"{path} cannot be read as CSV: {error}") from error


def _label(row: Mapping[str, Any], column: str | None, path: Path, line: int) -> bool | None:
    if column is None:
        return None
    said = str(row[column] or "").strip().casefold()
    if said in YES:
        return True
    if said in NO:
        return False
    raise IbcmError(f"{path} line {line}: {column} is {said!r}; write 1 for the same thing, 0 for different ones")


def _write(out: Path, resolved: Resolved, told: Mapping[str, Any]) -> None:
    with (out / "pairs.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["left", "right", "score", "band", "why"])
        lines.writerows([row.left, row.right, f"{row.score:.4f}", row.band, row.why] for row in resolved.pairs())
    with (out / "clusters.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["entity", "record"])
        lines.writerows([members[0], ref] for members in resolved.clusters() for ref in members)
    (out / "snapshot.json").write_text(resolved.snapshot.dumped() + "\n", encoding="utf-8")
    (out / "metrics.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
