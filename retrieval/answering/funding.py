"""Money that organizations raised, from the funding records that link to them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from graph import queries
from retrieval.answering.conflicts import say_conflicts
from retrieval.answering.context import CHECKED, MOST, Context
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact, missing
from retrieval.answering.funds import (
    amount_and_date,
    distinct_names,
    said_amount,
    same_names,
    say_ahead,
    say_more,
    told,
    writers,
)
from retrieval.answering.phrases import SHOWN
from retrieval.answering.rounds import WRITTEN, alive, filters_of, listed, matching, name_of, round_name, who
from retrieval.answering.twice import Pair, counted_once, maybe_one, refs_of, say_twice
from retrieval.plan import Order, Plan


def funding(plan: Plan, context: Context) -> Draft:
    """Amounts or investors of the rounds of one organization, or of the round that was named."""
    entity, problem = _subject(plan, context)
    if entity is None:
        problem = problem or missing(plan.subjects[0].text)
        return _with_written(problem, [plan.subjects[0].text] if problem.candidates else [], context)
    if plan.fields[0] == "portfolio":
        return _portfolio(plan, entity, context)
    rows = [row for row in context.rows(queries.fundings_of([entity.id])) if _in_round(row, plan)]
    if plan.fields[0] == "investors":
        return _investors(plan, entity, rows, context)
    fundings = context.alive(list({e.id: e for e in (_entity(row) for row in rows)}.values()))
    if not fundings:
        field = context.phrases.field(plan.fields[0])
        nothing = missing(context.phrases.say("no_field", field=field, name=entity.shown(plan.language)))
        return _with_written(nothing, [entity.name, *(entity.get("aliases") or ())], context)
    if plan.fields[0] == "count":
        return _number_of_rounds(plan, entity, fundings, context)
    return _amounts(plan, entity, fundings, context)


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
        if asked.field in WRITTEN and not same_names(listed(found.get(asked.field)), asked.value):
            return False
        if asked.field == "round" and round_name(str(found.get("round") or "")) not in map(round_name, asked.value):
            return False
    return True


def _with_written(problem: Draft, names: Sequence[str], context: Context) -> Draft:
    """What is missing, and beside it the rounds that name one of several and do not say which."""
    if names and (written := _written_as(names, context)):
        phrases, n = context.phrases, len(written)
        shown = "; ".join(amount_and_date(found, context) for found in written[:SHOWN])
        told_so = phrases.say(phrases.counted("rounds_written", n), n=phrases.number(n), names=shown)
        joint = " " if problem.candidates else "; "
        problem.missing = f"{problem.missing}{joint}{told_so.removesuffix('.').removesuffix('।')}"
    return problem


_PORTFOLIO = {1: "portfolio_one"}


def _portfolio(plan: Plan, investor: Entity, context: Context) -> Draft:
    """The companies that an investor put money into."""
    phrases = context.phrases
    rows = alive(matching(context.rows(queries.fundings_by([investor.id])), plan), context)
    companies = {who(row): row for row in rows}
    if not companies:
        return missing(phrases.say("no_field", field=phrases.field("portfolio"), name=investor.shown(plan.language)))
    names = [str(row["name"] or name_of(row, context)) for row in companies.values()]
    facts = [Fact(str(row["record"]), "investor", investor.name, str(row["name"] or "")) for row in companies.values()]
    draft = Draft(short=len(names) if plan.k else names, columns=["id", "name", "date", "round"])
    draft.rows = [[row["company"], row["name"], row["date"], row["round"]] for row in companies.values()]
    slots = {
        "name": investor.shown(plan.language),
        "n": phrases.number(len(names)),
        "names": phrases.names([name_of(row, context) for row in companies.values()]),
    }
    text = phrases.say(_PORTFOLIO.get(len(names), "portfolio_more" if len(names) > SHOWN else "portfolio"), **slots)
    draft.say(text, *facts[:CHECKED], support="computed", computed=[len(names)])
    return draft


def _investors(plan: Plan, entity: Entity, rows: Sequence[dict[str, Any]], context: Context) -> Draft:
    """Who invested, by links of the rounds, by what the organization's own records say, and by names alone."""
    phrases = context.phrases
    linked = {row["investor"]: row for row in rows if row["investor"]}
    known = [Fact(str(row["record"]), "investor", row["investor_name"], entity.name) for row in linked.values()]
    known += [] if plan.constraints else writers(entity, "investors", entity.get("investors") or (), context)
    written = [
        fact
        for found in {e.id: e for e in map(_entity, rows)}.values()
        for fact in writers(found, "investors", found.get("investors_as_written") or (), context)
    ]
    told = distinct_names([*known, *written])
    if not told:
        nobody = phrases.say("no_field", field=phrases.field("investors"), name=entity.shown(plan.language))
        return _with_written(missing(nobody), [entity.name, *(entity.get("aliases") or ())], context)
    draft = Draft(short=sorted(told), columns=["id", "name"])
    draft.rows = [[id_, row["investor_name"]] for id_, row in linked.items()]
    for phrase, facts in (("investors", known), ("investors_written", written)):
        some = {name: fact for name, fact in told.items() if fact in facts}
        if some:
            names = phrases.names(sorted(some))
            text = phrases.say(phrase, name=entity.shown(plan.language), names=names)
            draft.say(text, *some.values(), entity.fact("name"), support="computed", computed=[len(some)])
    return draft


