"""Indian names in Latin letters, and how they sound: where spellings of one name meet, whatever script they are in."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from anyascii import anyascii

_CONSONANTS = dict(
    zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळ",
        "k kh g gh n ch chh j jh n t th d dh n t th d dh n p ph b bh m y r l v sh sh s h l".split(),
        strict=True,
    )
)
_VOWELS = dict(zip("अआइईउऊऋएऐओऔऑऍऎऒ", "a aa i ee u oo ri e ai o au o e e o".split(), strict=True))
_SIGNS = dict(zip("ािीुूृेैोौॉॅॆॊ", "aa i ee u oo ri e ai o au o e e o".split(), strict=True))
_VIRAMA, _ANUSVARA, _VISARGA = "्", "ं", "ः"
_FOLDED = str.maketrans({"\u093c": None, "ँ": "ं", **{chr(0x0966 + n): str(n) for n in range(10)}})
_DEVANAGARI = 0x0900
_BLOCK = 0x80
_LIKE_DEVANAGARI = range(0x0980, 0x0D80)
"""Bengali, Gurmukhi, Gujarati, Odia, Tamil, Telugu, Kannada, Malayalam: each block is laid out as Devanagari is."""


def romanise(word: str) -> str:
    """A word of an Indian script as people write it in Latin letters, the silent last vowel of Devanagari dropped.

    Other text is unchanged.
    """
    if word.isascii():
        return word
    shifted = "".join(map(_as_devanagari, unicodedata.normalize("NFC", word))).translate(_FOLDED)
    out: list[str] = []
    for at, char in enumerate(shifted):
        if char in _CONSONANTS:
            out.append(_CONSONANTS[char])
            following = shifted[at + 1] if at + 1 < len(shifted) else ""
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


def _as_devanagari(char: str) -> str:
    code = ord(char)
    return chr(_DEVANAGARI + code % _BLOCK) if code in _LIKE_DEVANAGARI else char


@lru_cache(maxsize=65_536)
def latin(text: str) -> str:
    """Any text in ASCII letters: Indian scripts by sound, all others letter by letter."""
    if text.isascii():
        return text
    return anyascii(" ".join(_as_written(romanise(word)) for word in text.split()))


_LONG_VOWELS = (("aa", "a"), ("ee", "i"), ("oo", "u"))


def _as_written(word: str) -> str:
    """Long vowels of Indian scripts as people write them: `lilavati`, not `leelaavatee`."""
    for long, written in _LONG_VOWELS:
        word = word.replace(long, written)
    return word


_SOUNDS: Sequence[tuple[str, str]] = (
    ("rh", "d"), ("chh", "c"), ("ch", "c"), ("sh", "s"), ("ph", "f"), ("bh", "b"), ("dh", "d"), ("th", "t"),
    ("kh", "k"), ("gh", "g"), ("jh", "j"), ("g", "j"), ("z", "j"), ("ck", "k"), ("qu", "k"), ("q", "k"), ("x", "ks"),
    ("w", "v"), ("ce", "se"), ("ci", "si"),
)  # fmt: skip


@lru_cache(maxsize=65_536)
def sounds(text: str) -> str:
    """How a name sounds, roughly: consonants without aspiration, vowels dropped but for a leading one.

    Spellings of one Indian name in Latin and in Indian scripts meet here; so do different names, therefore whoever
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
