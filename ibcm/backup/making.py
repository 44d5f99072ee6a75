"""Making a backup, while everything goes on."""

import tempfile
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from ibcm import wiring
from ibcm.backup import archive, database
from ibcm.backup.archive import DATABASE, DELETIONS, Manifest
from ibcm.chat.models import AskedAnswer
from ibcm.domain.errors import IbcmError
from ibcm.records import journal
from ibcm.records.models import Decision, Entity, Record, RecordVersion

COUNTED = (Record, RecordVersion, Entity, Decision, AskedAnswer)
TOLD = ("IBCM_PROFILE", "IBCM_INSTANCE", "IBCM_EMBEDDER")


def make(target: Path) -> Manifest:
    """Write a backup to that file. Raises IbcmError when it is there already or its folder is not."""
    if not target.parent.is_dir():
        raise IbcmError(f"there is no folder {target.parent}: make it first")
    begun = timezone.now()
    with tempfile.TemporaryDirectory(prefix="backup-", dir=wiring.home().path / "run") as folder:
        copied = Path(folder) / DATABASE
        database.copy(copied)
        members = {DATABASE: copied}
        if journal.path().exists():
            members[DELETIONS] = journal.path()
        return archive.write(target, _manifest(begun), members)


def counts() -> dict[str, int]:
    """Rows of the tables that are told."""
    return {model._meta.db_table: model._default_manager.count() for model in COUNTED}


def _manifest(begun: datetime) -> Manifest:
    applied = MigrationRecorder(connection).applied_migrations()
    return Manifest(
        made=begun.isoformat(),
        engine=database.engine(),
        migrations=sorted(f"{app}.{name}" for app, name in applied),
        counts=counts(),
        settings={name: str(getattr(settings, name)) for name in TOLD},
    )