def _amounts(plan: Plan, entity: Entity, fundings: Sequence[Entity], context: Context) -> Draft:
    """Round by round, the total within each currency, and what is left out of it."""
    draft = Draft(columns=["id", "date", "round", "amount", "currency"])
    known = [f for f in fundings if f.get("amount") is not None]
    by_date = plan.order is not None and plan.order.field == "date"
    shown = _first(plan.order, fundings if by_date else known) if plan.order else known
    if not shown or not (known or by_date):
        return _no_amounts(plan, entity, fundings, context)
    for found in sorted(shown, key=lambda f: str(f.get("date"))):
        _say_round(plan, entity, found, draft, context)
        say_conflicts(found, "amount", draft, context)
    draft.short = _short(plan, shown)
    pairs = maybe_one(refs_of(fundings), context)
    if plan.order:  # of one round only what may be told twice of it
        pairs = [pair for pair in pairs if {found.id for found in shown} & set(pair)]
    if len(known) > 1 and not plan.order and not any(c.field == "round" for c in plan.constraints):
        _say_totals(plan, entity, known, pairs, draft, context)
    say_twice(pairs, draft, context)
    if not by_date:
        say_more("rounds_untold", [f for f in fundings if f.get("amount") is None], draft, context)
    say_ahead(shown, draft, context)
    _say_written(entity, draft, context)
    return draft


def _no_amounts(plan: Plan, entity: Entity, fundings: Sequence[Entity], context: Context) -> Draft:
    """Rounds are known, and no amount: what the sources write of them is all there is to tell."""
    phrases = context.phrases
    names = "; ".join(amount_and_date(found, context) for found in fundings[:SHOWN])
    slots = {"field": phrases.field("amount"), "name": entity.shown(plan.language), "names": names}
    return missing(phrases.say(phrases.counted("no_amounts", len(fundings)), n=phrases.number(len(fundings)), **slots))


def _say_round(plan: Plan, entity: Entity, found: Entity, draft: Draft, context: Context) -> None:
    slots = {
        "name": entity.shown(plan.language),
        "value": said_amount(found, context),
        "round": found.get("round") or "",
        "date": found.get("date") or "",
    }
    phrase = "raised_round" if found.get("round") else "raised"
    if found.get("amount") is None:
        phrase, slots["value"] = "round_plain", amount_and_date(found, context)
    draft.say(context.phrases.say(phrase, **slots), *told(found))
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
    return sum(amounts) if len(sums) == 1 else [f"{total:.15g} {currency}".strip() for currency, total in sums.items()]


def _sums(known: Sequence[Entity]) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for found in known:
        sums[str(found.get("currency") or "")] += float(found.get("amount"))
    return dict(sorted(sums.items()))


def _say_totals(
    plan: Plan, entity: Entity, known: Sequence[Entity], pairs: Sequence[Pair], draft: Draft, context: Context
) -> None:
    """Within each currency: nothing is converted."""
    phrases = context.phrases
    for currency, total in _sums(known).items():
        rounds = [found for found in known if str(found.get("currency") or "") == currency]
        if len(rounds) < 2:
            continue
        value = f"{phrases.number(total)} {currency}".strip()
        text = phrases.say("raised_total", name=entity.shown(plan.language), value=value, n=len(rounds))
        facts = [found.fact("amount") for found in rounds]
        currencies = [rounds[0].fact("currency")] if currency else []
        draft.say(text, *facts, *currencies, support="computed", computed=[total, len(rounds)])
        once = counted_once({found.id: float(found.get("amount")) for found in rounds}, pairs)
        if once != total:
            text = phrases.say("once", value=f"{phrases.number(once)} {currency}".strip())
            draft.say(text, *facts, *currencies, support="computed", computed=[once])


def _number_of_rounds(plan: Plan, entity: Entity, fundings: Sequence[Entity], context: Context) -> Draft:
    n, phrases = len(fundings), context.phrases
    draft = Draft(short=n, columns=["id", "date", "round", "amount", "currency"])
    slots = {"n": phrases.number(n), "name": entity.shown(plan.language), "filters": filters_of(plan, context)}
    text = phrases.say(phrases.counted("rounds_of", n), **slots)
    draft.say(text, *(f.fact("date") for f in fundings), support="computed", computed=[n])
    draft.rows = [[f.id, *(f.get(field) for field in ("date", "round", "amount", "currency"))] for f in fundings]
    say_twice(maybe_one(refs_of(fundings), context), draft, context)
    say_ahead(fundings, draft, context)
    _say_written(entity, draft, context)
    return draft


def _say_written(entity: Entity, draft: Draft, context: Context) -> None:
    """Rounds whose company is written as this one is called, which others are called too: they count for nobody."""
    say_more("rounds_written", _written_as([entity.name, *(entity.get("aliases") or ())], context), draft, context)


def _written_as(names: Sequence[str], context: Context) -> list[Entity]:
    rows = context.rows(queries.rounds_as_written(limit=MOST))
    return context.alive(context.of([str(row["id"]) for row in rows if same_names([str(row["name"])], names)]))
