"""A pair of records -> one level per comparison. Levels are what weights are fitted for (fit.py) and explained by.

Every function is symmetric. The empty level means that one side does not say: it weighs nothing.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from itertools import product

from graph.geo import metres
from graph.resolution import addresses, firms, names
from graph.resolution.addresses import Address
from graph.resolution.keys import at_key, phone_key, site_key
from graph.resolution.names import NameMatch, Weight
from graph.resolution.taxonomy import Taxonomy
from graph.resolution.tokens import LEAST_CODE
from graph.resolution.traits import Traits

UNSAID = ""
Levels = Mapping[str, str]
"""Comparison -> level."""

OTHER_NAMES = frozenset({"other_kind", "other_number", "touch", "unlike"})
"""Levels of names that nobody would call spellings of one name."""
ONE_NAME = frozenset(
    {"equal_rare", "equal", "equal_common", "close_rare", "close", "close_common", "held_rare", "held"}
)
"""Levels of names that are spelt alike, or of which one holds the other."""
RARE_BITS, TELLING_BITS = 16.0, 9.0
"""What an agreement of names must tell to be a rare or a telling one: bits of the words that agree."""
VARIANT = 0.7
"""Share of the shorter model number with which both begin."""
ASIDE = 0.9
"""What a name counts for that stands in brackets on one side."""
LOOSE_BITS = 5.0
"""A word left over that tells no more than this is decoration."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known about values beyond the pair: those that too many records share tell little."""

    crowded: Set[str] = frozenset()
    """Blocking keys (phones, exact positions, sites) that too many records hold."""


def name_level(one: Traits, other: Traits, quick: Levels, weight: Weight) -> str:
    """Of the best of all pairs of their names."""
    if not one.callings or not other.callings:
        return UNSAID
    local = one.around | other.around
    match = firms.match if one.label == "Organization" else names.match
    matches = [match(a, b, weight, local) for a, b in product(one.callings, other.callings)]
    if one.asides or other.asides:
        beside = (*product(one.callings, other.asides), *product(one.asides, other.callings))
        matches += [
            replace(found, likeness=found.likeness * ASIDE)
            for a, b in beside
            if (found := match(a, b, weight, local)).bits >= TELLING_BITS
        ]
    best = max(matches, key=lambda found: (found.likeness, found.bits))
    return _coded(_name_level(best), quick.get("code", UNSAID))


def _name_level(found: NameMatch) -> str:
    """The first line that fits."""
    levels_ = (
        (found.likeness >= 0.97, _rarity("equal", found)),
        (found.kinds and found.likeness < 0.85, "other_kind"),
        (found.numbers, "other_number" if found.likeness >= 0.5 else "unlike"),
        (found.likeness >= 0.85 and found.against <= LOOSE_BITS, _rarity("close", found)),
        (
            found.likeness >= 0.4 and found.against <= LOOSE_BITS,
            "held_kind" if found.adds_kind else _rarity("held", found),
        ),
        (found.likeness >= 0.7, "alike"),
        (found.likeness >= 0.5, "overlap"),
        (found.likeness >= 0.3, "touch"),
    )
    return next((level for fits, level in levels_ if fits), "unlike")


def _rarity(level: str, found: NameMatch) -> str:
    if found.bits >= RARE_BITS:
        return f"{level}_rare"
    return level if found.bits >= TELLING_BITS else f"{level}_common"


def address_level(one: Traits, other: Traits, weight: Weight) -> str:
    """Of one source the addresses without what they share anyway: all shops of a market have its name in theirs. And
    where it names two neighbourhoods, a floor or a number that both have is not the same one."""
    if _is_one_map(one, other) and not _may_be_one_quarter(one, other):
        return "elsewhere" if one.address and other.address else UNSAID
    return addresses.compare(*_told_apart(one, other), weight)


def addresses_may_agree(one: Traits, other: Traits) -> bool:
    """Whether `address_level` could be a strong one: a quick look."""
    if _is_one_map(one, other) and not _may_be_one_quarter(one, other):
        return False
    return addresses.may_agree(*_told_apart(one, other))


def _told_apart(one: Traits, other: Traits) -> tuple[Address, Address]:
    if not _is_one_map(one, other):
        return one.address, other.address
    shared = one.vicinity & other.vicinity
    return one.address.without(shared), other.address.without(shared)


def _is_one_map(one: Traits, other: Traits) -> bool:
    """One source names the neighbourhoods of both."""
    return one.source == other.source and bool(one.quarters and other.quarters)


