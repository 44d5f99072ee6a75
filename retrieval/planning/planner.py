"""Question -> plan: link the words, then let the first rule that fits decide."""

from collections.abc import Callable
from dataclasses import replace

import regex

from graph.queries import Condition
from retrieval.catalogue import Catalogue, FieldInfo
from retrieval.language import clean, detect, tokens
from retrieval.linking import link
from retrieval.plan import Constraint, Plan
from retrieval.planning.facts import compare, lookup
from retrieval.planning.funding import funding
from retrieval.planning.geography import around, distance
from retrieval.planning.journeys import journey
from retrieval.planning.ownership import ownership
from retrieval.planning.reading import Reading
from retrieval.planning.sets import sets, superlative
from retrieval.planning.transit import transit

Rule = Callable[[Reading, Plan], Plan | None]
RULES: tuple[Rule, ...] = (journey, transit, funding, ownership, distance, compare, around, superlative, sets, lookup)


def make_plan(
    question: str,
    catalogue: Catalogue,
    *,
    city: str | None = None,
    sector: str | None = None,
    language: str | None = None,
) -> Plan:
    """The plan of one question. Kind `text` when no rule fits: the passages may still know.

    `city` and `sector` are slugs that the asker has chosen beside the question; a city in the question itself wins.
    """
    cleaned = clean(question)
    spoken = language or detect(cleaned)
    linked = link(tokens(_spelled_out(cleaned)), catalogue)
    for rule in RULES:
        reading = Reading(linked, catalogue, question=cleaned, language=spoken, city=city)
        base = Plan("text", spoken, cleaned, city=reading.city)
        plan = rule(reading, base)
        if plan is not None:
            plan = _in_sector(plan, sector)
            return replace(plan, not_understood=(*reading.left_over(), *unknown_fields(reading, plan)))
    reading = Reading(linked, catalogue, question=cleaned, language=spoken, city=city)
    residue = tuple(token.text for token in linked.residue)
    if residue and any("where" in mention.fields for mention in linked.mentions):
        base = Plan("unclear", spoken, cleaned, city=reading.city, not_understood=residue)
        return replace(base, why_unclear="unknown_name", about={"name": " ".join(residue)})
    if 0 < len(residue) <= FEW and reading.asks("count", "list", "exists", "nearest", "within"):
        base = Plan("unclear", spoken, cleaned, city=reading.city, not_understood=residue)
        return replace(base, why_unclear="nothing_known_anywhere", about={"name": " ".join(residue)})
    return Plan("text", spoken, cleaned, city=reading.city, not_understood=residue)


OF_SECTORS = ("Organization", "Indicator", "Document", "Funding")


def _in_sector(plan: Plan, sector: str | None) -> Plan:
    """Sets of things that belong to sectors, cut down to the one that was chosen."""
    if sector is None or plan.kind not in SETS or plan.label not in OF_SECTORS:
        return plan
    chosen = Constraint("sector", "=", sector, sector, Condition("sector_keys", "has", [sector]))
    return replace(plan, constraints=(*plan.constraints, chosen))


FEW = 2
"""A list of something that so few unknown words name is a list of things that nobody knows."""
SETS = frozenset({"count", "list", "exists", "superlative", "nearest", "within"})


def unknown_fields(reading: Reading, plan: Plan) -> tuple[str, ...]:
    """`wheelchair accessible cafes`: a field that nothing of what is sought has is a filter that nobody can check."""
    if plan.kind not in SETS:
        return ()
    fields = reading.catalogue.fields
    return tuple(
        mention.text
        for mention in reading.free()
        if mention.fields
        and not mention.operators
        and not reading.is_small(mention)
        and not any(_is_told(fields.get(name), plan, mention.text) for name in mention.fields)
    )


SUMS = ("how many", "number of", "total", "कितने", "कितनी", "kitne", "kitni")


def _is_told(info: FieldInfo | None, plan: Plan, words: str) -> bool:
    """The field is there to be shown; a sum of it (`how many beds`) is not what a count or a list says."""
    if info is None or not info.labels[plan.label or ""]:
        return False
    summed = plan.kind == "count" or (plan.kind == "list" and words.lower().startswith(SUMS))
    return not (summed and info.numeric)


_SHORTHAND = (
    (regex.compile(r"\bor not\b|\bया नहीं|\bya nahi\b", regex.IGNORECASE), ""),
    (
        regex.compile(r"(?<=\d)\s*[-–]\s*(?=₹?\s?[\d,.]+\s*(?:rupees|rs|inr|km|stars|रुपये|रुपए|beds))", regex.IGNORECASE),
        " to ",
    ),
    (regex.compile(r"(?<=\d)\s*\+"), " or more"),
    (regex.compile(r"कि\s*[.॰]\s*मी\s*[.॰]?"), "किमी"),
    (regex.compile(r"\bk\.\s?m\.?(?=\W|$)", regex.IGNORECASE), "km"),
    (regex.compile(r"(?<=\d)\s?(km|kms|m)\b", regex.IGNORECASE), r" \1"),
)


def _spelled_out(text: str) -> str:
    """Shorthand spelled out: `4+` is `4 or more`, `कि.मी.` is `किमी`, `2km` is `2 km`."""
    for shorthand, full in _SHORTHAND:
        text = shorthand.sub(full, text)
    return text
