"""Count, list, is there any, best and cheapest."""

from typing import Any

from retrieval.answering import areas
from retrieval.answering.conflicts import say_conflicts
from retrieval.answering.context import CHECKED, Context, table
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Evidence, missing
from retrieval.answering.phrases import SHOWN
from retrieval.plan import Plan

COLUMNS = ("category", "area", "rating", "price_for_two", "cuisine", "postcode", "address")


def sets(plan: Plan, context: Context) -> Draft:
    """Count, list or existence of what meets all filters."""
    problem = context.nothing_known(plan) or _unknown_field(plan, context) or areas.ambiguous(plan, context)
    if problem:
        return problem
    if plan.kind == "count":
        return _count(plan, context)
    found = context.alive(context.matching(plan))
    if not found:
        return _none(plan, context)
    draft = Draft()
    evidence: list[Evidence] = [context.result(plan, found), *areas.drawn(plan, found, context)]
    draft.say(_sentence(plan, found, context), *evidence, support="computed", computed=[len(found)])
    shown = found[: plan.k] if plan.k and plan.kind == "list" else found
    draft.short = _short(plan, shown)
    areas.say_unplaced(plan, draft, context)
    table(draft, shown, _columns(shown), context.phrases)
    return draft


def _count(plan: Plan, context: Context) -> Draft:
    """How many, with a sample of the rows."""
    n = context.count(plan)
    sample = context.matching(plan, limit=CHECKED if n <= CHECKED else 100)
    if n <= CHECKED:
        sample = context.alive(sample)
        n = len(sample)
    if not n:
        return _none(plan, context)
    phrases, draft = context.phrases, Draft(short=n, total=n if n > len(sample) else None)
    slots = {"n": phrases.number(n), "thing": context.sought(plan, plural=False), "things": context.sought(plan)}
    text = phrases.say("count_one" if n == 1 else "count", filters=context.filters(plan), **slots)
    evidence: list[Evidence] = [context.result(plan, sample, total=n), *areas.drawn(plan, sample, context)]
    draft.say(text, *evidence, support="computed", computed=[n])
    areas.say_unplaced(plan, draft, context)
    table(draft, sample, _columns(sample), phrases)
    draft.total = n if n > len(sample) else None
    return draft


def _short(plan: Plan, shown: list[Entity]) -> Any:
    return "yes" if plan.kind == "exists" else [entity.name for entity in shown[:500]]


def _sentence(plan: Plan, found: list[Entity], context: Context) -> str:
    phrases, n = context.phrases, len(found)
    shown = found[: plan.k] if plan.k and plan.kind == "list" else found
    slots = {
        "n": phrases.number(n),
        "thing": context.sought(plan, plural=False),
        "things": context.sought(plan, plural=n != 1),
        "filters": context.filters(plan),
        "names": phrases.names([entity.shown(plan.language) for entity in shown]),
    }
    if plan.kind == "exists":
        return phrases.say("exists_one" if n == 1 else "exists", **slots)
    more = n > SHOWN or len(shown) < n
    return phrases.say("list_one" if n == 1 else "list_more" if more else "list", **slots)


def _unknown_field(plan: Plan, context: Context) -> Draft | None:
    """A filter on something that no record of what is sought tells: the data cannot know."""
    for constraint in plan.constraints:
        info = context.catalogue.fields.get(constraint.field)
        fields = ("area", "locality", "area_ids") if constraint.field == "area" else (constraint.field,)
        infos = [info for f in fields if (info := context.catalogue.fields.get(f))]
        if not any(i.labels[plan.label or ""] and _of_kind(i.categories, plan) for i in infos):
            field = context.phrases.field(constraint.field)
            return missing(context.phrases.say("no_field", field=field, name=context.sought(plan)))
    return None


def _of_kind(categories: Any, plan: Plan) -> bool:
    return not plan.categories or any(categories[category] for category in plan.categories)


def _none(plan: Plan, context: Context) -> Draft:
    """Nothing meets the filters, among things that are known: that is an answer."""
    draft = Draft(short=0 if plan.kind in ("count", "exists") else [])
    known = context.catalogue.known(plan.label or "", city=plan.city, categories=plan.categories)
    text = context.phrases.say(
        "none", things=context.sought(plan), filters=context.filters(plan), known=context.phrases.number(known)
    )
    evidence: list[Evidence] = [context.result(plan, []), *areas.drawn(plan, [], context)]
    draft.say(text, *evidence, support="computed", computed=[0, known])
    areas.say_unplaced(plan, draft, context)
    return draft


def _columns(found: list[Entity]) -> list[str]:
    return [field for field in COLUMNS if any(entity.get(field) is not None for entity in found[:50])]


def superlative(plan: Plan, context: Context) -> Draft:
    """The first k by a measure; ties for the first place are all named."""
    assert plan.order is not None
    problem = context.nothing_known(plan) or _unknown_field(plan, context)
    if problem:
        return problem
    found = context.matching(plan)
    found = context.alive(found) if len(found) <= CHECKED else found
    if not found:
        return _none(plan, context)
    field, phrases = plan.order.field, context.phrases
    measured = [(value, entity) for entity in found if (value := _number(entity.get(field))) is not None]
    if not measured:
        slots = {"things": context.sought(plan), "filters": context.filters(plan), "field": phrases.field(field)}
        return missing(phrases.say("no_measure", **slots))
    sign = -1 if plan.order.descending else 1
    measured.sort(key=lambda m: (sign * m[0], -_votes(m[1]), m[1].name.casefold()))
    return _say_best(plan, measured, context)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _votes(entity: Entity) -> float:
    return _number(entity.get("rating_count")) or 0.0


def _say_best(plan: Plan, measured: list[tuple[float, Entity]], context: Context) -> Draft:
    assert plan.order is not None
    phrases, field, k = context.phrases, plan.order.field, plan.k or 1
    best = [entity for value, entity in measured if value == measured[0][0]]
    first = best if k == 1 else [entity for _, entity in measured[:k]]
    slots = {
        "n": phrases.number(len(measured)),
        "things": context.sought(plan),
        "filters": context.filters(plan),
        "field": phrases.field(field),
        "extreme": phrases.say("highest" if plan.order.descending else "lowest"),
        "value": phrases.value(field, first[0].get(field)),
        "name": first[0].shown(plan.language),
    }
    names = [e.shown(plan.language) for e in first]
    if k > 1:
        names = [f"{e.shown(plan.language)} ({phrases.value(field, e.get(field))})" for e in first]
    phrase = "best_list" if k > 1 else "best_tie" if len(first) > 1 else "best_one"
    draft = Draft(ordered=True)
    text = phrases.say(phrase, names=phrases.names(names), **slots)
    facts = [entity.fact(field) for entity in first[:SHOWN]]
    draft.say(text, *facts, context.result(plan, [e for _, e in measured]), computed=[len(measured)])
    for entity in first[:SHOWN]:
        say_conflicts(entity, field, draft, context)
    draft.short = first[0].name if len(first) == 1 and k == 1 else [entity.name for entity in first]
    columns = [field, *(c for c in _columns(first) if c != field)]
    table(draft, first, columns, phrases)
    return draft
