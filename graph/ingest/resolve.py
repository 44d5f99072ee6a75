"""The seam to resolution: are two records about one thing? `ExactResolver` goes by ids, and by exact name and place."""

from collections.abc import Callable, Mapping
from typing import Protocol

from graph.ingest.blocking import STOP_REACH_M, pairing_keys
from graph.ingest.geo import metres
from graph.ingest.places import Taxonomy, same_place
from graph.ingest.traits import Traits
from ibcm.domain.scope import Scope

AREA_REACH_M = 5_000.0
_REACH_BY_ID: Mapping[str, float] = {"Place": 5_000.0, "Stop": 1_000.0, "Route": 0.0}
"""Kinds that are somewhere: one id does not join two of them in different cities or farther apart than this (m)."""
NEIGHBOURHOODS = frozenset({"neighbourhood", "neighborhood", "suburb", "locality", "quarter"})


class Resolver(Protocol):
    """Pure and symmetric: the answer depends on the two records alone, so that any order of arrival ends the same."""

    def keys(self, traits: Traits) -> set[str]:
        """Pairing keys: two records without a common one are never compared."""

    def same(self, one: Traits, other: Traits) -> str | None:
        """Evidence that both are about one thing, as a phrase; None when there is too little, or too much against."""

    def chained(self, label: str) -> bool:
        """True: entities of this label are chains of pairs (stops). False: every pair in an entity needs evidence."""


class ExactResolver:
    """The same external id, or the same folded name at the same place. Nothing is guessed."""

    def __init__(self, scope: Scope | None = None) -> None:
        """`scope` gives the taxonomy and the other names of cities; without it only equal slugs agree."""
        self._taxonomy = Taxonomy(scope)
        self._rules: Mapping[str, Callable[[Traits, Traits], str | None]] = {
            "Place": self._place,
            "Area": _area,
            "Stop": _stop,
            "Event": _event,
            "Organization": self._organization,
        }

    def keys(self, traits: Traits) -> set[str]:
        return pairing_keys(traits)

    def same(self, one: Traits, other: Traits) -> str | None:
        if one.label != other.label or one.label == "Review":
            return None
        if one.label == "Stop":
            return _stop(one, other)
        shared, against = _compare_ids(one, other)
        if against:
            return None
        if shared:
            return shared if _may_share_ids(one, other) else None
        rule = self._rules.get(one.label)
        return rule(one, other) if rule else None

    def chained(self, label: str) -> bool:
        return label == "Stop"

    def _place(self, one: Traits, other: Traits) -> str | None:
        return same_place(one, other, self._taxonomy)

    def _organization(self, one: Traits, other: Traits) -> str | None:
        if one.names.isdisjoint(other.names) or _disagree(one.host, other.host):
            return None
        towns, others = self._taxonomy.cities(one.towns), self._taxonomy.cities(other.towns)
        if towns and others and towns.isdisjoint(others):
            return None
        return "same name"


def _compare_ids(one: Traits, other: Traits) -> tuple[str, bool]:
    """Evidence by a common id, and whether an id of a common scheme speaks against."""
    common = sorted(one.ids.keys() & other.ids.keys())
    agreed = [scheme for scheme in common if one.ids[scheme] == other.ids[scheme]]
    return (f"same {agreed[0]} id" if agreed else ""), len(agreed) < len(common)


def _may_share_ids(one: Traits, other: Traits) -> bool:
    """Whether an id may speak for itself here.

    It may not for the branches of a chain that all carry the id of their brand, for ids that are only unique within a
    city, and for the routes of one source, which are never merged.
    """
    if one.label in _REACH_BY_ID and _disagree(one.city, other.city):
        return False
    if one.label == "Route":
        return one.source != other.source
    if one.point and other.point and (reach := _REACH_BY_ID.get(one.label)):
        return metres(one.point, other.point) <= reach
    return True


def _area(one: Traits, other: Traits) -> str | None:
    if one.names.isdisjoint(other.names) or _disagree(one.city, other.city):
        return None
    both_known = one.kind and other.kind and one.kind != other.kind
    if both_known and not (one.kind in NEIGHBOURHOODS and other.kind in NEIGHBOURHOODS):
        return None
    if one.point and other.point:
        return "same name, near each other" if metres(one.point, other.point) < AREA_REACH_M else None
    if one.source == other.source and one.said != other.said:
        return None
    return "same name in the same city" if one.city == other.city else None


def _stop(one: Traits, other: Traits) -> str | None:
    if one.part_of & other.part_of or one.ref in other.part_of or other.ref in one.part_of:
        return "parts of one stop"
    shared, against = _compare_ids(one, other)
    if shared and not against and _may_share_ids(one, other):
        return shared
    if one.mode != other.mode or one.names.isdisjoint(other.names) or not (one.point and other.point):
        return None
    apart = metres(one.point, other.point)
    return f"same name and mode, {apart:.0f} m apart" if apart <= STOP_REACH_M else None


def _event(one: Traits, other: Traits) -> str | None:
    same_day = bool(one.start) and one.start[:10] == other.start[:10]
    if not same_day or one.names.isdisjoint(other.names) or one.city != other.city:
        return None
    timed = len(one.start) > 10 and len(other.start) > 10
    if timed and one.start != other.start:
        return None
    if one.source == other.source and one.said != other.said and one.at != other.at:
        return None
    return "same name, date and city"


def _disagree(one: str, other: str) -> bool:
    return bool(one) and bool(other) and one != other
