"""A mapping file, read and checked: which table becomes which records (docs/mapping.md)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crawlers.file.policies import policy
from crawlers.file.values import Value, compile_value
from ibcm.config import read_yaml
from ibcm.domain.errors import ConfigurationError
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import Kind
from ibcm.domain.scope import Scope

TOP_FIELDS = ("key", "city", "sector", "url", "language", "retrieved_at", "valid_from", "valid_to")


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Shared(_Spec):
    """Coordinates that many rows share are the middle of an area, not the places' own."""

    lat: str = "lat"
    lon: str = "lon"
    from_: int = Field(5, alias="from", ge=2)


class Directions(_Spec):
    """Columns of a group that say how a route runs."""

    stop: str
    order: str
    pattern: str | None = None
    direction: str | None = None


class Group(_Spec):
    """Rows of another table beside this one that belong to a row."""

    file: str | None = None
    match: str | dict[str, str] = {}
    order_by: list[str] = []
    directions: Directions | None = None


class LinkSpec(_Spec):
    rel: str
    key: Any
    source: str | None = None
    each: Any = None
    data: dict[str, Any] = {}


class RecordSpec(_Spec):
    kind: Kind
    key: Any
    data: dict[str, Any]
    source: str | None = None
    city: Any = None
    sector: Any = None
    url: Any = None
    language: Any = None
    retrieved_at: Any = None
    valid_from: Any = None
    valid_to: Any = None
    links: list[LinkSpec] = []
    each: Any = None
    where: dict[str, Any] = {}
    require: list[str] = []
    once: bool = False


class GtfsSpec(_Spec):
    """What a GTFS zip does not say of itself."""

    source: str | None = None
    city: str | None = None
    network: str | None = None
    modes: dict[int, str] = {}
    names: dict[str, str] = {}


class TableSpec(_Spec):
    files: str | list[str] = "*"
    format: Literal["csv", "tsv", "jsonl", "geojson", "gtfs"] | None = None
    encoding: str = "utf-8"
    null_if: list[Any] = []
    retrieved_at: Any = None
    shared_coordinates: Shared | None = None
    group_by: list[str] = []
    groups: dict[str, Group] = {}
    records: list[RecordSpec] = []
    gtfs: GtfsSpec | None = None


class MappingSpec(_Spec):
    sources: dict[str, dict[str, Any]]
    tables: list[TableSpec]
    retrieved_at: Any = None
    null_if: list[Any] = []


