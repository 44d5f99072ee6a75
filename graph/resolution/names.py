"""Two names: how much of them agrees, how telling that is, and what speaks against.

Words are aligned by spelling and sound; each counts by how rare it is. What is left over on both sides is what tells
branches (`Care Banjara`, `Care Nampally`), sections (`6 phase`, `2 phase`) and facilities (`hospital`, `pharmacy`)
apart.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein, Indel, JaroWinkler

from graph.resolution.tokens import Words, vocabulary
from graph.romanise import sounds

Weight = Callable[[str], float]
"""Word -> bits that its presence tells, at least a little for every word."""

LOCAL = 0.35
"""Share of its weight that a word keeps where the record's own address or city says it too."""
JOINED = 3
"""Words that another spelling may write as one."""
LEAST_ALIKE = 0.8
OTHER_START = 0.6
"""Of words that differ in their first letter too, which is seldom a slip: `Nidhi`, `Vidhi`."""


@dataclass(frozen=True, slots=True)
class NameMatch:
    """`likeness` 0-1 by weight; `bits` of the words that agree; the heaviest word left over on either side."""

    likeness: float
    bits: float
    left: float
    right: float
    numbers: bool = False
    """Numbers stand against each other."""
    kinds: bool = False
    """They say that they are different kinds of thing."""
    adds_kind: bool = False
    """One says a kind of thing that the other does not: the police station of a quarter."""

    @property
    def against(self) -> float:
        """How much both sides leave over: 0 where one name holds the other."""
        return min(self.left, self.right)


def match(
    one: Words, other: Words, weight: Weight, local: frozenset[str] = frozenset(), *, joined: float = 0.0
) -> NameMatch:
    """Symmetric. `local`: words that either record's address says too; `joined`: how alike in spelling (0-1) words that
    are taken for one, by sound, must be to that one."""
    if one == other:
        bits = sum(weight(word) for word in one)
        return NameMatch(1.0, bits, 0.0, 0.0)
    first, second = sorted((one, other))
    mine, theirs = _joined(first, second, joined), _joined(second, first, joined)
    pairs, left, right = _aligned(mine, theirs)

    def heavy(word: str) -> float:
        return weight(word) * (LOCAL if word in local else 1.0)

    agreed = sum((heavy(a) + heavy(b)) * alike for a, b, alike in pairs)
    total = sum(map(heavy, mine)) + sum(map(heavy, theirs))
    doubtful = [(a, b) for a, b, alike in pairs if alike < LEAST_ALIKE]
    return NameMatch(
        likeness=agreed / total if total else 0.0,
        bits=sum(min(weight(a), weight(b)) * alike for a, b, alike in pairs),
        left=max([*map(heavy, left), *(heavy(a) * OTHER_START for a, _ in doubtful)], default=0.0),
        right=max([*map(heavy, right), *(heavy(b) * OTHER_START for _, b in doubtful)], default=0.0),
        numbers=_numbers(left, right),
        kinds=_kinds(left, right),
        adds_kind=any(word in vocabulary().kinds for word in (*left, *right)),
    )


def is_part_of(one: Words, other: Words) -> bool:
    """One is called by the other's kind of thing and then by another one: `Orla Hospital Pharmacy` is no spelling of
    `Orla Hospital`. What comes before the kind tells nothing: `Orla Eye Hospital` may be that hospital."""
    mine, theirs = _named_kinds(one), _named_kinds(other)
    fewer, more = sorted((mine, theirs), key=len)
    return bool(fewer) and set(fewer) < set(more) and more[-1] not in fewer


def _named_kinds(words: Words) -> list[str]:
    known = vocabulary().kinds
    return [known[word] for word in words if word in known]


