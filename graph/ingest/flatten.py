"""A record's data as flat fields: scalars and lists of scalars, which is what a graph can hold."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from graph.normalise import DEFAULT_REGION, phones

UNITED = frozenset({"cuisine", "aliases", "categories", "sectors", "listed_on", "investors"})
"""Lists in which every source may add."""
LARGEST_INT = 2**63
"""Graphs hold 64-bit integers; a larger number is kept as text."""

Flat = str | int | float | bool | list[str] | list[int] | list[float]


def flat_data(data: Mapping[str, Any]) -> dict[str, Flat]:
    """`names` becomes `name_<language>`, `ids` becomes `ids_<scheme>`, phone numbers E.164; other nested data is left
    out, and so are empty texts and lists. The order of `data` does not matter."""
    flat: dict[str, Flat] = {}
    for field, value in sorted(data.items()):
        if field == "names":
            flat |= _prefixed("name", value)
        elif field == "ids":
            flat |= _prefixed("ids", value)
        elif field == "phone":
            flat |= _phone(value, str(data.get("country") or DEFAULT_REGION))
        elif field and (kept := _flat_value(value)) is not None:
            flat[field] = _as_field(field, kept)
    return flat


def _as_field(field: str, value: Flat) -> Flat:
    if field in UNITED and not isinstance(value, list):
        return [str(value)]
    if field == "postcode" and isinstance(value, str) and "".join(value.split()).isdigit():
        return "".join(value.split())
    return value


def _prefixed(prefix: str, values: object) -> Iterator[tuple[str, str]]:
    if isinstance(values, dict):
        for key, value in values.items():
            if isinstance(value, str) and value.strip():
                yield f"{prefix}_{str(key).strip().casefold()}", value


def _phone(value: object, region: str) -> Iterator[tuple[str, Flat]]:
    given = value if isinstance(value, list) else [value]
    found = list(dict.fromkeys(number for one in given if one for number in phones(str(one), region.upper())))
    if found:
        yield "phone", found[0] if len(found) == 1 else found


def _flat_value(value: object) -> Flat | None:
    if isinstance(value, int):
        return value if abs(value) < LARGEST_INT else str(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, list):
        return _flat_list(value)
    return None


def _flat_list(values: list[Any]) -> Flat | None:
    """One type an element, as graphs want it; lists with nested values are left out."""
    if not values or not all(isinstance(one, str | int | float) for one in values):
        return None
    if all(isinstance(one, int) and not isinstance(one, bool) and abs(one) < LARGEST_INT for one in values):
        return list(values)
    if all(isinstance(one, int | float) and not isinstance(one, bool) and isfinite(one) for one in values):
        return [float(one) for one in values]
    return [str(one) for one in values]
