"""Folding of names and distances, written apart from the product's on purpose."""

import math
import re
import unicodedata

EARTH_RADIUS_M = 6_371_008.8

_NOT_A_WORD = re.compile(r"[^\w\u0900-\u0dff]+|_+")


def fold(text: object) -> str:
    """Lower case, no accents on Latin letters, punctuation as single spaces."""
    shown = unicodedata.normalize("NFKC", str(text)).casefold().replace("'", "").replace("’", "")
    plain = "".join(c for c in unicodedata.normalize("NFD", shown) if not "\u0300" <= c <= "\u036f")
    return " ".join(_NOT_A_WORD.sub(" ", unicodedata.normalize("NFC", plain)).split())


def contains_words(text: str, words: str) -> bool:
    """Whether the folded `words` occur as whole words in the folded `text`."""
    return f" {words} " in f" {text} "


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great circle distance between (lat, lon) pairs in degrees."""
    (lat1, lon1), (lat2, lon2) = ((math.radians(a), math.radians(b)) for a, b in (one, other))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, h)))


def shown_number(value: float) -> str:
    """300.0 as people write it: 300."""
    return str(int(value)) if float(value).is_integer() else f"{value:g}"
