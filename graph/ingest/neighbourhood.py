"""What one assignment step must look at: the staged records and everything whose entity they could change.

The *component* of a record is what chains of "same" pairs, of bonds and of decisions reach. Clusters depend on whole
components only, so a step closes over them: over the pairs of each record it holds, over the other members of the
entities these had, and over those that could not choose between a staged record and another. Which values are crowded
depends on how many records hold them; a step that moves such a number across its limit looks at all holders again.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from graph.ingest.parties import find_raisers
from graph.resolution.blocking import is_lookup
from graph.resolution.cluster import Component, Pair, Partition, pair, partition
from graph.resolution.keys import is_spot
from graph.resolution.resolver import Judgement, Resolver
from graph.resolution.traits import Traits, label_of, traits_of
from ibcm.domain.decisions import Verdict, is_pin
from ibcm.domain.ledger import Holder, Ledger, PairFinding, StoredRecord
from ibcm.domain.policy import SourcePolicy

MOST_FAMILIAR = 150_000
"""Records whose traits are remembered between steps: up to nine kilobytes each, and as many as a large city has."""
Acquaintance = tuple[Traits, tuple[str, ...]]
"""Traits and pairing keys of a record."""


@dataclass(slots=True)
class Familiar:
    """Traits and pairing keys of versions that earlier steps looked at. The oldest acquaintances are forgotten."""

    _known: OrderedDict[tuple[str, str], Acquaintance] = field(default_factory=OrderedDict)

    def recall(self, held: Holder) -> Acquaintance | None:
        return self._known.get((held.ref, held.hash))

    def meet(self, stored: StoredRecord, resolver: Resolver, raisers: frozenset[str]) -> Acquaintance:
        """`raisers`: who raised a round, which its record may only name or link to. Rounds are never remembered: who
        is meant changes with others."""
        version = (stored.ref, stored.hash)
        found = self._known.get(version)
        if found is None:
            traits = traits_of(stored.record)
            if traits.round:
                traits = replace(traits, round=replace(traits.round, firms=raisers))
            # A pin is joined to its thing by the decision alone: its one value must not look for company.
            found = traits, () if is_pin(stored.ref) else tuple(resolver.keys(traits))
            if not traits.round:
                self._remember(version, found)
        return found

    def _remember(self, version: tuple[str, str], found: Acquaintance) -> None:
        if len(self._known) >= MOST_FAMILIAR:
            self._known.popitem(last=False)
        self._known[version] = found


@dataclass(slots=True)
class Neighbourhood:
    """Records of one label around a step, and what was judged of them."""

    ledger: Ledger
    label: str
    resolver: Resolver
    policies: Mapping[str, SourcePolicy]
    familiar: Familiar = field(default_factory=Familiar)
    records: dict[str, Holder] = field(default_factory=dict)
    """Those whose cluster is computed again."""
    judged: dict[Pair, Judgement] = field(default_factory=dict)
    """Every pair of one of them with a record that shares a key."""
    traits: dict[str, Traits] = field(default_factory=dict)
    verdicts: dict[Pair, Verdict] = field(default_factory=dict)
    large: set[str] = field(default_factory=set)
    """Keys that too many records share: they brought nobody together."""
    _known: dict[str, Holder] = field(default_factory=dict)
    _keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _by_key: dict[str, set[str]] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)
    _entities: set[str] = field(default_factory=set)
    _alike: dict[str, set[str]] = field(default_factory=dict)

    def load(self, staged: Sequence[StoredRecord], seeds: Iterable[StoredRecord] = ()) -> "Neighbourhood":
        """Close over the components that `staged` (deleted ones included) and `seeds` touch."""
        living = [stored for stored in staged if not stored.record.deleted]
        self._know(living)
        frontier = {stored.ref for stored in living}
        frontier |= self._add(seeds)
        frontier |= self._resized(staged, living)
        frontier |= self._mates([stored.entity for stored in staged])
        frontier |= self._bound([stored.ref for stored in staged])
        frontier |= self._add(self.ledger.living(sorted(self.ledger.torn(stored.ref for stored in staged))).values())
        while frontier:
            self.records |= {ref: self._known[ref] for ref in frontier}
            self._meet(frontier)
            frontier = self._next(frontier)
        return self

    def compare(self, records: Sequence[StoredRecord]) -> "Neighbourhood":
        """Judge these records' pairs and no others; nothing is closed over."""
        self._meet(self._add(records))
        return self

    def partition(self, *, same: float) -> Partition:
        """Clusters of the records."""
        component = Component(self.judged, self.verdicts, self._never, ties_join=self.label == "Stop")
        return partition(self.records, component, self._judgement, same=same)

    def findings(self, found: Partition) -> dict[Pair, PairFinding]:
        """What is worth keeping of the judgements: pairs inside clusters, and pairs that a person is to look at."""
        home = {ref: number for number, cluster in enumerate(found.clusters) for ref in cluster}
        sources = self._sources(found)
        kept: dict[Pair, PairFinding] = {}
        for (one, other), judgement in found.judged.items():
            together = one in home and home[one] == home.get(other, -1)
            if judgement.band == "different" or not (together or self._is_open(one, other, judgement, sources)):
                continue
            kept[one, other] = self._finding(judgement, together=together)
        for (one, other), verdict in self.verdicts.items():
            if verdict.same and one in home and home[one] == home.get(other, -1) and (one, other) not in kept:
                kept[one, other] = self._finding(DECIDED, together=True)
        return kept

    def _sources(self, found: Partition) -> dict[str, set[str]]:
        """Ref -> the sources that speak of its entity, also for records beyond the step that were compared with it."""
        inside = {ref: {self.traits[one].source for one in cluster} for cluster in found.clusters for ref in cluster}
        beyond = {
            ref: self._known[ref].entity
            for pair_, judgement in found.judged.items()
            if judgement.band != "different"
            for ref in pair_
            if ref not in inside
        }
        members = self.ledger.in_entities(sorted(set(beyond.values()) - {""})) if beyond else {}
        of = {entity: {stored.record.source for stored in some} for entity, some in members.items()}
        return inside | {ref: of.get(entity, set()) for ref, entity in beyond.items()}

    def _is_open(self, one: str, other: str, judgement: Judgement, sources: Mapping[str, set[str]]) -> bool:
        """Whether a person is to be asked: nobody has said yet, and neither has found its counterpart elsewhere."""
        decided = self.verdicts.get((one, other))
        if decided is not None and not decided.same:
            return False
        mine, theirs = self.traits[one].source, self.traits[other].source
        met = mine != theirs and (theirs in sources.get(one, ()) or mine in sources.get(other, ()))
        return not met or judgement.band == "same"

    def _finding(self, judgement: Judgement, *, together: bool) -> PairFinding:
        return PairFinding(
            band=judgement.band,
            probability=round(judgement.probability, 4),
            together=together,
            parts=tuple((part.comparison, part.level, round(part.weight, 2)) for part in judgement.parts),
            bond=judgement.bond,
            snapshot=self.resolver.version,
        )

    # -- closing ----------------------------------------------------------------------------------------------
    def _next(self, frontier: set[str]) -> set[str]:
        reached = {other for ref in frontier for other in self._alike.get(ref, ())}
        entities = [self._known[ref].entity for ref in frontier]
        return (reached | self._mates(entities) | self._bound(frontier)) - self.records.keys()

    def _bound(self, refs: Iterable[str]) -> set[str]:
        """Learn what was decided about these; returns the records that decisions join to them."""
        asked = set(refs)
        new = self.ledger.verdicts(sorted(asked))
        self.verdicts |= new
        joined = {ref for found, verdict in new.items() if verdict.same for ref in found if ref not in asked}
        return self._add(self.ledger.living(sorted(joined)).values()) if joined else set()

    def _know(self, records: Iterable[StoredRecord]) -> None:
        """Work out traits and index them by pairing key; what is known already stays as it was first seen."""
        new = [one for one in records if one.ref not in self._known and label_of(one.record) == self.label]
        raisers = find_raisers(self.ledger, new) if self.label == "Funding" else {}
        for stored in new:
            acquaintance = self.familiar.meet(stored, self.resolver, raisers.get(stored.ref, frozenset()))
            self._enter(stored.holder(), acquaintance)
            self._index(stored.ref, self._keys[stored.ref])

    def _enter(self, held: Holder, acquaintance: Acquaintance) -> None:
        self._known[held.ref] = held
        self.traits[held.ref], self._keys[held.ref] = acquaintance

    def _index(self, ref: str, keys: Iterable[str]) -> None:
        for key in keys:
            self._by_key.setdefault(key, set()).add(ref)

    def _know_holders(self, keys: Set[str]) -> set[str]:
        """Whoever holds one of these keys, indexed by them. Of strangers alone it is read what they say."""
        holders = self.ledger.holding(self.label, sorted(keys))
        strangers = []
        for held in holders:
            if held.ref not in self._known:
                if acquaintance := self.familiar.recall(held):
                    self._enter(held, acquaintance)
                else:
                    strangers.append(held.ref)
        if strangers:
            self._know(self.ledger.living(sorted(strangers)).values())
        found = {held.ref for held in holders if held.ref in self._known}
        for ref in found:
            self._index(ref, (key for key in self._keys[ref] if key in keys))
        return found

    def keys_of(self, ref: str) -> Sequence[str]:
        """Pairing keys of a known record."""
        return self._keys[ref]

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

    def _resized(self, staged: Sequence[StoredRecord], living: Sequence[StoredRecord]) -> set[str]:
        """Learn the sizes of the keys that this step changes; returns holders of those that cross their limit."""
        held = self.ledger.blocking_keys([stored.ref for stored in staged])
        old = [key for keys in held.values() for key in keys if not is_lookup(key)]
        new = [key for stored in living for key in self._keys.get(stored.ref, ())]
        # Counted far enough to stay above the limit though every one of these should leave.
        before = self._counted({*old, *new}, beyond=len(staged))
        self._sizes = dict(before)
        for key in old:
            self._sizes[key] -= 1
        for key in new:
            self._sizes[key] += 1
        crossing = {
            key for key, size in self._sizes.items() if self._is_large(key, size) != self._is_large(key, before[key])
        }
        return self._know_holders(crossing) if crossing else set()

    def _counted(self, keys: Set[str], *, beyond: int = 0) -> dict[str, int]:
        """How many hold each, as far as it matters: to one above the limit and so many `beyond`."""
        most = max(map(self.resolver.limit, keys), default=0) + 1 + beyond
        return {**dict.fromkeys(keys, 0), **self.ledger.holders(self.label, sorted(keys), most=most)}

    def _is_large(self, key: str, size: int) -> bool:
        return size > self.resolver.limit(key)

    # -- judging ----------------------------------------------------------------------------------------------
    def _meet(self, frontier: set[str]) -> None:
        """Fetch whoever shares a key with the frontier, and judge each pair once."""
        usable = self._usable({key for ref in frontier for key in self._keys[ref]})
        if usable:
            self._know_holders(usable)
        beside = {
            ref: {other for key in self._keys[ref] if key in usable for other in self._by_key[key]} - {ref}
            for ref in frontier
        }
        # A crowded spot tells nothing, whichever of the two stands there; other values tell only where both have them.
        met = {other for others in beside.values() for other in others}
        self._usable({key for ref in met for key in self._keys[ref] if is_spot(key)})
        for ref in sorted(frontier):
            for other in beside[ref]:
                self._judge(pair(ref, other))

    def _usable(self, keys: set[str]) -> set[str]:
        if unknown := keys - self._sizes.keys():
            self._sizes |= self._counted(unknown)
        large = {key for key in keys if self._is_large(key, self._sizes[key])}
        self.large |= large
        return keys - large

    def _judge(self, found: Pair) -> None:
        if found in self.judged or self._never(*found):
            return
        judgement = self.judged[found] = self._judgement(*found)
        if judgement.band == "same":
            one, other = found
            self._alike.setdefault(one, set()).add(other)
            self._alike.setdefault(other, set()).add(one)

    def _judgement(self, one: str, other: str) -> Judgement:
        return self.resolver.judge(self.traits[one], self.traits[other], self.large)

    def _never(self, one: str, other: str) -> bool:
        """Two keys of a source that has no duplicates. The poles of a stop are several by nature."""
        source = self.traits[one].source
        return self.label != "Stop" and source == self.traits[other].source and self._deduplicated(source)

    def _deduplicated(self, source: str) -> bool:
        policy = self.policies.get(source)
        return policy is not None and policy.deduplicated


DECIDED = Judgement("same", 1.0, (), bond=True)
"""Of a pair that shares no evidence: a person said so."""
