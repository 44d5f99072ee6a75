"""Blocking keys: only records that share one are ever compared. Each kind of evidence has its keys.

Two families live in one table. *Pairing* keys bring records of one label together. *Lookup* keys, which begin with
`in|`, let an area that arrives late find the records that name it.
"""

from collections.abc import Iterable
from hashlib import sha256

from graph.ingest.geo import cells
from graph.ingest.traits import Traits, traits_of
from ibcm.domain.records import SourceRecord

PLACE_REACH_M = 100.0
STOP_REACH_M = 300.0
REST_LENGTH = 160
"""What is longer after a key's family becomes a digest: databases limit what they index."""

LOOKUP = "in|"
CALLED = "called|"


def keys_of(record: SourceRecord) -> list[str]:
    """Pairing and lookup keys, sorted."""
    return keys_of_traits(traits_of(record))


def keys_of_traits(traits: Traits) -> list[str]:
    """The same of what was worked out already."""
    lookup = [in_key(traits.city, traits.area)] if traits.area else []
    return sorted({*pairing_keys(traits), *lookup})


def pairing_keys(traits: Traits) -> set[str]:
    """Keys by which candidates of one label find each other."""
    ids = {_short(f"id|{scheme}|{value}") for scheme, value in traits.ids.items()}
    by_label = _KEYS_BY_LABEL.get(traits.label)
    return ids | {_short(key) for key in by_label(traits)} if by_label else ids


def is_lookup(key: str) -> bool:
    return key.startswith(LOOKUP)


def in_key(city: str, area: str) -> str:
    """Held by records that name an area; `area` is folded."""
    return _short(f"{LOOKUP}{city}|{area}")


def called_key(city: str, name: str) -> str:
    """Held by areas under each of their names and aliases; `name` is folded."""
    return _short(f"{CALLED}{city}|{name}")


def namers_of(called: Iterable[str]) -> list[str]:
    """Keys of the records that name the areas which hold these `called` keys."""
    return sorted({LOOKUP + key.removeprefix(CALLED) for key in called if key.startswith(CALLED)})


def _place(traits: Traits) -> list[str]:
    near = cells(traits.point, PLACE_REACH_M) if traits.point else []
    surroundings = {traits.area, traits.locality} - {""}
    found = []
    for name in traits.names:
        found += [f"near|{name}|{cell}" for cell in near]
        found += [f"area|{name}|{traits.city}|{area}" for area in surroundings]
        if traits.address:
            found.append(f"address|{name}|{traits.address}")
        if traits.postcode and not surroundings:
            found.append(f"area|{name}|{traits.city}|{traits.postcode}")
    return found


def _area(traits: Traits) -> list[str]:
    return [called_key(traits.city, name) for name in traits.called]


def _stop(traits: Traits) -> list[str]:
    near = cells(traits.point, STOP_REACH_M) if traits.point else []
    family = [f"part|{ref}" for ref in (traits.ref, *traits.part_of)]
    return family + [f"near|{name}|{traits.mode}|{cell}" for name in traits.names for cell in near]


def _event(traits: Traits) -> list[str]:
    if not traits.start:
        return []
    return [f"event|{name}|{traits.start[:10]}|{traits.city}" for name in traits.names]


def _organization(traits: Traits) -> list[str]:
    return [f"name|{name}" for name in traits.names]


_KEYS_BY_LABEL = {"Place": _place, "Area": _area, "Stop": _stop, "Event": _event, "Organization": _organization}


def _short(key: str) -> str:
    family, _, rest = key.partition("|")
    return key if len(rest) <= REST_LENGTH else f"{family}|#{sha256(rest.encode()).hexdigest()}"
