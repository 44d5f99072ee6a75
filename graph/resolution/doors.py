"""An address as what it names, to tell whether two of them lead to one door.

Words and numbers alone would take `5th Main, 12th Cross` for `12th Main, 5th Cross`: a number or letter that belongs to
a word is kept with it. The other numbers keep their order, as `14/2` is not `2/14`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from graph.resolution.tokens import spelled_words, vocabulary

_PARTS = re.compile(r"[,;\n]|\s[-–]\s")
POINTING_ONLY = frozenset({"old", "new"})
"""Words that tell two roads apart, though resolution looks past them."""


@dataclass(frozen=True, slots=True)
class Door:
    """`words`: streets, buildings and areas, with their own number or letter (`12 crs`); `numbers`: all others."""

    words: frozenset[str] = frozenset()
    numbers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.numbers)

    @property
    def size(self) -> int:
        return sum(len(word.split()) for word in self.words) + len(self.numbers)

    @property
    def numbered(self) -> dict[str, frozenset[str]]:
        """Word -> the numbers or letters of its own: of `5th Main, Block C` `main` has 5 and `blk` has c."""
        pairs = [word.split(" ", 1) for word in self.words if " " in word]
        return {kind: frozenset(mark for mark, of in pairs if of == kind) for _, kind in pairs}

    @property
    def named(self) -> frozenset[str]:
        """The words with and without their numbers."""
        return self.words | {word.rpartition(" ")[2] for word in self.words}


@lru_cache(maxsize=65_536)
def door(text: str) -> Door:
    words: set[str] = set()
    numbers: list[str] = []
    for part in _PARTS.split(text):
        _read(_telling(part), words, numbers)
    return Door(frozenset(words), tuple(numbers))


def is_within(one: Door, other: Door) -> bool:
    """Whether the other says the same and more."""
    return (
        other.size > one.size and bool(one.words) and one.words <= other.named and _in_order(one.numbers, other.numbers)
    )


def _in_order(few: Sequence[str], many: Sequence[str]) -> bool:
    rest = iter(many)
    return all(number in rest for number in few)


def _telling(part: str) -> list[str]:
    """Words that only point or count are left out, unless they are the letter of a block."""
    known, words = vocabulary(), spelled_words(part)
    skipped = (known.pointing | known.counting) - POINTING_ONLY
    return [
        word for at, word in enumerate(words) if word not in skipped or (len(word) == 1 and _beside_numbered(words, at))
    ]


def _beside_numbered(words: Sequence[str], at: int) -> bool:
    beside = (*words[max(at - 1, 0) : at], *words[at + 1 : at + 2])
    return any(word in vocabulary().numbered for word in beside)


def _read(words: Sequence[str], named: set[str], numbers: list[str]) -> None:
    at = 0
    while at < len(words):
        word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
        beyond = words[at + 2] if at + 2 < len(words) else ""
        taken = 2
        if _marks(word) and _is_numbered(following):
            named.add(f"{word} {following}")
        elif _is_numbered(word) and _marks(following) and not _is_numbered(beyond):
            named.add(f"{following} {word}")
        elif _is_number(word) and _is_letter(following) and not _is_numbered(beyond):
            numbers.append(word + following)
        else:
            taken = 1
            if _is_number(word):
                numbers.append(word)
            else:
                named.add(word)
        at += taken


def _is_numbered(word: str) -> bool:
    return word in vocabulary().numbered


def _marks(word: str) -> bool:
    return _is_number(word) or _is_letter(word)


def _is_number(word: str) -> bool:
    return word[:1].isdigit() or (len(word) > 1 and word[-1].isdigit())


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isalpha()
