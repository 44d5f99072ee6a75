"""The past of records: which version was known when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Coalesce

from ibcm.domain.ledger import StoredRecord
from ibcm.records.models import Record, RecordVersion
from ibcm.records.rows import chunks, record_of


def as_of(records: Sequence[StoredRecord], moment: datetime) -> list[StoredRecord]:
    """The same records as they had been read by that moment; those that nobody had read yet are missing.

    Purge drops what may not be kept, so the past holds no more than terms allow. What is hidden now is hidden then.
    """
    since = _since([stored.ref for stored in records])
    older = [ref for ref, read in since.items() if read > moment]
    versions = _latest_versions(older, moment)
    found = [stored for stored in records if stored.ref in since and since[stored.ref] <= moment]
    found += [_at_version(stored, versions[stored.ref]) for stored in records if stored.ref in versions]
    return sorted((stored for stored in found if not stored.record.deleted), key=lambda stored: stored.ref)


def _since(refs: Sequence[str]) -> dict[str, datetime]:
    """Ref -> when its current version was first read."""
    return {
        ref: read
        for some in chunks(refs)
        for ref, read in Record.objects.filter(ref__in=some)
        .annotate(read=Coalesce(F("since"), F("retrieved_at")))
        .values_list("ref", "read")
    }


def _latest_versions(refs: Sequence[str], moment: datetime) -> dict[str, RecordVersion]:
    """Ref -> its greatest version of those read by then."""
    found: dict[str, RecordVersion] = {}
    for some in chunks(refs):
        rows = RecordVersion.objects.annotate(read=Coalesce(F("since"), F("retrieved_at")))
        known = rows.filter(record__ref__in=some, read__lte=moment).select_related("record")
        found.update((version.record.ref, version) for version in known.order_by("read", "hash"))
    return found


def _at_version(stored: StoredRecord, version: RecordVersion) -> StoredRecord:
    row = version.record
    then = Record(
        ref=row.ref,
        source=row.source,
        kind=row.kind,
        payload=version.payload,
        retrieved_at=version.retrieved_at,
        expires_at=version.expires_at,
        city=row.city,
        sector=row.sector,
    )
    record = record_of(then)
    hidden = {name for name, _ in row.hidden}
    data = {name: value for name, value in record.data.items() if name not in hidden}
    # A tombstone that was overtaken by a newer version is a version without anything said.
    gone = not record.data
    return replace(stored, record=record.model_copy(update={"data": data, "deleted": gone}), hash=version.hash)
