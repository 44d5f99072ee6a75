"""A list of investors, owners or partners as prose writes it -> names: `Sequoia Capital, Accel & others`."""

import re
from itertools import pairwise

from ibcm.domain.texts import mended

_COMMAS = re.compile(r"\s*[,;|]\s*")
_JOINED = re.compile(r"\s+(?:&|and|And|AND|\+)\s+")
_LEADING = re.compile(
    r"^(?:and|&|led by|investors? (?:including|such as)|including|existing investors?:?)\s+", re.IGNORECASE
)
_EDGES = re.compile(r"^[\s.\"'*\-–]+|[\s\"'*\-–]+$|(?<=[a-z)]{3})\.$")
_NOBODY = re.compile(
    r"(?:(?:and|&|some|few|several|many|various|other|others|existing|unnamed|undisclosed|undiclosed|unknown|angels?|"
    r"hnis?|individuals?|private|global|foreign|multiple|group|of|an?|the|investors?|more|n/a|nan?|none|"
    r"nil|etc|undisclosed\s+amount|early[- ]stage|high[- ]net[- ]worth|funds?|firms?|venture|capital firms?|vcs?|hedge)"
    r"[\s.]*)+",
    re.IGNORECASE,
)
"""Words that stand for somebody who is not named, and nothing beside them."""
PARTS_OF_NAMES = frozenset(
    "co company sons brothers partners associates group industries family securities experts services foundation "
    "entrepreneurship financial medical karani steel indian medical governments others cole india directors".split()
)
"""What follows `and` or `&` inside one name rather than between two."""
ENDS_OF_NAMES = frozenset("capital ventures partners fund trust ltd limited inc llp network angels bank".split())
"""After these a name is over: `Pravega Ventures and Beenext` are two."""
ENDS_OF_JOINT = frozenset("foundation group family office".split())
"""What two names before it may own together: `Michael and Susan Dell Foundation`."""


def parties(text: str) -> list[str]:
    """Names in order, each once; whoever is not named (`others`, `undisclosed investors`, `angel investors`) is left
    out. `and` parts two names at the end of a list, and of two names where both could stand alone: `Mitsui & Co.`
    and `Mahindra & Mahindra` are one."""
    pieces = [piece for piece in _COMMAS.split(mended(text)) if piece]
    names = [name for at, piece in enumerate(pieces) for name in _parted(piece, last=at == len(pieces) - 1 and at > 0)]
    tidy = (_EDGES.sub("", _LEADING.sub("", name)) for name in names)
    found: dict[str, str] = {}
    for name in tidy:
        if any(map(str.isalpha, name)) and not _NOBODY.fullmatch(name):
            found.setdefault(name.casefold(), name)
    return list(found.values())


def _parted(piece: str, *, last: bool) -> list[str]:
    words = _JOINED.split(piece)
    signs = [sign.strip() for sign in _JOINED.findall(piece)]
    names, held = [], words[0]
    for (before, after), sign in zip(pairwise(words), signs, strict=True):
        if _apart(before, after, sign, last=last):
            names.append(held)
            held = after
        else:
            held = f"{held} {sign} {after}"
    return [*names, held]


def _apart(before: str, after: str, sign: str, *, last: bool) -> bool:
    """Whether two names meet here, and not the halves of one."""
    if not before or _NOBODY.fullmatch(after):
        return True
    first = re.findall(r"\w+", after.casefold())
    if not first or first[0] in PARTS_OF_NAMES or before.casefold() == after.casefold():
        return False
    whole = ENDS_OF_NAMES.issuperset(re.findall(r"\w+", before.casefold())[-1:]) and len(before.split()) > 1
    full = len(before.split()) > 1 and len(after.split()) > 1 and first[-1] not in ENDS_OF_JOINT
    return whole or full or (last and (sign.casefold() == "and" or len(before.split()) > 1))
