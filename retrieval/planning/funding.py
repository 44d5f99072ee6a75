"""Questions about money that organizations raised: how much, from whom, in which round; and about all rounds: the
biggest, the total, who invested in most."""

from collections.abc import Iterator
from dataclasses import replace

from retrieval.catalogue import Facet
from retrieval.linking import Mention
from retrieval.plan import Constraint, Order, Plan
from retrieval.planning.geography import how_many
from retrieval.planning.reading import Reading
from retrieval.planning.target import MONTHS, condition_of

YEAR_DIGITS = 4
BY_WHOM = frozenset({"ने", "ne"})
"""Behind the one who acts, in Hindi: who stands before it is the investor."""
MONEY = ("funding", "investors", "invested", "deals", "top_investors", "portfolio")
WRITTEN = ("company_as_written", "investors_as_written")
"""Names that rounds write and that no one organization bears: of a company and of an investor."""
FILTERS = ("sector", "sectors", "data_city", "round", *WRITTEN)


def funding(reading: Reading, base: Plan) -> Plan | None:
    """A plan where an organization is named beside a word for raising or investing, or all rounds are asked about."""
    named = reading.naming("Organization")
    rounds_named = any(f.field == "round" and "Funding" in f.labels for m in reading.free() for f in m.facets)
    if not (reading.asks(*MONEY) or (named and rounds_named)):
        return None
    subject = _subject(reading, named)
    return _of_one(reading, base, subject) if subject else _of_all(reading, base)


def _subject(reading: Reading, named: list[Mention]) -> Mention | None:
    """The organization that is asked about: not an everyday word, nor what a filter or an operator says."""
    candidates = [m for m in named if not reading.is_small(m) and not m.operators and not _filter(m)]
    if not candidates and _asked_of_all(reading) is None:
        candidates = named
    return max(candidates, key=lambda m: (not reading.is_small(m), m.end - m.start, -m.start), default=None)


def _of_one(reading: Reading, base: Plan, subject: Mention) -> Plan:
    invests = _invests(reading, subject)
    organization = reading.named(subject, "Organization")
    field = "portfolio" if invests else "investors" if reading.asks("investors", "invested") else "amount"
    counted = reading.asks("count") and field == "amount"
    if counted and reading.asks("deals"):
        field = "count"
    plan = replace(base, kind="funding", label="Funding", subjects=(organization,), fields=(field,), city=None)
    if field == "portfolio":
        reading.use(*(m for m in reading.free() if "company" in m.categories))
        plan = replace(plan, city=reading.city, k=1 if reading.asks("count") else None)
    plan = replace(plan, constraints=tuple(_constraints(reading)), order=_order(reading) if field == "amount" else None)
    reading.use(*(m for m in reading.free() if m.fields and set(m.fields) & {"amount", "round", "date", "currency"}))
    return plan


def _invests(reading: Reading, subject: Mention) -> bool:
    """Whether the organization is the one who gave: `did Acme invest in`, `backed by Acme`, `Acme ने … निवेश किया`."""
    if reading.asks("portfolio") or reading.after(subject, "backed_by", gap=1):
        return True
    verbs = [m for m in reading.mentions if m.is_about("invested") and m.start >= subject.end]
    if not verbs or reading.asks("backed_by"):
        return False
    hindi = any(not m.text.isascii() or m.is_about("hindi_invested") for m in verbs)
    return reading.word_after(subject, BY_WHOM) if hindi else True


def _of_all(reading: Reading, base: Plan) -> Plan | None:
    """About rounds of whatever company, cut down by sector, city and date."""
    if not reading.catalogue.known("Funding") or _other_kinds(reading):
        return None
    field = _asked_of_written(reading) or _asked_of_all(reading)
    if field is None:
        return None
    constraints = tuple(_constraints(reading))
    reading.use(*(m for m in reading.free() if set(m.categories) & {"company"}))
    reading.use(*(m for m in reading.free() if m.fields and set(m.fields) & {"amount", "round", "date", "currency"}))
    order = _order(reading) or Order("amount", descending=True)
    return replace(
        base, kind="rounds", label="Funding", fields=(field, "count") if reading.asks("count") else (field,),
        constraints=constraints, order=order,
        k=how_many(reading) or 1,
    )  # fmt: skip