@dataclass(frozen=True, slots=True)
class LinkRule:
    rel: str
    source: str | None
    key: Value
    each: "Each | None"
    data: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Each:
    """One record or link for each value of a list, which is then column `name`, or for each row of a group."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class RecordRule:
    source: str
    kind: str
    top: Mapping[str, Value]
    data: Mapping[str, Value]
    links: tuple[LinkRule, ...]
    each: Each | None
    where: Mapping[str, frozenset[str]]
    require: tuple[str, ...]
    once: bool


@dataclass(frozen=True, slots=True)
class Table:
    spec: TableSpec
    patterns: tuple[re.Pattern[str], ...]
    fillers: tuple[str, ...]
    rules: tuple[RecordRule, ...]
    retrieved_at: Any

    def captures(self, name: str) -> dict[str, str] | None:
        """What the `{placeholders}` of `files` stand for in this file name; None when the table is not for it."""
        matches = (pattern.fullmatch(name) for pattern in self.patterns)
        return next((match.groupdict() for match in matches if match), None)


@dataclass(frozen=True, slots=True)
class TableMapping:
    path: Path
    policies: Mapping[str, SourcePolicy]
    tables: tuple[Table, ...] = field(default=())


def load_mapping(path: Path, scope: Scope) -> TableMapping:
    """Raises ConfigurationError that names the file and the place in it."""
    content = read_yaml(path)
    try:
        spec = MappingSpec.model_validate(content)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise ConfigurationError(f"{path}: {place}: {problem['msg']} (docs/mapping.md tells the format)") from error
    policies = {slug: policy(terms, f"{path}: sources.{slug}") for slug, terms in spec.sources.items()}
    if not policies:
        raise ConfigurationError(f"{path}: sources: say the terms of at least one source")
    made = tuple(_table(spec, number, policies, scope, path) for number in range(len(spec.tables)))
    return TableMapping(path, policies, made)


def _table(spec: MappingSpec, number: int, policies: Mapping[str, SourcePolicy], scope: Scope, path: Path) -> Table:
    table = spec.tables[number]
    where = f"{path}: tables.{number}"
    if (table.format == "gtfs") != (table.gtfs is not None) or (table.gtfs is not None) == bool(table.records):
        raise ConfigurationError(f"{where}: give records for a table, or format: gtfs with gtfs: for a GTFS zip")
    retrieved_at = table.retrieved_at or spec.retrieved_at
    rules = []
    for position, record in enumerate(table.records):
        if retrieved_at is None and record.retrieved_at is None:
            raise ConfigurationError(f"{where}: retrieved_at is missing: say when the data was read, as 2024-05-31")
        rules.append(_rule(record, policies, scope, f"{where}.records.{position}"))
    if table.gtfs is not None:
        _source(table.gtfs.source, policies, where)
        if retrieved_at is None:
            raise ConfigurationError(f"{where}: retrieved_at is missing: say when the data was read, as 2024-05-31")
    fillers = tuple(str(filler).casefold() for filler in (*spec.null_if, *table.null_if))
    files = [table.files] if isinstance(table.files, str) else table.files
    return Table(table, tuple(_file_pattern(name) for name in files), fillers, tuple(rules), retrieved_at)


def _rule(spec: RecordSpec, policies: Mapping[str, SourcePolicy], scope: Scope, where: str) -> RecordRule:
    given = {name: getattr(spec, name) for name in TOP_FIELDS}
    return RecordRule(
        source=_source(spec.source, policies, where),
        kind=spec.kind,
        top={n: _top(n, item, scope, f"{where}.{n}") for n, item in given.items() if item is not None},
        data={name: compile_value(item, scope, f"{where}.data.{name}") for name, item in spec.data.items()},
        links=tuple(_link(link, scope, f"{where}.links.{n}") for n, link in enumerate(spec.links)),
        each=_each(spec.each, scope, f"{where}.each"),
        where={
            column: frozenset(str(item) for item in (wanted if isinstance(wanted, list) else [wanted]))
            for column, wanted in spec.where.items()
        },
        require=tuple(spec.require),
        once=spec.once,
    )


def _top(name: str, item: Any, scope: Scope, where: str) -> Value:
    """`city: mumbai` is the slug, when there is such a city; everything else is read as in `data`."""
    slugs = {"city": scope.cities, "sector": scope.sectors}.get(name, {})
    if (isinstance(item, str) and item in slugs) or (
        name in ("language", "retrieved_at") and not isinstance(item, dict)
    ):
        return lambda _: item
    return compile_value(item, scope, where)


def _link(spec: LinkSpec, scope: Scope, where: str) -> LinkRule:
    data = {name: compile_value(item, scope, f"{where}.data.{name}") for name, item in spec.data.items()}
    return LinkRule(spec.rel, spec.source, compile_value(spec.key, scope, where), _each(spec.each, scope, where), data)


def _each(spec: Any, scope: Scope, where: str) -> Each | None:
    """`each: stops` is a group; `each: {as: investor, column: investors, transform: split}` the values of a list."""
    if spec is None:
        return None
    if isinstance(spec, str):
        return Each(spec, compile_value({"group": spec}, scope, where))
    if not isinstance(spec, dict) or not isinstance(spec.get("as"), str):
        raise ConfigurationError(f"{where}: each is the name of a group, or {{as: name, column: …, transform: …}}")
    return Each(spec["as"], compile_value({key: item for key, item in spec.items() if key != "as"}, scope, where))


def _source(slug: str | None, policies: Mapping[str, SourcePolicy], where: str) -> str:
    if slug is None and len(policies) == 1:
        return next(iter(policies))
    if slug is None or slug not in policies:
        raise ConfigurationError(f"{where}: source must be one of {', '.join(policies)}, not {slug}")
    return slug


def _file_pattern(files: str) -> re.Pattern[str]:
    """A glob in which `{name}` stands for any text, and is a column afterwards."""
    meanings = {"*": ".*", "?": "."}
    pieces = re.split(r"(\{\w+\}|\*|\?)", files)
    patterns = (f"(?P<{p[1:-1]}>.+?)" if p.startswith("{") else meanings.get(p, re.escape(p)) for p in pieces)
    return re.compile("".join(patterns))
