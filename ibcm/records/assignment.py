"""Assignment: which record belongs to which entity, and everything that a change of that makes stale."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL

from ibcm.domain.ledger import Assignments, Holder, StoredRecord
from ibcm.records.marks import asserters_of, mark_entities
from ibcm.records.models import BlockingKey, Entity, EntityGone, Lease, Pair, Record
from ibcm.records.owners import is_gone
from ibcm.records.rows import all_stored, chunks, key_text, listed, living_hash, lock_names, stored, version_hash

ASSIGNED = Q(deleted=False, entity__isnull=False)


def staged(label: str, *, limit: int) -> Sequence[StoredRecord]:
    """See Ledger.staged."""
    return list(map(stored, Record.objects.filter(label=label, staged=True).order_by("-urgent", "city", "ref")[:limit]))


def sharing(label: str, keys: Iterable[str]) -> Sequence[StoredRecord]:
    """See Ledger.sharing."""
    rows: dict[int, Record] = {}
    for some in chunks(key_text(key) for key in keys):
        having = BlockingKey.objects.filter(label=label, key__in=some).values("record_id")
        rows.update((row.pk, row) for row in Record.objects.filter(ASSIGNED, id__in=having, label=label))
    return all_stored(rows.values())


def holding(label: str, keys: Iterable[str]) -> Sequence[Holder]:
    """See Ledger.holding."""
    table, values = listed(map(key_text, keys))
    # CROSS JOIN: SQLite takes the list first and each key by the index; left to itself it reads every key of the label.
    having = RawSQL(  # noqa: S611 - the parameters are parameters
        f"SELECT held.record_id FROM {table} CROSS JOIN {BlockingKey._meta.db_table} AS held "  # noqa: S608 - as above
        "WHERE held.label = %s AND held.key = listed.value",
        [values, label],
    )
    rows = Record.objects.filter(ASSIGNED, id__in=having, label=label).order_by()
    return [
        Holder(ref, sequence, living_hash(digest, pruned=pruned, hidden=hidden), entity)
        for ref, sequence, entity, digest, pruned, hidden in rows.values_list(
            "ref", "id", "entity_id", "hash", "pruned", "hidden"
        )
    ]


def entities_sharing(label: str, keys: Iterable[str]) -> Sequence[str]:
    """See Ledger.entities_sharing."""
    found: set[str] = set()
    for some in chunks(key_text(key) for key in keys):
        having = BlockingKey.objects.filter(label=label, key__in=some).values("record_id")
        of = Record.objects.filter(ASSIGNED, id__in=having, label=label).order_by()
        found.update(of.values_list("entity_id", flat=True).distinct())
    return sorted(found)


def living(refs: Iterable[str]) -> Mapping[str, StoredRecord]:
    """See Ledger.living."""
    rows = (row for some in chunks(refs) for row in Record.objects.filter(ref__in=some, deleted=False))
    return {row.ref: stored(row) for row in rows}


def in_entities(entities: Iterable[str]) -> Mapping[str, Sequence[StoredRecord]]:
    """See Ledger.in_entities."""
    found: dict[str, list[StoredRecord]] = {}
    rows = (row for some in chunks(entities) for row in Record.objects.filter(ASSIGNED, entity_id__in=some))
    for record in all_stored(rows):
        found.setdefault(record.entity, []).append(record)
    return found


def holders(label: str, keys: Iterable[str], *, most: int) -> Mapping[str, int]:
    """See Ledger.holders. A record has keys from its assignment until the assignment that it leaves with, so that
    nobody else needs to be asked; and nobody counts to the end how many are called Hotel."""
    asked = {key_text(key): key for key in keys}
    table, values = listed(asked)
    held = (
        f"SELECT 1 FROM {BlockingKey._meta.db_table} AS held WHERE held.label = %s AND held.key = listed.value LIMIT %s"  # noqa: S608 - the table's own name
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT listed.value, (SELECT COUNT(*) FROM ({held}) AS counted) FROM {table}",  # noqa: S608 - as above
            [label, most, values],
        )
        return {asked[key]: count for key, count in cursor.fetchall() if count}


def torn(refs: Iterable[str]) -> set[str]:
    """See Ledger.torn."""
    found: set[str] = set()
    for some in chunks(refs):
        open_pairs = Pair.objects.filter(band=Pair.Band.SAME, together=False)
        found |= {*open_pairs.filter(left__in=some).values_list("right", flat=True)}
        found |= {*open_pairs.filter(right__in=some).values_list("left", flat=True)}
    return found


def undecided(refs: Iterable[str]) -> set[tuple[str, str]]:
    """See Ledger.undecided."""
    asked = set(refs)
    apart = Pair.objects.filter(together=False)
    return {
        (left, right)
        for some in chunks(asked)
        for left, right in apart.filter(left__in=some).values_list("left", "right")
        if right in asked
    }


def blocking_keys(refs: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """See Ledger.blocking_keys."""
    found: dict[str, list[str]] = {}
    for some in chunks(refs):
        held = BlockingKey.objects.filter(record__ref__in=some).order_by("key").values_list("record__ref", "key")
        for ref, key in held:
            found.setdefault(ref, []).append(key)
    return found


def redirected(entities: Iterable[str]) -> Mapping[str, str]:
    """See Ledger.redirected. Chains are kept one step long by `assign`."""
    return {
        old: new
        for some in chunks(entities)
        for old, new in Entity.objects.filter(id__in=some, redirect_to__isnull=False).values_list(
            "id", "redirect_to_id"
        )
    }


def assign(assignments: Assignments) -> None:
    """See Ledger.assign."""
    gone = set(assignments.gone)
    with transaction.atomic():
        again = {held.ref for label, keys in assignments.again.items() for held in holding(label, keys)}
        rows = _rows({*assignments.entity_of, *assignments.keys_of, *gone, *again})
        before = {ref: row.entity_id for ref, row in rows.items() if row.entity_id}
        _make_entities(assignments)
        moved = _move(rows, {**assignments.entity_of, **dict.fromkeys(gone, "")})
        _settle(rows, {*assignments.keys_of, *gone}, assignments.versions)
        _write_keys(rows, assignments, gone)
        _redirect(assignments.redirects)
        _write_findings(assignments)
        _stage_again(rows[ref] for ref in again if ref in rows)
        _remember_gone([(before[ref], ref) for ref in gone if ref in before])
        changed = {*assignments.keys_of, *moved}
        awaited = {ref for ref in changed if ref in rows and rows[ref].urgent}
        mark_entities(
            {
                *(before[ref] for ref in changed if ref in before),
                *(entity for ref, entity in assignments.entity_of.items() if ref in changed),
                *assignments.redirects,
                *assignments.redirects.values(),
                *asserters_of(moved),
                *(one for label, keys in assignments.touched.items() for one in entities_sharing(label, keys)),
            },
            urgent={
                *(before[ref] for ref in awaited if ref in before),
                *(assignments.entity_of[ref] for ref in awaited if ref in assignments.entity_of),
            },
        )


def _remember_gone(pairs: Iterable[tuple[str, str]]) -> None:
    EntityGone.objects.bulk_create(
        (EntityGone(entity_id=entity, ref=ref) for entity, ref in pairs), ignore_conflicts=True
    )


def _rows(refs: Iterable[str]) -> dict[str, Record]:
    """The rows without their payload, all that will be written, locked in the order of their refs as everywhere: two
    writers wait for each other in no circle."""
    return {
        row.ref: row
        for some in chunks(sorted(refs))
        for row in Record.objects.select_for_update(of=("self",)).filter(ref__in=some).order_by("ref").defer("payload")
    }


def _make_entities(assignments: Assignments) -> None:
    """Rows for new ids. An id that has records again stops redirecting."""
    ids = sorted(set(assignments.entity_of.values()))
    Entity.objects.bulk_create((Entity(id=one, label=assignments.label) for one in ids), ignore_conflicts=True)
    for some in chunks(ids):
        Entity.objects.filter(id__in=some, redirect_to__isnull=False).update(redirect_to=None)


def _move(rows: Mapping[str, Record], entity_of: Mapping[str, str]) -> list[str]:
    """Write who is where. Returns the refs that moved."""
    moved = [ref for ref, entity in entity_of.items() if ref in rows and (rows[ref].entity_id or "") != entity]
    with connection.cursor() as cursor:
        # One prepared statement many times: bulk_update's CASE took six times as long.
        cursor.executemany(
            f"UPDATE {Record._meta.db_table} SET entity_id = %s WHERE id = %s",  # noqa: S608 - the table's own name
            [(entity_of[ref] or None, rows[ref].pk) for ref in moved],
        )
    return moved


def _settle(rows: Mapping[str, Record], refs: Iterable[str], looked_at: Mapping[str, str]) -> None:
    """These wait no longer, unless they were staged again since somebody looked."""
    known = [rows[ref] for ref in refs if ref in rows]
    for some in chunks(row.pk for row in known if looked_at.get(row.ref, version_hash(row)) == version_hash(row)):
        Record.objects.filter(id__in=some, staged=True).update(staged=False, urgent=False)


def _write_keys(rows: Mapping[str, Record], assignments: Assignments, gone: Iterable[str]) -> None:
    keys_of = {**dict.fromkeys(gone, ()), **assignments.keys_of}
    for some in chunks(rows[ref].pk for ref in keys_of if ref in rows):
        BlockingKey.objects.filter(record_id__in=some).delete()
    with connection.cursor() as cursor:
        # As in _move: a dozen rows a record are too many for objects.
        cursor.executemany(
            f"INSERT INTO {BlockingKey._meta.db_table} (record_id, label, key) VALUES (%s, %s, %s)",  # noqa: S608 - as above
            [
                (rows[ref].pk, assignments.label, key)
                for ref, keys in keys_of.items()
                if ref in rows
                for key in dict.fromkeys(key_text(key) for key in keys)
            ],
        )


def _stage_again(rows: Iterable[Record]) -> None:
    for some in chunks(row.pk for row in rows):
        Record.objects.filter(ASSIGNED, id__in=some).update(staged=True)


def _redirect(redirects: Mapping[str, str]) -> None:
    """Old ids lead to where the records are now, in one step however often they moved."""
    for old, new in redirects.items():
        Entity.objects.filter(id=new).update(redirect_to=None)
        Entity.objects.filter(Q(id=old) | Q(redirect_to=old)).exclude(id=new).update(redirect_to=new)


def _write_findings(assignments: Assignments) -> None:
    """Forget what was found of these records before, and write what was found now."""
    for some in chunks(assignments.judged):
        Pair.objects.filter(Q(left__in=some) | Q(right__in=some)).delete()
    Pair.objects.bulk_create(
        (
            Pair(
                left=left,
                right=right,
                label=assignments.label,
                band=found.band,
                probability=found.probability,
                together=found.together,
                bond=found.bond,
                parts=[list(part) for part in found.parts],
                snapshot=found.snapshot,
            )
            for (left, right), found in assignments.findings.items()
        ),
        batch_size=500,
    )


def lease(name: str, *, owner: str, seconds: int, now: datetime) -> bool:
    """See Ledger.lease."""
    with transaction.atomic():
        lock_names("lease", [name])
        held = Lease.objects.filter(name=name).first()
        if held is not None and held.owner != owner and held.until > now and not is_gone(held.owner):
            return False
        Lease.objects.update_or_create(name=name, defaults={"owner": owner, "until": now + timedelta(seconds=seconds)})
        return True


def release(name: str, *, owner: str) -> None:
    """See Ledger.release."""
    Lease.objects.filter(name=name, owner=owner).delete()
