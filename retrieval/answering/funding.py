"""Money that organizations raised, from the funding records that link to them."""

from collections.abc import Sequence
from typing import Any

from graph import queries
from retrieval.answering.context import Context
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact, missing
from retrieval.language import key_of
from retrieval.plan import Plan


def funding(plan: Plan, context: Context) -> Draft:
    """Amounts or investors of the rounds of one organization, or of the round that was named."""
    entity, problem = context.one_of(plan.subjects[0], plan)
    if entity is None:
        return problem or missing(plan.subjects[0].text)
    stated = entity.get("investors") if plan.fields[0] == "investors" and not plan.constraints else None
    if stated is not None:
        return _stated_investors(plan, entity, stated, context)
    rows = [row for row in context.rows(queries.fundings_of([entity.id])) if _in_round(row, plan)]
    if not rows:
        field = context.phrases.field(plan.fields[0])
        return missing(context.phrases.say("no_field", field=field, name=entity.shown(plan.language)))
    if plan.fields[0] == "investors":
        return _investors(plan, entity, rows, context)
    return _amounts(plan, entity, list({e.id: e for e in (_entity(row) for row in rows)}.values()), context)


def _entity(row: dict[str, Any]) -> Entity:
    return Entity(row["funding"])


def _in_round(row: dict[str, Any], plan: Plan) -> bool:
    wanted = {_round(value) for constraint in plan.constraints for value in constraint.value}
    return not wanted or _round(str(row["funding"].get("round") or "")) in wanted


def _round(name: str) -> str:
    """`Seed Funding Round` and `Seed Funding` are one."""
    return key_of(name).removesuffix(" round").removesuffix(" funding")


def _stated_investors(plan: Plan, entity: Entity, stated: Any, context: Context) -> Draft:
    """A record of the organization itself names its investors."""
    names = [str(name) for name in (stated if isinstance(stated, list) else [stated])]
    draft = Draft(short=names)
    text = context.phrases.say("investors", name=entity.shown(plan.language), names=context.phrases.names(names))
    draft.say(text, entity.fact("investors"))
    return draft


def _investors(plan: Plan, entity: Entity, rows: Sequence[dict[str, Any]], context: Context) -> Draft:
    phrases = context.phrases
    known = {row["investor"]: row for row in rows if row["investor"]}
    if not known:
        return missing(phrases.say("no_field", field=phrases.field("investors"), name=entity.shown(plan.language)))
    names = sorted(str(row["investor_name"]) for row in known.values())
    facts = [Fact(str(row["record"]), "investor", row["investor_name"], entity.name) for row in known.values()]
    draft = Draft(short=names, columns=["id", "name"], rows=[[id_, row["investor_name"]] for id_, row in known.items()])
    text = phrases.say("investors", name=entity.shown(plan.language), names=phrases.names(names))
    draft.say(text, *facts, support="computed", computed=[len(names)])
    return draft


def _amounts(plan: Plan, entity: Entity, fundings: Sequence[Entity], context: Context) -> Draft:
    phrases, draft = context.phrases, Draft(columns=["id", "date", "round", "amount", "currency"])
    known = [f for f in fundings if f.get("amount") is not None]
    if not known:
        return missing(phrases.say("no_field", field=phrases.field("amount"), name=entity.shown(plan.language)))
    for found in sorted(known, key=lambda f: str(f.get("date"))):
        amount = f"{phrases.number(float(found.get('amount')))} {found.get('currency') or ''}".strip()
        slots = {
            "name": entity.shown(plan.language),
            "value": amount,
            "round": found.get("round") or "",
            "date": found.get("date") or "",
        }
        text = phrases.say("raised_round" if found.get("round") else "raised", **slots)
        facts = [found.fact(field) for field in ("amount", "currency", "round", "date") if found.get(field) is not None]
        draft.say(text, *facts)
        draft.rows.append([found.id, found.get("date"), found.get("round"), found.get("amount"), found.get("currency")])
    amounts = [found.get("amount") for found in known]
    same_currency = len({found.get("currency") for found in known}) == 1
    draft.short = (
        amounts[0] if len(amounts) == 1 else sum(amounts) if same_currency and not plan.constraints else amounts
    )
    if len(amounts) > 1 and same_currency and not plan.constraints:
        total = f"{phrases.number(float(sum(amounts)))} {known[0].get('currency') or ''}".strip()
        text = phrases.say("raised_total", name=entity.shown(plan.language), value=total, n=len(known))
        facts = [found.fact("amount") for found in known]
        draft.say(
            text, *facts, *[known[0].fact("currency")], support="computed", computed=[float(sum(amounts)), len(known)]
        )
    return draft
