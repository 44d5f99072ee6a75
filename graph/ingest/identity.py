"""Which entity id each cluster has. Ids are given once; merges redirect; after a split the oldest record keeps it."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ibcm.domain.ledger import Holder, Ledger

NAMESPACE = uuid.UUID("6f1d3c52-90a4-5c1e-8f0b-2f6a1f5c7d11")
Cluster = Sequence[Holder]


@dataclass(frozen=True, slots=True)
class Identities:
    """Entity id of each ref, ids that lead to another now, and ids that were given for the first time."""

    entity_of: Mapping[str, str]
    redirects: Mapping[str, str]
    new: frozenset[str]


@dataclass(slots=True)
class _Heirs:
    """For each cluster the old ids whose oldest living record it holds, with that record's sequence."""

    inherited: dict[int, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, clusters: Sequence[Cluster], label_of: Mapping[str, str], label: str) -> "_Heirs":
        oldest: dict[str, tuple[int, int]] = {}
        for number, cluster in enumerate(clusters):
            for stored in cluster:
                # An entity of another label is left behind: the record is of another kind now.
                if stored.entity and label_of.get(stored.ref, label) == label:
                    claim = (stored.sequence, number)
                    oldest[stored.entity] = min(oldest.get(stored.entity, claim), claim)
        heirs = cls()
        for entity, (sequence, number) in oldest.items():
            heirs.inherited[number].append((sequence, entity))
        return heirs


def identify(ledger: Ledger, label: str, clusters: Sequence[Cluster]) -> Identities:
    """Decide ids for whole clusters of one label; each old entity's living records are all among them."""
    assigned = [stored.ref for cluster in clusters for stored in cluster if stored.entity]
    labels = {ref: found for ref, (found, _) in ledger.resolve(assigned).items()} if assigned else {}
    heirs = _Heirs.of(clusters, labels, label)
    founders = {
        number: min(cluster, key=lambda stored: stored.sequence).ref
        for number, cluster in enumerate(clusters)
        if number not in heirs.inherited
    }
    given = _give(ledger, label, founders)
    entity_of: dict[str, str] = {}
    redirects: dict[str, str] = {}
    for number, cluster in enumerate(clusters):
        ranked = sorted(heirs.inherited.get(number, ()))
        entity = ranked[0][1] if ranked else given[number]
        redirects |= {lost: entity for _, lost in ranked[1:]}
        entity_of |= {stored.ref: entity for stored in cluster}
    return Identities(entity_of, redirects, frozenset(given.values()))


def _give(ledger: Ledger, label: str, founders: Mapping[int, str]) -> dict[int, str]:
    """A free id for each founder. An id whose entity died comes back with the record that founded it, and only so."""
    given: dict[int, str] = {}
    waiting, attempt = dict(founders), 0
    while waiting:
        wanted = {number: entity_id(label, ref, attempt) for number, ref in waiting.items()}
        taken = {*ledger.in_entities(wanted.values()), *ledger.redirected(wanted.values())}
        given |= {number: wish for number, wish in wanted.items() if wish not in taken}
        waiting = {number: ref for number, ref in waiting.items() if wanted[number] in taken}
        attempt += 1
    return given


def entity_id(label: str, founder: str, attempt: int = 0) -> str:
    """The same founder always asks for the same ids, in the same order."""
    return str(uuid.uuid5(NAMESPACE, f"{label}|{founder}|{attempt}"))
