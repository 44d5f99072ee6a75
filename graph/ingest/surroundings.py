"""What lies around an entity: the areas that hold it, and the stops to which people walk from it.

Of an entity with several records a curator's polygon or position counts here, then the most trusted source's, then the
smaller ref's; a stop stands wherever equally trusted records say, as its poles are often told one by one. Only records
that hold count. Nothing that a second reading of the same content moves takes part, so that only assignment, which
marks those concerned, changes what others see of an entity.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

import shapely
from shapely import STRtree
from shapely.geometry import Point as Spot
from shapely.geometry.base import BaseGeometry

from graph.geo import Cell, Point, grid_around, grid_cell, metres
from graph.ingest.lookups import LIES_IN, WALK_M, areas_around, cells_over, stops_around
from graph.ingest.merge import UNKNOWN_TRUST
from graph.ingest.validity import holds
from graph.resolution.traits import label_of, position
from graph.territory import read_territory
from ibcm.domain.decisions import is_pin
from ibcm.domain.ledger import Ledger, StoredRecord
from ibcm.domain.policy import SourcePolicy, live_data

INSIDE = 0.9
"""Share of an area that lies in a larger one which holds it: borders of two sources never agree to the metre."""
APART = 0.01
"""Two areas that share no more than this of the smaller one lie beside each other."""
MOST_WALKS = 24
"""The nearest stops to which a stop has an edge of its own; a farther one may still have an edge to it."""
T = TypeVar("T")
Records = Sequence[StoredRecord]


@dataclass(frozen=True, slots=True)
class Held:
    """An area holds something: whose polygon says so, and how much of an area that is held lies inside."""

    area: str
    record: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Walk:
    """A stop within walking distance: its entity, the records that say where the two are, metres in a straight line."""

    stop: str
    record: str
    """Of the stop to which one walks."""
    start: str
    """Of the one where one starts."""
    metres: int


@dataclass(frozen=True, slots=True)
class Area:
    """An area as far as it is drawn."""

    entity: str
    record: str
    city: str
    geometry: BaseGeometry


@dataclass(slots=True, eq=False)
class Surroundings:
    """Areas and stops around some entities. Ask for those it was gathered for, and no others."""

    areas: Sequence[Area] = ()
    """Some may be there only because a record names them."""
    stops: Mapping[str, Sequence[tuple[Point, str]]] = field(default_factory=dict)
    """Stop entity -> its positions, each with the record that says so."""
    _drawn: Mapping[str, Area] = field(default_factory=dict)
    _tree: STRtree | None = None
    _near: Mapping[Cell, Sequence[tuple[str, Point, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for area in self.areas:
            shapely.prepare(area.geometry)
        self._drawn = {area.entity: area for area in self.areas}
        self._tree = STRtree([area.geometry for area in self.areas]) if self.areas else None
        near: dict[Cell, list[tuple[str, Point, str]]] = defaultdict(list)
        for stop, positions in self.stops.items():
            for point, record in positions:
                near[grid_cell(point, WALK_M)].append((stop, point, record))
        self._near = near

    def holding(self, point: Point, city: str) -> list[Held]:
        """The areas of that city whose polygon holds a position; one on a border is in both."""
        found = self._meeting(Spot(point[1], point[0]), city)
        return [Held(area.entity, area.record) for area in found]

    def containing(self, entity: str) -> list[Held]:
        """The larger areas of its city in which an area lies."""
        mine = self._drawn.get(entity)
        if mine is None:
            return []
        larger = [area for area in self._meeting(mine.geometry, mine.city) if _is_larger(area, mine)]
        shares = [(area, _share(mine, area)) for area in larger]
        return [Held(area.entity, area.record, round(share, 3)) for area, share in shares if share >= INSIDE]

    def overlapping(self, entity: str) -> list[str]:
        """The areas of its city, no smaller than this one, in which a part of it lies and not the whole."""
        mine = self._drawn.get(entity)
        if mine is None:
            return []
        around = [area for area in self._meeting(mine.geometry, mine.city) if area is not mine]
        shares = [(area, _share(mine, area)) for area in around if not _is_larger(mine, area)]
        return [
            area.entity for area, share in shares if share > APART and not (_is_larger(area, mine) and share >= INSIDE)
        ]

    def drawn_by(self, entity: str) -> str:
        """The record whose polygon an area has; empty where it has none."""
        return self._drawn[entity].record if entity in self._drawn else ""

    def leaves_out(self, area: str, *, point: Point | None, entity: str = "") -> bool:
        """Whether the polygon of an area says that a position, or nearly all of another area, is not in it."""
        drawn, inner = self._drawn.get(area), self._drawn.get(entity)
        if drawn is None:
            return False
        if inner is not None:
            return _share(inner, drawn) < 1 - INSIDE
        return point is not None and not bool(shapely.intersects(drawn.geometry, Spot(point[1], point[0])))

    def _meeting(self, geometry: BaseGeometry, city: str) -> list[Area]:
        if self._tree is None:
            return []
        found = [self.areas[at] for at in self._tree.query(geometry, predicate="intersects")]
        return sorted((one for one in found if one.city in ("", city) or not city), key=lambda one: one.entity)

    def walks(self, stop: str) -> list[Walk]:
        """The nearest stops within walking distance, nearest first; between two poles of each that are nearest."""
        best: dict[str, tuple[float, str, str]] = {}
        for here, start in self.stops.get(stop, ()):
            for cell in grid_around(grid_cell(here, WALK_M), WALK_M):
                for other, there, record in self._near.get(cell, ()):
                    way = (metres(here, there), record, start)
                    if other != stop and way[0] <= WALK_M and (other not in best or way < best[other]):
                        best[other] = way
        found = [Walk(other, record, start, round(far)) for other, (far, record, start) in best.items()]
        return sorted(found, key=lambda walk: (walk.metres, walk.stop))[:MOST_WALKS]


NOTHING = Surroundings()


def surroundings_of(
    ledger: Ledger,
    records: Records,
    *,
    policies: Mapping[str, SourcePolicy],
    now: datetime,
    named: Iterable[str] = (),
) -> Surroundings:
    """Read what may lie around the entities of these records, and the areas (entities) that the records name."""
    reader = _Reader(ledger, policies, now)
    points = [
        point for one in records if label_of(one.record) in LIES_IN and (point := position(one.record.data)) is not None
    ]
    drawn = [one.record.data["polygon"] for one in records if one.record.data.get("polygon")]
    return Surroundings(reader.areas(points, drawn, named), reader.stops(records))


@dataclass(frozen=True, slots=True)
class _Reader:
    ledger: Ledger
    policies: Mapping[str, SourcePolicy]
    now: datetime

    def areas(self, points: Iterable[Point], drawn: Iterable[Any], named: Iterable[str]) -> list[Area]:
        """Areas that may hold these positions, those that may overlap these polygons, and those that are named."""
        keys = {key for point in points for key in cells_over(point)}
        for polygon in drawn:
            geometry = read_territory(polygon).geometry
            keys |= set(areas_around(geometry)) if geometry is not None else set()
        found = []
        for entity, members in self._members("Area", keys, named):
            if spoken := self._spoken(members, _territory):
                geometry, stored = spoken
                found.append(Area(entity, stored.ref, stored.record.city or "", geometry))
        return found

    def stops(self, records: Records) -> dict[str, list[tuple[Point, str]]]:
        """The stops that these records are about, and those within walking distance of any of them."""
        points = [point for one in records if label_of(one.record) == "Stop" and (point := position(one.record.data))]
        keys = {key for point in points for key in stops_around(point)}
        return {entity: found for entity, some in self._members("Stop", keys) if (found := self._standing(some))}

    def _standing(self, members: Records) -> list[tuple[Point, str]]:
        """Where a stop is, by all records of the first rank that says so."""
        for _, equals in groupby(sorted(members, key=self._rank), key=lambda stored: self._rank(stored)[:2]):
            found = [(point, stored.ref) for stored in equals if (point := position(self._data(stored)))]
            if found:
                return found
        return []

    def _members(self, label: str, keys: Iterable[str], more: Iterable[str] = ()) -> list[tuple[str, Records]]:
        """Entities that hold one of these keys, and `more`, with their records."""
        wanted = sorted(keys)
        entities = {*(self.ledger.entities_sharing(label, wanted) if wanted else ()), *more}
        members = self.ledger.in_entities(sorted(entities)) if entities else {}
        fitting = {
            entity: [one for one in some if label_of(one.record) == label and holds(one.record, self.now)]
            for entity, some in members.items()
        }
        return sorted(fitting.items())

    def _spoken(self, members: Records, read: Callable[[Mapping[str, Any]], T | None]) -> tuple[T, StoredRecord] | None:
        """What the first of these records says that says anything."""
        for stored in sorted(members, key=self._rank):
            if (said := read(self._data(stored))) is not None:
                return said, stored
        return None

    def _data(self, stored: StoredRecord) -> Mapping[str, Any]:
        policy = self.policies.get(stored.record.source)
        return live_data(stored.record, policy, self.now) if policy else stored.record.data

    def _rank(self, stored: StoredRecord) -> tuple[bool, float, str]:
        return rank_of(stored, self.policies)


def rank_of(stored: StoredRecord, policies: Mapping[str, SourcePolicy]) -> tuple[bool, float, str]:
    """Sorts first whoever is believed about where a thing is: curators, the most trusted source, the smaller ref."""
    policy = policies.get(stored.record.source)
    return not is_pin(stored.ref), -(policy.trust if policy else UNKNOWN_TRUST), stored.ref


def _is_larger(one: Area, other: Area) -> bool:
    return bool(one.geometry.area > other.geometry.area * 1.0001)


def _share(inner: Area, outer: Area) -> float:
    """How much of the inner one lies in the outer one. Both are prepared, so the common case costs little."""
    if outer.geometry.contains(inner.geometry):
        return 1.0
    return float(outer.geometry.intersection(inner.geometry).area / inner.geometry.area)


def _territory(data: Mapping[str, Any]) -> BaseGeometry | None:
    return read_territory(data["polygon"]).geometry if data.get("polygon") else None
