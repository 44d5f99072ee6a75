"""Names as sources write them: plain spelling, slugs, and which alternates are worth keeping."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

DEVANAGARI = re.compile(r"[\u0900-\u097f]")
NOT_HINDI = re.compile(r"[ळङऴऱऩ]")
"""Letters of Marathi, Nepali or Sanskrit spellings that Hindi names do without."""


def plain(text: str) -> str:
    """The text without accents on Latin letters: `Thāne` becomes `Thane`."""
    kept = (c for c in unicodedata.normalize("NFD", text) if not ("\u0300" <= c <= "\u036f"))
    return unicodedata.normalize("NFC", "".join(kept))


def slug(text: str) -> str:
    """Lower case letters and digits of any script, joined by hyphens; empty when there are none."""
    folded = unicodedata.normalize("NFKC", plain(text)).casefold()
    return "-".join(re.findall(r"[^\W_]+(?:[\u0900-\u097f]+)?", folded))


def spellings(name: str, alternates: Iterable[str], *, likeness: float = 0.65) -> list[str]:
    """Alternates in Latin script that are spellings of the same name, not codes or renderings in other languages."""
    found: dict[str, None] = {}
    own = plain(name)
    for alternate in alternates:
        text = plain(alternate)
        if not re.fullmatch(r"[A-Z][A-Za-z .-]{4,}", text) or text.isupper() or text == own:
            continue
        if SequenceMatcher(None, own.casefold(), text.casefold()).ratio() >= likeness:
            found.setdefault(text)
    return list(found)


def hindi(alternates: Iterable[str]) -> tuple[str | None, list[str]]:
    """The first Devanagari alternate spelt as Hindi does, and all other Devanagari ones."""
    written = [a for a in alternates if DEVANAGARI.search(a)]
    first = next((a for a in written if not NOT_HINDI.search(a)), None)
    return first, [a for a in written if a != first]
