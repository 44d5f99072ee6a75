"""All funding rounds: the biggest, who raised most, the total, how many, and who invested in most.

Sums and comparisons stay within one currency: nothing is converted. A round counts for the city and sector that it
names, else for those of who raised it. A company or an investor of whom only a name is written counts under that name,
and is told as written.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from graph import queries
from graph.resolution.firms import written_keys
from retrieval.answering.conflicts import say_conflicts
from retrieval.answering.context import CHECKED, MOST, Context
from retrieval.answering.evidence import Draft, Fact, QueryResult, missing
from retrieval.answering.funds import is_ahead, said_amount, same_names, say_ahead, told, writers
from retrieval.answering.phrases import SHOWN
from retrieval.answering.twice import Pair, counted_once, maybe_one, say_twice
from retrieval.language import key_of
from retrieval.plan import Constraint, Plan

NO_CURRENCY = ""
WRITTEN = ("company_as_written", "investors_as_written")
"""Filters by a name of which no organization is known."""
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
    if asked.field in WRITTEN:
        return same_names(listed(row[asked.field]), asked.value)
    if asked.field == "sectors":
        return bool(set(asked.value) & set(row["company_sectors"] or ()))
    return bool(set(asked.value) & set(_own(row, "sector_keys" if asked.field == "sector" else "town_keys")))


def listed(value: Any) -> Sequence[str]:
    return value if isinstance(value, list) else [value] if value else []


def who(row: Row) -> str:
    """Whom a round counts for: an organization by id, a company of which only a name is known by that name, and the
    round alone where nobody says whose it is."""
    return str(row["company"] or " / ".join(sorted(written_keys(row["name"] or ""))) or row["funding"])


def name_of(row: Row, context: Context) -> str:
    """Of who raised it, as it may be said."""
    if row["company"]:
        return str(row["name"])
    return context.phrases.say("as_written", name=row["name"]) if row["name"] else context.phrases.say("no_company")


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
    shown: list[Row] = []
    for currency, rows in _by_currency(_once(found) if field == "amount" else [], field) or [
        (NO_CURRENCY, _once(found))
    ]:
        told = [row for row in rows if row[field] is not None]
        if not told:
            continue
        told.sort(key=lambda row: (row[field], row["funding"]), reverse=plan.order.descending)
        best = [row for row in told if row[field] == told[0][field]] if plan.k in (None, 1) else told[: plan.k]
        _say_rounds(plan, best[:SHOWN], len(told), currency, draft, context)
        names += [row["name"] or context.phrases.say("no_company") for row in best]
        shown += best[:SHOWN]
    if not names:
        return missing(context.phrases.say("no_measure", things=_things(context), filters=filters_of(plan, context),
                                           field=context.phrases.field(field)))  # fmt: skip
    draft.short = names[0] if len(names) == 1 else list(dict.fromkeys(names))
    if field == "amount":
        _say_untold(plan, found, draft, context)
    _say_twice(shown, draft, context)
    _say_ahead(shown, draft, context)
    return draft


def _say_rounds(plan: Plan, best: Sequence[Row], known: int, currency: str, draft: Draft, context: Context) -> None:
    assert plan.order is not None
    phrases = context.phrases
    entities = {e.id: e for e in context.of([i for row in best for i in (row["funding"], row["company"]) if i])}
    for at, row in enumerate(best):
        funding, company = entities.get(row["funding"]), entities.get(row["company"])
        if funding is None:
            continue
        slots = {
            "name": company.shown(plan.language) if company else name_of(row, context),
            "value": said_amount(funding, context),
            "round": row["round"] or "–",
            "date": row["date"] or "",
            "extreme": phrases.say(("newest" if plan.order.field == "date" else "highest") if plan.order.descending
                                   else ("oldest" if plan.order.field == "date" else "lowest")),
            "n": phrases.number(known),
            "filters": filters_of(plan, context),
            "currency": f" ({currency})" if currency else "",
        }  # fmt: skip
        named = [company.fact("name")] if company else [funding.fact("company")] if row["name"] else []
        text = phrases.say(phrases.counted("round_best", known) if at == 0 else "round_next", **slots)
        draft.say(text, *told(funding), *named, _result(plan, [row], known), computed=[known])
        say_conflicts(funding, "amount", draft, context)
        draft.rows.append([row["funding"], row["name"], row["date"], row["round"], row["amount"], row["currency"]])


def _companies(plan: Plan, found: Sequence[Row], context: Context) -> Draft:
    """Who raised most, or least, in all rounds together; rounds of nobody that is named are told beside it."""
    assert plan.order is not None
    draft, names, shown = Draft(columns=["id", "name", "amount", "currency", "rounds"], ordered=True), [], []
    pairs = _pairs(found, context)
    for currency, rows in _by_currency([row for row in found if row["name"]], "amount"):
        by_company: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_company[who(row)].append(row)
        totals = {company: sum(row["amount"] for row in own) for company, own in by_company.items()}
        ranked = sorted(totals, key=lambda one: (totals[one], one), reverse=plan.order.descending)
        k = plan.k or 1
        best = [one for one in ranked if totals[one] == totals[ranked[0]]] if k == 1 else ranked[:k]
        for company in best[:SHOWN]:
            own = by_company[company]
            _say_company(plan, own, currency, (len(totals), len(rows)), pairs, draft, context)
            names.append(own[0]["name"])
            shown += own
    if not names:
        return _none(plan, context)
    draft.short = names[0] if len(names) == 1 else names
    _say_number(
        "nameless", plan, [row for row in found if not row["name"] and row["amount"] is not None], draft, context
    )
    _say_untold(plan, found, draft, context)
    _say_twice(shown, draft, context)
    _say_ahead(shown, draft, context)
    return draft


def _say_company(
    plan: Plan,
    own: Sequence[Row],
    currency: str,
    of: tuple[int, int],
    pairs: Sequence[Pair],
    draft: Draft,
    context: Context,
) -> None:
    """`of`: among how many companies, with how many rounds together."""
    assert plan.order is not None
    phrases, (companies, rounds_of_all) = context.phrases, of
    total = float(sum(row["amount"] for row in own))
    value = f"{phrases.number(total)} {currency}".strip()
    slots = {"name": name_of(own[0], context), "value": value, "n": len(own), "filters": filters_of(plan, context)}
    extreme = "raised_most" if plan.order.descending else "raised_least"
    phrase = phrases.counted(extreme if companies > 1 else "raised_only", len(own))
    evidence: list[Fact | QueryResult] = [
        *_facts(own, "amount", context),
        *_facts(own[:1], "currency", context),
        _result(plan, own, rounds_of_all),
    ]
    text = phrases.say(phrase, companies=phrases.number(companies), **slots)
    draft.say(text, *evidence, support="computed", computed=[total, len(own), companies])
    draft.rows.append([own[0]["company"], own[0]["name"], total, currency, len(own)])
    _say_once(currency, own, pairs, evidence, draft, context)


def _say_once(
    currency: str,
    rows: Sequence[Row],
    pairs: Sequence[Pair],
    evidence: Sequence[Fact | QueryResult],
    draft: Draft,
    context: Context,
) -> None:
    """The sum if rounds that may be one are one, where that is another."""
    once = counted_once({row["funding"]: float(row["amount"]) for row in rows}, pairs)
    if once != float(sum(row["amount"] for row in rows)):
        text = context.phrases.say("once", value=f"{context.phrases.number(once)} {currency}".strip())
        draft.say(text, *evidence, support="computed", computed=[once])


def _total(plan: Plan, found: Sequence[Row], context: Context) -> Draft:
    """The sum within each currency, and how many rounds do not tell their amount."""
    found = _once(found)
    draft, sums = Draft(columns=["currency", "amount", "rounds"]), _by_currency(found, "amount")
    if not sums:
        return missing(context.phrases.say("no_measure", things=_things(context), filters=filters_of(plan, context),
                                           field=context.phrases.field("amount")))  # fmt: skip
    untold = len(found) - sum(len(rows) for _, rows in sums)
    pairs = _pairs(found, context)
    for currency, rows in sums:
        _say_sum(plan, currency, rows, untold, pairs, draft, context)
    draft.short = draft.rows[0][1] if len(sums) == 1 else [f"{row[1]:.15g} {row[0]}".strip() for row in draft.rows]
    say_twice(pairs, draft, context)
    _say_ahead(found, draft, context)
    return draft


def _say_sum(
    plan: Plan, currency: str, rows: Sequence[Row], untold: int, pairs: Sequence[Pair], draft: Draft, context: Context
) -> None:
    phrases, total = context.phrases, float(sum(row["amount"] for row in rows))
    evidence: list[Fact | QueryResult] = [_result(plan, rows, len(rows)), *_facts(rows[:1], "currency", context)]
    slots = {"n": phrases.number(len(rows)), "filters": filters_of(plan, context), "untold": phrases.number(untold)}
    phrase = phrases.counted("rounds_total" if untold else "rounds_total_all", len(rows))
    text = phrases.say(phrase, value=f"{phrases.number(total)} {currency}".strip(), **slots)
    draft.say(text, *evidence, support="computed", computed=[total, len(rows), untold])
    _say_once(currency, rows, pairs, evidence, draft, context)
    draft.rows.append([currency, total, len(rows)])


def _say_ahead(found: Sequence[Row], draft: Draft, context: Context) -> None:
    ahead = [row["funding"] for row in _once(found) if is_ahead(row["date"], context)]
    say_ahead(context.of(ahead), draft, context)


def _say_untold(plan: Plan, found: Sequence[Row], draft: Draft, context: Context) -> None:
    """How many rounds could not take part in a comparison."""
    _say_number("untold_beside", plan, [row for row in found if row["amount"] is None], draft, context)


def _say_number(phrase: str, plan: Plan, rows: Sequence[Row], draft: Draft, context: Context) -> None:
    """How many rounds there are of which the phrase speaks, if any."""
    if n := len(some := _once(rows)):
        text = context.phrases.say(context.phrases.counted(phrase, n), n=context.phrases.number(n))
        draft.say(text, _result(plan, some, n), support="computed", computed=[n])


def _once(found: Sequence[Row]) -> list[Row]:
    """A round that several raised together is one."""
    return list({row["funding"]: row for row in found}.values())


def _pairs(found: Iterable[Row], context: Context) -> list[Pair]:
    return maybe_one({row["funding"]: row["refs"] or () for row in found}, context)


def _say_twice(found: Iterable[Row], draft: Draft, context: Context) -> None:
    say_twice(_pairs(found, context), draft, context)


def _count(plan: Plan, found: Sequence[Row], context: Context) -> Draft:
    n = len(_once(found))
    draft = Draft(short=n)
    text = context.phrases.say(
        context.phrases.counted("rounds_count", n), n=context.phrases.number(n), filters=filters_of(plan, context)
    )
    draft.say(text, _result(plan, found, n), support="computed", computed=[n])
    _say_twice(found, draft, context)
    return draft


def _backers(plan: Plan, found: Sequence[Row], context: Context) -> Draft:
    """Who invested in the rounds that meet the filters."""
    linked = {row["investor"]: row for row in matching(context.rows(queries.investments(limit=MOST)), plan)}
    facts = [_investment(row) for row in linked.values()]
    written = _written_backers(found, context)
    names = [str(fact.value) for fact in (*facts, *written)]
    if not names:
        return missing(context.phrases.say("no_measure", things=_things(context), filters=filters_of(plan, context),
                                           field=context.phrases.field("investors")))  # fmt: skip
    draft = Draft(short=sorted(names))
    text = context.phrases.say("backers", filters=filters_of(plan, context), names=context.phrases.names(sorted(names)))
    draft.say(text, *facts, *written, support="computed", computed=[len(names)])
    return draft


def _investment(row: Row) -> Fact:
    return Fact(str(row["record"]), "investor", str(row["investor_name"]), str(row["name"] or ""))


def _written_backers(found: Sequence[Row], context: Context) -> list[Fact]:
    """Investors of whom only a name is written, each with a record that writes it."""
    named = {row["funding"]: row["investors_as_written"] for row in found if row["investors_as_written"]}
    facts = [
        fact
        for funding in context.of(list(named)[:CHECKED])
        for fact in writers(funding, "investors", named[funding.id], context)
    ]
    return list({written_keys(str(fact.value)): fact for fact in reversed(facts)}.values())[::-1]


def _top_investors(plan: Plan, context: Context) -> Draft:
    """Who took part for the most companies; ties are all named."""
    found = alive(matching(context.rows(queries.investments(limit=MOST)), plan), context)
    every = alive(matching(context.rows(queries.rounds(limit=MOST)), plan), context)
    backed: dict[str, dict[str, tuple[Row, str]]] = defaultdict(dict)
    for row in found:
        backed[row["investor"]].setdefault(who(row), (row, str(row["investor_name"])))
    for row in every:
        for name in listed(row["investors_as_written"]):
            backed[" / ".join(sorted(written_keys(name)))].setdefault(who(row), (row, name))
    if not backed:
        return _none(plan, context)
    counts = Counter({investor: len(companies) for investor, companies in backed.items()})
    ranked = sorted(counts, key=lambda one: (-counts[one], one))
    best = [one for one in ranked if counts[one] == counts[ranked[0]]] if (plan.k or 1) == 1 else ranked[: plan.k]
    draft = Draft(columns=["id", "name", "companies"], ordered=True)
    for investor in best[:SHOWN]:
        _say_top_investor(plan, list(backed[investor].values()), draft, context, tied=len(best) > 1)
    shown = [next(iter(backed[one].values()))[1] for one in best]
    draft.short = shown[0] if len(shown) == 1 else shown
    return draft


def _say_top_investor(
    plan: Plan, own: Sequence[tuple[Row, str]], draft: Draft, context: Context, *, tied: bool
) -> None:
    """`own`: a round of each company, with the investor's name as it stands there."""
    row, name = own[0]
    rows, known = [row for row, _ in own], row.get("investor")
    said = name if known else context.phrases.say("as_written", name=name)
    facts = [
        Fact(str(row["record"]), "investor", name, str(row["name"])) for row in rows[:SHOWN] if row.get("investor")
    ]
    if not known:
        facts = [fact for funding in context.of([row["funding"] for row in rows[:SHOWN]])
                 for fact in writers(funding, "investors", [name], context)]  # fmt: skip
    text = context.phrases.say(
        context.phrases.counted("top_investor_tie" if tied else "top_investor", len(own)),
        name=said,
        n=len(own),
        filters=filters_of(plan, context),
    )
    draft.say(text, *facts, _result(plan, rows, len(rows)), support="computed", computed=[len(own)])
    draft.rows.append([known, name, len(own)])


