"""Backup and restore of a home, deletions since, and what happens when either is cut off."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from ibcm import exporting, wiring
from ibcm.backup import archive, restoring
from ibcm.backup.archive import DATABASE, DELETIONS
from ibcm.backup.making import make
from ibcm.backup.restoring import restore
from ibcm.domain.errors import ConfigurationError, IbcmError
from ibcm.home import Home
from ibcm.jobs import services as jobs
from ibcm.jobs.models import Job
from ibcm.records import journal
from ibcm.records.models import Record
from ibcm.sources import services
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.index import Indexer
from retrieval.vectors.edge_index import EdgeIndex
from tests.builders import OPEN, record, tombstone
from tests.doubles import Crash, MemoryGraph
from tests.ibcm.sources.conftest import ListSource
from tests.postgres import as_default, new_database

pytestmark = pytest.mark.django_db(transaction=True)
EMBEDDER = HashingEmbedder(32)


class Place:
    """A home with stores of its own over the one database of the tests."""

    def __init__(self, folder: Path, settings: Any) -> None:
        self.folder, self._settings = folder, settings
        self.source = ListSource()
        self.enter("one")

    def enter(self, name: str) -> Home:
        """Work on that home from now on."""
        wiring.close_all()
        home = Home(self.folder / name).prepare()
        self._settings.IBCM_HOME = home
        index = EdgeIndex(home.index)
        indexer = Indexer(EMBEDDER, index)
        indexer.prepare()
        parts: dict[str, Any] = {
            "graph": MemoryGraph(), "index_store": index, "embedder": EMBEDDER, "passage_index": indexer,
            "sources": {"osm": self.source},
        }  # fmt: skip
        for part, made in parts.items():
            wiring.replace(part, made)
        return home

    def ingest(self, *items: Any) -> None:
        self.source.items = list(items)
        services.ingest("osm")

    def canonical(self) -> list[str]:
        return list(exporting.canonical(wiring.ledger(), policies=wiring.ledger().policies(), now=timezone.now()))

    def backup(self) -> Path:
        target = self.folder / "b.zip"
        make(target)
        return target

    def lose(self, name: str = "two") -> Home:
        """The database is empty, and another home begins."""
        call_command("flush", verbosity=0, interactive=False)
        return self.enter(name)


@pytest.fixture
def place(tmp_path: Path, settings: Any) -> Iterator[Place]:
    made = Place(tmp_path, settings)
    made.ingest(
        record("osm:1", name="A", description="By the lake."),
        record("osm:2", name="B", description="By the river."),
        record("osm:3", name="C", description="On the hill."),
    )
    yield made
    wiring.close_all()


def restored(path: Path, *deletions: Path) -> restoring.Restored:
    return restore(path, deletions=deletions, progress=lambda *_: None)


def living() -> set[str]:
    return set(Record.objects.filter(deleted=False).values_list("ref", flat=True))


def test_a_home_comes_back_whole(place: Place) -> None:
    before = place.canonical()
    path = place.backup()
    place.lose()
    done = restored(path)
    assert (done.records, done.deleted, done.left) == (3, 0, 0)
    assert place.canonical() == before
    assert wiring.passage_index().records()
    assert services.check_drift()["left"] == 0


def test_a_backup_holds_no_session_and_nothing_that_was_deleted(place: Place) -> None:
    Session.objects.create(session_key="stolen", session_data="x", expire_date=timezone.now())
    place.ingest(record("osm:9", name="Unforgettable"))
    wiring.ledger().forget(["osm:9"], now=timezone.now())
    path = place.backup()
    with archive.opened(path) as backup:
        backup.take(DATABASE, place.folder / "copy")
        assert backup.manifest.counts["records_record"] == 4
    content = (place.folder / "copy").read_bytes()
    assert b"stolen" not in content
    assert b"Unforgettable" not in content
    with closing(sqlite3.connect(place.folder / "copy")) as copied:
        assert copied.execute("SELECT count(*) FROM django_session").fetchone() == (0,)


def test_what_was_deleted_since_stays_deleted(place: Place) -> None:
    path = place.backup()
    place.ingest(tombstone("osm:2", at=0))
    wiring.ledger().forget(["osm:3"], now=timezone.now())
    place.lose()
    assert restored(path, place.folder / "one" / journal.NAME).deleted == 2
    assert living() == {"osm:1"}
    place.ingest(record("osm:3", name="C", description="On the hill."))
    assert living() == {"osm:1"}, "what was forgotten does not come back with the next reading"
    again = place.lose("three")
    restored(path, place.folder / "two" / journal.NAME)
    assert living() == {"osm:1"}, "a restored home knows what the lost one knew"
    assert (again.path / journal.NAME).stat().st_mode & 0o777 == 0o600


def test_no_content_that_was_forgotten_since_comes_back(place: Place) -> None:
    path = place.backup()
    place.ingest(record("osm:3", name="C2", at=0), record("osm:9", name="New"))
    wiring.ledger().forget(["osm:3", "osm:9"], now=timezone.now())
    place.lose()
    restored(path, place.folder / "one" / journal.NAME)
    old = [
        ("osm:3", {"name": "C2"}),
        ("osm:3", {"name": "C", "description": "On the hill."}),
        ("osm:9", {"name": "New"}),
    ]
    for number, (ref, said) in enumerate(old):
        place.ingest(record(ref, data=said, retrieved_at=f"2100-01-0{number + 1}T00:00:00Z"))
        assert living() == {"osm:1", "osm:2"}, "not even of a record that the backup did not know"
    place.ingest(record("osm:9", name="Newer", retrieved_at="2100-02-01T00:00:00Z"))
    assert living() == {"osm:1", "osm:2", "osm:9"}


def test_what_was_read_after_the_forgetting_is_heard_in_a_restored_home_too(place: Place) -> None:
    path = place.backup()
    wiring.ledger().forget(["osm:3"], now=timezone.now())
    later = record("osm:3", name="C2", retrieved_at=timezone.now().isoformat())
    place.ingest(later)
    place.lose()
    restored(path, place.folder / "one" / journal.NAME)
    place.ingest(later)
    assert living() == {"osm:1", "osm:2", "osm:3"}


def test_what_was_deleted_before_lives_when_it_was_read_again(place: Place) -> None:
    place.ingest(tombstone("osm:2", at=0))
    place.ingest(record("osm:2", name="B again", at=1))
    path = place.backup()
    with archive.opened(path) as backup:
        assert DELETIONS in backup.manifest.files
    place.lose()
    restored(path)
    assert "osm:2" in living()


def test_what_expired_since_is_gone_before_anything_is_served(place: Place) -> None:
    place.ingest(record("osm:4", name="Short", expires_at=(timezone.now() + timedelta(hours=1)).isoformat()))
    path = place.backup()
    place.lose()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda real=timezone.now: real() + timedelta(hours=2))
        restored(path)
        assert living() == {"osm:1", "osm:2", "osm:3"}
        assert services.check_drift()["left"] == 0


def test_jobs_and_claims_of_the_lost_process_are_over(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "send", lambda ids: None)
    jobs.submit("purge")
    wiring.ledger().mark_records_dirty(["osm:1"])
    wiring.ledger().claim_dirty(limit=9)
    path = place.backup()
    place.lose()
    restored(path)
    assert not Job.objects.filter(state__in=Job.OPEN).exists()
    assert wiring.ledger().claim_dirty(limit=9) == []


def test_a_home_in_use_is_refused_and_stays_as_it_is(place: Place) -> None:
    path = place.backup()
    with pytest.raises(IbcmError, match="in use already"):
        restored(path)
    assert living() == {"osm:1", "osm:2", "osm:3"}


def test_a_backup_of_a_newer_database_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    path = place.backup()
    home = place.lose()
    with archive.opened(path) as backup:
        backup.manifest.migrations.append("records.9999_later")
        with pytest.raises(IbcmError, match="newer IBCM"):
            restoring._refuse_unfitting(backup)
    assert not home.restoring_file.exists()


def test_a_journal_that_is_none_is_refused_before_anything_changes(place: Place) -> None:
    path = place.backup()
    home = place.lose()
    with pytest.raises(IbcmError, match="no journal of deletions"):
        restored(path, path)
    assert not Record.objects.exists()
    assert not home.restoring_file.exists()


STEPS = ("_put_back", "_keep_journals", "_forget_what_was_going_on", "_delete_again", "redact_stored")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_one_that_was_cut_off_serves_nothing_and_is_repeated(
    place: Place, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    before = place.canonical()
    path = place.backup()
    wiring.ledger().forget(["osm:3"], now=timezone.now())
    home = place.lose()
    whole = getattr(restoring, step)

    def dies(*arguments: Any, **options: Any) -> Any:
        if after:
            whole(*arguments, **options)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(restoring, step, dies)
        with pytest.raises(Crash):
            restored(path, place.folder / "one" / journal.NAME)
    with pytest.raises(ConfigurationError, match="was cut off"):
        home.refuse_half_restored()
    restored(path, place.folder / "one" / journal.NAME)
    home.refuse_half_restored()
    assert living() == {"osm:1", "osm:2"}
    assert len(place.canonical()) == len(before) - 1


def test_a_line_that_was_cut_short_spoils_no_other(place: Place) -> None:
    journal.note(["osm:1"], "tombstone", now=timezone.now())
    with journal.path().open("ab") as file:
        file.write(b'{"at": "2026-0')
    journal.note(["osm:2"], "forgotten", now=timezone.now())
    assert [one.why for one in journal.read(journal.path())] == ["tombstone", "forgotten"]
    assert b"osm:1" not in journal.path().read_bytes()


def test_the_command_writes_the_file_and_says_what_is_in_it(place: Place) -> None:
    out = StringIO()
    from ibcm.management.commands.backup import Command

    Command().perform(out, StringIO(), cwd=str(place.folder), file="kept.zip")
    assert "3 in records_record" in out.getvalue()
    assert (place.folder / "kept.zip").stat().st_mode & 0o077 == 0


@pytest.mark.servers
def test_on_postgresql(place: Place) -> None:
    with new_database() as one, as_default(one):
        wiring.ledger().save_policy("osm", OPEN)
        place.ingest(record("osm:1", name="A"), record("osm:2", name="B"))
        before = place.canonical()
        path = place.backup()
        wiring.ledger().forget(["osm:2"], now=timezone.now())
    with new_database() as two, as_default(two):
        place.enter("two")
        assert connection.vendor == "postgresql"
        restored(path)
        assert place.canonical() == before
    with new_database() as three, as_default(three):
        place.enter("three")
        restored(path, place.folder / "one" / journal.NAME)
        assert living() == {"osm:1"}
    place.enter("four")
    with pytest.raises(IbcmError, match="the backup is of postgresql"):
        restored(path)
