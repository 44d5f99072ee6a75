"""Judged pairs and decisions -> entities. A pure function of a whole component, so that the order of arrival cannot
matter.

Records that people or rules bind together are one unit from the start. Units then join, best pair first, as long as
*every* pair across them is at least possible and their evidence together calls them the same; where it says the same of
two that cannot both be meant, neither joins. So no entity holds a pair that the evidence calls different, and no chain
of pairs swallows what lies between.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from math import log2

from graph.resolution.resolver import Judgement
from ibcm.domain.decisions import Verdict

MOST_CROSS_PAIRS = 64
"""Pairs across two units that are judged although they share no key; beyond it there is no evidence for them."""
CERTAIN_BITS = 12.0
"""One pair counts for no more than this in either direction."""
TIE_BITS = 1e-6
"""Evidence that differs by no more is the same: levels are few, so that ties are exact."""

Pair = tuple[str, str]
Judge = Callable[[str, str], Judgement]


@dataclass(slots=True)
class Component:
    """What clusters are made of. Every pair is (smaller ref, larger ref)."""

    judged: dict[Pair, Judgement] = field(default_factory=dict)
    """Pairs that share a key."""
    verdicts: Mapping[Pair, Verdict] = field(default_factory=dict)
    """What people decided, the last word on each pair."""
    apart: Callable[[str, str], bool] = lambda _one, _other: False
    """Records that no evidence may join: two keys of a source that has no duplicates."""
    ties_join: bool = False
    """Of two equally good candidates that exclude each other the first is taken: for stops, of whose poles one is as
    good as another."""


@dataclass(slots=True)
class Partition:
    """Clusters of refs, each sorted, ordered by their first ref; and judgements that were made on the way."""

    clusters: list[list[str]]
    judged: dict[Pair, Judgement]


def pair(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def partition(refs: Iterable[str], component: Component, judge: Judge, *, same: float) -> Partition:
    """`judge` is asked for pairs that share no key; `same`: the probability from which units join."""
    return _Clustering(sorted(refs), component, judge, _bits(same)).run()


@dataclass(slots=True)
class _Link:
    """The evidence between two units: sum of bits and number of pairs; None where one pair forbids it."""

    bits: float
    pairs: int

    @property
    def mean(self) -> float:
        return self.bits / self.pairs


class _Clustering:
    def __init__(self, refs: list[str], component: Component, judge: Judge, least: float) -> None:
        self._refs, self._component, self._judge, self._least = refs, component, judge, least
        self._known = set(refs)
        self._judged = dict(component.judged)
        self._home = {ref: number for number, ref in enumerate(refs)}
        self._units: dict[int, list[str]] = {number: [ref] for number, ref in enumerate(refs)}
        self._atom: dict[str, int] = {}
        self._bound: dict[int, list[str]] = {}
        self._forbidden: dict[str, set[str]] = {}
        self._alike: dict[str, list[str]] = {}
        for (one, other), judgement in component.judged.items():
            if judgement.band == "same" and one in self._known and other in self._known:
                self._alike.setdefault(one, []).append(other)
                self._alike.setdefault(other, []).append(one)
        for (one, other), verdict in component.verdicts.items():
            if not verdict.same:
                self._forbidden.setdefault(one, set()).add(other)
                self._forbidden.setdefault(other, set()).add(one)

    def run(self) -> Partition:
        self._bind(self._decided())
        self._bind(found for found, judgement in sorted(self._component.judged.items()) if judgement.bond)
        self._atom = dict(self._home)
        self._bound = {number: list(refs) for number, refs in self._units.items()}
        self._agglomerate()
        clusters = sorted(sorted(unit) for unit in self._units.values())
        return Partition(clusters, self._judged)

    # -- what is joined whatever the evidence says ------------------------------------------------------------
    def _decided(self) -> list[Pair]:
        """The latest decision first: where two contradict each other, it wins."""
        same = ((verdict.number, found) for found, verdict in self._component.verdicts.items() if verdict.same)
        return [found for _, found in sorted(same, key=lambda one: (-one[0], one[1]))]

    def _bind(self, pairs: Iterable[Pair]) -> None:
        for one, other in pairs:
            if one in self._known and other in self._known:
                mine, theirs = self._home[one], self._home[other]
                if mine != theirs and not self._is_forbidden(mine, theirs):
                    self._join(mine, theirs)

    def _is_forbidden(self, mine: int, theirs: int) -> bool:
        """Somebody said of two of their records that they are different things."""
        if not self._forbidden:
            return False
        others = set(self._units[theirs])
        return any(not others.isdisjoint(self._forbidden.get(ref, ())) for ref in self._units[mine])

    def _join(self, mine: int, theirs: int) -> int:
        keep, lose = sorted((mine, theirs))
        for ref in self._units.pop(lose):
            self._units[keep].append(ref)
            self._home[ref] = keep
        return keep

    # -- what the evidence joins ------------------------------------------------------------------------------
    def _agglomerate(self) -> None:
        """Best link first; ties by the smallest refs."""
        queue = [self._entry(one, other) for one, other in self._neighbours()]
        heapify(queue)
        while queue:
            _, _, one, other, sizes = heappop(queue)
            if sizes != self._sizes(one, other):
                continue  # one of them has grown or gone since
            link = self._link(one, other)
            if link is None or link.mean < self._least or self._is_torn(one, other, link):
                continue
            grown = self._join(one, other)
            for near in self._beside(grown):
                heappush(queue, self._entry(*sorted((grown, near))))

    def _is_torn(self, one: int, other: int, link: _Link) -> bool:
        """Whether the evidence speaks just as much for somebody else, and both cannot be: which of the three branches
        in one street another source means is for a person to say."""
        return not self._component.ties_join and any(
            (rival := self._link(mine, near)) is not None
            and rival.mean >= link.mean - TIE_BITS
            and self._link(theirs, near) is None
            for mine, theirs in ((one, other), (other, one))
            for near in self._beside(mine)
            if near != theirs
        )

    def _neighbours(self) -> Set[tuple[int, int]]:
        """Units between which some pair is called the same."""
        return {(mine, theirs) for mine in list(self._units) for theirs in self._beside(mine) if mine < theirs}

    def _beside(self, unit: int) -> list[int]:
        homes = {self._home[other] for ref in self._units[unit] for other in self._alike.get(ref, ())}
        return sorted(homes - {unit})

    def _entry(self, one: int, other: int) -> tuple[float, Pair, int, int, tuple[int, int]]:
        link = self._link(one, other)
        first = (min(self._units[one]), min(self._units[other]))
        return (-link.mean if link else 0.0, first, one, other, self._sizes(one, other))

    def _sizes(self, one: int, other: int) -> tuple[int, int]:
        return len(self._units.get(one, ())), len(self._units.get(other, ()))

    def _link(self, one: int, other: int) -> _Link | None:
        """None where somebody or something forbids it: a decision, a source without duplicates, contrary evidence."""
        mine, theirs = self._units[one], self._units[other]
        if self._is_forbidden(one, other) or any(self._component.apart(a, b) for a in mine for b in theirs):
            return None
        may_judge = len(mine) * len(theirs) <= MOST_CROSS_PAIRS
        bits, pairs = 0.0, 0
        for a in sorted({self._atom[ref] for ref in mine}):
            for b in sorted({self._atom[ref] for ref in theirs}):
                found = self._between(a, b, may_judge=may_judge)
                if found is None or found.band == "different":
                    return None
                bits += max(-CERTAIN_BITS, min(CERTAIN_BITS, _bits(found.probability)))
                pairs += 1
        return _Link(bits, pairs)

    def _between(self, one: int, other: int, *, may_judge: bool) -> Judgement | None:
        """The best evidence between what was bound together on either side: a stop is met at one of its poles."""
        found = [
            judgement
            for a in self._bound[one]
            for b in self._bound[other]
            if (judgement := self._evidence(pair(a, b), may_judge=may_judge)) is not None
        ]
        return max(found, key=lambda judgement: judgement.probability, default=None)

    def _evidence(self, found: Pair, *, may_judge: bool) -> Judgement | None:
        judgement = self._judged.get(found)
        if judgement is None and may_judge:
            judgement = self._judged[found] = self._judge(*found)
        return judgement


def _bits(probability: float) -> float:
    """Probability -> log2 odds."""
    if probability >= 1.0:
        return CERTAIN_BITS
    return log2(max(probability, 1e-9) / (1 - probability))
