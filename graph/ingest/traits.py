"""What resolution looks at in a record: folded names, ids, position and the like, worked out once per record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graph.ingest.geo import Point
from graph.ingest.normalise import fold, website_host
from ibcm.domain.graph import LEDGER_LABEL_BY_KIND
from ibcm.domain.records import SourceRecord

PRECISE_M = 500.0
"""Coordinates stated to be vaguer than this count as the centre of something, not as a position."""

FEED_LOCAL = frozenset({"gtfs"})
"""Id schemes that every feed numbers for itself: "1" is another stop in each of them, so they identify nothing."""

_BY_LINKS = frozenset({"Stop", "Event"})
"""Labels whose identity depends on what they link to. A route's hundred stops need not be looked at."""


@dataclass(frozen=True, slots=True)
class Traits:
    """A record as resolution sees it. Empty text, sets and None mean that the source does not say."""

    ref: str
    source: str
    label: str
    names: frozenset[str] = frozenset()
    """Folded name and names by language; of organizations the legal name too. Aliases are hints, not identity."""
    called: frozenset[str] = frozenset()
    """Everything it is called, folded: names and aliases."""
    ids: Mapping[str, str] = field(default_factory=dict)
    city: str = ""
    point: Point | None = None
    """A position, when it is precise enough to tell neighbours apart."""
    address: str = ""
    area: str = ""
    locality: str = ""
    postcode: str = ""
    kind: str = ""
    """Kind of an area, as the source names it, folded."""
    mode: str = ""
    start: str = ""
    """ISO date or time of an event."""
    host: str = ""
    towns: frozenset[str] = frozenset()
    """Cities that an organization names as its own."""
    categories: frozenset[str] = frozenset()
    part_of: frozenset[str] = frozenset()
    at: frozenset[str] = frozenset()
    said: Mapping[str, Any] = field(default_factory=dict)
    """The whole data, to know two keys of one source that say exactly the same."""


def label_of(record: SourceRecord) -> str:
    """Label under which the ledger assigns it; empty for kinds that have no entity."""
    return LEDGER_LABEL_BY_KIND.get(record.kind, "")


def position(data: Mapping[str, Any]) -> Point | None:
    """Latitude and longitude, when they are the thing's own and not the centre of its surroundings."""
    lat, lon, precision = data.get("lat"), data.get("lon"), data.get("coordinate_precision")
    if lat is None or lon is None or precision == "centroid":
        return None
    if isinstance(precision, int | float) and precision > PRECISE_M:
        return None
    return float(lat), float(lon)


def traits_of(record: SourceRecord) -> Traits:
    """Pure and quick; nothing is read but the record."""
    data = record.data
    names = {fold(text) for text in _texts(data.get("name"), data.get("names"), data.get("legal_name"))} - {""}
    label = label_of(record)
    targets = _targets(record) if label in _BY_LINKS else []
    return Traits(
        ref=record.ref,
        source=record.source,
        label=label,
        names=frozenset(names),
        called=frozenset(names | {fold(text) for text in _texts(data.get("aliases"))} - {""}),
        ids=_ids(data.get("ids")),
        city=record.city or "",
        point=position(data),
        address=_folded(data.get("address")),
        area=_folded(data.get("area")),
        locality=_folded(data.get("locality")),
        postcode=_folded(data.get("postcode")),
        kind=_folded(data.get("kind")),
        mode=str(data.get("mode") or ""),
        start=str(data.get("start") or ""),
        host=website_host(data["website"]) if isinstance(data.get("website"), str) else "",
        towns=frozenset({fold(text) for text in _texts(data.get("city"), record.city)} - {""}),
        categories=frozenset(_texts(data.get("category"), data.get("categories"))),
        part_of=frozenset(ref for rel, ref in targets if rel == "part_of"),
        at=frozenset(ref for rel, ref in targets if rel == "at"),
        said=data,
    )


def _targets(record: SourceRecord) -> list[tuple[str, str]]:
    return [(link.rel, ref) for link, ref in zip(record.links, record.targets(), strict=True)]


def _ids(given: object) -> dict[str, str]:
    if not isinstance(given, dict):
        return {}
    stated = {str(scheme).casefold(): str(value).strip().casefold() for scheme, value in given.items() if value}
    return {scheme: value for scheme, value in stated.items() if scheme not in FEED_LOCAL}


def _folded(value: object) -> str:
    return fold(value) if isinstance(value, str) else ""


def _texts(*values: object) -> list[str]:
    """Every string in these values: strings, lists of strings, dicts of strings."""
    found: list[str] = []
    for value in values:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            found += [one for one in value if isinstance(one, str)]
        elif isinstance(value, dict):
            found += [one for one in value.values() if isinstance(one, str)]
    return found
