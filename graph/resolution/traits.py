"""What resolution looks at in a record: words, numbers, ids, position and the like, worked out once per record."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

from graph.geo import Point
from graph.normalise import DEFAULT_REGION, fold, phones, website_host
from graph.resolution.addresses import Address, read_address
from graph.resolution.firms import firm_names
from graph.resolution.rounds import Round, round_of
from graph.resolution.tokens import Words, codes, name_words, vocabulary
from ibcm.domain.graph import LEDGER_LABEL_BY_KIND
from ibcm.domain.records import SourceRecord

PRECISE_M = 500.0
"""Coordinates stated to be vaguer than this count as the centre of something, not as a position."""

FEED_LOCAL = frozenset({"gtfs"})
"""Id schemes that every feed numbers for itself: "1" is another stop in each of them, so they identify nothing."""

MOST_CALLINGS = 6
"""Names of one record that are compared: spellings in the languages of a city, not a dictionary."""
PHONE_DIGITS = 10
"""Last digits by which numbers are compared, however their country and area are written."""
NO_ADDRESS = Address()
_BRACKETS = re.compile(r"[(\[]([^)\]]*)[)\]]?")
PROSE = ("description", "summary")

_BY_LINKS = frozenset({"Stop", "Event", "Funding"})
"""Labels whose identity depends on what they link to. A route's hundred stops need not be looked at."""
_SPEAKING = frozenset({"Area", "Event", "Organization", "Funding"})
"""Labels of which more is looked at than what Traits names."""


@dataclass(frozen=True, slots=True)
class Traits:
    """A record as resolution sees it. Empty text, sets and None mean that the source does not say."""

    ref: str
    source: str
    label: str
    names: frozenset[str] = frozenset()
    """Folded name and names by language; of organizations the legal name too."""
    called: frozenset[str] = frozenset()
    """Everything it is called, folded: names and aliases."""
    callings: tuple[Words, ...] = ()
    """Distinct names as the words that are compared, the main name first; each without what it puts into brackets."""
    asides: tuple[Words, ...] = ()
    """What names put into brackets: another name, or which of several it is."""
    ids: Mapping[str, str] = field(default_factory=dict)
    city: str = ""
    point: Point | None = None
    """A position, when it is precise enough to tell neighbours apart."""
    rough: Point | None = None
    """The centre of its surroundings, where no better position is said."""
    address: Address = NO_ADDRESS
    area: str = ""
    locality: str = ""
    quarters: tuple[frozenset[str], ...] = ()
    """Words of its area and of its locality."""
    vicinity: frozenset[str] = frozenset()
    """Words of its area, locality and city."""
    postcode: str = ""
    phones: frozenset[str] = frozenset()
    """Last digits of every number."""
    host: str = ""
    """Of a website that is its own."""
    kind: str = ""
    """Kind of an area, as the source names it, folded."""
    mode: str = ""
    start: str = ""
    """ISO date or time of an event."""
    towns: frozenset[str] = frozenset()
    """Cities that an organization names as its own."""
    sectors: frozenset[str] = frozenset()
    """Sectors of an organization, as the source names them."""
    round: Round | None = None
    """Of a funding round."""
    categories: frozenset[str] = frozenset()
    part_of: frozenset[str] = frozenset()
    at: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    """Model numbers in its names."""
    prose: Words = ()
    """Words of its description."""
    said: Mapping[str, Any] = field(default_factory=dict)
    """The whole data, of labels that are looked at more closely: places are too many to remember so much of."""

    @property
    def around(self) -> frozenset[str]:
        """Words of its address, area and city: in a name they say which one it is, not what."""
        return self.vicinity.union(self.address.words)


def label_of(record: SourceRecord) -> str:
    """Label under which the ledger assigns it; empty for kinds that have no entity."""
    return LEDGER_LABEL_BY_KIND.get(record.kind, "")


def position(data: Mapping[str, Any]) -> Point | None:
    """Latitude and longitude, when they are the thing's own and not the centre of its surroundings."""
    precision = data.get("coordinate_precision")
    if precision == "centroid" or (isinstance(precision, int | float) and precision > PRECISE_M):
        return None
    return stated_point(data)


def stated_point(data: Mapping[str, Any]) -> Point | None:
    """Latitude and longitude however vague; None where there are none on earth: kinds without a position of their own
    may carry anything under these names."""
    lat, lon = data.get("lat"), data.get("lon")
    if not isinstance(lat, int | float) or not isinstance(lon, int | float):
        return None
    return (float(lat), float(lon)) if abs(lat) <= 90 and abs(lon) <= 180 else None


def traits_of(record: SourceRecord) -> Traits:
    """Pure and quick; nothing is read but the record."""
    label = label_of(record)
    return Traits(
        ref=record.ref,
        source=record.source,
        label=label,
        said=record.data if label in _SPEAKING else {},
        **_what_it_is_called(record.data, label),
        **_where_it_is(record),
        **_how_it_is_reached(record.data),
        **_what_it_is(record, label),
        **_what_it_belongs_to(record, label),
    )


