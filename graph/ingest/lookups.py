"""Lookup keys: by them a thing that arrives, moves or goes finds those whose projection depends on it.

They bring nobody together. A record holds them under its own label:

- `in|city|name`: the area that it names, and that of its locality
- `in|f|row,column` and `in|c|row,column`: the fine and the coarse cell of its position; areas hold those that their
  polygon touches, of one size
- `in|a|row,column`: an area's coarse cells, whatever its size, by which areas find each other
- `in|s|row,column`: the cell of a stop, which is as wide as people walk between stops
- `in|o|name`: a name of an organization
- `in|w|name`, `in|r|name`: an investor and who raised it, as a funding round writes; `in|r|@ref`: the record of who
  raised it, to which it links

Keys of the families `called`, `in|s` and `in|o` are held by areas, stops and organizations alone, so what a change
concerns can be told from the keys, also of a record that has become something else.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graph.geo import Point, grid_around, grid_cell
from graph.resolution.blocking import CALLED, LOOKUP, in_key, namers_of
from graph.resolution.firms import spelled_names, written_keys
from graph.resolution.keys import bounded
from graph.resolution.traits import Traits
from graph.territory import COARSE, FINE, cell_of, coarse_cells, cover, read_territory

WALK_M = 400.0
"""How far apart two stops may be, in a straight line, for people to walk between them."""
NAMES_AREAS = ("Area", "Place", "Indicator", "Event", "Organization", "Stop")
"""Labels whose records may name the area that they are in."""
LIES_IN = ("Place", "Stop", "Event")
"""Labels that lie in the areas whose polygon holds their position."""
CONCERNING = ("Area", "Stop", "Organization")
"""Labels on whose positions or names the projection of others depends."""
FINE_CELL, COARSE_CELL, AREA_CELL, STOP_CELL = (f"{LOOKUP}{family}|" for family in "fcas")
FIRM, INVESTOR, RAISER = (f"{LOOKUP}{family}|" for family in "owr")
Touched = Mapping[str, Sequence[str]]
"""Label -> lookup keys of the records whose entities a change makes stale."""


def lookup_keys(traits: Traits) -> list[str]:
    """What a record holds, besides the keys that bring it together with others."""
    found = [in_key(traits.city, name) for name in sorted({traits.area, traits.locality} - {""})]
    stated = traits.point or traits.rough
    if traits.label in LIES_IN and stated:
        found += cells_over(stated)
    if traits.label == "Stop" and traits.point:
        found.append(_key(STOP_CELL, grid_cell(traits.point, WALK_M)))
    if traits.label == "Area" and traits.said.get("polygon"):
        found += _of_polygon(traits.said["polygon"])
    if traits.label == "Organization":
        found += [firm_key(key) for text in spelled_names(traits.said) for key in sorted(written_keys(text))]
    if traits.label == "Funding":
        found += _of_parties(traits)
    return found


def _of_parties(traits: Traits) -> list[str]:
    linked = sorted(traits.round.raised_by) if traits.round else []
    return [
        *(RAISER + bounded(key) for text in company_written(traits.said) for key in sorted(written_keys(text))),
        *(INVESTOR + bounded(key) for text in investors_written(traits.said) for key in sorted(written_keys(text))),
        *(RAISER + bounded(f"@{ref}") for ref in linked),
    ]


def firm_key(key: str) -> str:
    """Held by organizations under each of their names; `key` is one of `firms.written_keys`."""
    return FIRM + bounded(key)


def company_written(data: Mapping[str, Any]) -> list[str]:
    """Who raised a round, as far as its record writes a name."""
    return [data["company"]] if isinstance(data.get("company"), str) else []


def investors_written(data: Mapping[str, Any]) -> list[str]:
    """Who invested in a round, as far as its record writes names."""
    value = data.get("investors")
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def cells_over(point: Point) -> list[str]:
    """Keys of the areas that may hold this point."""
    return [_key(FINE_CELL, cell_of(point, FINE)), _key(COARSE_CELL, cell_of(point, COARSE))]


def stops_around(point: Point) -> list[str]:
    """Keys of the stops that may be within walking distance of this point."""
    return _neighbours(_key(STOP_CELL, grid_cell(point, WALK_M)))


def areas_around(geometry: Any) -> list[str]:
    """Keys of the areas that may overlap this one."""
    return [_key(AREA_CELL, cell) for cell in coarse_cells(geometry)]


def touched_by(held: Iterable[Sequence[str]]) -> Touched:
    """Whom the records concern that hold, or held, these keys."""
    records = list(held)
    found = _by_areas([keys for keys in records if any(key.startswith(CALLED) for key in keys)])
    every = {key for keys in records for key in keys}
    stops = {near for key in every if key.startswith(STOP_CELL) for near in _neighbours(key)}
    found["Stop"] = [*found.get("Stop", ()), *sorted(stops)]
    names = sorted(key.removeprefix(FIRM) for key in every if key.startswith(FIRM))
    found["Funding"] = [family + name for family in (INVESTOR, RAISER) for name in names]
    return {label: keys for label, keys in found.items() if keys}


def firm_names_in(held: Sequence[str]) -> frozenset[str]:
    """Of all keys of a record those that name an organization."""
    return frozenset(key for key in held if key.startswith(FIRM))


def judged_by(held: Iterable[Sequence[str]], refs: Iterable[str]) -> Touched:
    """Whom to assign again: rounds are one by who raised them, and these records, which hold or held these keys, may
    have been or have become that organization."""
    names = {RAISER + key.removeprefix(FIRM) for keys in held for key in firm_names_in(keys)}
    keys = sorted(names | {RAISER + bounded(f"@{ref}") for ref in refs})
    return {"Funding": keys} if keys else {}


def _by_areas(held: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    namers = namers_of({key for some in held for key in some if key.startswith(CALLED)})
    cells = sorted({key for some in held for key in some if key.startswith((FINE_CELL, COARSE_CELL))})
    areas = sorted({key for some in held for key in some if key.startswith(AREA_CELL)})
    found = {label: list(namers) for label in NAMES_AREAS}
    for label in LIES_IN:
        found[label] = found.get(label, []) + cells
    found["Area"] += areas
    return found


def _of_polygon(polygon: object) -> list[str]:
    geometry = read_territory(polygon).geometry
    covered = cover(geometry) if geometry is not None else None
    if covered is None:
        return []
    family = FINE_CELL if covered.side == FINE else COARSE_CELL
    return [*(_key(family, cell) for cell in covered.cells), *areas_around(geometry)]


def _neighbours(key: str) -> list[str]:
    row, _, column = key.removeprefix(STOP_CELL).partition(",")
    return [_key(STOP_CELL, cell) for cell in grid_around((int(row), int(column)), WALK_M)]


def _key(family: str, cell: tuple[int, int]) -> str:
    return f"{family}{cell[0]},{cell[1]}"
