"""What a mapping writes on the right of a field, compiled once and evaluated for every row."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawlers.file.transforms import Step, no_value, step, tidy
from ibcm.domain.errors import ConfigurationError
from ibcm.domain.scope import Scope

PLACEHOLDER = re.compile(r"\{([^{}|]+)((?:\|[a-z_]+)*)\}")
ORIGINS = ("column", "template", "value", "first_of", "group")


@dataclass(frozen=True, slots=True)
class Context:
    """What the values of one record may refer to."""

    columns: Mapping[str, Any]
    groups: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    fillers: tuple[str, ...] = ()
    complete: bool = True
    """Every row has every column (CSV), so that a missing one is a mistake in the mapping."""

    def get(self, name: str) -> Any:
        """The column's value; None when it is blank or a filler."""
        if name not in self.columns and (self.complete or "." not in name):
            if self.complete:
                there = ", ".join(str(column) for column in self.columns)
                raise ConfigurationError(
                    f"the mapping names column {name!r}, which the table has not (it has: {there})"
                )
            return None
        return _shown(self.columns[name] if name in self.columns else _inside(self.columns, name), self.fillers)

    def within(self, more: Mapping[str, Any]) -> "Context":
        """The same with more columns, which win over those there are."""
        return Context({**self.columns, **more}, self.groups, self.fillers, self.complete)


Value = Callable[[Context], Any]


def compile_value(spec: Any, scope: Scope, where: str) -> Value:
    """Raises ConfigurationError that names the place in the mapping."""
    try:
        return _compiled(spec, scope)
    except ValueError as error:
        raise ConfigurationError(f"{where}: {error}") from error


def _compiled(spec: Any, scope: Scope) -> Value:
    if isinstance(spec, str):
        return _template(spec, scope) if "{" in spec else _column(spec)
    if isinstance(spec, list):
        return _list([_compiled(item, scope) for item in spec])
    if not isinstance(spec, Mapping):
        return lambda _: spec
    origins = [key for key in ORIGINS if key in spec]
    if not origins:
        return _object({str(key): _compiled(item, scope) for key, item in spec.items()})
    if len(origins) > 1:
        raise ValueError(f"take one of {' and '.join(origins)}")
    unknown = set(spec) - {origins[0], "transform", "null_if", "where", "of"}
    if unknown:
        raise ValueError(f"unknown key {min(unknown)!r} beside {origins[0]!r}")
    return _transformed(_origin(spec, origins[0], scope), spec, scope)


def _origin(spec: Mapping[str, Any], origin: str, scope: Scope) -> Value:
    given = spec[origin]
    if origin == "value":
        return lambda _: given
    if origin == "first_of":
        return _first_of([_compiled(item, scope) for item in given])
    if not isinstance(given, str):
        raise ValueError(f"{origin} is a text, not {given!r}")  # noqa: TRY004  # a mistake in the mapping
    if origin == "group":
        conditions = {column: _compiled(item, scope) for column, item in spec.get("where", {}).items()}
        return _group(given, spec.get("of"), conditions)
    return _template(given, scope) if origin == "template" else _column(given)


def _column(name: str) -> Value:
    return lambda context: context.get(name)


def _template(text: str, scope: Scope) -> Value:
    parts: list[tuple[str, list[Step]]] = [
        (match[1], [step(name, scope) for name in match[2].split("|") if name]) for match in PLACEHOLDER.finditer(text)
    ]
    literal = PLACEHOLDER.split(text)[::3]
    if any("{" in piece or "}" in piece for piece in literal):
        raise ValueError(f"{text!r}: write {{column}} or {{column|transform}}")

    def run(context: Context) -> str | None:
        said = [literal[0]]
        for (name, steps), after in zip(parts, literal[1:], strict=True):
            value = _run(context.get(name), steps)
            if value is None:
                return None
            said.append(f"{value}{after}")
        return tidy("".join(said))

    return run


def _list(values: list[Value]) -> Value:
    def run(context: Context) -> list[Any]:
        found: list[Any] = []
        for value in values:
            one = value(context)
            found.extend(one if isinstance(one, list) else [] if one is None else [one])
        return found

    return run


def _object(values: dict[str, Value]) -> Value:
    def run(context: Context) -> dict[str, Any] | None:
        found = {key: value(context) for key, value in values.items()}
        return {key: value for key, value in found.items() if value is not None} or None

    return run


def _first_of(values: list[Value]) -> Value:
    return lambda context: next((found for value in values if (found := value(context)) not in (None, [])), None)


def _group(name: str, column: str | None, conditions: Mapping[str, Value]) -> Value:
    def run(context: Context) -> list[Any]:
        if name not in context.groups:
            raise ConfigurationError(f"the mapping names group {name!r}, which its table does not define")
        wanted = {key: value(context) for key, value in conditions.items()}
        rows = [row for row in context.groups[name] if all(row.get(key) == value for key, value in wanted.items())]
        if column is None:
            return list(rows)
        values = [_shown(row.get(column), context.fillers) for row in rows]
        return [value for value in values if value is not None]

    return run


def _transformed(value: Value, spec: Mapping[str, Any], scope: Scope) -> Value:
    given = spec.get("transform", [])
    steps = [step(item, scope) for item in (given if isinstance(given, list) else [given])]
    fillers = spec.get("null_if", [])
    fillers = fillers if isinstance(fillers, list) else [fillers]

    def run(context: Context) -> Any:
        found = value(context)
        if fillers and found is not None and not isinstance(found, list):
            found = no_value(found, fillers)
        return _run(found, steps)

    return run


def _run(value: Any, steps: Sequence[Step]) -> Any:
    for do in steps:
        if value is None:
            return None
        value = do(value)
    return value


def _shown(value: Any, fillers: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        text = value.strip()
        return None if not text or text.casefold() in fillers else text
    return value


def _inside(columns: Mapping[str, Any], path: str) -> Any:
    value: Any = columns
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