def _by_currency(found: Sequence[Row], field: str) -> list[tuple[str, list[Row]]]:
    """Rows that tell the field, by currency, the most frequent first."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        if row[field] is not None:
            groups[str(row["currency"] or NO_CURRENCY)].append(row)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def _facts(rows: Sequence[Row], field: str, context: Context) -> list[Fact]:
    fundings = context.of([row["funding"] for row in rows[:SHOWN]])
    return [found.fact(field) for found in fundings if found.get(field) is not None]


def _result(plan: Plan, rows: Sequence[Row], total: int) -> QueryResult:
    shown = [(c.field, c.op, c.shown) for c in plan.constraints] + ([("city", "=", plan.city)] if plan.city else [])
    refs = tuple(dict.fromkeys(ref for row in rows[:SHOWN] for ref in row["refs"] or ()))[: 2 * SHOWN]
    return QueryResult(
        tuple(shown), total, refs, tuple(dict.fromkeys(str(row["name"]) for row in rows[:SHOWN] if row["name"]))
    )


def _things(context: Context) -> str:
    return context.phrases.say("rounds")


def filters_of(plan: Plan, context: Context) -> str:
    shown = [context.phrases.city(plan.city)] if plan.city else []
    filters = [(c.field if c.field in WRITTEN else "city", c.shown) for c in plan.constraints]
    filters += [("city", value) for value in shown]
    return "".join(context.phrases.filter(phrase, value=value) for phrase, value in dict.fromkeys(filters))


def _none(plan: Plan, context: Context) -> Draft:
    """No round meets the filters, among those that are known."""
    known = context.rows(queries.rounds(limit=MOST))
    if not known:
        return missing(context.phrases.say("nothing_known_anywhere", things=_things(context)))
    n = len({row["funding"] for row in known})
    draft = Draft(short=0 if plan.fields[0] in ("count", "total") else [])
    text = context.phrases.say("none", things=_things(context), filters=filters_of(plan, context),
                               known=context.phrases.number(n))  # fmt: skip
    draft.say(text, _result(plan, known, 0), support="computed", computed=[0, n])
    return draft


def _backed(plan: Plan, found: Sequence[Row], context: Context) -> Draft:
    """Who raised the rounds that meet the filters."""
    rows = list({who(row): row for row in found}.values())
    names = [name_of(row, context) for row in rows]
    short = len(rows) if "count" in plan.fields else [str(row["name"] or "") for row in rows]
    draft = Draft(short=short, columns=["id", "name", "date", "round"])
    draft.rows = [[row["company"], row["name"], row["date"], row["round"]] for row in rows]
    text = context.phrases.say("backed", filters=filters_of(plan, context), names=context.phrases.names(names))
    draft.say(text, _result(plan, rows, len(rows)), support="computed", computed=[len(rows)])
    return draft


_HANDLERS: Mapping[str, Callable[[Plan, Sequence[Row], Context], Draft]] = {
    "rounds": _biggest,
    "companies": _companies,
    "total": _total,
    "count": _count,
    "backers": _backers,
    "backed": _backed,
}
