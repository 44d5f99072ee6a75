"""The words of retrieval/words/*.yaml as one table: phrase -> what it may mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from retrieval.language import key_of

WORDS = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A data field with what people call it. `unit` is what its numbers count."""

    field: str
    words: tuple[str, ...]
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Lexicon:
    operators: Mapping[str, tuple[str, ...]]
    """Folded phrase -> concepts."""
    attributes: Mapping[str, tuple[str, ...]]
    """Folded phrase -> fields."""
    units: Mapping[str, str]
    """Field -> unit."""
    fillers: frozenset[str]
    values: Mapping[str, tuple[tuple[str, str], ...]]
    """Folded phrase -> (field, value as records usually write it)."""


@cache
def lexicon() -> Lexicon:
    """Read once; the files ship with the package."""
    operators: dict[str, tuple[str, ...]] = {}
    for concept, phrases in _read("operators").items():
        for phrase in phrases:
            _add(operators, str(phrase), concept)
    attributes: dict[str, tuple[str, ...]] = {}
    units: dict[str, str] = {}
    for field, entry in _read("attributes").items():
        if "unit" in entry:
            units[field] = entry["unit"]
        for phrase in entry["words"]:
            _add(attributes, str(phrase), field)
    fillers = frozenset(
        part for text in _read("fillers").values() for word in str(text).split() for part in key_of(word).split()
    )
    values: dict[str, tuple[tuple[str, str], ...]] = {}
    for field, table in _read("values").items():
        for value, spellings in table.items():
            for phrase in (value, *spellings):
                values[key_of(str(phrase))] = (*values.get(key_of(str(phrase)), ()), (field, value))
    return Lexicon(
        MappingProxyType(operators),
        MappingProxyType(attributes),
        MappingProxyType(units),
        fillers,
        MappingProxyType(values),
    )


def _add(table: dict[str, tuple[str, ...]], phrase: str, meaning: str) -> None:
    key = key_of(phrase)
    if key and meaning not in table.get(key, ()):
        table[key] = (*table.get(key, ()), meaning)


def _read(name: str) -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load((WORDS / f"{name}.yaml").read_text(encoding="utf-8"))
    return table