def _what_it_is_called(data: Mapping[str, Any], label: str) -> dict[str, Any]:
    spelled, aliases = _names(data, label)
    names = {fold(text) for text in spelled} - {""}
    return {
        "names": _set(names),
        "called": _set(names | {fold(text) for text in aliases} - {""}),
        "callings": _distinct(_BRACKETS.sub(" ", text) for text in (*spelled, *aliases)) or _distinct(spelled),
        "asides": _distinct(inside for text in spelled for inside in _BRACKETS.findall(text)),
        "codes": _set(code for text in spelled for code in codes(text)),
    }


def _where_it_is(record: SourceRecord) -> dict[str, Any]:
    data = record.data
    point, vicinity = position(data), _vicinity(record)
    quarters = map(_set, map(name_words, _texts(data.get("area"), data.get("locality"))))
    return {
        "city": record.city or "",
        "point": point,
        "rough": None if point else stated_point(data),
        "address": _address(data.get("address")),
        "area": _folded(data.get("area")),
        "locality": _folded(data.get("locality")),
        "quarters": tuple(filter(None, quarters)),
        "postcode": _postcode(data.get("postcode")),
        "vicinity": _set(vicinity),
    }


def _how_it_is_reached(data: Mapping[str, Any]) -> dict[str, Any]:
    region = str(data.get("country") or DEFAULT_REGION)
    return {
        "ids": _ids(data.get("ids")),
        "phones": _set(_phones(data.get("phone"), region)),
        "host": _own_host(data.get("website")),
    }


def _what_it_is(record: SourceRecord, label: str) -> dict[str, Any]:
    data = record.data
    sectors = _texts(record.sector, data.get("sectors"), data.get("sector")) if label == "Organization" else []
    return {
        "kind": _folded(data.get("kind")),
        "mode": str(data.get("mode") or ""),
        "start": str(data.get("start") or ""),
        "categories": _set(_texts(data.get("category"), data.get("categories"))),
        "towns": _set(_texts(data.get("city"), record.city)),
        "sectors": _set(sectors),
        "prose": _prose(data),
    }


def _what_it_belongs_to(record: SourceRecord, label: str) -> dict[str, Any]:
    targets = _targets(record) if label in _BY_LINKS else []
    return {
        "round": round_of(record.data, targets) if label == "Funding" else None,
        "part_of": _set(ref for rel, ref in targets if rel == "part_of"),
        "at": _set(ref for rel, ref in targets if rel == "at"),
    }


def _names(data: Mapping[str, Any], label: str) -> tuple[list[str], list[str]]:
    """Names and aliases; of an organization each of the several names that sources write into one."""
    spelled = _texts(data.get("name"), data.get("names"), data.get("legal_name"))
    aliases = _texts(data.get("aliases"))
    if label != "Organization":
        return spelled, aliases
    parted = [firm_names(text) for text in spelled]
    now = [parts[0] for parts in parted]
    return now, [*aliases, *(name for parts in parted for name in parts[1:])]


def _targets(record: SourceRecord) -> list[tuple[str, str]]:
    return [(link.rel, ref) for link, ref in zip(record.links, record.targets(), strict=True)]


def _ids(given: object) -> dict[str, str]:
    if not isinstance(given, dict):
        return {}
    stated = {str(scheme).casefold(): str(value).strip().casefold() for scheme, value in given.items() if value}
    return {scheme: value for scheme, value in stated.items() if scheme not in FEED_LOCAL}


def _address(value: object) -> Address:
    return read_address(value) if isinstance(value, str) else NO_ADDRESS


def _vicinity(record: SourceRecord) -> Iterator[str]:
    texts = _texts(record.data.get("area"), record.data.get("locality"), record.city, record.data.get("city"))
    return (word for text in texts for word in name_words(text))


def _set(values: Iterable[str]) -> frozenset[str]:
    """One object for all that are equal: most records share theirs, empty or not, with many others."""
    return _the_one(frozenset(values))


@lru_cache(maxsize=65_536)
def _the_one(values: frozenset[str]) -> frozenset[str]:
    return values


def _distinct(names: Iterable[str]) -> tuple[Words, ...]:
    return tuple(islice(dict.fromkeys(filter(None, map(name_words, names))), MOST_CALLINGS))


def _phones(value: object, region: str) -> Iterator[str]:
    for text in _texts(value):
        for number in phones(text, region.upper()):
            digits = "".join(char for char in number if char.isdigit())
            if len(digits) >= 6:
                yield digits[-PHONE_DIGITS:]


def _own_host(value: object) -> str:
    host = website_host(value) if isinstance(value, str) else ""
    return "" if host in vocabulary().shared_hosts else host


def _postcode(value: object) -> str:
    return "".join(fold(str(value)).split()) if isinstance(value, str | int) else ""


def _prose(data: Mapping[str, Any]) -> Words:
    text = next((data[name] for name in PROSE if isinstance(data.get(name), str)), "")
    return name_words(text[:2_000]) if text else ()


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
