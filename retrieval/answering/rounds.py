"""All funding rounds: the biggest, who raised most, the total, how many, and who invested in most.

Sums and comparisons stay within one currency: nothing is converted. A round counts for the city and sector that it
names, else for those of who raised it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from graph import queries
from retrieval.answering.context import CHECKED, MOST, Context
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact, QueryResult, missing
from retrieval.answering.phrases import SHOWN
from retrieval.language import key_of
from retrieval.plan import Constraint, Plan

NO_CURRENCY = ""
Row = Mapping[str, Any]


def rounds(plan: Plan, context: Context) -> Draft:
    """Whatever is asked of all rounds that meet the filters."""
    if plan.fields[0] == "investors":
        return _top_investors(plan, context)
    found = alive(matching(context.rows(queries.rounds(limit=MOST)), plan), context)
    if not found:
        return _none(plan, context)
    return _HANDLERS[plan.fields[0]](plan, found, context)


def matching(rows: Iterable[Row], plan: Plan) -> list[Row]:
    """Rows that meet the plan's city and constraints."""
    return [row for row in rows if _in_city(row, plan.city) and all(_meets(row, c) for c in plan.constraints)]


def alive(rows: Sequence[Row], context: Context) -> list[Row]:
    """Those of the first CHECKED rounds that a record may still be cited for, and the rest."""
    asked = {ref for row in rows[:CHECKED] for ref in row.get("refs") or ()}
    known = context.ledger.citable(asked, now=context.now)
    return [row for row in rows[:CHECKED] if any(ref in known for ref in row.get("refs") or ())] + list(rows[CHECKED:])


def _in_city(row: Row, city: str | None) -> bool:
    named: Sequence[str] = [*_own(row, "town_keys"), row["city"] or row["company_city"]]
    return city is None or city in named


def _own(row: Row, field: str) -> Sequence[str]:
    """What the round says itself, else its company."""
    return row[field] or row[f"company_{field}"] or ()


def _meets(row: Row, asked: Constraint) -> bool:
    if asked.op == "year":
        return str(row["date"] or "").startswith(str(asked.value))
    if asked.op == "month":
        return str(row["date"] or "")[5:7] == str(asked.value)
    if asked.field == "round":
        wanted = {round_name(str(value)) for value in asked.value}
        return round_name(str(row["round"] or "")) in wanted
    if asked.field == "sectors":
        return bool(set(asked.value) & set(row["company_sectors"] or ()))
    return bool(set(asked.value) & set(_own(row, "sector_keys" if asked.field == "sector" else "town_keys")))


def round_name(name: str) -> str:
    """`Seed Funding Round` and `Seed Funding` are one."""
    return key_of(name).removesuffix(" round").removesuffix(" funding")


def _biggest(plan: Plan, found: Sequence[Row], context: Context) -> Draft:
    """The first k by amount or date; within each currency."""
    assert plan.order is not None
    field, draft = (
        plan.order.field,
        Draft(columns=["id", "company", "date", "round", "amount", "currency"], ordered=True),
    )
    names: list[str] = []
    for currency, rows in _by_currency(found if field == "amount" else [], field) or [(NO_CURRENCY, list(found))]:
        told = [row for row in rows if row[field] is not None]
        if not told:
            continue
        told.sort(key=lambda row: (row[field], row["funding"]), reverse=plan.order.descending)
        best = [row for row in told if row[field] == told[0][field]] if plan.k in (None, 1) else told[: plan.k]
        _say_rounds(plan, best[:SHOWN], len(told), currency, draft, context)
        names += [row["name"] for row in best]
    if not names:
        return missing(context.phrases.say("no_measure", things=_things(context), filters=_filters(plan, context),
                                           field=context.phrases.field(field)))  # fmt: skip
    draft.short = names[0] if len(names) == 1 else list(dict.fromkeys(names))
    return draft