def _may_be_one_quarter(one: Traits, other: Traits) -> bool:
    return any(mine <= theirs or theirs <= mine for mine, theirs in product(one.quarters, other.quarters))


DISTANCES: tuple[tuple[float, str], ...] = (
    (30.0, "m30"),
    (120.0, "m120"),
    (350.0, "m350"),
    (1_000.0, "km1"),
    (5_000.0, "km5"),
)
SPREAD = frozenset({"Stop", "Area"})
"""Labels whose things have no one position: a stop has its poles, an area its extent."""
BESIDE = frozenset({"m30", "m120", "m350"})
CONTRADICTING = frozenset({"km1", "km5", "far", "other_district", "other_quarter"})
ROUGH_NEAR_M, ROUGH_FAR_M = 3_000.0, 15_000.0


def position_level(one: Traits, other: Traits, around: Surroundings) -> str:
    """By distance where both positions are their own; else roughly, else by postcode and neighbourhood.

    A neighbourhood may be named in more words than another (`Near Andheri East Station`); where one source names two,
    it means two.
    """
    mine, theirs = one.point or one.rough, other.point or other.rough
    if mine is None or theirs is None:
        return _by_district(one, other)
    apart = metres(mine, theirs)
    exact = one.point is not None and other.point is not None
    if exact and not (is_crowded(one, around) or is_crowded(other, around)):
        return next((level for reach, level in DISTANCES if apart <= reach), "far")
    if apart <= ROUGH_NEAR_M:
        return "district"
    return "far" if apart > ROUGH_FAR_M else UNSAID


def _believed(position: str, address: str) -> str:
    """Where the whole address agrees, positions that contradict it are rather mistakes of who geocoded them."""
    return "doubtful" if address in addresses.STRONG and position in CONTRADICTING else position


def _named(position: str, name: str, one: Traits, other: Traits) -> str:
    """Branches of one name stand apart: one name twice in one spot tells more than name and spot each for
    themselves. So it does twice in one neighbourhood, if two sources say it: one source may mean two branches."""
    together = position in BESIDE or (position == "district" and one.source != other.source)
    return f"named_{position}" if together and one.label not in SPREAD and name in ONE_NAME else position


def are_branches(seen: Levels) -> bool:
    """More than a kilometre apart by their own positions, and at other doors."""
    return seen.get("position") in {"km5", "far"} and seen.get("address") in {"other_number", "elsewhere"}


def is_inside(one: Traits, other: Traits, seen: Levels) -> bool:
    """By name a part of the other, and nobody says that both are of one kind: the pharmacy of a hospital has its
    address, its telephone and its site. `seen`: all levels of the pair."""
    if one.label != "Place" or seen.get("kind") in {"same", "related"} or one.names & other.names:
        return False
    return any(names.is_part_of(a, b) for a, b in product(one.callings, other.callings))


def is_crowded(one: Traits, around: Surroundings) -> bool:
    return one.point is not None and at_key(one.point) in around.crowded


def _by_district(one: Traits, other: Traits) -> str:
    if one.postcode and other.postcode:
        return "district" if one.postcode == other.postcode else "other_district"
    if not one.quarters or not other.quarters:
        return UNSAID
    if _may_be_one_quarter(one, other):
        return "district"
    return "other_quarter" if one.source == other.source else "other_district"


def phone_level(one: Traits, other: Traits, around: Surroundings) -> str:
    if not one.phones or not other.phones:
        return UNSAID
    shared = one.phones & other.phones
    if not shared:
        return "other"
    return "same" if any(phone_key(number) not in around.crowded for number in shared) else "crowded"


def site_level(one: Traits, other: Traits, around: Surroundings) -> str:
    if not one.host or not other.host:
        return UNSAID
    if one.host != other.host:
        return "other"
    return "crowded" if site_key(one.host) in around.crowded else "same"


def kind_level(one: Traits, other: Traits, taxonomy: Taxonomy) -> str:
    if not one.categories or not other.categories:
        return UNSAID
    if one.categories & other.categories:
        return "same"
    if taxonomy.compatible(one, other, siblings=False):
        return "related"
    return "sibling" if taxonomy.compatible(one, other, siblings=True) else "other"


def city_level(one: Traits, other: Traits, taxonomy: Taxonomy) -> str:
    mine, theirs = taxonomy.cities(one.towns), taxonomy.cities(other.towns)
    if not mine or not theirs:
        return UNSAID
    return "same" if mine & theirs else "other"


