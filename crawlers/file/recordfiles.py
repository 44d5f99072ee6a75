"""Record files: one SourceRecord as JSON a line (docs/records.md)."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crawlers.base import Fetched, Place, Rejected
from crawlers.file.policies import missing
from crawlers.file.text import Line, lines
from ibcm.domain.errors import RecordError
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord, parse_record

PATIENCE = 1_000
"""Lines without one record among them, after which the file is taken for something else."""


def read_records(path: Path, policies: Mapping[str, SourcePolicy], place: Place) -> Iterator[Fetched]:
    """Records of the file in order, and each line that is none with the reason. `place` follows."""
    good, bad = 0, 0
    for line in lines(path):
        if isinstance(line, Line) and not line.text.strip():
            continue
        if isinstance(line, Line):
            place.where = f"{path} line {line.number}"
        item = line if isinstance(line, Rejected) else _record(place.where, path, line, policies)
        good, bad = good + isinstance(item, SourceRecord), bad + isinstance(item, Rejected)
        yield item
        if bad == PATIENCE and good == 0:
            yield Rejected(str(path), f"not one of the first {PATIENCE} lines is a record: not read further")
            return


def first_source(path: Path) -> str | None:
    """The slug that the first readable line names."""
    for line in lines(path):
        if isinstance(line, Line) and line.text.strip():
            try:
                value = decoded(line.text)
            except ValueError:
                continue
            if isinstance(value, dict) and isinstance(value.get("source"), str):
                return str(value["source"])
    return None


def decoded(text: str) -> Any:
    """The JSON value. Raises ValueError for what JSON or a database does not know."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    if "\\u" in text:
        _storable(value)
    return value


def _record(where: str, path: Path, line: Line, policies: Mapping[str, SourcePolicy]) -> Fetched:
    try:
        value = decoded(line.text)
    except ValueError as error:
        return Rejected(where, f"not a JSON object: {error}")
    try:
        record = parse_record(value)
    except RecordError as error:
        return Rejected.of(where, error, str(value.get("source")) if isinstance(value, dict) else "")
    return record if record.source in policies else Rejected(where, missing(record.source, path.name))


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _storable(value: Any) -> None:
    """Escapes can smuggle in what UTF-8 or a database cannot hold: half a surrogate pair, a zero character."""
    text = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in text:
        raise ValueError("holds a zero character")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("holds half of a surrogate pair") from error
