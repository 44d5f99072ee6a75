"""BM25 as sparse vectors, for English and Hindi in one text, the same for every store.

A document's weights hold term frequency and length; the store multiplies by the inverse document frequency (its
IDF modifier). Qdrant's own tokenizers cut Devanagari words at their vowel signs or know no Hindi stems, so words are
found here.
"""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import local

import regex
import snowballstemmer

K1, B = 1.2, 0.75
TYPICAL_WORDS = 60
"""Length at which a passage is neither favoured nor held back. Fixed, so that no weight depends on its neighbours."""

_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:['’.](?=\p{L}\p{M}*\b)[\p{L}\p{M}]+)*")
_DEVANAGARI = regex.compile(r"\p{Devanagari}")
_LATIN_MARKS = regex.compile(r"(?<=\p{Latin})\p{Mn}+")
_APOSTROPHE = regex.compile(r"['’](?:s\b)?|\.")
# One spelling for what Hindi writes in several ways: nukta and joiners dropped, candrabindu as anusvara, our digits.
_HINDI_SPELLING = str.maketrans(
    {"\u093c": None, "\u0901": "\u0902", "\u200c": None, "\u200d": None}
    | {chr(0x0966 + digit): str(digit) for digit in range(10)}
)


def _one_spelling(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", _LATIN_MARKS.sub("", folded).translate(_HINDI_SPELLING))


def _words(text: str) -> frozenset[str]:
    return frozenset(_one_spelling(text).split())


_STOP = _words(
    "a an and are as at be been but by can could did do does for from had has have how i if in into is it its me my no "
    "not of on or our she so such than that the their them then there these they this to was we were what when where "
    "which who whom whose why will with would you your"
) | _words(
    "का की के को में से पर है हैं था थी थे हो होता होती होते और या एक यह ये वह वे इस उस इन उन कि जो तो भी ही ने तक लिए साथ क्या "
    "कौन कब कहाँ क्यों कैसे कितना कितने कितनी किस मैं मुझे हम आप नहीं कर करना करने गया गयी गए"
)


@dataclass(frozen=True, slots=True)
class Sparse:
    """Ascending indices, one weight each."""

    indices: list[int]
    values: list[float]


def document(text: str) -> Sparse:
    """Weights of a passage."""
    counts = Counter(terms(text))
    norm = K1 * (1 - B + B * counts.total() / TYPICAL_WORDS)
    return _sparse({_index(term): count * (K1 + 1) / (count + norm) for term, count in counts.items()})


def query(text: str) -> Sparse:
    """Weights of a question: how often each of its words stands there; empty when it has none that count."""
    return _sparse({_index(term): float(count) for term, count in Counter(terms(text)).items()})


def terms(text: str) -> Iterator[str]:
    """Stems of the words that count, in order."""
    for match in _WORD.finditer(_one_spelling(text)):
        word = _APOSTROPHE.sub("", match[0])
        if word and word not in _STOP:
            yield _stem(word)


class _Stemmers(local):
    """A stemmer keeps its word between calls, so each thread has its own."""

    def __init__(self) -> None:
        self.english: Callable[[str], str] = snowballstemmer.stemmer("english").stemWord
        self.hindi: Callable[[str], str] = snowballstemmer.stemmer("hindi").stemWord


_stemmers = _Stemmers()


@lru_cache(maxsize=131_072)
def _stem(word: str) -> str:
    if _DEVANAGARI.search(word):
        return _stemmers.hindi(word)
    return _stemmers.english(word) if word.isascii() and word.isalpha() else word


@lru_cache(maxsize=131_072)
def _index(term: str) -> int:
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=4).digest(), "little")


def _sparse(weights: dict[int, float]) -> Sparse:
    indices = sorted(weights)
    return Sparse(indices, [weights[index] for index in indices])