def _joined(words: Words, others: Words, least: float) -> Words:
    """`hi tech` as `hitech`, and `industrial trauma centre` as `itc`, where the other side writes it so."""
    if len(words) == 1:
        return words
    there = {_heard(word): word for word in others if word not in words}
    if not there:
        return words
    joins = {
        at: (length, there[form])
        for at, length, form in _joins(words)
        if form in there and (not least or _is_spelt(words[at : at + length], there[form], least))
    }
    if not joins:
        return words
    found: list[str] = []
    at = 0
    while at < len(words):
        length, word = joins.get(at, (1, words[at]))
        found.append(word)
        at += length
    return tuple(dict.fromkeys(found))


def _is_spelt(words: Words, word: str, least: float) -> bool:
    """Written together, or by at least three initials."""
    initials = "".join(one[0] for one in words)
    return Indel.normalized_similarity("".join(words), word) >= least or (len(words) > 2 and word == initials)


@lru_cache(maxsize=65_536)
def _joins(words: Words) -> tuple[tuple[int, int, str], ...]:
    """(start, number of words, what they would be as one): longer ones last, so that they win."""
    return tuple(
        (at, length, form)
        for length in range(2, JOINED + 1)
        for at in range(len(words) - length + 1)
        for form in (_heard("".join(words[at : at + length])), "".join(word[0] for word in words[at : at + length]))
    )


@lru_cache(maxsize=262_144)
def _heard(word: str) -> str:
    """By sound where there is enough of it to tell words apart."""
    if len(word) < 6 or has_digit(word):
        return word
    return f"{word[0]}~{sounds(word)}"


@lru_cache(maxsize=262_144)
def has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


def _aligned(one: Words, other: Words) -> tuple[list[tuple[str, str, float]], list[str], list[str]]:
    """Pairs of words that agree, best first, and what is left over on each side."""
    same = set(one) & set(other)
    pairs = [(word, word, 1.0) for word in one if word in same]
    left = [word for word in one if word not in same]
    right = [word for word in other if word not in same]
    candidates = sorted(
        (-alike, i, j) for i, a in enumerate(left) for j, b in enumerate(right) if (alike := likeness(a, b)) > 0
    )
    used_left: set[int] = set()
    used_right: set[int] = set()
    for alike, i, j in candidates:
        if i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
            pairs.append((left[i], right[j], -alike))
    return (
        pairs,
        [word for i, word in enumerate(left) if i not in used_left],
        [word for j, word in enumerate(right) if j not in used_right],
    )


@lru_cache(maxsize=262_144)
def likeness(one: str, other: str) -> float:
    """Two words, 0 or from `OTHER_START` to 1: spelling, sound, or one as the beginning of the other."""
    if one == other:
        return 1.0
    if has_digit(one) or has_digit(other):
        return 0.0
    if min(len(one), len(other)) < 3:
        return _short(one, other)
    return _spelt(one, other)


def _short(one: str, other: str) -> float:
    """`bm` begins as `bms` does."""
    short, long = sorted((one, other), key=len)
    return LEAST_ALIKE if len(short) == 2 and len(long) <= 4 and long.startswith(short) else 0.0


def _spelt(one: str, other: str) -> float:
    start = one[0] == other[0]
    if start and JaroWinkler.similarity(one, other) >= 0.8 and len(sounds(one)) > 1 and sounds(one) == sounds(other):
        return 0.95
    short, long = sorted((len(one), len(other)))
    allowed = 0 if short < 5 else 1 if short < 8 else 2
    if DamerauLevenshtein.distance(one, other, score_cutoff=2) <= allowed:
        return 0.92 if start else OTHER_START
    begins = short >= 4 and long - short <= 3 and (one.startswith(other) or other.startswith(one))
    return 0.85 if begins else 0.0


def _numbers(left: Iterable[str], right: Iterable[str]) -> bool:
    return any(map(has_digit, left)) and any(map(has_digit, right))


def _kinds(left: Sequence[str], right: Sequence[str]) -> bool:
    """Each side says a kind, and none of them is said by both."""
    known = vocabulary().kinds
    mine, theirs = {known[w] for w in left if w in known}, {known[w] for w in right if w in known}
    return bool(mine and theirs) and mine.isdisjoint(theirs)
