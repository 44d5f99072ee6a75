"""Tables: CSV, TSV, JSON lines and GeoJSON as rows of named values, each with the line that it came from."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawlers.base import Rejected
from crawlers.file.limits import MAX_WHOLE
from crawlers.file.recordfiles import decoded
from crawlers.file.text import Line, NotTextError, lines, read_whole

FORMATS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".geojson": "geojson", ".zip": "gtfs"}
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    where: str
    """File and line."""
    values: Values
    """Column -> text, or any JSON value."""


def format_of(path: Path) -> str | None:
    """By the name, `.gz` left aside; None when it says nothing."""
    return FORMATS.get(Path(path.name.lower().removesuffix(".gz")).suffix)


def rows(path: Path, kind: str, *, encoding: str = "utf-8") -> Iterator[Row | Rejected]:
    """Rows in order; what is wrong comes as Rejected."""
    if kind in ("csv", "tsv"):
        yield from _Delimited(path, "," if kind == "csv" else "\t", encoding)
    elif kind == "jsonl":
        yield from _json_lines(path, encoding)
    elif kind == "geojson":
        yield from _features(path)
    else:
        yield Rejected(str(path), f"{kind} is no table format")


class _Delimited:
    """One CSV or TSV file. Lines that cannot be decoded are left out of the reader and reported in their place."""

    def __init__(self, path: Path, delimiter: str, encoding: str) -> None:
        self.path, self.delimiter, self.encoding = path, delimiter, encoding
        self.number = 0
        self.rejected: list[Rejected] = []

    def __iter__(self) -> Iterator[Row | Rejected]:
        reader = csv.reader(self._texts(), delimiter=self.delimiter)
        header: list[str] | None = None
        while True:
            start = self.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                yield Rejected(f"{self.path} line {start}", f"not a row of the table ({error}): look for a stray quote")
                continue
            yield from self._drain()
            if not any(cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                if twice := _twice(header):
                    yield Rejected(f"{self.path} line {start}", f"the header names column {twice!r} twice")
                    return
                continue
            yield self._row(header, cells, start)
        yield from self._drain()

    def _texts(self) -> Iterator[str]:
        for line in lines(self.path, encoding=self.encoding):
            if isinstance(line, Rejected):
                self.rejected.append(line)
            else:
                self.number = line.number
                yield line.text

    def _drain(self) -> Iterator[Rejected]:
        waiting, self.rejected = self.rejected, []
        yield from waiting

    def _row(self, header: list[str], cells: list[str], number: int) -> Row | Rejected:
        where = f"{self.path} line {number}"
        while len(cells) > len(header) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(header):
            return Rejected(where, f"the row has {len(cells)} values where the header names {len(header)}")
        return Row(where, dict(zip(header, cells, strict=True)))


def _twice(header: list[str]) -> str | None:
    return next((name for position, name in enumerate(header) if name and name in header[:position]), None)


def _json_lines(path: Path, encoding: str) -> Iterator[Row | Rejected]:
    for line in lines(path, encoding=encoding):
        if isinstance(line, Rejected):
            yield line
        elif line.text.strip():
            yield _json_row(path, line)


def _json_row(path: Path, line: Line) -> Row | Rejected:
    where = f"{path} line {line.number}"
    try:
        value = decoded(line.text)
    except ValueError as error:
        return Rejected(where, f"not a JSON object: {error}")
    return Row(where, value) if isinstance(value, dict) else Rejected(where, "not a JSON object")


def _features(path: Path) -> Iterator[Row | Rejected]:
    """Properties as columns, with `geometry`, `id` and, for points, `lat` and `lon` beside them."""
    try:
        content = decoded(read_whole(path, limit=MAX_WHOLE).decode("utf-8-sig"))
    except (NotTextError, UnicodeDecodeError, json.JSONDecodeError, ValueError, OSError) as error:
        yield Rejected(str(path), f"not GeoJSON: {error}")
        return
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        yield Rejected(str(path), "not GeoJSON: a FeatureCollection with features is needed")
        return
    for number, feature in enumerate(features, start=1):
        yield _feature(f"{path} feature {number}", feature)


def _feature(where: str, feature: Any) -> Row | Rejected:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
        return Rejected(where, "not a GeoJSON feature")
    values: Values = {**(feature.get("properties") or {})}
    geometry = feature.get("geometry")
    if geometry is not None and (not isinstance(geometry, dict) or not isinstance(geometry.get("type"), str)):
        return Rejected(where, "its geometry is not GeoJSON")
    values.setdefault("id", feature.get("id"))
    values["geometry"] = geometry
    if geometry and geometry["type"] == "Point":
        position = geometry.get("coordinates")
        if not isinstance(position, list) or len(position) < 2:
            return Rejected(where, "its point has no coordinates")
        values["lon"], values["lat"] = position[:2]
    return Row(where, values)
