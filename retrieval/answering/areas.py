"""What lies in which area, as polygons tell: the records that say so, the areas of a thing, areas of one name."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from graph import queries
from retrieval.answering.context import Context, point
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact
from retrieval.language import key_of
from retrieval.plan import AREA_KINDS, Constraint, Named, Plan

LOOKED_AT = 20
"""Entities of a list whose areas' records are cited."""


@dataclass(frozen=True, slots=True)
class Holding:
    """An area that holds a thing, with the records of both."""

    area: Entity
    facts: Sequence[Fact]
    by_polygon: bool


def holding(entity: Entity, label: str, context: Context) -> list[Holding]:
    """The areas in which a thing lies: by what records say in words, and by polygons."""
    found: dict[str, Holding] = {}
    rows = context.rows(queries.areas_holding(label, [entity.id]))
    for row in sorted(rows, key=lambda row: (not row["area_record"], str(row["record"]))):
        area, drawn = Entity(row["properties"]), row["area_record"]  # type: ignore[arg-type]
        lat, lon = entity.point or (None, None)
        where = Fact(str(row["record"]), "position", f"{lat}, {lon}", entity.name)
        said = Fact(str(row["record"]), "area", area.name, entity.name)
        facts = [where, Fact(str(drawn), "polygon", area.name, area.name)] if drawn else [said]
        found.setdefault(area.id, Holding(area, facts, bool(drawn)))
    return sorted(found.values(), key=lambda one: (one.area.name.casefold(), one.area.id))


def _is_drawn(one: Holding, context: Context) -> bool:
    """A place whose source names a ward in words lies there only where no polygon of that ward says otherwise."""
    return bool(_polygons([one.area], context))


def held_in(entity: Entity, plan: Plan, context: Context) -> Draft | None:
    """`Which ward is X in`: the areas of that kind that hold it; None when it asks for no area or none is known."""
    kinds = [field for field in plan.fields if field in AREA_KINDS]
    label = context.catalogue.things[entity.id].label
    if not kinds and "area" not in plan.fields:
        return None
    areas = holding(entity, label, context)
    if kinds:
        areas = [
            one for one in areas if one.area.get("kind") in kinds and (one.by_polygon or not _is_drawn(one, context))
        ]
    if not areas:
        return None
    phrases = context.phrases
    names = [one.area.shown(plan.language) for one in areas]
    draft = Draft(short=names[0] if len(names) == 1 else names, columns=["id", "name", "kind"])
    text = phrases.say("lies_in", name=entity.shown(plan.language), areas=phrases.names(names))
    draft.say(text, *(fact for one in areas for fact in one.facts), support="computed")
    draft.rows = [[one.area.id, one.area.name, one.area.get("kind")] for one in areas]
    draft.points = [point(entity, phrases)] if entity.point else []
    return draft


def drawn(plan: Plan, found: Sequence[Entity], context: Context) -> list[Fact]:
    """The records whose polygons put these into the areas that the plan names; of nothing found, all that drew them."""
    wanted = {area for constraint in _areas(plan) for area in _ids(constraint)}
    sample = [entity.id for entity in found if wanted.intersection(entity.get("area_ids") or ())][:LOOKED_AT]
    if not wanted:
        return []
    if not found:
        return _polygons(context.of(sorted(wanted)), context)
    assert plan.label is not None
    rows = context.rows(queries.areas_holding(plan.label, sample)) if sample else []
    facts = {}
    for row in rows:
        area = Entity(row["properties"])  # type: ignore[arg-type]
        if area.id in wanted and row["area_record"]:
            facts[str(row["area_record"])] = Fact(str(row["area_record"]), "polygon", area.name, area.name)
    return [facts[record] for record in sorted(facts)]


def _polygons(areas: Sequence[Entity], context: Context) -> list[Fact]:
    names = {ref: area.name for area in areas for ref in area.refs}
    known = context.ledger.citable(names, now=context.now)
    drawing = sorted(ref for ref, stored in known.items() if stored.record.data.get("polygon"))
    return [Fact(ref, "polygon", names[ref], names[ref]) for ref in drawing]


def ambiguous(plan: Plan, context: Context) -> Draft | None:
    """An area of a name that two cities have, without a city: the asker has to choose."""
    if plan.city is not None:
        return None
    for constraint in _areas(plan):
        by_name: dict[str, list[Entity]] = defaultdict(list)
        for area in context.of(_ids(constraint)):
            by_name[key_of(area.name)].append(area)
        for areas in by_name.values():
            if len({area.city for area in areas if area.city}) > 1:
                return context.ask_which(Named(areas[0].name, tuple(area.id for area in areas)), areas)
    return None


def check_held(entity: Entity, constraint: Constraint, plan: Plan, context: Context) -> Draft | None:
    """`Is X in Ward 12`, where a polygon says yes. What no polygon holds may lie there all the same: None."""
    inside = set(_ids(constraint)).intersection(entity.get("area_ids") or ())
    if not inside:
        return None
    label = context.catalogue.things[entity.id].label
    one = next((one for one in holding(entity, label, context) if one.area.id in inside), None)
    if one is None:
        return None
    names = {"name": entity.shown(plan.language), "areas": one.area.shown(plan.language)}
    draft = Draft(short="yes")
    draft.say(context.phrases.say("lies_in_yes", **names), *one.facts, support="computed")
    draft.points = [point(entity, context.phrases)] if entity.point else []
    return draft


def _areas(plan: Plan) -> list[Constraint]:
    return [one for one in plan.constraints if one.field == "area" and _ids(one)]


def _ids(constraint: Constraint) -> Sequence[str]:
    return constraint.condition.areas if constraint.condition is not None else ()
