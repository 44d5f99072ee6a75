"""Words of a question and of names, cut and folded the same way, in English and Hindi.

Not covered: morphology. Inflected forms that matter stand in the lexicon.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import regex

_WORD = regex.compile(r"\d+(?:,\d+)*(?:\.\d+)?|\p{L}[\p{L}\p{M}]*|[₹$€]")
_DEVANAGARI = regex.compile(r"\p{Script=Devanagari}")
_LETTER = regex.compile(r"\p{L}")
_INVISIBLE = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
)
_HINDI_SPELLING = str.maketrans({"\u093c": None, "ँ": "ं", **{chr(0x0966 + n): str(n) for n in range(10)}})


@dataclass(frozen=True, slots=True)
class Token:
    """A word or number. `key` is folded; `start` and `end` are offsets into the cleaned text."""

    text: str
    key: str
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        return self.key[0].isdigit()

    @property
    def number(self) -> float:
        return float(self.key.replace(",", ""))


def clean(text: str) -> str:
    """NFKC without invisible characters, controls as spaces, Devanagari digits as ASCII."""
    normal = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    spaced = "".join(" " if unicodedata.category(c) == "Cc" else c for c in normal)
    return " ".join(spaced.translate({0x0966 + n: str(n) for n in range(10)}).split())


def tokens(text: str) -> list[Token]:
    """Words in order; `text` should be clean."""
    return [Token(m.group(), fold_word(m.group()), m.start(), m.end()) for m in _WORD.finditer(text)]


def fold_word(word: str) -> str:
    """One spelling of a word: case, accents of Latin and optional dots of Devanagari do not count."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFD", word.casefold())
    if _DEVANAGARI.search(decomposed):
        return unicodedata.normalize("NFC", decomposed.translate(_HINDI_SPELLING))
    return "".join(c for c in decomposed if not unicodedata.combining(c)) or word.casefold()


@lru_cache(maxsize=200_000)
def key_of(text: str) -> str:
    """The folded words of a name with single spaces: the form in which names are compared."""
    return " ".join(token.key for token in tokens(clean(text)))


def detect(text: str) -> str:
    """`hi` when a fifth of the letters or more are Devanagari, else `en`."""
    letters = len(_LETTER.findall(text))
    return "hi" if letters and len(_DEVANAGARI.findall(text)) >= letters * 0.2 else "en"


def is_devanagari(text: str) -> bool:
    return bool(_DEVANAGARI.search(text))
