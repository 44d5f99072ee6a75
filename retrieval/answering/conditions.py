"""The conditions of a query, checked on one entity: for what the graph holds as it is now, and the question is about
another time."""

from collections.abc import Mapping
from typing import Any

from graph.queries import DATE_PARTS, Condition


def meets(properties: Mapping[str, Any], condition: Condition) -> bool:
    """As graph.queries.select would find it."""
    if condition.op == "any":
        held = any(_within(properties.get(name), condition.value) for name in condition.fields)
        return held or any(area in condition.areas for area in properties.get("area_ids") or ())
    value = properties.get(condition.field)
    if value is None:
        return False
    if condition.op == "has":
        return any(_within(one, condition.value) for one in value)
    if condition.op in DATE_PARTS:
        start, length = DATE_PARTS[condition.op]
        return _within(str(value)[start : start + length], condition.value)
    return _within(value, condition.value) if condition.op == "in" else _compares(value, condition)


def _within(value: Any, wanted: Any) -> bool:
    return value in wanted


def _compares(value: Any, condition: Condition) -> bool:
    """Text and numbers do not compare, as in the graph."""
    wanted: Any = condition.value
    if condition.op == "=":
        return bool(value == wanted)
    if isinstance(value, str) != isinstance(wanted, str):
        return False
    below, equal = value < wanted, value == wanted
    return bool({"<": below, "<=": below or equal, ">": not below and not equal, ">=": not below}[condition.op])
