"""A rough transliterator from Latin letters to Devanagari, by rule: what a Hindi typist might write for a name."""

import re

_CONSONANTS = {
    "chh": "छ", "ch": "च", "kh": "ख", "gh": "घ", "jh": "झ", "th": "थ", "dh": "ध", "ph": "फ", "bh": "भ", "sh": "श",
    "zh": "झ", "ck": "क", "ng": "ंग", "b": "ब", "c": "क", "d": "ड", "f": "फ", "g": "ग", "h": "ह", "j": "ज", "k": "क",
    "l": "ल", "m": "म", "n": "न", "p": "प", "q": "क", "r": "र", "s": "स", "t": "ट", "v": "व", "w": "व", "x": "क्स",
    "y": "य", "z": "ज़",
}  # fmt: skip
_VOWELS = {
    "aa": ("आ", "ा"), "ai": ("ऐ", "ै"), "au": ("औ", "ौ"), "ee": ("ई", "ी"), "ea": ("ई", "ी"), "ii": ("ई", "ी"),
    "oo": ("ऊ", "ू"), "ou": ("ऊ", "ू"), "uu": ("ऊ", "ू"), "a": ("अ", ""), "e": ("ए", "े"), "i": ("इ", "ि"),
    "o": ("ओ", "ो"), "u": ("उ", "ु"),
}  # fmt: skip
_PIECES = re.compile("|".join(sorted([*_CONSONANTS, *_VOWELS], key=len, reverse=True)))
_VIRAMA = "्"


def can_transliterate(name: str) -> bool:
    """Only short names made of plain lower or title case words: initials and numbers are kept Latin."""
    words = name.split()
    return 1 <= len(words) <= 3 and all(w.isascii() and w.isalpha() and len(w) >= 4 and not w.isupper() for w in words)


def transliterate(name: str) -> str:
    """Word by word."""
    return " ".join(_word(word.casefold()) for word in name.split())


def _word(word: str) -> str:
    pieces = _PIECES.findall(word)
    written, after_consonant = "", False
    for i, piece in enumerate(pieces):
        if piece in _VOWELS:
            alone, sign = _VOWELS[piece]
            last = i == len(pieces) - 1
            if after_consonant and piece == "a" and last:
                sign = "ा"
            written += sign if after_consonant else alone
            after_consonant = False
            continue
        if after_consonant and pieces[i - 1] == piece:
            written += _VIRAMA
        elif after_consonant and i >= 2 and pieces[i - 1] not in _VOWELS and piece in "ryl":
            written += _VIRAMA
        written += _CONSONANTS[piece]
        after_consonant = True
    return written
