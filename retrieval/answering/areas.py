"""What lies in an area: the records that put things there, areas of one name, and what nobody can place."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from retrieval.answering.context import Context
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact
from retrieval.answering.lying import steps
from retrieval.containment import Path, outside, path
from retrieval.language import key_of
from retrieval.plan import Constraint, Named, Plan

UNKNOWN = "unknown"
"""Operator shown of a filter of which nobody knows whether it holds."""
LOOKED_AT = 20
"""Entities of a list whose areas' records are cited."""


def drawn(plan: Plan, found: Sequence[Entity], context: Context) -> list[Fact]:
    """The records that put these into the areas that the plan names, by polygons or by the areas between; of nothing
    found, all that drew them."""
    wanted = {area for constraint in _areas(plan) for area in _ids(constraint)}
    if not wanted:
        return []
    if not found:
        return _polygons(context.of(sorted(wanted)))
    sample = found[:LOOKED_AT]
    held = {area for entity in sample for area in entity.get("area_ids") or ()}
    named = {area for entity in sample if not entity.located for area in entity.get("area_ids") or ()}
    ways = [way for area in named for outer in wanted if (way := path(context.catalogue, area, outer))]
    facts = [*_polygons(context.of(sorted(held & wanted))), *_stepped(ways, context)]
    return sorted(set(facts), key=lambda fact: (fact.record, fact.field))


def _stepped(ways: Sequence[Path], context: Context) -> list[Fact]:
    """The facts that lead from the inner area of each way to the outer one."""
    known = steps(context.of(sorted({area for way in ways for area in way})), context) if ways else {}
    return [fact for way in ways for step in pairwise(way) for fact in known.get(step, ())]


def _polygons(areas: Sequence[Entity]) -> list[Fact]:
    return [Fact(str(area.get("drawn_by")), "polygon", area.name, area.name) for area in areas if area.get("drawn_by")]


def say_unplaced(plan: Plan, draft: Draft, context: Context) -> None:
    """How many more of what is sought may lie in the drawn area that is asked about: nobody says, so none counts."""
    for constraint in _areas(plan):
        asked = constraint.condition
        if asked is None or not asked.drawn:
            continue
        known = [*asked.areas, *asked.inside, *outside(context.catalogue, asked.areas)]
        unplaced = replace(
            constraint, op=UNKNOWN, condition=replace(asked, op="unplaced", areas=tuple(known), inside=())
        )
        others = tuple(one for one in plan.constraints if one is not constraint)
        cities = {context.catalogue.things[area].city for area in asked.areas}
        city = plan.city or (min(cities) if len(cities) == 1 else None) or None
        wider = replace(plan, constraints=(*others, unplaced), city=city)
        number = context.count(wider)
        if number:
            _say_number(number, constraint, wider, draft, context)


def _say_number(number: int, constraint: Constraint, wider: Plan, draft: Draft, context: Context) -> None:
    phrases = context.phrases
    shown = context.alive(context.matching(wider, limit=LOOKED_AT))
    slots = {"n": phrases.number(number), "area": constraint.shown, "things": context.sought(wider, plural=number != 1)}
    text = phrases.say("unplaced_one" if number == 1 else "unplaced", **slots)
    draft.say(text, context.result(wider, shown, total=number), support="computed", computed=[float(number)])


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


def _areas(plan: Plan) -> list[Constraint]:
    return [one for one in plan.constraints if one.field == "area" and _ids(one)]


def _ids(constraint: Constraint) -> Sequence[str]:
    return constraint.condition.areas if constraint.condition is not None else ()
