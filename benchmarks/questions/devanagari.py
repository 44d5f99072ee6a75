"""A rough transliterator from Latin letters to Devanagari, by rule: what a Hindi typist might write for a name."""

import re

_SPOKEN = {
    "airport": "एयरपोर्ट", "and": "एंड", "bakery": "बेकरी", "bhojanalay": "भोजनालय", "biryani": "बिरयानी",
    "bridge": "ब्रिज", "cafe": "कैफे", "centre": "सेंटर", "center": "सेंटर",
    "children": "चिल्ड्रन", "chowk": "चौक", "circle": "सर्कल",
    "clinic": "क्लिनिक", "college": "कॉलेज", "colony": "कॉलोनी", "corner": "कॉर्नर", "court": "कोर्ट", "cross": "क्रॉस",
    "depot": "डिपो", "dhaba": "ढाबा", "food": "फूड", "foods": "फूड्स", "gate": "गेट", "grill": "ग्रिल", "heart": "हार्ट",
    "high": "हाई", "home": "होम", "hospital": "हॉस्पिटल", "hospitals": "हॉस्पिटल्स", "hotel": "होटल", "house": "हाउस",
    "institute": "इंस्टीट्यूट", "kitchen": "किचन", "lake": "लेक", "layout": "लेआउट", "market": "मार्केट", "metro": "मेट्रो",
    "museum": "म्यूज़ियम", "naka": "नाका", "nagar": "नगर", "nursing": "नर्सिंग", "office": "ऑफिस", "park": "पार्क",
    "pizza": "पिज़्ज़ा", "police": "पुलिस", "post": "पोस्ट", "primary": "प्राइमरी", "public": "पब्लिक", "road": "रोड",
    "school": "स्कूल", "spice": "स्पाइस", "station": "स्टेशन", "sweets": "स्वीट्स", "temple": "टेंपल", "theatre": "थिएटर",
    "tower": "टावर", "town": "टाउन", "vidyalaya": "विद्यालय", "village": "विलेज",
}  # fmt: skip
_ENDINGS = {
    "nagar": "नगर", "nagara": "नगर", "pura": "पुरा", "pur": "पुर", "halli": "हल्ली", "abad": "ाबाद",
    "palya": "पाल्या", "gaon": "गांव", "wadi": "वाड़ी", "peth": "पेठ", "pet": "पेट", "bagh": "बाग", "sandra": "संद्रा",
}  # fmt: skip
_CONSONANTS = {
    "chh": "छ", "ch": "च", "kh": "ख", "gh": "घ", "jh": "झ", "th": "थ", "dh": "ध", "ph": "फ", "bh": "भ", "sh": "श",
    "zh": "झ", "ck": "क", "b": "ब", "c": "क", "d": "द", "f": "फ", "g": "ग", "h": "ह", "j": "ज", "k": "क", "l": "ल",
    "m": "म", "n": "न", "p": "प", "q": "क", "r": "र", "s": "स", "t": "ट", "v": "व", "w": "व",
    "x": "क्स", "y": "य", "z": "ज़",
}  # fmt: skip
_VOWELS = {
    "aa": ("आ", "ा"), "ai": ("ऐ", "ै"), "au": ("औ", "ौ"), "ee": ("ई", "ी"), "ea": ("ई", "ी"), "ii": ("ई", "ी"),
    "oo": ("ऊ", "ू"), "ou": ("ऊ", "ू"), "uu": ("ऊ", "ू"), "a": ("अ", ""), "e": ("ए", "े"), "i": ("इ", "ि"),
    "o": ("ओ", "ो"), "u": ("उ", "ु"),
}  # fmt: skip
_LAST = {"a": "ा", "i": "ी", "u": "ू"}
_PIECES = re.compile("|".join(sorted([*_CONSONANTS, *_VOWELS], key=len, reverse=True)))
_VIRAMA, _ANUSVARA = "्", "ं"


def can_transliterate(name: str) -> bool:
    """Only short names made of plain lower or title case words: initials and numbers are kept Latin."""
    words = name.split()
    return 1 <= len(words) <= 3 and all(w.isascii() and w.isalpha() and len(w) >= 4 and not w.isupper() for w in words)


def transliterate(name: str) -> str:
    """Word by word; common English words as they are spoken."""
    return " ".join(_SPOKEN.get(word) or _word(word) for word in name.casefold().split())


def _word(word: str) -> str:
    for ending, written in _ENDINGS.items():
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= 3:
            return _spelled(stem, whole=False) + written
    return _spelled(word, whole=True)


def _spelled(word: str, *, whole: bool) -> str:
    pieces = _PIECES.findall(word)
    written = ""
    for i, piece in enumerate(pieces):
        before = pieces[i - 1] if i else ""
        last = whole and i == len(pieces) - 1
        if piece in _VOWELS:
            alone, sign = _VOWELS[piece]
            sign = _LAST.get(piece, sign) if last else sign
            written += sign if before in _CONSONANTS else alone
        else:
            written = _joined(written, before, i) + _CONSONANTS[piece]
    return written


def _joined(written: str, before: str, place: int) -> str:
    """How the letters so far meet a following consonant: nasals become a dot, a cluster at the start is tied."""
    if before not in _CONSONANTS:
        return written
    if before in ("n", "m") and place >= 2:
        return written.removesuffix(_CONSONANTS[before]) + _ANUSVARA
    return written + (_VIRAMA if place == 1 else "")
