"""Rows that belong to a row: joined from a table beside it, or gathered from its own table."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from crawlers.base import Rejected
from crawlers.file.limits import MAX_JOINED_ROWS
from crawlers.file.mapping import Directions, Group, Table
from crawlers.file.patterns import Pattern, directions, link_data
from crawlers.file.tables import Row, Values, format_of, rows
from ibcm.domain.errors import ConfigurationError, IbcmError

Key = tuple[str, ...]
OWN = "rows"
"""Name of the group that `group_by` makes."""


class Joined:
    """The groups of one table for one main file. Each joined file is read once and kept in memory."""

    def __init__(self, table: Table, main: Path, captures: Mapping[str, str]) -> None:
        self.table = table
        self.rejected: list[Rejected] = []
        self.found = {name: self._load(name, group, main, captures) for name, group in table.spec.groups.items()}

    def of(self, values: Values) -> dict[str, Sequence[Values]]:
        """Group name -> rows that belong to this row."""
        return {
            name: by_key.get(tuple(str(values.get(column)) for column in _columns(self.table.spec.groups[name])), [])
            for name, by_key in self.found.items()
        }

    def _load(self, name: str, group: Group, main: Path, captures: Mapping[str, str]) -> dict[Key, list[Values]]:
        if group.file is None or not group.match:
            raise ConfigurationError(f"group {name!r} needs file and match (only group_by makes one without)")
        path = main.parent / group.file.format_map({**captures, "name": main.name})
        if not path.is_file():
            raise IbcmError(f"{path} is missing: the mapping joins it to {main.name}")
        theirs = list(_columns(group, theirs=True))
        by_key: dict[Key, list[Values]] = {}
        for count, row in enumerate(rows(path, format_of(path) or "csv", encoding=self.table.spec.encoding)):
            if isinstance(row, Rejected):
                self.rejected.append(row)
                continue
            if count > MAX_JOINED_ROWS:
                raise IbcmError(f"{path} has more than {MAX_JOINED_ROWS} rows, too many to join")
            _check_columns(path, row, theirs)
            by_key.setdefault(tuple(str(row.values[column]) for column in theirs), []).append(row.values)
        return {key: arranged(found, group) for key, found in by_key.items()}


def gathered(table: Table, found: Iterator[Row | Rejected]) -> Iterator[tuple[Row, list[Values]] | Rejected]:
    """One row for each distinct value of the `group_by` columns (the first), with all its rows."""
    by_key: dict[Key, tuple[Row, list[Values]]] = {}
    for row in found:
        if isinstance(row, Rejected):
            yield row
            continue
        key = tuple(str(row.values.get(column)) for column in table.spec.group_by)
        by_key.setdefault(key, (row, []))[1].append(row.values)
    own = table.spec.groups.get(OWN, Group())
    for first, members in by_key.values():
        yield first, arranged(members, own)


def arranged(found: list[Values], group: Group) -> list[Values]:
    """The rows in order; with `directions`, one line of stops for each direction and then the other stops."""
    for column in reversed(group.order_by):
        found = sorted(found, key=lambda row: _order(row.get(column)))
    return _in_directions(found, group.directions) if group.directions else found


def _in_directions(found: list[Values], by: Directions) -> list[Values]:
    members: dict[tuple[str, int | None], list[Values]] = {}
    for row in found:
        direction = _direction(row[by.direction]) if by.direction else None
        members.setdefault((str(row[by.pattern]) if by.pattern else "", direction), []).append(row)
    rows_of: dict[str, dict[str, Values]] = {}
    trips: dict[tuple[tuple[str, ...], int | None], list[str]] = {}
    for (pattern, direction), own in members.items():
        own.sort(key=lambda row: _order(row[by.order]))
        stops = tuple(str(row[by.stop]) for row in own)
        trips.setdefault((stops, direction), []).append(f"{pattern}/{direction}")
        rows_of[f"{pattern}/{direction}"] = dict(zip(stops, own, strict=True))
    patterns = [Pattern(ids[0], stops, len(ids), direction) for (stops, direction), ids in trips.items()]
    return [
        {**_any_row(rows_of, direction.line.id, stop), "sequence": None, "headsign": None, **data}
        for direction in directions(patterns)
        for stop, data in link_data(direction)
    ]


def _any_row(rows_of: Mapping[str, Mapping[str, Values]], line: str, stop: str) -> Values:
    """The stop's row on the line, or on whatever pattern has it."""
    own = rows_of[line].get(stop)
    return own if own is not None else next(row[stop] for row in rows_of.values() if stop in row)


def _direction(text: Any) -> int:
    told = str(text).strip().casefold()
    if told in ("0", "down", "outbound", "forward"):
        return 0
    if told in ("1", "up", "inbound", "return", "backward"):
        return 1
    raise ConfigurationError(f"direction {text!r} is neither 0, down, outbound, forward nor 1, up, inbound, return")


def _order(value: Any) -> tuple[int, float, str]:
    """Numbers by size before texts."""
    try:
        return (0, float(value), "")
    except (TypeError, ValueError):
        return (1, 0.0, str(value))


def _columns(group: Group, *, theirs: bool = False) -> tuple[str, ...]:
    """Columns of the join: `match: a` is the same on both sides, `match: {ours: theirs}` is not."""
    if isinstance(group.match, str):
        return (group.match,)
    return tuple(group.match.values()) if theirs else tuple(group.match)


def _check_columns(path: Path, row: Row, columns: list[str]) -> None:
    for column in columns:
        if column not in row.values:
            raise ConfigurationError(f"{path} has no column {column!r} to join on (it has: {', '.join(row.values)})")
