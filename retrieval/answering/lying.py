"""Where one thing lies: the areas that hold it, all the way up, whether a certain one does, and who says otherwise.

`No` is said where polygons tell, or where one source puts the thing into another area of the same kind. What nobody
tells is unknown, and said so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from graph import queries
from graph.ingest.lookups import LIES_IN
from ibcm.domain.graph import Row
from retrieval.answering.context import Context, point
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact, missing
from retrieval.containment import Path, above, is_drawn, rules_out
from retrieval.plan import AREA_KINDS, Constraint, Plan


@dataclass(frozen=True, slots=True)
class Holding:
    """An area that holds a thing, with the records that say so."""

    area: Entity
    facts: Sequence[Fact]
    by: tuple[Entity, ...] = ()
    """The areas between the two, from the inside: the thing is in the first, that in the next."""

    @property
    def inner(self) -> Entity:
        """The area in which the thing lies by itself."""
        return self.by[0] if self.by else self.area


# -- which areas -------------------------------------------------------------------------------------------------------
def holding(entity: Entity, context: Context) -> list[Holding]:
    """The areas in which a thing lies: by what records say in words, by polygons, and by what those areas lie in."""
    label = context.catalogue.things[entity.id].label
    direct = _direct(entity, label, context)
    ways = {way[-1]: way for way in sorted(_ways_up(entity, label, direct, context), key=len, reverse=True)}
    areas = {area.id: area for area in context.of(sorted({area for way in ways.values() for area in way}))}
    between = steps(areas.values(), context) if any(len(way) > 1 for way in ways.values()) else {}
    found = []
    for outer, way in ways.items():
        if all(area in areas for area in way):
            facts = [*direct[way[0]], *(fact for step in pairwise(way) for fact in between.get(step, ()))]
            found.append(Holding(areas[outer], facts, tuple(areas[area] for area in way[:-1])))
    return sorted(_standing(found, context), key=lambda one: (one.area.name.casefold(), one.area.id))


def _direct(entity: Entity, label: str, context: Context) -> dict[str, list[Fact]]:
    """The areas of its own edges; where words and polygon agree, the polygon is cited."""
    rows = context.rows(queries.areas_holding(label, [entity.id]))
    found: dict[str, list[Fact]] = {}
    for row in sorted(rows, key=lambda row: (not row["area_record"], str(row["record"]))):
        area = Entity(row["properties"])  # type: ignore[arg-type]
        found.setdefault(area.id, _edge_facts(entity, area, row))
    return found


def _edge_facts(inner: Entity, outer: Entity, row: Row) -> list[Fact]:
    record, drawn = str(row["record"]), row["area_record"]
    if not drawn:
        return [_said(row, outer, inner)]
    polygon = Fact(str(drawn), "polygon", outer.name, outer.name)
    if inner.get("record_kind") == "area":
        return [Fact(record, "polygon", inner.name, inner.name), polygon]
    return [_position(inner, record), polygon]


def _said(row: Row, area: Entity, inner: Entity) -> Fact:
    """In words, in the field in which that record says it."""
    return Fact(str(row["record"]), str(row["field"] or "area"), area.name, inner.name)


def _position(entity: Entity, record: str = "") -> Fact:
    lat, lon = entity.point or (None, None)
    return Fact(record or entity.fact("lat").record, "position", f"{lat}, {lon}", entity.name)


def _polygon(area: Entity) -> Fact:
    return Fact(str(area.get("drawn_by")), "polygon", area.name, area.name)


def _ways_up(entity: Entity, label: str, direct: Iterable[str], context: Context) -> list[Path]:
    """From each area of its own to each above it. Of a thing with a position the polygons above tell by themselves."""
    catalogue, own = context.catalogue, set(direct)
    placed = entity.located and label in LIES_IN
    if label == "Area":
        further = above(catalogue, entity.id)
        return [*((area,) for area in own), *(way[1:] for way in further if way[1] in own)]
    return [
        *((area,) for area in own),
        *(way for area in own for way in above(catalogue, area) if not (placed and is_drawn(catalogue, way[-1]))),
    ]


def steps(areas: Iterable[Entity], context: Context) -> Mapping[tuple[str, str], list[Fact]]:
    """(inner, outer) -> the facts that the one lies in the other."""
    known = {area.id: area for area in areas}
    found: dict[tuple[str, str], list[Fact]] = {}
    rows = context.rows(queries.areas_holding("Area", sorted(known)))
    for row in sorted(rows, key=lambda row: (not row["area_record"], str(row["record"]))):
        outer = Entity(row["properties"])  # type: ignore[arg-type]
        inner = known[str(row["entity"])]
        found.setdefault((inner.id, outer.id), _edge_facts(inner, outer, row))
    return found


def _standing(found: Sequence[Holding], context: Context) -> list[Holding]:
    """Those of which every record may still be cited: each is needed for what follows from all."""
    records = {fact.record for one in found for fact in one.facts}
    known = context.ledger.citable(records, now=context.now)
    return [one for one in found if all(fact.record in known for fact in one.facts)]


def held_in(entity: Entity, plan: Plan, context: Context) -> Draft | None:
    """`Which ward is X in`: the areas of that kind that hold it; None when it asks for no area or none is known."""
    kinds = [field for field in plan.fields if field in AREA_KINDS]
    if not kinds and "area" not in plan.fields:
        return None
    areas = holding(entity, context)
    if kinds:
        areas = [one for one in areas if one.area.get("kind") in kinds]
    if not areas:
        return _partly_in(entity, kinds, plan, context) or _in_parts(entity, kinds, plan, context)
    phrases = context.phrases
    draft = _of_areas([one.area for one in areas], plan)
    text = phrases.say("lies_in", name=entity.shown(plan.language), areas=phrases.names(_names(areas, plan)))
    draft.say(text, *(fact for one in areas for fact in one.facts), support="computed")
    draft.points = [point(entity, phrases)] if entity.point else []
    say_disputes(entity, draft, context)
    return draft


def _names(areas: Sequence[Holding], plan: Plan) -> list[str]:
    return [one.area.shown(plan.language) for one in areas]


def _of_areas(areas: Sequence[Entity], plan: Plan) -> Draft:
    names = [area.shown(plan.language) for area in areas]
    draft = Draft(short=names[0] if len(names) == 1 else names, columns=["id", "name", "kind"])
    draft.rows = [[area.id, area.name, area.get("kind")] for area in areas]
    return draft


def _shared(area: Entity, kinds: Sequence[str], context: Context) -> list[Entity]:
    """The areas of these kinds in which a part of an area lies."""
    info = context.catalogue.areas.get(area.id)
    return [one for one in context.of(info.partly) if one.get("kind") in kinds] if info is not None else []


def _in_parts(entity: Entity, kinds: Sequence[str], plan: Plan, context: Context) -> Draft | None:
    """What is missing of a thing that is only known to be in an area whose parts lie in several."""
    for one in holding(entity, context) if not entity.located else ():
        if areas := _shared(one.area, kinds, context):
            names = context.phrases.names([area.shown(plan.language) for area in areas])
            slots = {"name": entity.shown(plan.language), "area": one.area.shown(plan.language), "areas": names}
            return missing(context.phrases.say("lies_in_parts", field=context.phrases.field(kinds[0]), **slots))
    return None


def _partly_in(entity: Entity, kinds: Sequence[str], plan: Plan, context: Context) -> Draft | None:
    """An area of which parts lie in several: all of them, and that it is in none as a whole."""
    areas = _shared(entity, kinds, context)
    if not areas:
        return None
    phrases, names = context.phrases, [area.shown(plan.language) for area in areas]
    draft = _of_areas(areas, plan)
    facts = [_polygon(area) for area in (entity, *areas)]
    text = phrases.say("lies_partly", name=entity.shown(plan.language), areas=phrases.names(names))
    draft.say(text, *facts, support="computed")
    return draft


# -- whether in a certain one ------------------------------------------------------------------------------------------
def check_held(entity: Entity, constraint: Constraint, plan: Plan, context: Context) -> Draft | None:
    """`Is X in Ward 12`: yes, no, or what is missing to tell. None where only the words of its own fields can tell."""
    asked = context.of(constraint.condition.areas if constraint.condition is not None else ())
    if not asked:
        return None
    held = holding(entity, context)
    inside = next((one for one in held if one.area.id in {area.id for area in asked}), None)
    if inside is not None:
        draft = _yes(entity, inside, plan, context)
    elif _polygons_tell(entity, asked, context):
        draft = _no_by_position(entity, asked, plan, context)
    elif entity.get("drawn_by") and (told := _area_by_polygons(entity, asked, plan, context)):
        draft = told
    elif held:
        draft = _by_areas(entity, asked, held, plan, context)
    else:
        return None
    if draft.missing is None:
        draft.points = [point(entity, context.phrases)] if entity.point else []
        say_disputes(entity, draft, context)
    return draft


def _yes(entity: Entity, held: Holding, plan: Plan, context: Context) -> Draft:
    names = {"name": entity.shown(plan.language), "areas": held.area.shown(plan.language)}
    phrase = "lies_in_yes_by" if held.by else "lies_in_yes"
    draft = Draft(short="yes")
    text = context.phrases.say(phrase, area=held.inner.shown(plan.language), **names)
    draft.say(text, *held.facts, support="computed")
    return draft


def _polygons_tell(entity: Entity, asked: Sequence[Entity], context: Context) -> bool:
    label = context.catalogue.things[entity.id].label
    return entity.located and label in LIES_IN and all(is_drawn(context.catalogue, area.id) for area in asked)


def _no_by_position(entity: Entity, asked: Sequence[Entity], plan: Plan, context: Context) -> Draft:
    draft = Draft(short="no")
    names = {"name": entity.shown(plan.language), "area": asked[0].shown(plan.language)}
    own = _polygon(entity) if entity.get("drawn_by") else _position(entity)
    phrase = "area_outside" if entity.get("drawn_by") else "lies_outside"
    draft.say(context.phrases.say(phrase, **names), own, *map(_polygon, asked), support="computed")
    return draft


def _area_by_polygons(entity: Entity, asked: Sequence[Entity], plan: Plan, context: Context) -> Draft | None:
    """Of an area: no where its polygon and each asked for are apart; neither yes nor no where a part lies in."""
    if all(rules_out(context.catalogue, entity.id, area.id) and area.get("drawn_by") for area in asked):
        return _no_by_position(entity, asked, plan, context)
    kinds = [str(area.get("kind") or "") for area in asked if area.id in context.catalogue.areas[entity.id].partly]
    draft = _partly_in(entity, kinds, plan, context) if kinds else None
    return draft and replace(draft, short=None)


def _by_areas(entity: Entity, asked: Sequence[Entity], held: Sequence[Holding], plan: Plan, context: Context) -> Draft:
    """By the areas that are known of it: no where one of them rules out each that is asked for, else unknown."""
    against = [
        next((one for one in held if rules_out(context.catalogue, one.area.id, area.id)), None) for area in asked
    ]
    names = {"name": entity.shown(plan.language), "asked": asked[0].shown(plan.language)}
    known = [one for one in against if one is not None]
    if len(known) < len(asked):
        nearest = min(held, key=lambda one: len(one.by))
        return missing(context.phrases.say("lies_unknown", area=nearest.area.shown(plan.language), **names))
    draft = Draft(short="no")
    polygons = [
        _polygon(area)
        for one, outer in zip(known, asked, strict=True)
        for area in (one.area, outer)
        if area.get("drawn_by")
    ]
    text = context.phrases.say("lies_elsewhere", area=known[0].area.shown(plan.language), **names)
    draft.say(text, *known[0].facts, *polygons, support="computed")
    return draft


# -- who says otherwise ------------------------------------------------------------------------------------------------
def disputed(entity: Entity, context: Context) -> frozenset[str]:
    """The fields in which a source names an area for it whose polygon leaves it out."""
    if not entity.get("area") and not entity.get("locality"):
        return frozenset()
    rows = context.rows(queries.areas_said(context.catalogue.things[entity.id].label, [entity.id]))
    return frozenset(str(row["field"] or "area") for row in rows)


def say_disputes(entity: Entity, draft: Draft, context: Context) -> None:
    """Areas that a source names for it, though its position lies outside: both sides, with their records."""
    label = context.catalogue.things[entity.id].label
    phrases = context.phrases
    for row in context.rows(queries.areas_said(label, [entity.id])):
        area = Entity(row["properties"])  # type: ignore[arg-type]
        said = _said(row, area, entity)
        polygon = Fact(str(row["area_record"]), "polygon", area.name, area.name)
        names = {"name": entity.shown(phrases.language), "area": area.shown(phrases.language)}
        if label == "Area":
            draft.say(phrases.say("area_disputed", **names), said, polygon, support="computed")
            continue
        where = _position(entity)
        draft.say(phrases.say("area_disputed", **names), said, where, polygon, support="computed")
        draft.conflicts.append((f"{entity.name}: area", [said, where]))
