"""What is said of one funding round: its amount, its date, and names that lead to nobody known here."""

from collections.abc import Iterable, Mapping, Sequence

from graph.ingest.validity import day_in
from graph.resolution.firms import written_keys
from retrieval.answering.context import Context
from retrieval.answering.entity import Entity
from retrieval.answering.evidence import Draft, Fact
from retrieval.answering.phrases import SHOWN

_TOLD = ("amount", "currency", "round", "date", "amount_text")


def said_amount(funding: Entity, context: Context) -> str:
    """The amount with its currency; the source's own words where there is none."""
    amount = funding.get("amount")
    if amount is None:
        return str(funding.get("amount_text") or "–")
    shown = f"{context.phrases.number(float(amount))} {funding.get('currency') or ''}".strip()
    return context.phrases.say("about_amount", value=shown) if funding.get("amount_approximate") else shown


def amount_and_date(funding: Entity, context: Context) -> str:
    """`5,000,000 USD, Seed, 2024-03-10`, as far as it is told."""
    phrases, text = context.phrases, funding.get("amount_text")
    amount = said_amount(funding, context)
    if funding.get("amount") is None:
        amount = phrases.say("amount_written", value=text) if text else phrases.say("amount_untold")
    return ", ".join(str(part) for part in (amount, funding.get("round"), funding.get("date")) if part)


def told(funding: Entity) -> list[Fact]:
    """What its records say of it."""
    return [funding.fact(field) for field in _TOLD if funding.get(field) is not None]


def is_ahead(day: object, context: Context) -> bool:
    today = day_in("", context.now).isoformat()
    return str(day or "")[: len(today)] > today


def say_ahead(fundings: Sequence[Entity], draft: Draft, context: Context) -> None:
    """Rounds that bear a date that has not come: announced, or a slip of the source."""
    say_more("rounds_ahead", [found for found in fundings if is_ahead(found.get("date"), context)], draft, context)


def say_more(phrase: str, some: Sequence[Entity], draft: Draft, context: Context) -> None:
    """How many rounds these are, and what is told of them."""
    if some:
        phrases, n = context.phrases, len(some)
        names = "; ".join(amount_and_date(found, context) for found in some[:SHOWN])
        text = phrases.say(phrases.counted(phrase, n), n=phrases.number(n), names=names)
        draft.say(text, *(fact for found in some[:SHOWN] for fact in told(found)), support="computed", computed=[n])


def writers(funding: Entity, field: str, names: Sequence[str], context: Context) -> list[Fact]:
    """For each of these names the record of a round that writes it in this field: a united list has many writers."""
    records = context.ledger.citable(funding.refs, now=context.now)
    said = {ref: _texts(stored.record.data.get(field)) for ref, stored in sorted(records.items())}
    found = ((name, next((ref for ref, texts in said.items() if name in texts), "")) for name in names)
    return [Fact(ref, field, name, funding.name) for name, ref in found if ref]


def _texts(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]


def same_names(names: Iterable[str], asked: Iterable[str]) -> bool:
    """Whether one of these is written as one of those, legal forms and the like apart."""
    wanted = {key for text in asked for key in written_keys(text)}
    return any(wanted & written_keys(text) for text in names)


def distinct_names(facts: Iterable[Fact]) -> Mapping[str, Fact]:
    """Name -> who says it; names that differ in case, punctuation or legal form are one."""
    found: dict[frozenset[str], Fact] = {}
    for fact in facts:
        found.setdefault(written_keys(str(fact.value)), fact)
    return {str(fact.value): fact for fact in found.values()}
