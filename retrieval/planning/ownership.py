"""Who owns an organization, and what it owns, over the links of the sources."""

from dataclasses import replace

from retrieval.linking import Mention
from retrieval.plan import Plan
from retrieval.planning.reading import Reading

WORDS = ("owns", "owned_by", "parent", "subsidiaries")


def ownership(reading: Reading, base: Plan) -> Plan | None:
    """A plan where an organization is named beside a word for owning."""
    words = [m for m in reading.mentions if m.is_about(*WORDS)]
    named = [m for m in reading.naming("Organization") if not reading.is_small(m) and m not in words]
    if not words or len(named) != 1:
        return None
    (subject,) = named
    field = "owned" if _is_owner(subject, words) else "owners"
    organization = reading.named(subject, "Organization")
    reading.use(*words, *(m for m in reading.free() if "company" in m.categories))
    plan = replace(base, kind="ownership", label="Organization", subjects=(organization,), fields=(field,), city=None)
    return replace(plan, k=1 if reading.asks("count") else None)


def _is_owner(subject: Mention, words: list[Mention]) -> bool:
    """`What does Acme own`, `companies owned by Acme`, `subsidiaries of Acme`; not `who owns Acme`."""
    behind = any(m.is_about("owns") and m.start >= subject.end for m in words)
    before = any(m.is_about("owned_by") and m.end <= subject.start for m in words)
    return behind or before or any(m.is_about("subsidiaries") for m in words)
