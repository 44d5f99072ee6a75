"""Projection: claims on dirty entities, and taking marks away."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from ibcm.domain.ledger import DirtyEntity
from ibcm.records.marks import count_projected, mark_entities
from ibcm.records.models import Entity, EntityGone, Record
from ibcm.records.owners import is_gone, owner_id
from ibcm.records.rows import chunks


def claim_dirty(*, limit: int, now: datetime, seconds: int) -> Sequence[DirtyEntity]:
    """See Ledger.claim_dirty. A claim of a process that has ended is free at once, any other after `seconds`."""
    with transaction.atomic():
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now) | Q(claimed_by__in=_ended())
        waiting = Entity.objects.filter(free, dirty=True).order_by("-urgent", "id")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        found = list(waiting.values_list("id", "label", "revision")[:limit])
        gone: dict[str, list[str]] = defaultdict(list)
        for some in chunks(entity for entity, _, _ in found):
            Entity.objects.filter(id__in=some).update(
                claimed_until=now + timedelta(seconds=seconds), claimed_by=_claimant()
            )
            for entity, ref in (
                EntityGone.objects.filter(entity_id__in=some).order_by("ref").values_list("entity_id", "ref")
            ):
                gone[entity].append(ref)
    return [DirtyEntity(entity, label, revision, tuple(gone[entity])) for entity, label, revision in found]


def give_back() -> None:
    """Give this thread's claims free."""
    Entity.objects.filter(claimed_by=_claimant()).update(claimed_until=None, claimed_by="")


def _claimant() -> str:
    """A thread: two of one process must not give back each other's claims."""
    return f"{owner_id()}#{threading.get_ident()}"


def _ended() -> list[str]:
    """Holders of claims that are known to be gone."""
    holders = (
        Entity.objects.filter(claimed_until__isnull=False, dirty=True).order_by().values_list("claimed_by", flat=True)
    )
    return [holder for holder in holders.distinct() if is_gone(holder)]


def resolve(refs: Iterable[str]) -> Mapping[str, tuple[str, str]]:
    """See Ledger.resolve."""
    return {
        ref: (label, entity)
        for some in chunks(refs)
        for ref, label, entity in Record.objects.filter(ref__in=some, entity__isnull=False, deleted=False).values_list(
            "ref", "entity__label", "entity_id"
        )
    }


def projected_since(revision: int, *, limit: int) -> Sequence[str] | None:
    """See Ledger.projected_since."""
    found = list(Entity.objects.filter(projected__gt=revision).order_by("id").values_list("id", flat=True)[: limit + 1])
    return found if len(found) <= limit else None


def clear(done: Sequence[DirtyEntity]) -> None:
    """See Ledger.clear."""
    by_revision: dict[int, list[str]] = defaultdict(list)
    for entity in done:
        by_revision[entity.revision].append(entity.id)
    with transaction.atomic():
        for some in chunks(sorted(entity.id for entity in done)):
            list(Entity.objects.select_for_update().filter(id__in=some).order_by("id").values_list("id"))
            Entity.objects.filter(id__in=some).update(claimed_until=None, claimed_by="")
        reached = count_projected(len(done))
        for revision, ids in by_revision.items():
            for some in chunks(ids):
                Entity.objects.filter(id__in=some).update(projected=reached)
                settled = Entity.objects.filter(id__in=some, revision=revision)
                EntityGone.objects.filter(entity_id__in=settled.values("id")).delete()
                settled.update(dirty=False, urgent=False)


def mark_all_dirty() -> int:
    """See Ledger.mark_all_dirty."""
    living = Record.objects.filter(entity=OuterRef("pk"), deleted=False)
    Entity.objects.filter(Exists(living)).update(dirty=True, revision=F("revision") + 1)
    return Entity.objects.filter(dirty=True).count()


def mark_projected_since(revision: int) -> int:
    """See Ledger.mark_projected_since. One statement: what is projected meanwhile is marked before it is cleared."""
    moved = Entity.objects.filter(Q(projected__gt=revision) | Q(dirty=True))
    return moved.update(dirty=True, revision=F("revision") + 1)


def mark_records_dirty(refs: Iterable[str]) -> None:
    """See Ledger.mark_records_dirty."""
    with transaction.atomic():
        for some in chunks(refs):
            of = Record.objects.filter(ref__in=some, entity__isnull=False)
            mark_entities(of.values_list("entity_id", flat=True))
