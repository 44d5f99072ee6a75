"""Which weights judge pairs: snapshots in the database, one of them active."""

from typing import Any

from django.db import transaction

from graph.resolution.resolver import SCORED
from graph.resolution.snapshot import Snapshot, load, shipped
from ibcm.domain.errors import IbcmError
from ibcm.records.models import Record, ResolverSnapshot

SHIPPED = "shipped"


def active() -> Snapshot:
    """The active snapshot; the shipped one where none was chosen."""
    row = ResolverSnapshot.objects.filter(active=True).first()
    return load(row.content) if row else shipped()


def save(snapshot: Snapshot, summary: dict[str, Any]) -> None:
    """Keep it under its version, not active."""
    ResolverSnapshot.objects.update_or_create(
        version=snapshot.version, defaults={"content": snapshot.dumped(), "summary": summary}
    )


def use(version: str) -> int:
    """Make it the active one and let every record that it judges wait for assignment. Returns how many wait.

    Raises IbcmError for a version that is not there.
    """
    with transaction.atomic():
        chosen = ResolverSnapshot.objects.filter(version=version).first()
        if chosen is None and version not in {SHIPPED, shipped().version}:
            known = ", ".join([SHIPPED, *ResolverSnapshot.objects.values_list("version", flat=True)])
            raise IbcmError(f"there is no resolver snapshot {version!r}; known are {known}")
        if active().version == (chosen.version if chosen else shipped().version):
            return 0
        ResolverSnapshot.objects.filter(active=True).update(active=False)
        if chosen:
            chosen.active = True
            chosen.save(update_fields=["active"])
        return Record.objects.filter(label__in=SCORED, deleted=False).update(staged=True)


def listed() -> list[dict[str, Any]]:
    """Every snapshot, the newest first and the shipped one last."""
    rows = list(ResolverSnapshot.objects.all())
    kept = [
        {"version": row.version, "active": row.active, "made": row.made.isoformat(), "summary": row.summary}
        for row in rows
    ]
    return [
        *kept,
        {
            "version": shipped().version,
            "active": not any(row.active for row in rows),
            "made": None,
            "summary": {"shipped": True, **shipped().fitted},
        },
    ]
