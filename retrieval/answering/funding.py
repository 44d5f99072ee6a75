"""Money that organizations raised, from the funding records that link to them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from graph import queries
from retrieval.answering.context import CHECKED, Context
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact, missing
from retrieval.answering.phrases import SHOWN
from retrieval.answering.rounds import alive, matching, round_name, said_amount
from retrieval.plan import Order, Plan


def funding(plan: Plan, context: Context) -> Draft:
    """Amounts or investors of the rounds of one organization, or of the round that was named."""
    entity, problem = _subject(plan, context)
    if entity is None:
        return problem or missing(plan.subjects[0].text)
    stated = entity.get("investors") if plan.fields[0] == "investors" and not plan.constraints else None
    if stated is not None:
        return _stated_investors(plan, entity, stated, context)
    if plan.fields[0] == "portfolio":
        return _portfolio(plan, entity, context)
    rows = [row for row in context.rows(queries.fundings_of([entity.id])) if _in_round(row, plan)]
    if not rows:
        field = context.phrases.field(plan.fields[0])
        return missing(context.phrases.say("no_field", field=field, name=entity.shown(plan.language)))
    if plan.fields[0] == "investors":
        return _investors(plan, entity, rows, context)
    return _amounts(plan, entity, list({e.id: e for e in (_entity(row) for row in rows)}.values()), context)


def _subject(plan: Plan, context: Context) -> tuple[Entity | None, Draft | None]:
    """Of several organizations of one name the one that has rounds: what is asked decides which is meant."""
    named = plan.subjects[0]
    if len(named.ids) > 1 and not named.partial:
        if plan.fields[0] == "portfolio":
            having = {str(row["investor"]) for row in context.rows(queries.fundings_by(named.ids))}
        else:
            having = {str(row["organization"]) for row in context.rows(queries.fundings_of(named.ids))}
        if len(having) == 1:
            return context.one_of(replace(named, ids=tuple(having)), replace(plan, city=None))
    return context.one_of(named, replace(plan, city=None))


def _entity(row: dict[str, Any]) -> Entity:
    return Entity(row["funding"])


def _in_round(row: dict[str, Any], plan: Plan) -> bool:
    """Of the round and the date that are asked for; other filters are about companies."""
    found = row["funding"]
    for asked in plan.constraints:
        if asked.op == "year" and not str(found.get("date") or "").startswith(str(asked.value)):
            return False
        if asked.op == "month" and str(found.get("date") or "")[5:7] != asked.value:
            return False
        if asked.field == "round" and round_name(str(found.get("round") or "")) not in map(round_name, asked.value):
            return False
    return True


_PORTFOLIO = {1: "portfolio_one"}


def _portfolio(plan: Plan, investor: Entity, context: Context) -> Draft:
    """The companies that an investor put money into."""
    phrases = context.phrases
    rows = alive(matching(context.rows(queries.fundings_by([investor.id])), plan), context)
    companies = {row["company"]: row for row in rows}
    if not companies:
        return missing(phrases.say("no_field", field=phrases.field("portfolio"), name=investor.shown(plan.language)))
    names = [str(row["name"]) for row in companies.values()]
    facts = [Fact(str(row["record"]), "investor", investor.name, str(row["name"])) for row in companies.values()]
    draft = Draft(short=len(names) if plan.k else names, columns=["id", "name", "date", "round"])
    draft.rows = [[id_, row["name"], row["date"], row["round"]] for id_, row in companies.items()]
    slots = {"name": investor.shown(plan.language), "n": phrases.number(len(names)), "names": phrases.names(names)}
    text = phrases.say(_PORTFOLIO.get(len(names), "portfolio_more" if len(names) > SHOWN else "portfolio"), **slots)
    draft.say(text, *facts[:CHECKED], support="computed", computed=[len(names)])
    return draft


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
    """Round by round, and the total within each currency."""
    phrases, draft = context.phrases, Draft(columns=["id", "date", "round", "amount", "currency"])
    if plan.fields[0] == "count":
        return _number_of_rounds(plan, entity, fundings, context)
    known = [f for f in fundings if f.get("amount") is not None]
    if plan.order is not None:
        known = _first(plan.order, known if plan.order.field == "amount" else fundings)
    if not known:
        return missing(phrases.say("no_field", field=phrases.field("amount"), name=entity.shown(plan.language)))
    for found in sorted(known, key=lambda f: str(f.get("date"))):
        _say_round(plan, entity, found, draft, context)
    draft.short = _short(plan, known)
    if len(known) > 1 and not plan.order and not any(c.field == "round" for c in plan.constraints):
        _say_totals(plan, entity, known, draft, context)
    return draft


def _say_round(plan: Plan, entity: Entity, found: Entity, draft: Draft, context: Context) -> None:
    slots = {
        "name": entity.shown(plan.language),
        "value": said_amount(found, context),
        "round": found.get("round") or "",
        "date": found.get("date") or "",
    }
    fields = ("amount", "currency", "round", "date", "amount_text")
    facts = [found.fact(field) for field in fields if found.get(field) is not None]
    draft.say(context.phrases.say("raised_round" if found.get("round") else "raised", **slots), *facts)
    draft.rows.append([found.id, *(found.get(field) for field in ("date", "round", "amount", "currency"))])


def _first(order: Order, fundings: Sequence[Entity]) -> list[Entity]:
    """The biggest, smallest, latest or first; amounts of several currencies are each the first of theirs."""
    told = [f for f in fundings if f.get(order.field) is not None]
    groups: dict[str, list[Entity]] = defaultdict(list)
    for found in told:
        groups[str(found.get("currency") or "") if order.field == "amount" else ""].append(found)
    pick = max if order.descending else min
    best = {key: pick(group, key=lambda f: f.get(order.field)).get(order.field) for key, group in groups.items()}
    return [f for key, group in groups.items() for f in group if f.get(order.field) == best[key]]


def _short(plan: Plan, known: Sequence[Entity]) -> Any:
    """One amount, their sum where they have one currency, else each sum with its currency."""
    amounts = [found.get("amount") for found in known if found.get("amount") is not None]
    if plan.order is not None and plan.order.field == "date" and known:
        return amounts[0] if len(amounts) == 1 else known[0].get("date")
    if len(amounts) == 1:
        return amounts[0]
    if plan.order is not None or any(c.field == "round" for c in plan.constraints):
        return amounts
    sums = _sums(known)
    return sum(amounts) if len(sums) == 1 else [f"{total:g} {currency}".strip() for currency, total in sums.items()]


def _sums(known: Sequence[Entity]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for found in known:
        sums[str(found.get("currency") or "")] += float(found.get("amount"))
    return dict(sorted(sums.items()))


def _say_totals(plan: Plan, entity: Entity, known: Sequence[Entity], draft: Draft, context: Context) -> None:
    """Within each currency: nothing is converted."""
    for currency, total in _sums(known).items():
        rounds = [found for found in known if str(found.get("currency") or "") == currency]
        if len(rounds) < 2:
            continue
        value = f"{context.phrases.number(total)} {currency}".strip()
        text = context.phrases.say("raised_total", name=entity.shown(plan.language), value=value, n=len(rounds))
        facts = [found.fact("amount") for found in rounds]
        currencies = [rounds[0].fact("currency")] if currency else []
        draft.say(text, *facts, *currencies, support="computed", computed=[total, len(rounds)])


def _number_of_rounds(plan: Plan, entity: Entity, fundings: Sequence[Entity], context: Context) -> Draft:
    draft = Draft(short=len(fundings), columns=["id", "date", "round", "amount", "currency"])
    text = context.phrases.say("rounds_of", n=len(fundings), name=entity.shown(plan.language))
    draft.say(text, *(f.fact("date") for f in fundings), support="computed", computed=[len(fundings)])
    draft.rows = [[f.id, *(f.get(field) for field in ("date", "round", "amount", "currency"))] for f in fundings]
    return draft
