"""Terms of fields that nothing has: a slip of the pen there keeps what was to be left out."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ibcm.domain.policy import FLATTENED, LINKS, SourcePolicy
from ibcm.domain.records import SourceRecord


class UnmetTerms:
    """Collects which fields an ingest met, of sources that have terms for single fields."""

    def __init__(self) -> None:
        self._met: dict[str, set[str]] = defaultdict(set)
        self._policies: dict[str, SourcePolicy] = {}

    def look(self, record: SourceRecord, policy: SourcePolicy) -> None:
        """Remember the names of all its fields, at any depth."""
        if policy.fields and not record.deleted:
            self._policies[record.source] = policy
            met = self._met[record.source]
            met.update(_names(record.data))
            for link in record.links:
                met.add(LINKS)
                met.update(_names(link.data))

    def notes(self) -> list[str]:
        """A line for each source whose terms name fields that none of its records had."""
        found = {slug: _unmet(policy, self._met[slug]) for slug, policy in self._policies.items()}
        return [
            f"the terms of {slug} name fields that no record here had, so nothing was kept to them: {', '.join(fields)}"
            for slug, fields in sorted(found.items())
            if fields
        ]


def _unmet(policy: SourcePolicy, met: set[str]) -> list[str]:
    """Fields of which no spelling was met; a spelling that ends in `_` stands for everything that begins so."""
    return [
        name
        for name, own in policy.fields.items()
        if not any(
            spelling in met or (spelling in FLATTENED and any(one.startswith(spelling) for one in met))
            for spelling in policy.model_copy(update={"fields": {name: own}}).spellings()
        )
    ]


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield str(name).casefold()
            yield from _names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)
