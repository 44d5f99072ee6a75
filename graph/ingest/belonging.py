"""Which cities and sectors a record is of, as slugs, by what its source wrote."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ibcm.config import gazetteer
from ibcm.domain.records import SourceRecord

NAMES_TOWNS = frozenset({"organization", "funding"})
"""Kinds whose `city` in the data is theirs. A place is where its record says."""


def city_of(record: SourceRecord, data: Mapping[str, Any]) -> str:
    """What the record is filed under; of a firm without, the first city of the installation that it names."""
    if record.city or record.kind not in NAMES_TOWNS:
        return record.city or ""
    known = gazetteer()
    return next((slug for slug in towns_of(record, data) if known.is_city(slug)), "")


def towns_of(record: SourceRecord, data: Mapping[str, Any]) -> list[str]:
    """Every city that a firm or a round names as its own, those outside the installation too."""
    if record.kind not in NAMES_TOWNS:
        return []
    named = [data["city"]] if isinstance(data.get("city"), str) else []
    return _distinct(slug for text in [*named, record.city or ""] if text for slug in gazetteer().towns(text))


def sectors_of(record: SourceRecord, data: Mapping[str, Any]) -> list[str]:
    """The sector that it is filed under, and those of the installation that its data name."""
    named = [record.sector] if record.sector else []
    return _distinct([*named, *(slug for text in _sector_texts(data) for slug in gazetteer().sectors(text))])


def _sector_texts(data: Mapping[str, Any]) -> Iterator[str]:
    for field in ("sector", "sectors"):
        value = data.get(field)
        yield from (text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))


def _distinct(slugs: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(slugs))
