"""Is it one funding round that two records tell of? By rule: the same firm, near dates, the same amount.

Sources tell of one round days apart, and list its investors a row each. What differs in one point is asked about.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from graph.normalise import fold
from graph.resolution.firms import firm_names
from graph.resolution.tokens import Words, name_words

NEAR_DAYS = 30
"""Between two reports of one round."""
ALIKE = 0.1
"""Amounts that differ by no more may be one, told in another currency or rounded."""
CERTAIN, ASKED, NEVER = 0.97, 0.5, 0.0
_STEP_DAYS = 32
"""Dates at most NEAR_DAYS apart are in one or in neighbouring steps."""
_TELLS_NOTHING = frozenset("round funding stage financing investment".split())


@dataclass(frozen=True, slots=True)
class Round:
    """What a record says of a round. Empty and None: it does not say."""

    companies: frozenset[Words] = frozenset()
    raised_by: frozenset[str] = frozenset()
    """Refs of the records of who raised it."""
    firms: frozenset[str] = frozenset()
    """Ids of the organizations that raised it, as far as they are known when it is judged: the record does not say."""
    day: date | None = None
    name: frozenset[str] = frozenset()
    """Words of its name, without `round` and the like."""
    amount: float | None = None
    currency: str = ""


def round_of(data: Mapping[str, Any], targets: list[tuple[str, str]]) -> Round:
    """Of the data and the links, as (relation, ref), of a record."""
    company, amount = data.get("company"), data.get("amount")
    return Round(
        companies=frozenset(filter(None, map(name_words, firm_names(company)))) if company else frozenset(),
        raised_by=frozenset(ref for rel, ref in targets if rel == "raised_by"),
        day=date.fromisoformat(str(data["date"])[:10]) if data.get("date") else None,
        name=frozenset(fold(str(data.get("round") or "")).split()) - _TELLS_NOTHING,
        amount=float(amount) if isinstance(amount, int | float) else None,
        currency=str(data.get("currency") or ""),
    )


def keys(one: Round) -> Iterator[str]:
    """By who raised it and about when."""
    if one.day is None:
        return
    step = one.day.toordinal() // _STEP_DAYS
    for who in (*one.firms, *one.raised_by, *("".join(words) for words in one.companies)):
        yield from (f"round|{who}|{at}" for at in (step, step + 1))


def judge(one: Round, other: Round) -> tuple[float, str]:
    """Probability that both are one round, and the reason."""
    if one.day is None or other.day is None or not _one_firm(one, other):
        return NEVER, ""
    apart = abs(one.day - other.day)
    if apart > timedelta(NEAR_DAYS):
        return NEVER, ""
    known = one.amount is not None and other.amount is not None
    same = known and one.amount == other.amount and _one_currency(one, other)
    if one.name and other.name and not (one.name <= other.name or other.name <= one.name):
        return (ASKED, "same amount, other round") if same else (NEVER, "")
    if same:
        return CERTAIN, f"same firm, amount and round, {apart.days} days apart"
    if not known:
        told = one.name and other.name
        return (CERTAIN if told and not apart and one.amount == other.amount else ASKED), "same firm, amount not told"
    return (ASKED, "amounts nearly the same") if _comparable(one, other) else (NEVER, "")


def _one_firm(one: Round, other: Round) -> bool:
    return bool(one.firms & other.firms or one.raised_by & other.raised_by or one.companies & other.companies)


def _one_currency(one: Round, other: Round) -> bool:
    return one.currency == other.currency or not (one.currency and other.currency)


def _comparable(one: Round, other: Round) -> bool:
    """Nearly one amount, or amounts in two currencies, of which nobody can tell here."""
    if not _one_currency(one, other):
        return True
    mine, theirs = one.amount or 0.0, other.amount or 0.0
    return abs(mine - theirs) <= ALIKE * max(mine, theirs)