def _asked_of_written(reading: Reading) -> str | None:
    """The other side of an investment of whose one side only a name is known, as rounds write it."""
    if not reading.asks("investors", "invested", "portfolio", "backed_by"):
        return None
    for mention in reading.free():
        fields = {facet.field for facet in mention.facets} if not mention.entities else set()
        if "investors_as_written" in fields and _invests(reading, mention):
            return "backed"
        if "company_as_written" in fields and not _invests(reading, mention):
            return "backers"
    return None


def _other_kinds(reading: Reading) -> bool:
    """Places or events are asked about: `open round the clock`."""
    return any(m.categories and "company" not in m.categories for m in reading.free())


def _asked_of_all(reading: Reading) -> str | None:
    """What is asked of all rounds."""
    most = reading.asks("largest", "smallest")
    if reading.asks("top_investors") or (most and reading.asks("investors", "invested") and not reading.asks("raised")):
        return "investors"
    if reading.asks("count") and reading.asks("deals"):
        return "count"
    if most and any("company" in m.categories for m in reading.mentions) and not reading.asks("deals"):
        return "companies"
    if most and reading.asks("raised") and reading.first_word(frozenset({"who", "किसने", "kisne"})):
        return "companies"
    if (most or reading.asks("newest", "latest", "oldest", "earliest")) and reading.asks("deals", "funding"):
        return "rounds"
    money = any("amount" in m.fields for m in reading.mentions)
    return "total" if money and reading.asks("funding") else None


def _order(reading: Reading) -> Order | None:
    if reading.asks("newest", "latest", "oldest", "earliest"):
        return Order("date", descending=not reading.asks("oldest", "earliest"))
    if reading.asks("largest", "smallest"):
        return Order("amount", descending=not reading.asks("smallest"))
    return None


def _constraints(reading: Reading) -> Iterator[Constraint]:
    yield from _dates(reading)
    for mention in reading.free():
        facet = _filter(mention)
        if facet is not None and (facet.field == "round" or not reading.is_small(mention)):
            reading.use(mention)
            if facet.field in WRITTEN and reading.asks("invested") and _invests(reading, mention):
                facet = next((f for f in mention.facets if f.field == "investors_as_written"), facet)
            condition = None if facet.field == "round" else condition_of(reading.catalogue, facet)
            shown = facet.display if facet.field != "round" else mention.text
            yield Constraint(facet.field, "=", sorted(facet.values), shown, condition)


def _filter(mention: Mention) -> Facet | None:
    """The city, sector or round that it may mean of a funding or of who raised it."""
    if mention.is_about("deals", "funding"):
        return None  # some source calls a round `Funding Round`
    fitting = [
        f
        for f in mention.facets
        if f.field in FILTERS
        and f.labels & {"Organization", "Funding"}
        and not (f.field in WRITTEN and mention.entities)
    ]
    return min(fitting, key=lambda f: FILTERS.index(f.field), default=None)


def _dates(reading: Reading) -> Iterator[Constraint]:
    """`in 2017`, `in June 2017`."""
    for token in reading.linked.tokens:
        if token.key in MONTHS and (token.key != "may" or token.text[0].isupper()):
            yield Constraint("date", "month", MONTHS[token.key], token.text, None)
        elif token.key.isdigit() and len(token.key) == YEAR_DIGITS and token.key[:2] in ("19", "20"):
            yield Constraint("date", "year", token.key, token.key, None)
        else:
            continue
        reading.use(*(m for m in reading.free() if m.text == token.text))
        reading.linked.residue[:] = [left for left in reading.linked.residue if left is not token]