def sector_level(one: Traits, other: Traits, taxonomy: Taxonomy) -> str:
    """Of sectors that the configuration knows: in others, sources mean the same by many words."""
    mine, theirs = taxonomy.sectors(one.sectors), taxonomy.sectors(other.sectors)
    if not mine or not theirs:
        return UNSAID
    return "same" if mine & theirs else "other"


ID_REACH_M: Mapping[str, float] = {"Place": 1_500.0, "Stop": 1_000.0, "Route": 0.0}
"""Kinds that are somewhere: one id does not join two of them in different cities or farther apart than this (m)."""


SEVERAL = frozenset({"isin", "gstin"})
"""Schemes in which one thing may have several numbers: two of them do not contradict each other."""


def id_level(one: Traits, other: Traits) -> str:
    common = one.ids.keys() & other.ids.keys()
    if not common:
        return UNSAID
    differing = {scheme for scheme in common if one.ids[scheme] != other.ids[scheme]}
    if differing - SEVERAL:
        return "other"
    if differing == common:
        return UNSAID
    return "same" if may_share_ids(one, other) else UNSAID


def may_share_ids(one: Traits, other: Traits) -> bool:
    """Whether an id may speak for itself here.

    It may not for the branches of a chain that all carry the id of their brand, for ids that are only unique within a
    city, and for the routes of one source, which are never merged.
    """
    if one.label in ID_REACH_M and one.city and other.city and one.city != other.city:
        return False
    if one.label == "Route":
        return one.source != other.source
    if one.point and other.point and (reach := ID_REACH_M.get(one.label)):
        return metres(one.point, other.point) <= reach
    return True


def code_level(one: Traits, other: Traits) -> str:
    """Model numbers: the same, the same but for their ends (often a colour), or others."""
    if not one.codes or not other.codes:
        return UNSAID
    if one.codes & other.codes:
        return "same"
    return "variant" if any(_variants(a, b) for a in one.codes for b in other.codes) else "other"


def _variants(one: str, other: str) -> bool:
    shared = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return shared >= LEAST_CODE and shared >= VARIANT * min(len(one), len(other))


def _coded(name: str, code: str) -> str:
    """With one model number the rest of two names is description."""
    return "coded" if code == "same" and name in OTHER_NAMES else name


def prose_level(one: Traits, other: Traits, weight: Weight) -> str:
    """Whether their descriptions use the same words; a name stands in for a missing one."""
    if not one.prose and not other.prose:
        return UNSAID
    mine, theirs = _spoken(one), _spoken(other)
    held = _held(mine, theirs, weight)
    return "same_words" if held >= 0.6 else "some_words" if held >= 0.25 else "other_words"


def _spoken(one: Traits) -> set[str]:
    return {*one.prose, *(word for words in one.callings for word in words)}


def _held(one: set[str], other: set[str], weight: Weight) -> float:
    fewer = min(sum(map(weight, one)), sum(map(weight, other)))
    return sum(map(weight, one & other)) / fewer if fewer else 0.0


def source_level(one: Traits, other: Traits) -> str:
    return "one" if one.source == other.source else "two"


Comparison = Callable[[Traits, Traits], str]


def quick_levels(one: Traits, other: Traits, *, taxonomy: Taxonomy, around: Surroundings = Surroundings()) -> Levels:
    """The comparisons that cost next to nothing. Their position is not final: see `levels`."""
    found = {
        "position": position_level(one, other, around),
        "phone": phone_level(one, other, around),
        "site": site_level(one, other, around),
        "kind": kind_level(one, other, taxonomy),
        "city": city_level(one, other, taxonomy),
        "sector": sector_level(one, other, taxonomy),
        "id": id_level(one, other),
        "code": code_level(one, other),
        "source": source_level(one, other),
    }
    return {name: level for name, level in found.items() if level}


def possible_positions(one: Traits, other: Traits, quick: Levels) -> set[str]:
    """What the level of the position may become once name and address are known."""
    position = quick.get("position", UNSAID)
    found = {position, _named(position, "equal", one, other)}
    return found | ({"doubtful"} if addresses_may_agree(one, other) else set())


def levels(
    one: Traits, other: Traits, quick: Levels, name: str, *, names_weight: Weight, address_weight: Weight
) -> dict[str, str]:
    """Every comparison that says something. `quick`: quick_levels; `name`: name_level, with the model numbers."""
    where = address_level(one, other, address_weight)
    position = _believed(quick.get("position", UNSAID), where)
    found = {
        **quick,
        "name": name,
        "address": where,
        "position": _named(position, name, one, other),
        "prose": prose_level(one, other, names_weight),
    }
    return {name: level for name, level in found.items() if level}
