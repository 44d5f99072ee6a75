"""Weights from unlabelled pairs: expectation-maximisation for Fellegi and Sunter's model, drawn towards known defaults.

After Fellegi and Sunter (1969) and Winkler (1988). Every share is the posterior mean under a Dirichlet prior around the
defaults, so that a level which the data hardly shows keeps a sane weight and matches stay matches.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf, log2

from graph.resolution.snapshot import FLOOR, LabelModel, Shares, WordCounts

ROUNDS = 200
SETTLED = 1e-5
STRENGTH = 150.0
"""Pairs that the defaults of each comparison are worth, in each class."""
PRIOR_STRENGTH = 50.0
JOINT = "named_"
"""Levels that hold one comparison given another: counted apart from it they would seem to tell far more than they
do."""
AGAINST = -2.0
"""Weight (bits) below which a level counts as speaking strongly against."""
Pattern = tuple[tuple[str, str], ...]
"""(comparison, level) of one pair, sorted."""


@dataclass(frozen=True, slots=True)
class Fitted:
    model: LabelModel
    pairs: int
    rounds: int
    matched: float
    """Expected number of pairs that are one thing."""


def fit(pairs: Iterable[Mapping[str, str]], defaults: LabelModel, *, strength: float = STRENGTH) -> Fitted:
    """Levels of many pairs -> a model. Without pairs, the defaults."""
    patterns = Counter(tuple(sorted(levels.items())) for levels in pairs)
    total = sum(patterns.values())
    model, matched, rounds = defaults, 0.0, 0
    while rounds < ROUNDS:
        rounds += 1
        chances = {pattern: probability(model, pattern) for pattern in patterns}
        matched = sum(chances[pattern] * count for pattern, count in patterns.items())
        u = _shares(patterns, {pattern: 1 - one for pattern, one in chances.items()}, defaults.u, strength)
        prior = _inside((matched + PRIOR_STRENGTH * defaults.prior) / (total + PRIOR_STRENGTH))
        chaff = max(0.0, defaults.prior_weight - bits_of(prior))
        m = _bounded(_shares(patterns, chances, defaults.m, strength), u, defaults, chaff)
        new = LabelModel(prior=prior, m=m, u=u)
        moved = abs(new.prior - model.prior) + _moved(new.m, model.m) + _moved(new.u, model.u)
        model = new
        if moved < SETTLED:
            break
    return Fitted(model, total, rounds, matched)


def probability(model: LabelModel, levels: Iterable[tuple[str, str]]) -> float:
    """That a pair with these levels is one thing."""
    return chance(model.prior_weight + sum(model.weight(name, level) for name, level in levels))


def chance(bits: float) -> float:
    """log2 odds -> probability."""
    if bits > 50:
        return 1.0
    odds = float(2.0**bits)
    return odds / (1 + odds)


def bits_of(probability: float) -> float:
    """Probability -> log2 odds. Without end at 0 and 1."""
    if probability <= 0 or probability >= 1:
        return inf if probability >= 1 else -inf
    return log2(probability / (1 - probability))


def _shares(
    patterns: Mapping[Pattern, int], chances: Mapping[Pattern, float], defaults: Shares, strength: float
) -> Shares:
    seen: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for pattern, count in patterns.items():
        for comparison, level in pattern:
            seen[comparison][level] += chances[pattern] * count
    return {
        comparison: _posterior(seen.get(comparison, {}), shares, strength) for comparison, shares in defaults.items()
    }


def _posterior(seen: Mapping[str, float], shares: Mapping[str, float], strength: float) -> dict[str, float]:
    total = sum(seen.get(level, 0.0) for level in shares) + strength
    return {level: (seen.get(level, 0.0) + strength * share) / total for level, share in shares.items()}


def _bounded(m: Shares, u: Shares, defaults: LabelModel, chaff: float) -> Shares:
    """Levels that speak strongly against by default are never fitted to speak less so, joint ones not much louder.

    Two restaurants of one hotel agree in address, telephone and kind: where comparisons depend on each other, those
    pairs would teach that names may differ. `chaff`: by how many bits a pair is less likely one thing than by default;
    where blocking brings together more that has nothing in common, a joint agreement tells that much more.
    """
    return {
        comparison: {
            level: min(share, u[comparison][level] * _ceiling(defaults, comparison, level, chaff))
            for level, share in shares.items()
        }
        for comparison, shares in m.items()
    }


def _ceiling(defaults: LabelModel, comparison: str, level: str, chaff: float) -> float:
    weight = defaults.weight(comparison, level)
    if level.startswith(JOINT):
        return float(2.0 ** (weight + chaff))
    return float(2.0**weight) if weight <= AGAINST else float("inf")


def _moved(one: Shares, other: Shares) -> float:
    return max(
        (abs(share - other[name][level]) for name, shares in one.items() for level, share in shares.items()),
        default=0.0,
    )


def _inside(share: float) -> float:
    return min(1 - FLOOR, max(FLOOR, share))


WORTH = 2_000
"""Texts that what is known of words from elsewhere counts for."""
LEAST_SEEN = 2
MOST_LISTED = 20_000


def joined_counts(found: Mapping[str, int], total: int, *, base: WordCounts) -> WordCounts:
    """How many of `total` texts hold a word, joined with a base that is worth WORTH texts."""
    scale = WORTH / base.total
    joined = Counter({word: count for word, count in found.items() if count >= LEAST_SEEN})
    for word, count in base.counts.items():
        joined[word] = found.get(word, 0) + round(count * scale)
    listed = {word: count for word, count in joined.most_common(MOST_LISTED) if count > 0}
    return WordCounts(total=total + WORTH, counts=dict(sorted(listed.items())))
