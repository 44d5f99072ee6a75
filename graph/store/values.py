"""Values on their way into the graph and out of it: what both engines can keep, and plain Python for readers."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

from neo4j.graph import Node, Path, Relationship
from neo4j.time import Date, DateTime, Duration, Time

from ibcm.domain.errors import EngineError
from ibcm.domain.graph import Scalar, Value

INDEXED = ("scope_key", "name_key", "cell7", "cell9")
INDEXED_CHARACTERS = 1_000
"""Neo4j refuses to index text of more than about 8 kB, and would refuse the whole transaction with it."""

_INT64 = range(-(2**63), 2**63)


def storable(properties: Mapping[str, object]) -> dict[str, Value]:
    """The properties as both engines can keep them.

    None is left out; integers beyond 64 bits and infinities become text; lists become lists of one type; half
    surrogates become question marks; names with a leading @, which ArcadeDB reserves, get the prefix `data_`.
    Raises EngineError for values that no property can hold.
    """
    kept: dict[str, Value] = {}
    for name, value in properties.items():
        if value is None:
            continue
        clean = _value(name, value)
        if name in INDEXED and isinstance(clean, str):
            clean = clean[:INDEXED_CHARACTERS]
        kept[property_name(name)] = clean
    return kept


def property_name(name: str) -> str:
    """The name under which a field is kept."""
    return "data_" + _text(name) if name.startswith("@") else _text(name)


def _value(name: str, value: object) -> Value:
    if isinstance(value, list | tuple):
        return _list(name, value)
    return _scalar(name, value)


def _scalar(name: str, value: object) -> Scalar:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if value in _INT64 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    raise EngineError(f"property {name!r} holds a {type(value).__name__}: the graph keeps text, numbers, lists of them")


def _list(name: str, values: Sequence[object]) -> Value:
    scalars = [_scalar(name, value) for value in values if value is not None]
    kinds = {type(scalar) for scalar in scalars}
    if len(kinds) <= 1:
        return cast("Value", scalars)
    if kinds == {int, float}:
        return [float(scalar) for scalar in scalars]
    return [str(scalar) for scalar in scalars]


def _text(value: str) -> str:
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


_PLAIN = frozenset({str, int, float, bool, type(None)})


def plain(value: object) -> object:
    """A value of a result as plain Python: nodes and relations as dicts of their properties, times as ISO text."""
    if type(value) in _PLAIN:  # most values by far: nothing else needs to be asked
        return value
    if isinstance(value, Mapping | Node | Relationship):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, Path):
        return [plain(node) for node in value.nodes]
    if isinstance(value, list | tuple | set | frozenset):  # a point is a tuple of its coordinates
        return [plain(inner) for inner in value]
    if isinstance(value, Date | DateTime | Time | Duration):
        return value.iso_format()
    return value
