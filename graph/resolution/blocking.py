"""Blocking keys: only records that share one are ever compared. Each kind of evidence has its keys.

Two families live in one table. *Pairing* keys bring records of one label together; how many records may share one
before it tells nothing stands in LIMITS, so the candidates of a record are bounded. *Lookup* keys, which begin with
`in|`, let what arrives late find the records that depend on it (graph.ingest.lookups).
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from graph.geo import cells
from graph.resolution import rounds
from graph.resolution.keys import at_key, phone_key, short, site_key
from graph.resolution.names import Weight
from graph.resolution.tokens import Words
from graph.resolution.traits import Traits
from graph.romanise import sounds

PLACE_REACH_M = 400.0
STOP_REACH_M = 400.0
TELLING_WORDS = 3
"""Rarest words of a name of which any two bring records of one city together."""
RARE_WORDS = 2
"""Rarest words of a name each of which does so alone, as long as few bear it."""
NEAR_WORDS = 2
"""Rarest words of a name that bring neighbours together."""
CODE_LENGTH = 5
"""Characters of a model number that bring records together: the rest is often its colour."""
NAMED = 2
"""Names of a record that have keys."""

LOOKUP = "in|"
CALLED = "called|"

LIMITS: Mapping[str, int] = {
    "id": 50, "phone": 6, "site": 10, "at": 4, "name": 60, "rare": 12, "word": 30, "near": 60, "post": 60, "area": 60,
    "door": 20, "code": 20, "called": 200, "part": 200, "event": 100,
}  # fmt: skip
"""Family -> records that may share a key of it. Values that more share (a switchboard, the middle of a district, the
site of a chain) are *crowded*: they bring nobody together, and agreeing in them tells little."""
OTHERS = 60


def limit_of(key: str) -> int:
    return LIMITS.get(key.partition("|")[0], OTHERS)


def most_candidates(keys: Iterable[str]) -> int:
    """The bound on the candidates of a record with these keys."""
    return sum(limit_of(key) - 1 for key in keys)


def is_lookup(key: str) -> bool:
    return key.startswith(LOOKUP)


def in_key(city: str, area: str) -> str:
    """Held by records that name an area; `area` is folded."""
    return short(f"{LOOKUP}{city}|{area}")


def called_key(city: str, name: str) -> str:
    """Held by areas under each of their names and aliases; `name` is folded."""
    return short(f"{CALLED}{city}|{name}")


def namers_of(called: Iterable[str]) -> list[str]:
    """Keys of the records that name the areas which hold these `called` keys."""
    return sorted({LOOKUP + key.removeprefix(CALLED) for key in called if key.startswith(CALLED)})


def pairing_keys(traits: Traits, weight: Weight) -> set[str]:
    """Keys by which candidates of one label find each other; `weight` tells rare words of names from common ones."""
    by_label = _KEYS_BY_LABEL.get(traits.label)
    found = {f"id|{scheme}|{value}" for scheme, value in traits.ids.items()}
    if by_label:
        found.update(by_label(traits, weight))
    return {short(key) for key in found}


def _place(traits: Traits, weight: Weight) -> Iterator[str]:
    yield from (phone_key(number) for number in traits.phones)
    yield from (f"code|{code[:CODE_LENGTH]}" for code in traits.codes)
    if traits.host:
        yield site_key(traits.host)
    if traits.point:
        yield at_key(traits.point)
    for words in traits.callings[:NAMED]:
        yield from (f"name|{traits.city}|{spoken}" for spoken in _spoken(words))
        telling = _telling(words, weight)
        yield from (f"rare|{traits.city}|{_heard(word)}" for word in telling[:RARE_WORDS])
        yield from (f"word|{traits.city}|{two}" for two in _together(telling[:TELLING_WORDS]))
        yield from (f"{place}|{_heard(word)}" for word in telling[:NEAR_WORDS] for place in _places(traits))
    yield from _doors(traits)


def _places(traits: Traits) -> list[str]:
    """The finest surroundings that are known."""
    if traits.point:
        return [f"near|{cell}" for cell in cells(traits.point, PLACE_REACH_M)]
    if traits.postcode:
        return [f"post|{traits.postcode}"]
    return [f"area|{traits.city}|{area}" for area in sorted({traits.area, traits.locality} - {""})]


def _doors(traits: Traits) -> Iterator[str]:
    """House number and the longest word of the street."""
    if traits.address.numbers and traits.address.words:
        street = max(traits.address.words, key=lambda word: (len(word), word))
        yield from (f"door|{number}|{_heard(street)}" for number in sorted(traits.address.numbers)[:2])


def _area(traits: Traits, weight: Weight) -> Iterator[str]:  # noqa: ARG001 - every family is given it
    yield from (called_key(traits.city, name) for name in traits.called)
    yield from (f"name|{traits.city}|{spoken}" for words in traits.callings for spoken in _spoken(words))


def _stop(traits: Traits, weight: Weight) -> Iterator[str]:
    yield from (f"part|{ref}" for ref in (traits.ref, *traits.part_of))
    near = cells(traits.point, STOP_REACH_M) if traits.point else []
    for words in (*traits.callings[:NAMED], *traits.asides[:1]):
        for cell in near:
            yield from (f"name|{cell}|{spoken}" for spoken in _spoken(words))
            yield from (f"near|{cell}|{_heard(word)}" for word in _telling(words, weight)[:NEAR_WORDS])


def _event(traits: Traits, weight: Weight) -> Iterator[str]:  # noqa: ARG001 - as above
    if traits.start:
        yield from (f"event|{name}|{traits.start[:10]}|{traits.city}" for name in traits.names)


def _organization(traits: Traits, weight: Weight) -> Iterator[str]:
    if traits.host:
        yield site_key(traits.host)
    for words in traits.callings:
        yield from (f"name|{spoken}" for spoken in _spoken(words))
    for words in traits.callings[:NAMED]:
        yield from (f"word|{_heard(word)}" for word in _telling(words, weight)[:NEAR_WORDS])


def _funding(traits: Traits, weight: Weight) -> Iterator[str]:  # noqa: ARG001 - as above
    if traits.round:
        yield from rounds.keys(traits.round)


_KEYS_BY_LABEL = {
    "Place": _place,
    "Area": _area,
    "Stop": _stop,
    "Event": _event,
    "Organization": _organization,
    "Funding": _funding,
}


def _together(telling: list[str]) -> Iterator[str]:
    """Two words at a time: in a large city a single one is borne by dozens that have nothing else in common."""
    return map(" ".join, combinations(sorted({_heard(word) for word in telling}), 2))


def _telling(words: Words, weight: Weight) -> list[str]:
    """The rarest first."""
    return sorted(words, key=lambda word: (-weight(word), word))


def _spoken(words: Words) -> set[str]:
    """A whole name by sound: as it is written, whatever is written together; in no order; and its first two words."""
    if len(words) == 1:
        return {_heard(words[0])}
    return {sounds("".join(words)), sounds("".join(sorted(words))), _heard("".join(words[:2]))}


def _heard(word: str) -> str:
    """A word by its sound; short words and numbers as they are."""
    if len(word) < 4 or any(map(str.isdigit, word)):
        return word
    sound = sounds(word)
    return sound if len(sound) > 2 else word