def _say_rounds(plan: Plan, best: Sequence[Row], known: int, currency: str, draft: Draft, context: Context) -> None:
    assert plan.order is not None
    phrases = context.phrases
    entities = {e.id: e for e in context.of([i for row in best for i in (row["funding"], row["company"])])}
    for at, row in enumerate(best):
        funding, company = entities.get(row["funding"]), entities.get(row["company"])
        if funding is None or company is None:
            continue
        slots = {
            "name": company.shown(plan.language),
            "value": said_amount(funding, context),
            "round": row["round"] or "",
            "date": row["date"] or "",
            "extreme": phrases.say(("newest" if plan.order.field == "date" else "highest") if plan.order.descending
                                   else ("oldest" if plan.order.field == "date" else "lowest")),
            "n": phrases.number(known),
            "filters": _filters(plan, context),
            "currency": f" ({currency})" if currency else "",
        }  # fmt: skip
        facts = [funding.fact(f) for f in ("amount", "currency", "date", "round", "amount_text") if funding.get(f)]
        text = phrases.say("round_best" if at == 0 else "round_next", **slots)
        draft.say(text, *facts, company.fact("name"), _result(plan, [row], known), computed=[known])
        draft.rows.append([row["funding"], row["name"], row["date"], row["round"], row["amount"], row["currency"]])


def said_amount(funding: Entity, context: Context) -> str:
    """The amount with its currency; the source's own words where there is none."""
    amount = funding.get("amount")
    if amount is None:
        return str(funding.get("amount_text") or "–")
    shown = f"{context.phrases.number(float(amount))} {funding.get('currency') or ''}".strip()
    return context.phrases.say("about_amount", value=shown) if funding.get("amount_approximate") else shown


def _companies(plan: Plan, found: Sequence[Row], context: Context) -> Draft:
    """Who raised most in all rounds together."""
    assert plan.order is not None
    draft, names = Draft(columns=["id", "name", "amount", "currency", "rounds"], ordered=True), []
    for currency, rows in _by_currency(found, "amount"):
        by_company: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_company[row["company"]].append(row)
        totals = {company: sum(row["amount"] for row in own) for company, own in by_company.items()}
        ranked = sorted(totals, key=lambda one: (totals[one], one), reverse=plan.order.descending)
        k = plan.k or 1
        best = [one for one in ranked if totals[one] == totals[ranked[0]]] if k == 1 else ranked[:k]
        for company in best[:SHOWN]:
            own = by_company[company]
            value = f"{context.phrases.number(float(totals[company]))} {currency}".strip()
            slots = {"name": own[0]["name"], "value": value, "n": len(own), "filters": _filters(plan, context)}
            text = context.phrases.say("raised_most", companies=context.phrases.number(len(totals)), **slots)
            told: list[Fact | QueryResult] = [
                *_facts(own, "amount"),
                *_facts(own[:1], "currency"),
                _result(plan, own, len(rows)),
            ]
            draft.say(text, *told, support="computed", computed=[float(totals[company]), len(own), len(totals)])
            draft.rows.append([company, own[0]["name"], totals[company], currency, len(own)])
            names.append(own[0]["name"])
    if not names:
        return _none(plan, context)
    draft.short = names[0] if len(names) == 1 else names
    return draft


def _total(plan: Plan, found: Sequence[Row], context: Context) -> Draft:
    """The sum within each currency, and how many rounds do not tell their amount."""
    draft, sums = Draft(columns=["currency", "amount", "rounds"]), _by_currency(found, "amount")
    if not sums:
        return missing(context.phrases.say("no_measure", things=_things(context), filters=_filters(plan, context),
                                           field=context.phrases.field("amount")))  # fmt: skip
    untold = len(found) - sum(len(rows) for _, rows in sums)
    for currency, rows in sums:
        total = sum(row["amount"] for row in rows)
        value = f"{context.phrases.number(float(total))} {currency}".strip()
        text = context.phrases.say("rounds_total", n=context.phrases.number(len(rows)), value=value,
                                   filters=_filters(plan, context), untold=context.phrases.number(untold))  # fmt: skip
        currencies = _facts(rows[:1], "currency")
        computed = [float(total), len(rows), untold]
        draft.say(text, _result(plan, rows, len(rows)), *currencies, support="computed", computed=computed)
        draft.rows.append([currency, total, len(rows)])
    draft.short = draft.rows[0][1] if len(sums) == 1 else [f"{row[1]:g} {row[0]}".strip() for row in draft.rows]
    return draft


