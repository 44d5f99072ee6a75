"""A backup into an empty home: the database put back, what was deleted since taken out, graph and index built anew.

A file in the home says that a restore is under way, from before its first step until after its last. While it is
there nothing is served, and the restore may be repeated from the start.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from ibcm import wiring
from ibcm.backup import archive, database
from ibcm.backup.archive import DATABASE, DELETIONS, Archive
from ibcm.chat.models import AskedAnswer
from ibcm.chat.services import redact_stored
from ibcm.domain.errors import IbcmError
from ibcm.home import ROOM_NEEDED
from ibcm.jobs.models import Job
from ibcm.records import journal, purging, staging
from ibcm.records.journal import Deletion
from ibcm.records.models import Decision, Entity, Lease, Record
from ibcm.records.rows import chunks
from ibcm.sources import services as sources
from ibcm.sources.reading import Progress


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    made: str
    records: int
    deleted: int
    """Records that were deleted after the backup was made, or whose time was over."""
    left: int
    """What graph and index hold otherwise than they should, after all: 0."""


def restore(path: Path, *, deletions: Sequence[Path], progress: Progress) -> Restored:
    """Put the backup into this home. Raises IbcmError, before anything is changed, for what cannot be restored here.

    `deletions` are journals of deletions made since: the one of the home that was lost, if it is still there.
    """
    with archive.opened(path) as backup:
        _refuse_unfitting(backup)
        _refuse_used_home()
        wiring.home().need_room(2 * backup.size(DATABASE) + ROOM_NEEDED)
        since = datetime.fromisoformat(backup.manifest.made)
        later = [*_later(deletions, since)]
        wiring.home().restoring_file.write_text(json.dumps({"backup": str(path)}), encoding="utf-8")
        progress(0, None, "putting the database back")
        _put_back(backup)
        _keep_journals(backup, deletions)
        later += [*_later([journal.path()] if journal.path().exists() else [], since)]
    call_command("migrate", verbosity=0, interactive=False)
    _forget_what_was_going_on()
    progress(0, None, "taking out what was deleted since")
    deleted = _delete_again(later)
    now = timezone.now()
    purged = purging.purge(now)
    redact_stored(now=now)
    sources.rebuild_index(progress=progress)
    sources.rebuild_graph(progress=progress)
    left = sources.check_drift(progress=progress)["left"]
    wiring.home().restoring_file.unlink()
    records = Record.objects.filter(deleted=False).count()
    return Restored(backup.manifest.made, records, deleted + purged.expired, left)


def _refuse_unfitting(backup: Archive) -> None:
    manifest = backup.manifest
    if manifest.engine != database.engine():
        want = "set IBCM_DATABASE_URL" if manifest.engine == "postgresql" else "leave IBCM_DATABASE_URL out"
        raise IbcmError(f"the backup is of {manifest.engine}, and this home uses {database.engine()}: {want}")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations or ()}
    newer = sorted(set(manifest.migrations) - known)
    if newer:
        raise IbcmError(f"the backup is of a newer IBCM ({newer[0]} is not known here): install that one first")


def _refuse_used_home() -> None:
    """Raises IbcmError unless the home is empty, or a restore into it was cut off."""
    if wiring.home().restoring_file.exists():
        return
    tables = set(connection.introspection.table_names())
    for model in (Record, Decision, AskedAnswer):
        if model._meta.db_table in tables and model._default_manager.exists():
            raise IbcmError(
                f"the home {wiring.home().path} is in use already: a backup is restored into an empty one, "
                "set IBCM_HOME to a new folder (and IBCM_DATABASE_URL to an empty database)"
            )


def _put_back(backup: Archive) -> None:
    run = wiring.home().path / "run"
    for left in run.glob("restore-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="restore-", dir=run) as folder:
        copied = Path(folder) / DATABASE
        backup.take(DATABASE, copied)
        database.put_back(copied)


def _keep_journals(backup: Archive, deletions: Sequence[Path]) -> None:
    """This home goes on with all that the others knew: it may be restored from the same backup once more."""
    known = set(journal.path().read_bytes().splitlines(keepends=True)) if journal.path().exists() else set()
    with tempfile.TemporaryDirectory(dir=wiring.home().path / "run") as folder:
        files = list(deletions)
        if DELETIONS in backup.manifest.files:
            files.append(Path(folder) / DELETIONS)
            backup.take(DELETIONS, files[-1])
        for file in files:
            with file.open("rb") as lines:
                fresh = [line for line in lines if line.endswith(b"\n") and line not in known]
            known.update(fresh)
            if fresh:
                journal.append(b"".join(fresh))


def _later(files: Sequence[Path], since: datetime) -> Iterator[Deletion]:
    for file in files:
        yield from (deletion for deletion in journal.read(file) if deletion.at >= since)


def _forget_what_was_going_on() -> None:
    """Leases, claims and jobs belong to processes that are not there."""
    Lease.objects.all().delete()
    Entity.objects.exclude(claimed_by="").update(claimed_until=None, claimed_by="")
    Job.objects.filter(state__in=Job.OPEN).update(
        state=Job.State.CANCELLED, ended=timezone.now(), lease_until=None, leased_by="", error="cut off by a restore"
    )


def _delete_again(deletions: Sequence[Deletion]) -> int:
    """What one journal calls forgotten is forgotten, whatever else is said; all other deletions wait for their source
    to say it anew. Returns how many records are gone."""
    staging.remember(digest for deletion in deletions for digest in deletion.said)
    found: dict[Deletion, list[str]] = {}
    if last := _last_of_each(deletions):
        for ref in Record.objects.order_by("ref").values_list("ref", flat=True).iterator():
            if deletion := last.get(journal.digest_of(ref)):
                found.setdefault(replace(deletion, digest="", said=()), []).append(ref)
    return sum(_end_again(refs, deletion) for deletion, refs in found.items())


def _last_of_each(deletions: Sequence[Deletion]) -> dict[str, Deletion]:
    """The last deletion of each record; the last forgetting where there is one."""
    last: dict[str, Deletion] = {}
    for one in deletions:
        known = last.get(one.digest)
        if known is None or _weight(one) >= _weight(known):
            last[one.digest] = one
    return last


def _weight(deletion: Deletion) -> tuple[bool, datetime]:
    return deletion.why == Record.Ended.FORGOTTEN, deletion.at


def _end_again(refs: Sequence[str], deletion: Deletion) -> int:
    """What was forgotten is so from the moment when it was: what was read since may be heard."""
    if deletion.why == Record.Ended.FORGOTTEN:
        return wiring.ledger().forget(refs, now=deletion.at)
    return sum(staging.end(some, deletion.why, now=timezone.now()) for some in chunks(refs))
