"""Two addresses: the same door, the same street, or elsewhere. By words and numbers; nothing is geocoded."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace

from graph.resolution.doors import door
from graph.resolution.names import Weight, match
from graph.resolution.tokens import Words, address_words

SAME_STREET = 0.55
ALIKE = 0.72
ELSEWHERE = 0.3
NUMBER_BITS = 4.0
"""What a shared number tells, as far as it is not a house's own."""
WHOLE_BITS = 20.0
"""What an agreement must tell to be one of a whole address and not only of a street."""
STRONG = frozenset({"door_whole", "door", "alike_whole", "alike"})
"""Levels after which a position may rather be wrong than the address."""


@dataclass(frozen=True, slots=True)
class Address:
    """As words and numbers; see tokens.address_words."""

    words: Words = ()
    numbers: frozenset[str] = frozenset()
    numbered: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Numbers and letters of streets, blocks and floors, by what they are the number of; see doors.Door.numbered."""

    def __bool__(self) -> bool:
        return bool(self.words or self.numbers)

    def without(self, words: Set[str]) -> "Address":
        """What is left of it."""
        return replace(
            self, words=tuple(word for word in self.words if word not in words), numbers=self.numbers - words
        )


def read_address(text: str) -> Address:
    return Address(*address_words(text), door(text).numbered)


def compare(one: Address, other: Address, weight: Weight) -> str:
    """How two addresses stand to each other. Symmetric.

    `door`: number and street agree. `alike`: nearly the same words, no number against them. Both are `_whole` when what
    agrees tells much. `street`: one holds the words of the other. `other_number`: the same words, other numbers.
    `part`: something agrees. `elsewhere`: hardly anything does. Empty: one of them says too little; where it says
    numbers alone, they only speak against.
    """
    if not (one.words and other.words):
        apart = one.numbers and other.numbers and one.numbers.isdisjoint(other.numbers)
        return "other_number" if apart else ""
    found = match(one.words, other.words, weight)
    short = min(sum(map(weight, one.words)), sum(map(weight, other.words)))
    held = found.bits / short if short else 0.0
    shared = one.numbers & other.numbers
    if _names_another(one, other) or (one.numbers and other.numbers and not shared):
        return "other_number" if held >= SAME_STREET else "elsewhere"
    whole = "_whole" if found.bits + NUMBER_BITS * len(shared) >= WHOLE_BITS else ""
    if shared and held >= SAME_STREET:
        return f"door{whole}" if _one_door(one.numbers, other.numbers) else "part"
    if found.likeness >= ALIKE:
        return f"alike{whole}"
    if held >= SAME_STREET:
        return "street"
    return "part" if held >= ELSEWHERE or shared else "elsewhere"


def _names_another(one: Address, other: Address) -> bool:
    """Both say the number of a street, a block or a floor, and not the same: `6th Main, Block 6` and `6th Main,
    Block 9` share a number and are two doors."""
    both = one.numbered.keys() & other.numbered.keys()
    return any(one.numbered[kind].isdisjoint(other.numbered[kind]) for kind in both)


def may_agree(one: Address, other: Address) -> bool:
    """Whether `compare` could find them strongly alike: a quick look at their numbers."""
    if not (one.words and other.words) or _names_another(one, other):
        return False
    return not (one.numbers and other.numbers) or not one.numbers.isdisjoint(other.numbers)


def _one_door(one: frozenset[str], other: frozenset[str]) -> bool:
    """Most of the numbers of the side that says fewer are shared: `26 1` and `26 4` are two doors."""
    return len(one & other) * 2 > min(len(one), len(other))