def _count(plan: Plan, found: Sequence[Row], context: Context) -> Draft:
    n = len({row["funding"] for row in found})
    draft = Draft(short=n)
    text = context.phrases.say("rounds_count", n=context.phrases.number(n), filters=_filters(plan, context))
    draft.say(text, _result(plan, found, n), support="computed", computed=[n])
    return draft


def _top_investors(plan: Plan, context: Context) -> Draft:
    """Who took part for the most companies; ties are all named."""
    found = alive(matching(context.rows(queries.investments(limit=MOST)), plan), context)
    if not found:
        return _none(plan, context)
    companies: dict[str, set[str]] = defaultdict(set)
    for row in found:
        companies[row["investor"]].add(row["company"])
    counts = Counter({investor: len(backed) for investor, backed in companies.items()})
    ranked = sorted(counts, key=lambda one: (-counts[one], one))
    best = [one for one in ranked if counts[one] == counts[ranked[0]]] if (plan.k or 1) == 1 else ranked[: plan.k]
    names = {row["investor"]: str(row["investor_name"]) for row in found}
    draft = Draft(columns=["id", "name", "companies"], ordered=True)
    for investor in best[:SHOWN]:
        own = [row for row in found if row["investor"] == investor]
        slots = {"name": names[investor], "n": counts[investor], "filters": _filters(plan, context)}
        facts = [Fact(str(row["record"]), "investor", names[investor], str(row["name"])) for row in own[:SHOWN]]
        text = context.phrases.say("top_investor", **slots)
        draft.say(text, *facts, _result(plan, own, len(own)), support="computed", computed=[counts[investor]])
        draft.rows.append([investor, names[investor], counts[investor]])
    shown = [names[one] for one in best]
    draft.short = shown[0] if len(shown) == 1 else shown
    return draft


def _by_currency(found: Sequence[Row], field: str) -> list[tuple[str, list[Row]]]:
    """Rows that tell the field, by currency, the most frequent first."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        if row[field] is not None:
            groups[str(row["currency"] or NO_CURRENCY)].append(row)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def _facts(rows: Sequence[Row], field: str) -> list[Fact]:
    told = [row for row in rows[:SHOWN] if row["refs"] and row[field]]
    return [Fact(str(row["refs"][0]), field, row[field], str(row["name"])) for row in told]


def _result(plan: Plan, rows: Sequence[Row], total: int) -> QueryResult:
    shown = [(c.field, c.op, c.shown) for c in plan.constraints] + ([("city", "=", plan.city)] if plan.city else [])
    refs = tuple(dict.fromkeys(ref for row in rows[:SHOWN] for ref in row["refs"] or ()))[: 2 * SHOWN]
    return QueryResult(tuple(shown), total, refs, tuple(dict.fromkeys(str(row["name"]) for row in rows[:SHOWN])))


def _things(context: Context) -> str:
    return context.phrases.say("rounds")


def _filters(plan: Plan, context: Context) -> str:
    shown = [context.phrases.city(plan.city)] if plan.city else []
    return "".join(
        context.phrases.filter("city", value=value) for value in [*(c.shown for c in plan.constraints), *shown]
    )


def _none(plan: Plan, context: Context) -> Draft:
    """No round meets the filters, among those that are known."""
    known = context.rows(queries.rounds(limit=MOST))
    if not known:
        return missing(context.phrases.say("nothing_known_anywhere", things=_things(context)))
    n = len({row["funding"] for row in known})
    draft = Draft(short=0 if plan.fields[0] in ("count", "total") else [])
    text = context.phrases.say("none", things=_things(context), filters=_filters(plan, context),
                               known=context.phrases.number(n))  # fmt: skip
    draft.say(text, _result(plan, known, 0), support="computed", computed=[0, n])
    return draft


_HANDLERS: Mapping[str, Callable[[Plan, Sequence[Row], Context], Draft]] = {
    "rounds": _biggest,
    "companies": _companies,
    "total": _total,
    "count": _count,
}
