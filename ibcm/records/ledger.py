"""The ledger in the relational database: `ibcm.domain.ledger.Ledger` over Django's models."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ibcm.domain.decisions import CURATORS, CURATORS_POLICY, Decision, Verdict
from ibcm.domain.ledger import Assignments, DirtyEntity, Holder, PairFinding, StageCounts, Standing, StoredRecord
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import SourceRecord
from ibcm.records import assignment, decisions, projection, staging, standing
from ibcm.records.marks import PROJECTED
from ibcm.records.models import Counter, Pair, Record
from ibcm.records.rows import chunks, stored
from ibcm.sources.models import Source

PAGE = 500
CLAIM_SECONDS = 600
"""For a worker on another machine; what a dead process of this one held is free at once."""


class DjangoLedger:
    """Safe to share between threads. What each method promises stands at `ibcm.domain.ledger.Ledger`."""

    def __init__(self, *, claim_seconds: int = CLAIM_SECONDS) -> None:
        self._claim_seconds = claim_seconds

    # -- policies ------------------------------------------------------------------------------------------
    def policies(self) -> Mapping[str, SourcePolicy]:
        return {
            slug: SourcePolicy.model_validate(terms) for slug, terms in Source.objects.values_list("slug", "policy")
        }

    def save_policy(self, slug: str, policy: SourcePolicy) -> None:
        terms = policy.model_dump(mode="json", exclude_defaults=True)
        Source.objects.update_or_create(slug=slug, defaults={"policy": terms})

    # -- staging -------------------------------------------------------------------------------------------
    def stage(self, records: Sequence[SourceRecord], *, now: datetime) -> StageCounts:
        return staging.stage(records, policies=self.policies(), now=now)

    def stage_absent(self, source: str, *, seen_since: datetime, city: str | None = None) -> int:
        return staging.stage_absent(source, seen_since=seen_since, now=timezone.now(), city=city)

    def expire(self, *, now: datetime) -> int:
        return staging.expire(now=now)

    def turn(self, *, now: datetime) -> int:
        return staging.turn(now=now)

    def forget(self, refs: Iterable[str], *, now: datetime) -> int:
        wanted = sorted(set(refs))
        with transaction.atomic():
            decisions.blind(wanted)
            return staging.forget(wanted, now=now)

    # -- assignment ----------------------------------------------------------------------------------------
    def staged(self, label: str, *, limit: int) -> Sequence[StoredRecord]:
        return assignment.staged(label, limit=limit)

    def sharing(self, label: str, keys: Iterable[str]) -> Sequence[StoredRecord]:
        return assignment.sharing(label, keys)

    def holding(self, label: str, keys: Iterable[str]) -> Sequence[Holder]:
        return assignment.holding(label, keys)

    def holders(self, label: str, keys: Iterable[str], *, most: int) -> Mapping[str, int]:
        return assignment.holders(label, keys, most=most)

    def entities_sharing(self, label: str, keys: Iterable[str]) -> Sequence[str]:
        return assignment.entities_sharing(label, keys)

    def blocking_keys(self, refs: Iterable[str]) -> Mapping[str, Sequence[str]]:
        return assignment.blocking_keys(refs)

    def torn(self, refs: Iterable[str]) -> Set[str]:
        return assignment.torn(refs)

    def undecided(self, refs: Iterable[str]) -> Set[tuple[str, str]]:
        return assignment.undecided(refs)

    def redirected(self, entities: Iterable[str]) -> Mapping[str, str]:
        return assignment.redirected(entities)

    def living(self, refs: Iterable[str]) -> Mapping[str, StoredRecord]:
        return assignment.living(refs)

    def in_entities(self, entities: Iterable[str]) -> Mapping[str, Sequence[StoredRecord]]:
        return assignment.in_entities(entities)

    def assign(self, assignments: Assignments) -> None:
        assignment.assign(assignments)

    def lease(self, name: str, *, owner: str, seconds: int) -> bool:
        return assignment.lease(name, owner=owner, seconds=seconds, now=timezone.now())

    def release(self, name: str, *, owner: str) -> None:
        assignment.release(name, owner=owner)

    # -- decisions -----------------------------------------------------------------------------------------
    def decide(self, decision: Decision) -> int:
        if decision.kind == "pin":
            self.save_policy(CURATORS, CURATORS_POLICY)
        return decisions.decide(decision)

    def undo(self, number: int, *, by: str, at: datetime) -> bool:
        return decisions.undo(number, by=by, at=at)

    def verdicts(self, refs: Iterable[str]) -> Mapping[tuple[str, str], Verdict]:
        return decisions.verdicts(refs)

    # -- projection ----------------------------------------------------------------------------------------
    def claim_dirty(self, *, limit: int) -> Sequence[DirtyEntity]:
        return projection.claim_dirty(limit=limit, now=timezone.now(), seconds=self._claim_seconds)

    def give_back(self) -> None:
        """Give free what this thread has claimed and not cleared: for a projection that failed."""
        projection.give_back()

    def resolve(self, refs: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        return projection.resolve(refs)

    def projected_since(self, revision: int, *, limit: int) -> Sequence[str] | None:
        return projection.projected_since(revision, limit=limit)

    def clear(self, done: Sequence[DirtyEntity]) -> None:
        projection.clear(done)

    def mark_all_dirty(self) -> int:
        return projection.mark_all_dirty()

    def mark_records_dirty(self, refs: Iterable[str]) -> None:
        projection.mark_records_dirty(refs)

    def mark_projected_since(self, revision: int) -> int:
        return projection.mark_projected_since(revision)

    # -- drift ---------------------------------------------------------------------------------------------
    def standing(self, entities: Iterable[str]) -> Mapping[str, Standing]:
        return standing.of(entities)

    def all_standing(self, *, after: str = "") -> Iterator[Standing]:
        return standing.every(after=after)

    def unsettled(self, refs: Iterable[str]) -> Set[str]:
        return standing.unsettled(refs)

    # -- answers -------------------------------------------------------------------------------------------
    def citable(self, refs: Iterable[str], *, now: datetime) -> Mapping[str, StoredRecord]:
        alive = Record.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), deleted=False)
        return {row.ref: stored(row) for some in chunks(refs) for row in alive.filter(ref__in=some)}

    def corrected(self, refs: Iterable[str], *, after: datetime, revision: int) -> Set[str]:
        return decisions.corrected(refs, after=after, revision=revision)

    def revision(self) -> int:
        return Counter.objects.filter(name=PROJECTED).values_list("value", flat=True).first() or 0

    def all_records(self) -> Iterator[StoredRecord]:
        alive, last = Record.objects.filter(deleted=False).order_by("ref"), ""
        while page := list(alive.filter(ref__gt=last)[:PAGE]):
            yield from map(stored, page)
            last = page[-1].ref

    def findings(self) -> Mapping[tuple[str, str], PairFinding]:
        """What resolution found of pairs, for evaluations and tests."""
        return {
            (row.left, row.right): PairFinding(
                band=row.band,
                probability=row.probability,
                together=row.together,
                parts=tuple((name, level, weight) for name, level, weight in row.parts),
                bond=row.bond,
                snapshot=row.snapshot,
            )
            for row in Pair.objects.order_by("left", "right").iterator()
        }
