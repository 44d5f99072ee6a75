"""How good resolution is on records of one's own: a ledger in memory, both passes of the real walk, and figures.

Pairwise figures come first. B-cubed stands beside them and says little where most records are single.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations

from graph.ingest.assign import AssignCounts, assign_all
from graph.ingest.memory import MemoryLedger
from graph.ingest.refit import refit
from graph.resolution.cluster import Pair, pair
from graph.resolution.resolver import ScoredResolver
from graph.resolution.snapshot import Snapshot
from ibcm.domain.ledger import PairFinding
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord
from ibcm.domain.scope import Scope

BY_CHAIN = "joined through others of its entity"


@dataclass(frozen=True, slots=True)
class PairRow:
    """One line of pairs.csv."""

    left: str
    right: str
    score: float
    band: str
    why: str


@dataclass(slots=True)
class Resolved:
    """What resolution made of the records."""

    entity_of: dict[str, str]
    findings: Mapping[Pair, PairFinding]
    snapshot: Snapshot
    counts: AssignCounts

    def pairs(self) -> Iterator[PairRow]:
        """`same`: every pair inside an entity. `review`: pairs to ask a person about."""
        for one, other in sorted(self.together()):
            found = self.findings.get((one, other))
            yield PairRow(one, other, found.probability if found else 1.0, "same", why(found) if found else BY_CHAIN)
        for (one, other), found in sorted(self.findings.items()):
            if not found.together:
                yield PairRow(one, other, found.probability, "review", why(found))

    def together(self) -> set[Pair]:
        return {pair(one, other) for members in self.clusters() for one, other in combinations(members, 2)}

    def in_review(self) -> set[Pair]:
        return {found for found, finding in self.findings.items() if not finding.together}

    def clusters(self) -> list[list[str]]:
        """Refs of each entity, those of one record too."""
        members: dict[str, list[str]] = defaultdict(list)
        for ref, entity in sorted(self.entity_of.items()):
            members[entity].append(ref)
        return sorted(members.values())


def why(found: PairFinding) -> str:
    """As a phrase: what speaks for it, then what speaks against it."""
    ordered = sorted(found.parts, key=lambda part: (-part[2], part[0]))
    return ", ".join(
        f"{name} {level.replace('_', ' ')} {weight:+.1f}".replace("  ", " ") for name, level, weight in ordered
    )


def resolve_all(
    records: Iterable[SourceRecord],
    *,
    policies: Mapping[str, SourcePolicy],
    scope: Scope,
    now: datetime,
    snapshot: Snapshot | None = None,
    progress: Callable[[int, str], None] | None = None,
) -> Resolved:
    """Stage and assign, as an installation would. Without a snapshot, weights are fitted to these records first."""
    staged = list(records)
    if snapshot is None:
        ledger, _ = _assigned(staged, ScoredResolver(scope), policies, now)
        snapshot = refit(ledger, scope=scope, policies=policies, progress=progress).snapshot
    ledger, counts = _assigned(staged, ScoredResolver(scope, snapshot), policies, now)
    entity_of = {stored.ref: stored.entity for stored in ledger.all_records() if stored.entity}
    return Resolved(entity_of, ledger.findings(), snapshot, counts)


def _assigned(
    records: Sequence[SourceRecord], resolver: ScoredResolver, policies: Mapping[str, SourcePolicy], now: datetime
) -> tuple[MemoryLedger, AssignCounts]:
    ledger = MemoryLedger()
    ledger.stage(records, now=now)
    return ledger, assign_all(ledger, resolver=resolver, policies=policies, owner="evaluation", patience=0)


@dataclass(slots=True)
class Figures:
    """Precision, recall and F1, from 0 to 1, with the counts that they are made of."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        return _harmonic(self.precision, self.recall)

    def to_json(self) -> dict[str, float]:
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "right": self.right,
            "wrong": self.wrong,
            "missed": self.missed,
        }


@dataclass(slots=True)
class Gold:
    """What is known to be true. `judged`: the pairs that somebody looked at; None: every other pair is different."""

    same: set[Pair]
    judged: set[Pair] | None = None
    unknown: list[str] = field(default_factory=list)
    """Refs that no record has."""


def figures(resolved: Resolved, gold: Gold) -> dict[str, object]:
    """Pairwise figures of what was joined, and of that with the review pairs; B-cubed; and the size of the review."""
    joined, asked = resolved.together(), resolved.in_review()
    records = max(1, len(resolved.entity_of))
    precision, recall = b_cubed(resolved.clusters(), gold.same)
    return {
        "pairwise": pairwise(joined, gold).to_json(),
        "pairwise_with_review": pairwise(joined | asked, gold).to_json(),
        "b_cubed": {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(_harmonic(precision, recall), 4),
        },
        "review": {
            "pairs": len(asked),
            "records": len({ref for found in asked for ref in found}),
            "share_of_records": round(len({ref for found in asked for ref in found}) / records, 4),
        },
    }


def pairwise(found: set[Pair], gold: Gold) -> Figures:
    """Of judged pairs alone where some were judged."""
    counted = found if gold.judged is None else found & gold.judged
    wanted = gold.same if gold.judged is None else gold.same & gold.judged
    return Figures(len(counted & wanted), len(counted - wanted), len(wanted - counted))


def b_cubed(clusters: Sequence[Sequence[str]], same: set[Pair]) -> tuple[float, float]:
    """Mean precision and recall over records; what `same` chains together is one thing."""
    truth = _chained(same)
    precision = recall = 0.0
    total = 0
    sizes = Counter(truth.values())
    for members in clusters:
        of = Counter(truth.get(ref, ref) for ref in members)
        for ref in members:
            right = of[truth.get(ref, ref)]
            total += 1
            precision += right / len(members)
            recall += right / max(1, sizes.get(truth.get(ref, ref), 1))
    return (precision / total, recall / total) if total else (1.0, 1.0)


def _chained(same: Iterable[Pair]) -> dict[str, str]:
    """Ref -> the smallest ref that its chain of pairs reaches."""
    root: dict[str, str] = {}

    def find(ref: str) -> str:
        while root.setdefault(ref, ref) != ref:
            root[ref] = root[root[ref]]
            ref = root[ref]
        return ref

    for one, other in same:
        mine, theirs = sorted((find(one), find(other)))
        root[theirs] = mine
    return {ref: find(ref) for ref in root}


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
