"""The seam to resolution: are two records about one thing? By weighed evidence, in three bands.

`ScoredResolver` judges places, stops, areas and organizations by a snapshot's weights; events and routes go by exact
identity, funding rounds by a rule with a review of its own. Nothing is remembered between pairs.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal, Protocol

from graph.geo import metres
from graph.resolution import compare, firms, rounds
from graph.resolution.blocking import STOP_REACH_M, limit_of, pairing_keys
from graph.resolution.compare import Levels, Surroundings
from graph.resolution.fit import bits_of, chance
from graph.resolution.outlook import most_bits
from graph.resolution.snapshot import LabelModel, Snapshot, shipped
from graph.resolution.taxonomy import Taxonomy
from graph.resolution.tokens import vocabulary
from graph.resolution.traits import Traits
from ibcm.domain.scope import Scope

Band = Literal["same", "review", "different"]
SCORED = ("Place", "Stop", "Area", "Organization")
"""Labels whose pairs are weighed."""
REGISTERS = frozenset({"wikidata", "cin", "lei", "ifsc", "iata", "icao", "udise"})
"""Schemes of ids that somebody hands out with care; in others, such as `osm`, one thing may have two."""
AREA_REACH_M = 5_000.0
ONE_STOP_M = 300.0
"""Stops of one name and mode so near to each other answer as one (docs/records.md)."""
DOUBT = 0.5
"""Most that is made of two things whose names say different things, though all else agrees: two restaurants of one
hotel have its address and its telephone, and so has the pharmacy of a hospital. And of two that stand apart at other
doors: branches have their head office's telephone and site."""
NEIGHBOURHOODS = frozenset({"neighbourhood", "neighborhood", "suburb", "locality", "quarter"})


@dataclass(frozen=True, slots=True)
class Part:
    """One comparison of a pair: what was seen, and for how many bits it speaks (negative: against)."""

    comparison: str
    level: str
    weight: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """Band, probability that both are one thing, and why. `bond`: joined by rule, whatever else is said."""

    band: Band
    probability: float
    parts: Sequence[Part]
    bond: bool = False

    @property
    def why(self) -> str:
        """As a phrase: what speaks for it, then what speaks against it."""
        ordered = sorted(self.parts, key=lambda part: (-part.weight, part.comparison))
        return ", ".join(f"{part.comparison} {part.level.replace('_', ' ')} {part.weight:+.1f}" for part in ordered)


class Resolver(Protocol):
    """Pure and symmetric: the answer depends on two records, a snapshot, and on which values are crowded."""

    @property
    def version(self) -> str:
        """Names the snapshot."""

    @property
    def joins(self) -> float:
        """Probability from which records become one entity."""

    def keys(self, traits: Traits) -> set[str]:
        """Pairing keys: two records without a common one are never compared."""

    def limit(self, key: str) -> int:
        """How many records may share this key before it tells nothing."""

    def judge(self, one: Traits, other: Traits, crowded: Set[str]) -> Judgement:
        """Weigh the pair. `crowded`: pairing keys of either that too many records share."""


class ScoredResolver:
    """By the snapshot that is given; by the shipped one where none is."""

    def __init__(
        self,
        scope: Scope | None = None,
        snapshot: Snapshot | None = None,
        *,
        limit: Callable[[str], int] = limit_of,
    ) -> None:
        """`scope` gives the taxonomy and the other names of cities; without it only equal slugs agree."""
        self.snapshot = snapshot or shipped()
        self.limit = limit
        self._taxonomy = Taxonomy(scope)
        self._asked = bits_of(self.snapshot.bands.review)
        self._rules = {"Stop": _stop, "Event": _event, "Route": _route, "Organization": _firm}

    @property
    def version(self) -> str:
        return self.snapshot.version

    @property
    def joins(self) -> float:
        return self.snapshot.bands.same

    def keys(self, traits: Traits) -> set[str]:
        return pairing_keys(traits, self.snapshot.names.bits)

    def levels(self, one: Traits, other: Traits, crowded: Set[str]) -> dict[str, str]:
        """What the comparisons see: what weights are fitted on."""
        quick = self._quick(one, other, crowded)
        return self._levels(one, other, quick, self._name(one, other, quick))

    def _quick(self, one: Traits, other: Traits, crowded: Set[str]) -> Levels:
        return compare.quick_levels(one, other, taxonomy=self._taxonomy, around=Surroundings(crowded))

    def _name(self, one: Traits, other: Traits, quick: Levels) -> str:
        return compare.name_level(one, other, quick, self.snapshot.names.bits)

    def _levels(self, one: Traits, other: Traits, quick: Levels, name: str) -> dict[str, str]:
        names, streets = self.snapshot.names.bits, self.snapshot.addresses.bits
        return compare.levels(one, other, quick, name, names_weight=names, address_weight=streets)

    def judge(self, one: Traits, other: Traits, crowded: Set[str]) -> Judgement:
        if one.label != other.label:
            return APART
        if one.round and other.round:
            probability, reason = rounds.judge(one.round, other.round)
            return Judgement(self._band(probability), probability, (Part("rule", reason, 0.0),)) if reason else APART
        rule = self._rules.get(one.label)
        if rule and (reason := rule(one, other)):
            return Judgement("same", 1.0, (Part("rule", reason, 0.0),), bond=True)
        if _other_identity(one, other) or ((contrary := _CONTRARY.get(one.label)) and contrary(one, other)):
            return APART
        model = self.snapshot.labels.get(one.label)
        return self._weigh(model, one, other, crowded) if model else APART

    def _weigh(self, model: LabelModel, one: Traits, other: Traits, crowded: Set[str]) -> Judgement:
        quick = self._quick(one, other, crowded)
        if quick.get("kind") == "other" and quick.get("id") != "same" and _namesakes(one, other):
            return APART
        if most_bits(one, other, quick, model) < self._asked:
            return HOPELESS
        name = self._name(one, other, quick)
        if most_bits(one, other, quick, model, name) < self._asked:
            return HOPELESS
        seen = self._levels(one, other, quick, name)
        parts = [Part(name, level, model.weight(name, level)) for name, level in seen.items()]
        parts.append(Part("prior", "", model.prior_weight))
        probability = chance(sum(part.weight for part in parts))
        other_name = seen.get("name") in compare.OTHER_NAMES or compare.is_inside(one, other, seen)
        if (other_name or compare.are_branches(seen)) and seen.get("id") != "same":
            probability = min(probability, DOUBT)
        return Judgement(self._band(probability), probability, parts)

    def _band(self, probability: float) -> Band:
        bands = self.snapshot.bands
        return "same" if probability >= bands.same else "review" if probability >= bands.review else "different"


