"""Weights fitted to what the ledger holds, without labels: another snapshot, and what it would change.

Pairs come from the blocking keys that assignment wrote, around a sample of records that depends on their names alone.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Any

from graph.ingest.neighbourhood import Neighbourhood
from graph.resolution.cluster import Pair
from graph.resolution.fit import Fitted, fit, joined_counts
from graph.resolution.resolver import SCORED, ScoredResolver
from graph.resolution.snapshot import LabelModel, Snapshot, WordCounts, shipped
from graph.resolution.traits import Traits, label_of, traits_of
from ibcm.domain.ledger import Ledger, StoredRecord
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.scope import Scope

SAMPLE = 20_000
"""Records of a label around which pairs are looked at."""
BATCH = 500
FEW_PAIRS = 100
"""With fewer pairs there is nothing to learn: the shipped weights stay."""
EXAMPLES = 20


@dataclass(slots=True)
class Refit:
    """A snapshot, and what was seen on the way."""

    snapshot: Snapshot
    fitted: dict[str, Fitted] = field(default_factory=dict)


def refit(
    ledger: Ledger,
    *,
    scope: Scope,
    policies: Mapping[str, SourcePolicy],
    sample: int = SAMPLE,
    progress: Callable[[int, str], None] | None = None,
) -> Refit:
    """Word counts, then the weights of each label. Always from the shipped defaults, so that refits do not drift."""
    told = progress or (lambda done, step: None)  # noqa: ARG005 - nobody watches
    base = shipped()
    names, addresses = _word_counts(ledger, base, told)
    words = Snapshot(labels=base.labels, names=names, addresses=addresses, bands=base.bands)
    resolver = ScoredResolver(scope, words)
    found = Refit(words)
    labels: dict[str, LabelModel] = dict(base.labels)
    for label in SCORED:
        levels = list(_levels(ledger, label, resolver, policies, sample, told))
        if len(levels) >= FEW_PAIRS:
            found.fitted[label] = fit(levels, base.labels[label])
            labels[label] = found.fitted[label].model
    told_of: dict[str, Any] = {
        label: {"pairs": one.pairs, "rounds": one.rounds, "expected_same": round(one.matched, 1)}
        for label, one in found.fitted.items()
    }
    found.snapshot = Snapshot(labels=labels, names=names, addresses=addresses, bands=base.bands, fitted=told_of)
    return found


def _word_counts(ledger: Ledger, base: Snapshot, told: Callable[[int, str], None]) -> tuple[WordCounts, WordCounts]:
    """How often words are in names and addresses here, joined with what is known from elsewhere."""
    names: Counter[str] = Counter()
    addresses: Counter[str] = Counter()
    named = addressed = 0
    for done, traits in enumerate(_all_traits(ledger), 1):
        if traits.callings:
            named += 1
            names.update({word for words in traits.callings for word in words})
        if traits.address.words:
            addressed += 1
            addresses.update(set(traits.address.words))
        if done % 10_000 == 0:
            told(done, "counting words")
    return joined_counts(names, named, base=base.names), joined_counts(addresses, addressed, base=base.addresses)


def _all_traits(ledger: Ledger) -> Iterator[Traits]:
    return (traits_of(stored.record) for stored in ledger.all_records() if label_of(stored.record) in SCORED)


def _levels(
    ledger: Ledger,
    label: str,
    resolver: ScoredResolver,
    policies: Mapping[str, SourcePolicy],
    sample: int,
    told: Callable[[int, str], None],
) -> Iterator[dict[str, str]]:
    """What the comparisons see in each pair around the sampled records."""
    sampled, done = _sampled(ledger, label, sample), 0
    seen: set[tuple[str, str]] = set()
    while batch := list(islice(sampled, BATCH)):
        around = Neighbourhood(ledger, label, resolver, policies)
        around.compare(batch)
        for (one, other), judgement in around.judged.items():
            if judgement.parts and not judgement.bond and (one, other) not in seen:
                seen.add((one, other))
                yield resolver.levels(around.traits[one], around.traits[other], around.large)
        done += len(batch)
        told(done, f"comparing {label}")


def _sampled(ledger: Ledger, label: str, sample: int) -> Iterator[StoredRecord]:
    """Assigned records of a label: all, or a share that depends on their refs alone."""
    total = sum(1 for stored in ledger.all_records() if stored.entity and label_of(stored.record) == label)
    share = min(1.0, sample / total) if total else 0.0
    for stored in ledger.all_records():
        if stored.entity and label_of(stored.record) == label and _number(stored.ref) < share:
            yield stored


def _number(ref: str) -> float:
    """0 to 1, evenly spread, the same for the same ref."""
    return int(sha256(ref.encode()).hexdigest()[:8], 16) / 2**32


@dataclass(slots=True)
class Preview:
    """What another resolver would say of the pairs that are kept: how many change their band, and some of them."""

    pairs: int = 0
    changed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(band now, band then) -> pairs."""
    examples: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "pairs": self.pairs,
            "changed": {f"{now} -> {then}": count for (now, then), count in sorted(self.changed.items())},
            "examples": self.examples,
        }


def preview(
    ledger: Ledger,
    *,
    now: ScoredResolver,
    then: ScoredResolver,
    policies: Mapping[str, SourcePolicy],
    sample: int = SAMPLE,
) -> Preview:
    """Judge the same pairs by both. Clusters may still differ from what single pairs suggest."""
    found, seen = Preview(), set[Pair]()
    for label in SCORED:
        sampled = _sampled(ledger, label, sample)
        while batch := list(islice(sampled, BATCH)):
            around = Neighbourhood(ledger, label, now, policies)
            around.compare(batch)
            for (one, other), judgement in around.judged.items():
                if (one, other) in seen:  # from the other side
                    continue
                seen.add((one, other))
                new = then.judge(around.traits[one], around.traits[other], around.large)
                found.pairs += 1
                if new.band != judgement.band:
                    found.changed[judgement.band, new.band] += 1
                    if len(found.examples) < EXAMPLES:
                        found.examples.append(_example(one, other, judgement.band, new.band, new.probability))
    return found


def _example(one: str, other: str, band_now: str, band_then: str, probability: float) -> dict[str, Any]:
    """By refs alone: it is kept, and terms limit how long what records say may be."""
    return {
        "left": one,
        "right": other,
        "now": band_now,
        "then": band_then,
        "probability": round(probability, 3),
    }
