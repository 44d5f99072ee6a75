"""Where entities stand between the ledger and its projections: what a search for drift compares with."""

from collections.abc import Iterable, Iterator, Mapping, Set

from django.db.models import Exists, OuterRef, QuerySet

from ibcm.domain.ledger import Standing
from ibcm.records.models import Entity, EntityGone, Record
from ibcm.records.rows import chunks

PAGE = 1000


def of(entities: Iterable[str]) -> Mapping[str, Standing]:
    """See Ledger.standing."""
    return {one.id: one for some in chunks(entities) for one in _told(Entity.objects.filter(id__in=some))}


def every(*, after: str) -> Iterator[Standing]:
    """See Ledger.all_standing."""
    living = Entity.objects.filter(Exists(Record.objects.filter(entity=OuterRef("pk"), deleted=False)))
    while page := list(_told(living.filter(id__gt=after).order_by("id")[:PAGE])):
        yield from page
        after = page[-1].id


def unsettled(refs: Iterable[str]) -> Set[str]:
    """See Ledger.unsettled."""
    found: set[str] = set()
    for some in chunks(refs):
        mine = Record.objects.filter(ref__in=some)
        found.update(mine.filter(staged=True).values_list("ref", flat=True))
        found.update(mine.filter(entity__dirty=True).values_list("ref", flat=True))
        found.update(EntityGone.objects.filter(ref__in=some).values_list("ref", flat=True))
    return found


def _told(rows: QuerySet[Entity]) -> Iterator[Standing]:
    of_it = Record.objects.filter(entity=OuterRef("pk"))
    asked = rows.annotate(living=Exists(of_it.filter(deleted=False)), waits=Exists(of_it.filter(staged=True)))
    for id_, label, revision, dirty, living, waits in asked.values_list(
        "id", "label", "revision", "dirty", "living", "waits"
    ):
        yield Standing(id_, label, revision, living=living, settled=not (dirty or waits))
