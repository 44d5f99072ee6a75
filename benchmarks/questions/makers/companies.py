"""Funding rounds and investors."""

from collections import defaultdict

from benchmarks.questions.draft import Draft, Either, Slot
from benchmarks.questions.makers.context import Context, Maker
from benchmarks.questions.text import fold
from benchmarks.questions.world import Thing


def raised(context: Context) -> Draft | None:
    """The amount of one round of one company."""
    rounds = _rounds(context)
    companies = [company for company in rounds if any(r.sole("amount") for r in rounds[company])]
    picked = context.pick(companies)
    if picked is None:
        return None
    company, named = picked
    funding = context.rng.choice([r for r in rounds[company] if r.sole("amount")])
    label = funding.sole("round")
    same = [r for r in rounds[company] if fold(r.sole("round") or "") == fold(label or "")]
    if not label or len(same) != 1:
        return None
    shown = str(label) if "round" in fold(label) else f"{label} round"
    slots: dict[str, Slot] = {"name": named, "round": Either(shown)}
    amount = float(funding.sole("amount"))
    return Draft("funding", "raised", slots, "", amount, "number", gold=funding.refs, tolerance=0.005 * amount)


def invested(context: Context) -> Draft | None:
    """Everybody who took part in any round of a company."""
    rounds = _rounds(context)
    picked = context.pick(list(rounds))
    if picked is None:
        return None
    company, named = picked
    if company.values("investors"):
        return None
    backers: dict[str, Thing] = {}
    for funding in rounds[company]:
        for rel, ref, _ in (link for record in funding.records for link in record.links):
            if rel == "invested_by" and (backer := context.world.by_ref.get(ref)):
                backers[backer.key] = backer
    if not 1 <= len(backers) <= 20:
        return None
    gold = [ref for funding in rounds[company] for ref in funding.refs]
    names = sorted(backer.name for backer in backers.values())
    return Draft("funding", "invested", {"name": named}, "", names, "list", gold=gold)


def _rounds(context: Context) -> dict[Thing, list[Thing]]:
    """Company -> its rounds."""
    found: dict[Thing, list[Thing]] = defaultdict(list)
    for thing in context.world.things:
        if thing.kind == "funding":
            for rel, ref, _ in (link for record in thing.records for link in record.links):
                company = context.world.by_ref.get(ref)
                if rel == "raised_by" and company is not None:
                    found[company].append(thing)
    return found


COMPANY_MAKERS: dict[str, tuple[float, Maker]] = {"raised": (1.5, raised), "invested": (1.5, invested)}
