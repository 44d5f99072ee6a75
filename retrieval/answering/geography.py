"""Nearest, within, how far: found by equality on indexed H3 cells, measured by ourselves."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import h3

from retrieval.answering.context import SAME_SPOT_M, Context, metres, point
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact, missing
from retrieval.plan import Named, Plan

SHARED = 5
"""Positions that this many things of one label share say little about any of them."""
RESOLUTION = 7
SPACING_M = 1_900.0
"""A ring of cells of that resolution adds at least this much, less the slack below."""
SLACK_M = 1_500.0
FARTHEST_M = 60_000.0
Match = Callable[[Entity], bool]


def place_of(named: Named, plan: Plan, context: Context) -> tuple[Entity | None, Draft | None]:
    """The place that is meant. Several of one name at one spot count as one; else the asker has to choose."""
    entities = context.of(named.ids)
    here = [e for e in entities if plan.city is None or e.city in (plan.city, "")]
    if entities and not here:
        return None, context.elsewhere(named, entities, plan)
    if not here:
        return None, missing(context.phrases.say("unknown_name", name=named.text))
    placed = sorted((e for e in here if e.point), key=lambda e: (not e.located, _rank(e), e.id))
    if not placed:
        return None, missing(context.phrases.say("no_position", name=here[0].shown(plan.language)))
    first = placed[0].point
    assert first is not None
    spread = max((metres(first, e.point) for e in placed if e.point and e.located), default=0.0)
    if spread > SAME_SPOT_M and len(placed) > 1:
        return None, context.ask_which(named, placed)
    return placed[0], None


def _rank(entity: Entity) -> int:
    return {"place": 0, "stop": 1, "event": 2}.get(str(entity.get("record_kind")), 3)


def distance(plan: Plan, context: Context) -> Draft:
    """How far two places are from each other."""
    ends: list[Entity] = []
    for named in plan.subjects:
        entity, problem = place_of(named, plan, context)
        if entity is None:
            return problem or missing(named.text)
        ends.append(entity)
    a, b = ends
    assert a.point
    assert b.point
    far, phrases = metres(a.point, b.point), context.phrases
    text = phrases.say("distance", a=a.shown(plan.language), b=b.shown(plan.language), distance=phrases.distance(far))
    draft = Draft(short=round(far), columns=["id", "name", "lat", "lon"])
    draft.rows = [[e.id, e.name, *(e.point or ())] for e in ends]
    draft.say(text, *positions(ends), support="computed", computed=[far])
    if not (a.located and b.located):
        draft.say(phrases.say("approximate"), *positions([e for e in ends if not e.located]))
    draft.points = [point(e, phrases, "anchor") for e in ends]
    return draft


def positions(entities: Sequence[Entity]) -> list[Fact]:
    """One fact a thing: latitude and longitude of one record belong together."""
    return [
        Fact(entity.fact("lat").record, "position", f"{entity.point[0]}, {entity.point[1]}", entity.name)
        for entity in entities
        if entity.point
    ]


def nearest(plan: Plan, context: Context) -> Draft:
    """The k nearest of what is sought."""
    anchor, problem = _prepare(plan, context)
    if anchor is None:
        return problem or missing(plan.question)
    k, left_out, reach = plan.k or 1, 0, 4_000.0
    found: list[tuple[float, Entity]] = []
    while reach <= FARTHEST_M:
        found, left_out = _around(anchor, plan, context, reach)
        if len(found) >= k:
            break
        reach *= 2
    if plan.distance_m is not None:
        found = [(far, entity) for far, entity in found if far <= plan.distance_m]
    if not found:
        return _nothing_within(plan, anchor, left_out, context, plan.distance_m or FARTHEST_M)
    return _say_nearest(plan, anchor, found[:k], left_out, context)


def _prepare(plan: Plan, context: Context) -> tuple[Entity | None, Draft | None]:
    assert plan.anchor is not None
    problem = context.nothing_known(plan)
    return (None, problem) if problem else place_of(plan.anchor, plan, context)


def _around(anchor: Entity, plan: Plan, context: Context, reach: float) -> tuple[list[tuple[float, Entity]], int]:
    """What is sought within `reach` metres, nearest first, and how many were left out for bad positions."""
    assert anchor.point is not None
    assert plan.label is not None
    rings = max(1, math.ceil((reach + SLACK_M) / SPACING_M))
    cells = h3.grid_disk(h3.latlng_to_cell(*anchor.point, RESOLUTION), rings)
    everything = context.around(plan.label, f"cell{RESOLUTION}", cells)
    shared = Counter(entity.point for entity in everything)
    wanted = _filter(plan, context)
    measured = [
        (metres(anchor.point, entity.point), entity)
        for entity in everything
        if entity.point and entity.id != anchor.id and wanted(entity)
    ]
    measured = sorted((m for m in measured if m[0] <= reach), key=lambda m: (m[0], m[1].id))
    good = [m for m in measured if m[1].located and (plan.label != "Place" or shared[m[1].point] < SHARED)]
    alive = {entity.id for entity in context.alive([entity for _, entity in good])}
    return [m for m in good if m[1].id in alive], len(measured) - len(good)


def _filter(plan: Plan, context: Context) -> Match:
    """All filters of the plan as one test; filters on values are answered by the graph."""
    categories = set(plan.categories)
    allowed = {e.id for e in context.matching(plan)} if plan.constraints else None

    def match(entity: Entity) -> bool:
        if categories and entity.category not in categories:
            return False
        if plan.city and entity.city not in (plan.city, ""):
            return False
        return allowed is None or entity.id in allowed

    return match


def _say_nearest(
    plan: Plan, anchor: Entity, found: list[tuple[float, Entity]], left_out: int, context: Context
) -> Draft:
    phrases, draft = context.phrases, Draft(ordered=True)
    entities = [entity for _, entity in found]
    slots = {"anchor": anchor.shown(plan.language), "filters": context.filters(replace(plan, city=None))}
    computed = [far for far, _ in found]
    facts = positions([anchor, *entities[:10]])
    if plan.k == 1:
        far, entity = found[0]
        thing, name = context.sought(plan, plural=False), entity.shown(plan.language)
        text = phrases.say("nearest_one", thing=thing, name=name, distance=phrases.distance(far), **slots)
        draft.short = entity.name
    else:
        names = phrases.names([f"{e.shown(plan.language)} ({phrases.distance(far)})" for far, e in found])
        text = phrases.say("nearest_list", things=context.sought(plan), names=names, **slots)
        draft.short = [entity.name for entity in entities]
    draft.say(text, *facts, context.result(plan, entities), support="computed", computed=computed)
    _rows(draft, anchor, found, context)
    _say_left_out(draft, plan, left_out, context, entities)
    return draft


def _rows(draft: Draft, anchor: Entity, found: list[tuple[float, Entity]], context: Context) -> None:
    draft.columns = ["id", "name", "distance_m", "address", "area"]
    draft.rows = [
        [e.id, e.shown(context.phrases.language), round(far), e.get("address"), e.get("area")] for far, e in found[:500]
    ]
    draft.total = len(found) if len(found) > 500 else None
    draft.points = [point(anchor, context.phrases, "anchor")]
    draft.points += [point(e, context.phrases) for _, e in found[:500]]


def _say_left_out(draft: Draft, plan: Plan, left_out: int, context: Context, found: Sequence[Entity]) -> None:
    if left_out:
        text = context.phrases.say("left_out_one" if left_out == 1 else "left_out", n=left_out)
        draft.say(text, context.result(plan, found), support="computed", computed=[float(left_out)])


def within(plan: Plan, context: Context) -> Draft:
    """What is sought within a distance."""
    assert plan.distance_m is not None
    anchor, problem = _prepare(plan, context)
    if anchor is None:
        return problem or missing(plan.question)
    found, left_out = _around(anchor, plan, context, plan.distance_m)
    if not found:
        return _nothing_within(plan, anchor, left_out, context, plan.distance_m)
    phrases, draft = context.phrases, Draft(ordered=True)
    entities = [entity for _, entity in found]
    names = phrases.names([f"{e.shown(plan.language)} ({phrases.distance(far)})" for far, e in found])
    slots = {
        "radius": phrases.distance(plan.distance_m),
        "anchor": anchor.shown(plan.language),
        "filters": context.filters(replace(plan, city=None)),
        "names": names,
    }
    if len(found) == 1:
        text = phrases.say("within_one", thing=context.sought(plan, plural=False), things=context.sought(plan), **slots)
    else:
        text = phrases.say("within_list", n=len(found), things=context.sought(plan), **slots)
    result = context.result(plan, entities)
    draft.say(
        text, *positions([anchor, *entities[:10]]), result, support="computed", computed=[far for far, _ in found]
    )
    draft.short = len(found) if plan.about.get("count") else [entity.name for entity in entities]
    _rows(draft, anchor, found, context)
    _say_left_out(draft, plan, left_out, context, entities)
    return draft


def _nothing_within(plan: Plan, anchor: Entity, left_out: int, context: Context, reach: float) -> Draft:
    phrases, draft = context.phrases, Draft(short=0 if plan.about.get("count") else [])
    text = phrases.say(
        "within_none",
        things=context.sought(plan),
        filters=context.filters(replace(plan, city=None)),
        radius=phrases.distance(reach),
        anchor=anchor.shown(plan.language),
    )
    draft.say(text, *positions([anchor]), context.result(plan, []), support="computed", computed=[reach, 0.0])
    _say_left_out(draft, plan, left_out, context, [])
    draft.points = [point(anchor, phrases, "anchor")]
    return draft
