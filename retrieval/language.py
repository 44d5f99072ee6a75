"""Words of a question and of names, cut and folded the same way, in English and Hindi.

Not covered: morphology. Inflected forms that matter stand in the lexicon.
"""

import unicodedata
from collections.abc import Sequence
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


_CONSONANTS = dict(
    zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळ",
        "k kh g gh n ch chh j jh n t th d dh n t th d dh n p ph b bh m y r l v sh sh s h l".split(),
        strict=True,
    )
)
_VOWELS = dict(zip("अआइईउऊऋएऐओऔऑऍ", "a aa i ee u oo ri e ai o au o e".split(), strict=True))
_SIGNS = dict(zip("ािीुूृेैोौॉॅ", "aa i ee u oo ri e ai o au o e".split(), strict=True))
_VIRAMA, _ANUSVARA, _VISARGA = "्", "ं", "ः"


def romanise(word: str) -> str:
    """Devanagari as people write it in Latin letters, the silent last vowel dropped; other text unchanged."""
    word = fold_word(word)
    out: list[str] = []
    for at, char in enumerate(word):
        if char in _CONSONANTS:
            out.append(_CONSONANTS[char])
            following = word[at + 1] if at + 1 < len(word) else ""
            if following and following not in _SIGNS and following != _VIRAMA:
                out.append("a")
        elif char in _SIGNS:
            out.append(_SIGNS[char])
        elif char in _VOWELS:
            out.append(_VOWELS[char])
        elif char == _ANUSVARA:
            out.append("n")
        elif char not in (_VIRAMA, _VISARGA):
            out.append(char)
    return "".join(out)


_SOUNDS: Sequence[tuple[str, str]] = (
    ("rh", "d"), ("chh", "c"), ("ch", "c"), ("sh", "s"), ("ph", "f"), ("bh", "b"), ("dh", "d"), ("th", "t"),
    ("kh", "k"), ("gh", "g"), ("jh", "j"), ("g", "j"), ("z", "j"), ("ck", "k"), ("qu", "k"), ("q", "k"), ("x", "ks"),
    ("w", "v"), ("ce", "se"), ("ci", "si"),
)  # fmt: skip


def sounds(text: str) -> str:
    """How a name sounds, roughly: consonants without aspiration, vowels dropped but for a leading one.

    Spellings of one Indian name in Latin and in Devanagari meet here; so do different names, therefore whoever
    looks up by it compares the spellings afterwards.
    """
    spelled = "".join(romanise(word) for word in text.split())
    for letters, sound in _SOUNDS:
        spelled = spelled.replace(letters, sound)
    spelled = spelled.replace("c", "k") if "c" in spelled else spelled
    first = "a" if spelled[:1] in "aeiou" else spelled[:1]
    rest = "".join(c for c in spelled[1:] if c not in "aeiouyh")
    return squeeze(first + rest)


def squeeze(text: str) -> str:
    """Runs of one letter become that letter."""
    return "".join(c for at, c in enumerate(text) if at == 0 or c != text[at - 1] or c.isdigit())
