"""The city and the sector of a record as slugs, whatever spelling its source chose for them."""

from collections.abc import Callable, Iterator

from ibcm.domain.gazetteer import Gazetteer
from ibcm.domain.records import SourceRecord


def settled(record: SourceRecord, known: Gazetteer) -> SourceRecord:
    """The record filed under `bangalore` where it says `Bengaluru`. What the source wrote stays in its data, unless
    they say it already; names that nobody knows stay as they are."""
    found = {"city": _slug(record.city, known.town), "sector": _slug(record.sector, known.sector)}
    changed = {field: slug for field, slug in found.items() if slug and slug != getattr(record, field)}
    if not changed:
        return record
    written = {field: getattr(record, field) for field in changed if field not in record.data}
    return record.model_copy(update={**changed, "data": {**record.data, **written}})


def _slug(text: str | None, slug_of: Callable[[str], str | None]) -> str | None:
    return slug_of(text) if text else None


def unknown_sectors(record: SourceRecord, known: Gazetteer) -> Iterator[str]:
    """What the record calls its sectors, as far as the configuration has no name for it."""
    said = record.data.get("sectors")
    for text in [record.sector, *(said if isinstance(said, list) else [])]:
        if isinstance(text, str) and text and not known.sectors(text):
            yield text
