"""Forgetting by command, job and admin: previewed first, gone from everything, and staying gone."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from ibcm.chat.models import AskedAnswer
from ibcm.jobs import services as jobs
from ibcm.jobs.models import Job
from ibcm.records import forgetting
from ibcm.records.models import BlockingKey, Pair, Record, RecordVersion
from ibcm.sources import services
from tests.builders import NOW, record
from tests.ibcm.sources.conftest import ListSource, Stores, source, stores  # noqa: F401 - fixtures

CANARY = "Quetzalcoatlus"


@pytest.fixture
def held(source: ListSource) -> ListSource:  # noqa: F811 - the fixture
    at: dict[str, Any] = {"lat": 18.52, "lon": 73.85, "city": "pune"}
    source.items = [
        record("osm:1", name=f"{CANARY} Inn", at=-3, phone="+912012345678", description="Old words.", **at),
        record("osm:1", name=f"{CANARY} Inn", phone="+912012345678", description=f"{CANARY} sleeps here.", **at),
        record("osm:2", name=f"{CANARY} Hotel", phone="+912012345678", **at),
        record("osm:3", name="Plain Lodge", **at),
    ]
    services.ingest("osm")
    return source


def told(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("forget", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def answer(**more: Any) -> AskedAnswer:
    given = {
        "question": "Where?", "language": "en", "text": CANARY, "short": None, "sentences": [], "citations": [],
        "clarify": [{"entity": "e", "label": CANARY, "why": "name"}], "rows": None, "features": None, "conflicts": [],
        "missing": CANARY, "plan": {"entities": [{"text": "x", "ids": ["e"], "names": [CANARY]}]}, **more,
    }  # fmt: skip
    return AskedAnswer.objects.create(question="Where?", language="en", answer=given, basis=["osm:1"])


@pytest.mark.usefixtures("held")
def test_without_yes_it_only_tells() -> None:
    out, err = told("osm:1")
    assert out == "1 records (1 of them current) with 1 older versions, of 1 things\n"
    assert "nothing was changed" in err
    assert Record.objects.filter(deleted=False).count() == 3


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("name", "says"), [("nowhere", "no record of a source 'nowhere'"), ("osm:9", "no record 'osm:9'")]
)
def test_what_was_never_there_is_said(name: str, says: str) -> None:
    err = io.StringIO()
    with pytest.raises(CommandError):
        call_command("forget", name, "--yes", stderr=err)
    assert says in err.getvalue()


def test_a_source_is_gone_from_all_that_was_made_of_it(held: ListSource, stores: Stores) -> None:  # noqa: F811
    asked = answer()
    assert CANARY in str(stores.index.passages)
    jobs.submit("forget", {"sources": ["osm"]})
    jobs.run(Job.objects.get().pk)
    assert Job.objects.get().result == {"forgotten": 3, "answers": 1}
    assert not stores.index.passages
    assert not RecordVersion.objects.exists()
    assert not Pair.objects.exists()
    assert not BlockingKey.objects.exists()
    asked.refresh_from_db()
    assert CANARY not in str(asked.answer)
    assert CANARY not in str(Job.objects.values())
    services.ingest("osm")
    assert not Record.objects.filter(deleted=False).exists(), "the same content does not bring it back"
    assert services.ingest("osm").forgotten == 4, "older versions neither, and the ingest says so"
    held.items = [record("osm:1", name="Another", retrieved_at="2100-01-01T00:00:00Z")]
    assert services.ingest("osm").projected == 1


@pytest.mark.usefixtures("held")
def test_stopped_between_two_pages_it_is_ended_by_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "PAGE", 1)
    chosen = forgetting.Chosen.of(["osm", "osm:1"])

    def stop() -> None:
        raise KeyboardInterrupt

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            forgetting.forget(chosen, ordered=NOW, progress=lambda *_: None, check=stop)
    assert forgetting.forget(chosen, ordered=NOW, progress=lambda *_: None, check=stop) == 0
    assert Record.objects.filter(ended="forgotten").count() == 3


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("page", ["records/record", "sources/source"])
def test_operators_see_what_would_go_before_it_goes(admin_client: Client, page: str) -> None:
    row = "osm" if "source" in page else Record.objects.get(ref="osm:1").pk
    form = {"action": "forget", "_selected_action": [row]}
    shown = admin_client.post(f"/admin/{page}/", form)
    assert "would be forgotten" in shown.content.decode()
    assert not Job.objects.exists()
    admin_client.post(f"/admin/{page}/", {**form, "confirmed": "1"})
    assert Job.objects.get().arguments == {
        "sources": ["osm"] if "source" in page else [], "refs": [] if "source" in page else ["osm:1"],
    }  # fmt: skip


def test_what_was_read_after_it_was_ordered_is_not_meant(held: ListSource) -> None:
    """A job that was killed may be taken up again much later, by whoever serves the home then."""
    chosen, ordered = forgetting.Chosen.of(["osm"]), timezone.now()
    later = record("osm:3", name="Plain Lodge, rebuilt", retrieved_at=(ordered + timedelta(minutes=1)).isoformat())
    held.items = [later]
    services.ingest("osm")
    assert forgetting.forget(chosen, ordered=ordered, progress=lambda *_: None, check=lambda: None) == 2
    assert list(Record.objects.filter(deleted=False).values_list("ref", flat=True)) == ["osm:3"]
