"""Commands that do work: watched, told, and ended by Ctrl-C without leaving anything for later."""

import io
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ibcm import working
from ibcm.domain.errors import IbcmError
from ibcm.jobs import services, tasks
from ibcm.jobs.context import JobContext
from ibcm.jobs.handlers import HANDLERS
from ibcm.jobs.models import Job
from ibcm.relay import server as relay
from ibcm.sources.report import IngestReport

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("ibcm.jobs.context.TICK_SECONDS", 0.02)
    monkeypatch.setattr("ibcm.working.AGAIN_SECONDS", 0.02)
    monkeypatch.setattr(services, "BACKOFF_SECONDS", 0.0)
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda **options: None)
    yield
    services.start_running()


def _handled_by(monkeypatch: pytest.MonkeyPatch, kind: str, handler: Any) -> None:
    monkeypatch.setitem(HANDLERS, kind, handler)


def test_a_job_is_done_here_when_nobody_else_would(monkeypatch: pytest.MonkeyPatch) -> None:
    _handled_by(monkeypatch, "echo", lambda arguments, context: {"told": arguments["say"]})
    job = working.work("echo", {"say": "hello"}, io.StringIO())
    assert (job.state, job.result) == (Job.State.DONE, {"told": "hello"})
    assert working.summary(job) == "told hello\n"


def test_a_failure_is_the_jobs_own_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:
        raise IbcmError("the file is empty: give another one")

    _handled_by(monkeypatch, "echo", fails)
    with pytest.raises(IbcmError, match="the file is empty: give another one"):
        working.work("echo", {}, io.StringIO())


def test_ctrl_c_stops_the_job_and_leaves_nothing_to_be_done_later(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    def endless(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:
        begun.set()
        while True:
            context.check()

    def interrupted(job: Job) -> None:
        if begun.wait(10):
            raise KeyboardInterrupt

    _handled_by(monkeypatch, "endless", endless)
    monkeypatch.setattr(working, "Progress", lambda err: interrupted)
    with pytest.raises(KeyboardInterrupt):
        working.work("endless", {}, io.StringIO())
    assert Job.objects.get().state == Job.State.CANCELLED


def test_progress_is_told_once_a_step() -> None:
    err = io.StringIO()
    tell = working.Progress(err)
    for done in (1, 2, 3):
        tell(Job(state=Job.State.RUNNING, progress={"step": "reading", "done": done, "total": 3}))
    tell(Job(state=Job.State.RUNNING, progress={"step": "assigning", "done": 1_000, "total": None}))
    assert err.getvalue() == "reading 1 of 3\nassigning 1,000\n"


def test_detaching_needs_somebody_who_works(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError):
        call_command("ingest", "airports", detach=True)
    assert "start `manage.py up`" in capsys.readouterr().err
    assert not Job.objects.exists()


def test_detached_prints_the_id(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "serving", lambda: True)
    call_command("ingest", "airports", city=["pune"], limit=3, detach=True)
    job = Job.objects.get()
    assert capsys.readouterr().out == f"{job.pk}\n"
    assert (job.kind, job.arguments["source"], job.arguments["cities"], job.arguments["limit"]) == (
        "ingest_source", "airports", ["pune"], 3,
    )  # fmt: skip


def test_ingest_prints_its_counts(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Mapping[str, Any]] = []

    def handler(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:
        asked.append(arguments)
        return IngestReport(source="file", read=5, new=3, rejected=2).to_json()

    _handled_by(monkeypatch, "ingest_files", handler)
    call_command("ingest", "file", "places.jsonl", mapping="map.yaml")
    assert capsys.readouterr().out.startswith(
        "file: read 5, new 3, changed 0, unchanged 0, rejected 2, merged 0, to review 0"
    )
    assert all(path.startswith("/") for path in (*asked[0]["paths"], asked[0]["mapping"]))


@pytest.mark.parametrize(
    ("arguments", "options"),
    [(("file",), {}), (("airports", "places.jsonl"), {}), (("airports",), {"mapping": "map.yaml"})],
)
def test_wrong_usage_is_2(arguments: tuple[str, ...], options: dict[str, Any]) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("ingest", *arguments, **options)
    assert caught.value.returncode == 2


def test_jobs_are_listed_and_cancelled(capsys: pytest.CaptureFixture[str]) -> None:
    job = services.submit("purge")
    call_command("jobs")
    assert str(job.pk) in capsys.readouterr().out
    call_command("jobs", cancel=str(job.pk))
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    with pytest.raises(CommandError) as caught:
        call_command("jobs", cancel="first")
    assert caught.value.returncode == 2
