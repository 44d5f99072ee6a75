"""Is a sentence supported by what it cites? Deterministic: numbers, times and names must stand in the evidence.

Whoever wrote the sentence is not trusted, our own composer included.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import regex

from retrieval.language import clean, key_of

_NUMBER = regex.compile(r"(?<![\p{L}\d])\d{1,2}:\d{2}(?!\d)|\d[\d,]*(?:\.\d+)?")
_NAME = regex.compile(r"(?<!\p{L})\p{Lu}[\p{L}\p{M}'’&.-]*(?:\s+(?:(?:of|the|de|&)\s+)?\p{Lu}[\p{L}\p{M}'’&.-]*)*")


@dataclass(frozen=True, slots=True)
class Support:
    """What the citations of a sentence give: texts to look into, and numbers that were computed from them."""

    texts: Sequence[str]
    computed: Sequence[float] = ()


def problems(sentence: str, support: Support, *, known_words: Iterable[str] = ()) -> list[str]:
    """What in the sentence nothing supports; empty when it stands.

    `known_words`: folded words that the sentence's own form brings along, such as the phrase book's.
    """
    text = clean(sentence)
    evidence = " ".join(clean(part) for part in support.texts)
    return [*_numbers(text, evidence, support.computed), *_names(text, evidence, known_words)]


def _numbers(text: str, evidence: str, computed: Sequence[float]) -> list[str]:
    given = {_value(n) for n in _NUMBER.findall(evidence)}
    shown = {form for value in computed for form in _forms(value)}
    return [n for n in _NUMBER.findall(text) if _value(n) not in given and _value(n) not in shown]


def _value(text: str) -> str:
    if ":" in text:
        return text
    plain = text.replace(",", "")
    return f"{float(plain):.15g}" if len(plain) < 15 else plain


def _forms(value: float) -> set[str]:
    """The ways in which a computed number is shown: whole, in kilometres, with decimals."""
    return {
        f"{float(form):.15g}"
        for form in (f"{value:.0f}", f"{value:.1f}", f"{value:.2f}", f"{value / 1000:.2f}", f"{value / 1000:.1f}")
    }


def _names(text: str, evidence: str, known_words: Iterable[str]) -> list[str]:
    held = f" {key_of(evidence)} "
    known = set(known_words)
    missing = []
    for match in _NAME.finditer(text):
        key = key_of(match.group())
        if key and f" {key} " not in held and not all(f" {word} " in held or word in known for word in key.split()):
            missing.append(match.group())
    return missing
