"""Rows into records, by the rules of a table."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from crawlers.base import Fetched, Place, Rejected
from crawlers.file.groups import OWN, Joined, gathered
from crawlers.file.mapping import LinkRule, RecordRule, Table
from crawlers.file.tables import Row, Values, format_of, rows
from crawlers.file.values import Context
from ibcm.domain.errors import ConfigurationError, RecordError
from ibcm.domain.records import parse_record

WITH_POSITION = ("place", "area", "stop")
UNREADABLE = "the mapping cannot read this value (it is not quoted, because the terms of the source limit it)"


class Builder:
    """Reads one file by one table.

    Memory does not grow with the file, except for joins, `once` and shared coordinates.
    """

    def __init__(self, path: Path, table: Table, captures: Mapping[str, str], place: Place) -> None:
        self.path, self.table, self.captures, self.place = path, table, captures, place
        self.format = table.spec.format or format_of(path) or "csv"
        self.shared = self._shared()
        self.seen: dict[int, set[str]] = {number: set() for number, rule in enumerate(table.rules) if rule.once}

    def records(self) -> Iterator[Fetched]:
        """Raises IbcmError when mapping and table do not fit."""
        joined = Joined(self.table, self.path, self.captures) if not self.table.spec.group_by else None
        yield from joined.rejected if joined else []
        for row, groups in self._grouped(joined):
            if isinstance(row, Rejected):
                yield row
            else:
                self.place.where = row.where
                yield from self._row(row, groups)

    def _rows(self) -> Iterator[Row | Rejected]:
        return rows(self.path, self.format, encoding=self.table.spec.encoding)

    def _grouped(self, joined: Joined | None) -> Iterator[tuple[Row | Rejected, Mapping[str, Sequence[Values]]]]:
        if joined is None:
            for found in gathered(self.table, self._rows()):
                yield (found, {}) if isinstance(found, Rejected) else (found[0], {OWN: found[1]})
        else:
            for row in self._rows():
                yield (row, {} if isinstance(row, Rejected) else joined.of(row.values))

    def _row(self, row: Row, groups: Mapping[str, Sequence[Values]]) -> Iterator[Fetched]:
        strict = self.format in ("csv", "tsv")
        context = Context({**self.captures, **row.values}, groups, self.table.fillers, strict)
        for number, rule in enumerate(self.table.rules):
            if not all(str(context.get(column)) in wanted for column, wanted in rule.where.items()):
                continue
            for one in _each(rule, context):
                try:
                    value = self._value(rule, one, row)
                    if value is None or self._again(number, value["key"]):
                        continue
                    yield parse_record(value)
                except RecordError as error:
                    yield Rejected.of(row.where, error, rule.source)
                except ValueError as error:
                    yield Rejected.of(row.where, RecordError(UNREADABLE, quoting=str(error)), rule.source)

    def _value(self, rule: RecordRule, context: Context, row: Row) -> dict[str, Any] | None:
        """The record as plain values; None when a field that the rule requires is missing."""
        value = {name: found for name, get in rule.top.items() if (found := get(context)) is not None}
        data = {}
        for name, get in rule.data.items():
            try:
                data[name] = get(context)
            except ValueError as error:
                raise RecordError(UNREADABLE, field=f"data.{name}", quoting=str(error)) from error
        data = _nested({name: found for name, found in data.items() if found is not None})
        if rule.kind in WITH_POSITION and "lat" in data and self._is_shared(row.values):
            data.setdefault("coordinate_precision", "centroid")
        if any(_missing(value, data, name) for name in rule.require):
            return None
        if "key" not in value:
            raise RecordError("the column of the key is empty", field="key")
        links = [link for spec in rule.links for link in _links(spec, context)]
        when = value.pop("retrieved_at", self.table.retrieved_at)
        value |= {"source": rule.source, "kind": rule.kind, "retrieved_at": moment(when), "data": data}
        return {**value, "key": str(value["key"]), **({"links": links} if links else {})}

    def _again(self, number: int, key: str) -> bool:
        seen = self.seen.get(number)
        if seen is None or key not in seen:
            if seen is not None:
                seen.add(key)
            return False
        return True

    def _shared(self) -> Mapping[tuple[str, str], int]:
        """Coordinates -> how many rows have them, from a first pass over the file."""
        spec = self.table.spec.shared_coordinates
        if spec is None:
            return {}
        found: Counter[tuple[str, str]] = Counter()
        for row in self._rows():
            if isinstance(row, Row):
                found[str(row.values.get(spec.lat)), str(row.values.get(spec.lon))] += 1
        return {point: count for point, count in found.items() if count >= spec.from_}

    def _is_shared(self, values: Values) -> bool:
        spec = self.table.spec.shared_coordinates
        return spec is not None and (str(values.get(spec.lat)), str(values.get(spec.lon))) in self.shared


def _each(rule: RecordRule, context: Context) -> Iterator[Context]:
    if rule.each is None:
        yield context
        return
    for item in rule.each.value(context) or []:
        yield context.within(item if isinstance(item, dict) else {rule.each.name: item})


def _links(rule: LinkRule, context: Context) -> Iterator[dict[str, Any]]:
    contexts = [context]
    if rule.each is not None:
        name, items = rule.each.name, rule.each.value(context) or []
        contexts = [context.within(item if isinstance(item, dict) else {name: item}) for item in items]
    for one in contexts:
        key = rule.key(one)
        if key is not None:
            data = {name: found for name, get in rule.data.items() if (found := get(one)) is not None}
            link = {"rel": rule.rel, "key": str(key), "data": data}
            yield {**link, "source": rule.source} if rule.source else link


def _missing(value: Mapping[str, Any], data: Mapping[str, Any], name: str) -> bool:
    where: Any = data if name.startswith("data.") else value
    for part in name.removeprefix("data.").split("."):
        where = where.get(part) if isinstance(where, Mapping) else None
    return where is None or where == []


def _nested(data: dict[str, Any]) -> dict[str, Any]:
    """`ids.isin: x` becomes `ids: {isin: x}`."""
    found: dict[str, Any] = {}
    for name, item in data.items():
        *path, last = name.split(".")
        into = found
        for part in path:
            into = into.setdefault(part, {})
        into[last] = None if isinstance(item, float) and math.isnan(item) else item
    return found


def moment(value: Any) -> Any:
    """A day becomes its midnight UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return value
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def build(path: Path, table: Table, captures: Mapping[str, str], place: Place) -> Iterator[Fetched]:
    """Records of one file by one table; `place` follows. Raises IbcmError, naming the file, when they do not fit."""
    try:
        yield from Builder(path, table, captures, place).records()
    except ConfigurationError as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
