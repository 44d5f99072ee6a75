"""Names and addresses as the words that are compared: one script, one spelling of abbreviations, numbers and initials.

What words are spelt alike is data (words.yaml). Nothing here knows how often a word occurs: weights are the snapshot's.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

from graph.normalise import fold
from graph.romanise import latin

WORDS = Path(__file__).with_name("words.yaml")
MOST_WORDS = 40
"""Of a name of two thousand characters the rest tells nothing more."""
_POSSESSIVE = re.compile(r"\s+['’`´]\s?s\b", re.IGNORECASE)
_ESCAPED = re.compile(r"\\[nrt]")
"""Line breaks that somebody's export wrote out."""
_HYPHENATED = re.compile(r"\w+(?:[-/.]\w+)*")
_MEASURE = re.compile(r"[\dx]+(?:[a-z]{1,4}|th|feet|inch|main|cross|block|stage|phase)?")
LEAST_CODE = 5
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_SUFFIX = frozenset({"st", "nd", "rd", "th"})
_MEASURED = re.compile(r"(\d+)(ft|feet|foot)")
_PLURAL = re.compile(r"[a-z]{3,}[^aious]s")

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """words.yaml, ready to be looked up."""

    same: Mapping[str, str]
    apart: Mapping[str, Words]
    empty: frozenset[str]
    legal_forms: frozenset[str]
    pointing: frozenset[str]
    silent: frozenset[str]
    numbered: frozenset[str]
    counting: frozenset[str]
    kinds: Mapping[str, str]
    firm_words: frozenset[str]
    namesakes: frozenset[str]
    shared_hosts: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """Read once per process."""
    said = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    spellings = {**said["same"], **said["numbers"]}
    return Vocabulary(
        same={other: form for form, others in spellings.items() for other in others},
        apart={word: tuple(words.split()) for word, words in said["apart"].items()},
        empty=frozenset([*said["empty"], *said["legal_forms"]]),
        legal_forms=frozenset(said["legal_forms"]),
        pointing=frozenset(said["pointing"]),
        silent=frozenset(said["silent"]),
        numbered=frozenset(said["numbered"]),
        counting=frozenset(said["counting"]),
        kinds={word: kind for kind, words in said["kinds"].items() for word in words},
        firm_words=frozenset(said["firm_words"]),
        namesakes=frozenset(said["namesakes"]),
        shared_hosts=frozenset(said["shared_hosts"]),
    )


@lru_cache(maxsize=65_536)
def name_words(text: str) -> Words:
    """Distinct words of a name in order. Never empty for a text with a letter or digit, or any sign at all."""
    words = tuple(dict.fromkeys(_words(text)))[:MOST_WORDS]
    telling = tuple(word for word in words if word not in vocabulary().empty)
    return telling or words


@lru_cache(maxsize=65_536)
def spelled_words(text: str) -> Words:
    """Every word in order, each in the one spelling that it is compared by, but for those that say nothing at all: two
    texts with the same ones are one text in two spellings."""
    return tuple(word for word in _words(text) if word not in vocabulary().silent)


@lru_cache(maxsize=65_536)
def address_words(text: str) -> tuple[Words, frozenset[str]]:
    """(words that name streets, buildings and areas, in order; numbers, such as `12` and `14b`)."""
    words = tuple(dict.fromkeys(_words(text)))[:MOST_WORDS]
    known = vocabulary()
    numbers = frozenset(word for word in words if word[0].isdigit() or (len(word) > 1 and word[-1].isdigit()))
    telling = tuple(w for w in words if w not in numbers and w not in known.empty and w not in known.pointing)
    return telling, numbers


@lru_cache(maxsize=16_384)
def codes(text: str) -> frozenset[str]:
    """Model numbers and the like in a name, without their hyphens: letters and digits together, and no measure."""
    joined = ("".join(filter(str.isalnum, found)).casefold() for found in _HYPHENATED.findall(text))
    return frozenset(word for word in joined if _is_code(word))


def _is_code(word: str) -> bool:
    if len(word) < LEAST_CODE or not word.isascii() or not any(map(str.isdigit, word)):
        return False
    return any(map(str.isalpha, word)) and not _MEASURE.fullmatch(word)


def _words(text: str) -> Iterator[str]:
    known = vocabulary()
    for word in _initials(fold(latin(_POSSESSIVE.sub("s", _ESCAPED.sub(" ", text)))).split()):
        for part in known.apart.get(word, (word,)):
            yield _spelled(part, known)


def _spelled(word: str, known: Vocabulary) -> str:
    if word in known.same:
        return known.same[word]
    if numbered := _ORDINAL.fullmatch(word):
        return numbered[1]
    if _PLURAL.fullmatch(word):
        return known.same.get(word[:-1], word[:-1])
    return word


def _initials(words: Sequence[str]) -> Iterator[str]:
    """`k c general` is `kc general`; `2 nd` is `2`; `100ft` is `100 ft`."""
    run = ""
    for at, word in enumerate(words):
        if len(word) == 1 and word.isalpha():
            run += word
            continue
        if run:
            yield run
            run = ""
        if word in _SUFFIX and at and words[at - 1].isdigit():
            continue
        if measured := _MEASURED.fullmatch(word):
            yield from measured.groups()
        else:
            yield word
    if run:
        yield run