APART = Judgement("different", 0.0, ())
"""By a rule that no evidence outweighs."""
HOPELESS = Judgement("different", 0.0, (Part("outlook", "hopeless", 0.0),))
"""By evidence, of which not all had to be looked at."""


def _compare_ids(one: Traits, other: Traits) -> tuple[str, bool]:
    """Evidence by a common id, and whether an id of a common scheme speaks against."""
    common = sorted(one.ids.keys() & other.ids.keys())
    agreed = [scheme for scheme in common if one.ids[scheme] == other.ids[scheme]]
    return (f"same {agreed[0]} id" if agreed else ""), len(agreed) < len(common)


def _stop(one: Traits, other: Traits) -> str:
    if one.part_of & other.part_of or one.ref in other.part_of or other.ref in one.part_of:
        return "parts of one stop"
    if one.mode != other.mode or one.names.isdisjoint(other.names) or not (one.point and other.point):
        return ""
    apart = metres(one.point, other.point)
    return f"same name and mode, {apart:.0f} m apart" if apart <= ONE_STOP_M else ""


def _firm(one: Traits, other: Traits) -> str:
    """One number of a register is one firm, whatever it is called."""
    scheme = "" if _other_identity(one, other) else firms.same_number(one.ids, other.ids)
    return f"same {scheme}" if scheme else ""


def _other_identity(one: Traits, other: Traits) -> bool:
    """Registers give a thing one number and no other thing the same."""
    return any(one.ids[scheme] != other.ids[scheme] for scheme in REGISTERS & one.ids.keys() & other.ids.keys())


def _namesakes(one: Traits, other: Traits) -> bool:
    """The post office of a market has its name and stands in it."""
    return not vocabulary().namesakes.isdisjoint(one.categories | other.categories)


def _other_stops(one: Traits, other: Traits) -> bool:
    """A network that gives its stops two names means two stops; so do two means of transport, or a walk between
    them."""
    if one.source == other.source or (one.mode and other.mode and one.mode != other.mode):
        return True
    return one.point is not None and other.point is not None and metres(one.point, other.point) > STOP_REACH_M


def _other_areas(one: Traits, other: Traits) -> bool:
    """A ward and a neighbourhood of one name are two areas, and so are two of one source that have two names."""
    if _disagree(one.city, other.city) or (one.source == other.source and one.names.isdisjoint(other.names)):
        return True
    if _disagree(one.kind, other.kind) and not (one.kind in NEIGHBOURHOODS and other.kind in NEIGHBOURHOODS):
        return True
    return one.point is not None and other.point is not None and metres(one.point, other.point) > AREA_REACH_M


def _route(one: Traits, other: Traits) -> str:
    shared, against = _compare_ids(one, other)
    return shared if shared and not against and compare.may_share_ids(one, other) else ""


def _event(one: Traits, other: Traits) -> str:
    shared, against = _compare_ids(one, other)
    if shared or against:
        return "" if against else shared
    same_day = bool(one.start) and one.start[:10] == other.start[:10]
    if not same_day or one.names.isdisjoint(other.names) or one.city != other.city:
        return ""
    timed = len(one.start) > 10 and len(other.start) > 10
    if timed and one.start != other.start:
        return ""
    if one.source == other.source and one.said != other.said and one.at != other.at:
        return ""
    return "same name, date and city"


_CONTRARY: Mapping[str, Callable[[Traits, Traits], bool]] = {"Stop": _other_stops, "Area": _other_areas}
"""Label -> what no evidence outweighs."""


def _disagree(one: str, other: str) -> bool:
    return bool(one) and bool(other) and one != other
