"""Marks: which entities are behind. A mark is a flag with a revision that grows each time."""

from collections.abc import Iterable

from django.db.models import F

from ibcm.records.models import Counter, Entity, Record, RecordLink
from ibcm.records.rows import chunks

PROJECTED = "projected"


def mark_entities(ids: Iterable[str], *, urgent: Iterable[str] = ()) -> None:
    """These entities must be projected again; sorted, so that two transactions lock in one order.

    `urgent` are those of them for which somebody waits: they are projected first.
    """
    for some in chunks(sorted(set(ids))):
        list(Entity.objects.select_for_update().filter(id__in=some).order_by("id").values_list("id"))
        Entity.objects.filter(id__in=some).update(dirty=True, revision=F("revision") + 1)
    for some in chunks(sorted(set(urgent))):
        Entity.objects.filter(id__in=some, dirty=True).update(urgent=True)


def asserters_of(targets: Iterable[str]) -> set[str]:
    """Entities whose records link to one of these refs."""
    found: set[str] = set()
    for some in chunks(targets):
        sources = RecordLink.objects.filter(target__in=some).values("record_id")
        found.update(
            Record.objects.filter(id__in=sources, entity__isnull=False).values_list("entity_id", flat=True).distinct()
        )
    return found


def count_projected(amount: int) -> int:
    """Move the projected revision on. Returns what it is now; to be called inside a transaction."""
    if amount and not Counter.objects.filter(name=PROJECTED).update(value=F("value") + amount):
        Counter.objects.bulk_create([Counter(name=PROJECTED, value=0)], ignore_conflicts=True)
        Counter.objects.filter(name=PROJECTED).update(value=F("value") + amount)
    return Counter.objects.filter(name=PROJECTED).values_list("value", flat=True).first() or 0
