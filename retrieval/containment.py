"""Which areas lie in which, all the way up: a ward in its zone, and by that in the city.

Between two areas that are drawn their polygons tell, and no area between them: a ward of which a part lies outside a
zone is not in it because both lie in the same district. Where one is not drawn, what records say in words leads on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from graph.resolution.resolver import NEIGHBOURHOODS
from retrieval.catalogue import Catalogue
from retrieval.language import key_of

Path = tuple[str, ...]
"""Area ids from the inner to the outer one, each in the next."""


def path(catalogue: Catalogue, inner: str, outer: str) -> Path:
    """The shortest way up from one area to another in which it lies; empty when nothing says that it does."""
    came: dict[str, str] = {inner: ""}
    frontier = [inner] if _may_lead(catalogue, inner, outer) else []
    while frontier and outer not in came:
        further: dict[str, str] = {}
        for area in frontier:
            for next_ in _inside(catalogue, area):
                if next_ not in came and (next_ == outer or _may_lead(catalogue, next_, outer)):
                    further.setdefault(next_, area)
        came |= further
        frontier = sorted(further)
    return _traced(came, outer) if outer in came and inner != outer else ()


def above(catalogue: Catalogue, inner: str) -> list[Path]:
    """The way to each area in which this one lies, shortest first."""
    reached, frontier = {inner}, [inner]
    while frontier:
        frontier = sorted({outer for area in frontier for outer in _inside(catalogue, area)} - reached)
        reached.update(frontier)
    found = [way for outer in sorted(reached - {inner}) if (way := path(catalogue, inner, outer))]
    return sorted(found, key=len)


def within(catalogue: Catalogue, outer: Iterable[str]) -> list[str]:
    """Every area that lies in one of these, themselves left out."""
    children, wanted = _children(catalogue), set(outer)
    found: set[str] = set()
    for top in sorted(wanted):
        reached, frontier = {top}, [top]
        while frontier:
            inner = {child for area in frontier for child in children.get(area, ())} - reached
            frontier = sorted(child for child in inner if _may_lead(catalogue, child, top))
            reached.update(frontier)
        found |= reached
    return sorted(found - wanted)


def _apart(catalogue: Catalogue, one: str, other: str) -> bool:
    """Whether the polygons of two areas share nothing."""
    a, b = catalogue.areas[one], catalogue.areas[other]
    return other not in (*a.inside, *a.partly) and one not in (*b.inside, *b.partly)


def rules_out(catalogue: Catalogue, one: str, other: str) -> bool:
    """Whether what lies in one area cannot lie in the other: polygons say so, or, where they do not tell, both are of
    one kind and one source, and neither has the other's name in its own, as parts of areas often do. Neighbourhoods
    overlap as people please."""
    if one == other or one not in catalogue.areas or other not in catalogue.areas:
        return False
    if _both_drawn(catalogue, one, other):
        return _apart(catalogue, one, other)
    a, b = catalogue.areas[one], catalogue.areas[other]
    names = catalogue.things[one].name, catalogue.things[other].name
    alike = (
        a.kind == b.kind and a.kind not in NEIGHBOURHOODS and catalogue.things[one].city == catalogue.things[other].city
    )
    nested = path(catalogue, one, other) or path(catalogue, other, one)
    return alike and bool(a.sources & b.sources) and not nested and not one_in_other(*names)


def one_in_other(one: str, other: str) -> bool:
    """Whether one name holds the other."""
    a, b = f" {key_of(one)} ", f" {key_of(other)} "
    return a in b or b in a


def outside(catalogue: Catalogue, asked: Sequence[str]) -> list[str]:
    """Every area of which it is known that nothing in it lies in any of these."""
    out = [area for area in catalogue.areas if all(rules_out(catalogue, area, one) for one in asked)]
    return sorted({*out, *within(catalogue, out)})


def is_drawn(catalogue: Catalogue, area: str) -> bool:
    """Whether the area has a polygon that is used."""
    return area in catalogue.areas and bool(catalogue.areas[area].drawn_by)


def _both_drawn(catalogue: Catalogue, one: str, other: str) -> bool:
    return is_drawn(catalogue, one) and is_drawn(catalogue, other)


def _inside(catalogue: Catalogue, area: str) -> Sequence[str]:
    return catalogue.areas[area].inside if area in catalogue.areas else ()


def _may_lead(catalogue: Catalogue, area: str, outer: str) -> bool:
    """What is drawn leads to what is drawn only by lying in it itself."""
    return not _both_drawn(catalogue, area, outer) or outer in _inside(catalogue, area)


def _traced(came: Mapping[str, str], outer: str) -> Path:
    way = [outer]
    while came[way[-1]]:
        way.append(came[way[-1]])
    return tuple(reversed(way))


def _children(catalogue: Catalogue) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for inner, area in catalogue.areas.items():
        for outer in area.inside:
            found[outer].append(inner)
    return found
