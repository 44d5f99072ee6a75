"""What one assignment step must look at: the staged records and everything whose entity they could change.

The *component* of a record is what chains of "same" pairs reach. Clusters depend on whole components only, so a step
closes over them: over the pairs of each record it holds, and over the other members of the entities these had.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graph.ingest.blocking import is_lookup
from graph.ingest.resolve import Resolver
from graph.ingest.traits import Traits, label_of, traits_of
from ibcm.domain.ledger import Ledger, StoredRecord
from ibcm.domain.policy import SourcePolicy

BLOCK_LIMIT = 200
"""A key that more records share tells nothing: it is not used for pairing."""


@dataclass(slots=True)
class Neighbourhood:
    """Records of one label around a step, and the evidence between them."""

    ledger: Ledger
    label: str
    resolver: Resolver
    policies: Mapping[str, SourcePolicy]
    block_limit: int = BLOCK_LIMIT
    records: dict[str, StoredRecord] = field(default_factory=dict)
    """Those whose cluster is computed again."""
    same: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    traits: dict[str, Traits] = field(default_factory=dict)
    large: set[str] = field(default_factory=set)
    """Keys that were left out."""
    _known: dict[str, StoredRecord] = field(default_factory=dict)
    _keys: dict[str, set[str]] = field(default_factory=dict)
    _by_key: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _judged: set[tuple[str, str]] = field(default_factory=set)
    _sizes: dict[str, int] = field(default_factory=dict)
    _entities: set[str] = field(default_factory=set)

    def load(self, staged: Sequence[StoredRecord], seeds: Iterable[StoredRecord] = ()) -> "Neighbourhood":
        """Close over the components that `staged` (deleted ones included) and `seeds` touch."""
        living = [stored for stored in staged if not stored.record.deleted]
        self._know(living)
        frontier = {stored.ref for stored in living}
        frontier |= self._add(seeds)
        frontier |= self._add(self._resized(staged, living))
        frontier |= self._mates([stored.entity for stored in staged])
        while frontier:
            self.records |= {ref: self._known[ref] for ref in frontier}
            self._mates_and_pairs(frontier)
            frontier = self._next(frontier)
        return self

    def _next(self, frontier: set[str]) -> set[str]:
        reached = {other for ref in frontier for other in self.same.get(ref, ())}
        entities = [self._known[ref].entity for ref in frontier]
        return (reached | self._mates(entities)) - self.records.keys()

    def _know(self, records: Iterable[StoredRecord]) -> None:
        """Work out traits and index them by pairing key; what is known already stays as it was first seen."""
        for stored in records:
            if stored.ref in self._known or label_of(stored.record) != self.label:
                continue
            traits = traits_of(stored.record)
            self._known[stored.ref], self.traits[stored.ref] = stored, traits
            self._keys[stored.ref] = self.resolver.keys(traits)
            for key in self._keys[stored.ref]:
                self._by_key[key].add(stored.ref)

    def _add(self, records: Iterable[StoredRecord]) -> set[str]:
        found = list(records)
        self._know(found)
        return {stored.ref for stored in found if stored.ref in self._known}

    def _mates(self, entities: Iterable[str]) -> set[str]:
        """The other members of these entities, each asked for once."""
        new = sorted(set(entities) - self._entities - {""})
        self._entities |= set(new)
        return (
            self._add(stored for found in self.ledger.in_entities(new).values() for stored in found) if new else set()
        )

    def _resized(self, staged: Sequence[StoredRecord], living: Sequence[StoredRecord]) -> Sequence[StoredRecord]:
        """Learn the sizes of the keys that this step changes; returns holders of those that cross the limit."""
        held = self.ledger.blocking_keys([stored.ref for stored in staged])
        old = [key for keys in held.values() for key in keys if not is_lookup(key)]
        new = [key for stored in living for key in self._keys[stored.ref]]
        before = self.ledger.holders(self.label, sorted({*old, *new}))
        self._sizes = {key: before.get(key, 0) for key in {*old, *new}}
        for key in old:
            self._sizes[key] -= 1
        for key in new:
            self._sizes[key] += 1
        crossing = [
            key for key, size in self._sizes.items() if self._is_large(size) != self._is_large(before.get(key, 0))
        ]
        return self.ledger.sharing(self.label, sorted(crossing)) if crossing else ()

    def _is_large(self, size: int) -> bool:
        return size > self.block_limit

    def _mates_and_pairs(self, frontier: set[str]) -> None:
        """Fetch whoever shares a key with the frontier, and judge each pair once."""
        usable = self._usable({key for ref in frontier for key in self._keys[ref]})
        if usable:
            self._know(self.ledger.sharing(self.label, sorted(usable)))
        for ref in sorted(frontier):
            others = {other for key in self._keys[ref] & usable for other in self._by_key[key]}
            for other in others - {ref}:
                self._judge(min(ref, other), max(ref, other))

    def _usable(self, keys: set[str]) -> set[str]:
        unknown = sorted(keys - self._sizes.keys())
        if unknown:
            self._sizes |= {**dict.fromkeys(unknown, 0), **self.ledger.holders(self.label, unknown)}
        large = {key for key in keys if self._is_large(self._sizes[key])}
        self.large |= large
        return keys - large

    def _judge(self, ref: str, other: str) -> None:
        if (ref, other) in self._judged:
            return
        self._judged.add((ref, other))
        one, two = self.traits[ref], self.traits[other]
        if one.source == two.source and self.label != "Stop" and self._deduplicated(one.source):
            return
        why = self.resolver.same(one, two)
        if why:
            self.same[ref][other] = self.same[other][ref] = why

    def _deduplicated(self, source: str) -> bool:
        policy = self.policies.get(source)
        return policy is not None and policy.deduplicated
