"""A few timeless, checkable facts about the first cities and sectors, compiled by us.

Every record carries `basis: compiled` and a page where a reader can check it; its trust is the lowest, so that any
retrieved source supersedes it. There is no quota: a wrong fact costs more than a missing one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawlers.base import Complete, Fetched, FetchScope
from ibcm.config import read_yaml
from ibcm.domain.errors import ConfigurationError, RecordError
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord, parse_record

HERE = Path(__file__).parent
PRECISION_M = 200
"""Positions are given to three decimals, for grounds and buildings that are themselves that large."""


class Starter:
    slug = "starter"
    policy = SourcePolicy(
        name="IBCM starter facts",
        licence="Apache-2.0",
        licence_url="https://www.apache.org/licenses/LICENSE-2.0",
        attribution="Compiled by the IBCM project; check each at its page",
        trust=0.1,
        allow_training=True,
        deduplicated=True,
    )

    def __init__(self, folder: Path = HERE) -> None:
        self.folder = folder

    def fetch(self, scope: FetchScope) -> Iterator[Fetched]:
        cities, sectors = {city.slug for city in scope.cities}, {sector.slug for sector in scope.sectors}
        found = 0
        for record in _records(self.folder):
            if record.city is not None and record.city not in cities:
                continue
            if record.sector is not None and record.sector not in sectors:
                continue
            if found == scope.limit:
                return
            found += 1
            yield record
        yield Complete()


def _records(folder: Path) -> Iterator[SourceRecord]:
    for path in sorted(folder.glob("*.yaml")):
        content = read_yaml(path)
        compiled = datetime.combine(content["compiled"], datetime.min.time(), tzinfo=UTC)
        for entry in content["records"]:
            try:
                yield parse_record(_whole(entry, content, compiled))
            except RecordError as error:
                raise ConfigurationError(f"{path}: {entry.get('key')}: {error}") from error


def _whole(entry: dict[str, Any], shared: dict[str, Any], compiled: datetime) -> dict[str, Any]:
    """The entry with what its file says once for all (city or sector, date), kind `place` where none is said."""
    data = {**entry["data"], "basis": "compiled"}
    if "lat" in data:
        data.setdefault("coordinate_precision", PRECISION_M)
    common: dict[str, Any] = {key: shared[key] for key in ("city", "sector") if key in shared}
    fixed = {"source": Starter.slug, "kind": "place", "retrieved_at": compiled, "language": "en"}
    return {**fixed, **common, **entry, "data": data}
