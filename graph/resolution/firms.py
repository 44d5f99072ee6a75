"""What is special about the names and numbers of organizations: legal forms, former names, registers.

The address of a firm is a registered office that hundreds may share, and its city one of several; so a name weighs more
than for places, and a number of a register decides.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from graph.normalise import fold
from graph.resolution import names
from graph.resolution.names import NameMatch, Weight
from graph.resolution.tokens import Words, vocabulary

WEAK = 0.3
"""Share of its weight that a word such as `Technologies` keeps where only one side says it."""
ALIKE, TINY = 0.96, 1e-9
"""Names that are spelt nearly alike, or that turn their words round, are not equal: `Rise Fund` and `RSI Fund`,
`Capital Trust` and `Trust Capital`."""
JOINED = 0.95
"""`Book My Show` is `BookMyShow`; `Clip App`, which only sounds like it, is not `Cyclops`."""
_FORMER = re.compile(
    r"(?:\s+|\s*[(\[]\s*)(?:formerly(?: known as)?|previously(?: known as)?|earlier(?: known as)?|erstwhile|"
    r"now known as|also known as|trading as|doing business as|[fda]/[kb]/a|fka|dba|a\.?k\.?a\.?)\s*:?\s+",
    re.IGNORECASE,
)
_SLASH = re.compile(r"\s+/\s+")
_SITE = re.compile(r"^(?:https?://)?(?:www\.)?([\w-]{3,})\.(?:com|in|co|io|ai|net|org|co\.in)/?$", re.IGNORECASE)
"""A name that is the firm's site: `Zenify.in`."""
_REST = re.compile(r"[\s)\],;:.]+$")

DECISIVE: Mapping[str, re.Pattern[str]] = {
    "cin": re.compile(r"[lu]\d{5}[a-z]{2}\d{4}[a-z]{3}\d{6}"),
    "lei": re.compile(r"[a-z0-9]{18}\d{2}"),
    "isin": re.compile(r"[a-z]{2}[a-z0-9]{9}\d"),
}
"""Registers in which a number, well formed, belongs to one firm: fillers such as `NA` join nobody. One firm may have
several ISINs, so that two of them say nothing."""


def firm_names(text: str) -> list[str]:
    """`Ola / ANI Technologies (formerly Olacabs)` -> its three names; the first is what it is called now."""
    pieces = [part for piece in _FORMER.split(text) for part in _SLASH.split(piece)]
    return [bare for part in pieces if (bare := _SITE.sub(r"\1", _whole(part)))] or [text]


def _whole(part: str) -> str:
    """Without the bracket that a former name left open behind it."""
    return part.strip() if "(" in part or "[" in part else _REST.sub("", part).strip()


def spelled_names(data: Mapping[str, Any]) -> Iterator[str]:
    """Every name that a record of an organization gives it, as written."""
    for field in ("name", "legal_name"):
        if isinstance(data.get(field), str):
            yield data[field]
    yield from (text for text in (data.get("names") or {}).values() if isinstance(text, str))
    yield from (text for text in data.get("aliases") or () if isinstance(text, str))


def written_keys(text: str) -> frozenset[str]:
    """The names in a text in the form in which they must be equal to mean one firm without further evidence: case,
    punctuation, articles and legal forms apart. Stricter than what resolution compares, where `Finance` is `Financial`
    and an address or a site helps to decide."""
    return frozenset(filter(None, map(_bare, firm_names(text))))


def without_legal_form(words: Sequence[str]) -> Sequence[str]:
    """`acme pvt ltd` -> `acme`; a name that is nothing else stays."""
    end = len(words)
    while end and words[end - 1] in vocabulary().legal_forms:
        end -= 1
    return words[:end] or words


def _bare(name: str) -> str:
    words = fold(name).split()
    return " ".join([word for word in words if word not in vocabulary().empty] or words)


def match(one: Words, other: Words, weight: Weight, local: frozenset[str] = frozenset()) -> NameMatch:
    """As names.match; words that many firms bear hardly count, unless each side bears another: `Zen Technologies` may
    be `Zen`, and is not `Zen Solutions`."""

    def weak(word: str) -> float:
        return weight(word) * (WEAK if word in vocabulary().firm_words else 1.0)

    found = names.match(one, other, weak, local, joined=JOINED)
    found = found if found.against == 0 else names.match(one, other, weight, local, joined=JOINED)
    turned = one != other and sorted(one) == sorted(other)
    return replace(found, likeness=ALIKE) if found.likeness > ALIKE and (turned or found.likeness < 1 - TINY) else found


def same_number(one: Mapping[str, str], other: Mapping[str, str]) -> str:
    """The register in which both have one number; empty where none, or where another register gives them two."""
    common = sorted(one.keys() & other.keys() & DECISIVE.keys())
    if any(one[scheme] != other[scheme] for scheme in common if scheme != "isin"):
        return ""
    return next((s for s in common if one[s] == other[s] and DECISIVE[s].fullmatch(one[s])), "")
