"""The area that a record names -> the Area entity of that name in its city."""

from collections.abc import Sequence
from datetime import datetime

from graph.ingest.projection import named_areas
from graph.ingest.validity import holds
from graph.resolution.blocking import called_key
from graph.resolution.resolver import NEIGHBOURHOODS
from graph.resolution.traits import traits_of
from ibcm.domain.ledger import Ledger, StoredRecord


def find_areas(ledger: Ledger, records: Sequence[StoredRecord], *, now: datetime) -> dict[tuple[str, str], str]:
    """(city slug, folded name) -> entity id, for every name that these records give. Unknown areas are missing.

    Only records that hold at `now` count. Where several areas have one name, a neighbourhood goes before a ward and
    that before a district; a name goes before an alias; then the smaller ref decides.
    """
    wanted = {named for stored in records for _, named in named_areas(stored.record)}
    if not wanted:
        return {}
    best: dict[tuple[str, str], tuple[int, bool, str, str]] = {}
    for stored in ledger.sharing("Area", sorted(called_key(city, name) for city, name in wanted)):
        if not holds(stored.record, now):
            continue
        traits = traits_of(stored.record)
        for name in traits.called:
            named = (traits.city, name)
            if named in wanted:
                rank = (_rank(traits.kind), name not in traits.names, stored.ref, stored.entity)
                best[named] = min(best.get(named, rank), rank)
    return {named: entity for named, (_, _, _, entity) in best.items()}


def _rank(kind: str) -> int:
    if kind in NEIGHBOURHOODS:
        return 0
    return {"": 1, "ward": 2, "district": 4, "city": 5}.get(kind, 3)
