"""The life of a job: leases, attempts, cancelling, and what a lost worker leaves."""

import io
import json
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from ibcm.domain.errors import EngineError, IbcmError
from ibcm.domain.ledger import Assignments
from ibcm.jobs import services, tasks
from ibcm.jobs.context import JobContext
from ibcm.jobs.handlers import HANDLERS
from ibcm.jobs.models import Job
from ibcm.records.ledger import DjangoLedger
from ibcm.records.owners import owner_id
from tests.builders import record
from tests.ibcm.records.test_history import ended_owner

pytestmark = pytest.mark.django_db(transaction=True)
State = Job.State


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids that went into the queue, which stays unserved."""
    ids: list[str] = []
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda args, **options: ids.append(args[0]))
    return ids


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, sent: list[str]) -> Iterator[None]:
    monkeypatch.setattr("ibcm.jobs.context.TICK_SECONDS", 0.02)
    monkeypatch.setattr(services, "BACKOFF_SECONDS", 0.0)
    services.start_running()
    yield
    services.start_running()


class Steps:
    """A handler that waits until it is told to go on, or fails as told."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.errors: list[Exception] = []

    def __call__(self, arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:
        self.begun.set()
        if self.errors:
            raise self.errors.pop(0)
        context.progress(1, 2, "half")
        while not self.go.wait(0.01):
            context.check()
        context.progress(2, 2, "whole")
        return {"told": arguments.get("say")}


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    made = Steps()
    monkeypatch.setitem(HANDLERS, "steps", made)
    return made


def in_thread(job: Job, **options: Any) -> threading.Thread:
    from django.db import connection

    def work() -> None:
        services.run(job.pk, **options)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def again(job: Job) -> Job:
    job.refresh_from_db()
    return job


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(IbcmError, match=r"no job of kind 'dance'.*ingest_source"):
        services.submit("dance")


def test_a_job_runs_once_and_keeps_its_result(steps: Steps, sent: list[str]) -> None:
    job = services.submit("steps", {"say": "hello"})
    assert sent == [str(job.pk)]
    steps.go.set()
    services.run(job.pk)
    done = again(job)
    assert (done.state, done.result, done.attempts, done.progress["step"]) == (
        State.DONE,
        {"told": "hello"},
        1,
        "whole",
    )
    assert done.lease_until is None
    assert services.run(job.pk) is None


def test_only_one_worker_gets_a_job_and_progress_is_seen_while_it_runs(steps: Steps) -> None:
    job = services.submit("steps")
    thread = in_thread(job)
    assert steps.begun.wait(5)
    assert services.run(job.pk) is None
    deadline = time.monotonic() + 5
    while not again(job).progress and time.monotonic() < deadline:
        time.sleep(0.02)
    assert job.progress == {"done": 1, "total": 2, "step": "half"}
    steps.go.set()
    thread.join()
    assert again(job).state == State.DONE


def test_the_lease_is_kept_alive(steps: Steps) -> None:
    job = services.submit("steps")
    thread = in_thread(job, lease_seconds=0.2)
    assert steps.begun.wait(5)
    first = again(job).lease_until
    assert first is not None
    time.sleep(0.5)
    assert services.run(job.pk) is None
    later = again(job).lease_until
    assert later is not None
    assert later > first
    steps.go.set()
    thread.join()


def test_a_transient_error_is_tried_again_and_then_told(steps: Steps) -> None:
    steps.errors = [EngineError("graph is busy", transient=True)] * 3
    job = services.submit("steps", max_attempts=2)
    services.run(job.pk)
    assert (again(job).state, job.error, job.sent) == (State.QUEUED, "graph is busy", None)
    services.run(job.pk)
    assert (again(job).state, job.error, job.attempts) == (State.FAILED, "graph is busy", 2)


def test_an_error_for_people_is_final_and_keeps_its_sentence(steps: Steps) -> None:
    steps.errors = [IbcmError("there is no source 'x': choose another\nmore")]
    job = services.submit("steps")
    services.run(job.pk)
    assert (again(job).state, job.error) == (State.FAILED, "there is no source 'x': choose another")


def test_any_other_error_is_one_sentence_in_the_row_and_a_traceback_in_the_log(
    steps: Steps, caplog: pytest.LogCaptureFixture
) -> None:
    steps.errors = [KeyError("name")]
    job = services.submit("steps", max_attempts=1)
    services.run(job.pk)
    assert (again(job).state, job.error) == (State.FAILED, "KeyError: 'name'")
    assert "Traceback" in caplog.text


def test_a_queued_job_is_cancelled_at_once_and_an_ended_one_never(steps: Steps) -> None:
    job = services.submit("steps")
    services.cancel(job.pk)
    assert again(job).state == State.CANCELLED
    assert services.run(job.pk) is None
    with pytest.raises(IbcmError, match="is cancelled already"):
        services.cancel(job.pk)
    with pytest.raises(IbcmError, match="there is no job"):
        services.cancel("00000000-0000-0000-0000-000000000000")


def test_a_running_job_is_cancelled_at_its_next_step(steps: Steps) -> None:
    job = services.submit("steps")
    thread = in_thread(job, lease_seconds=0.1)
    assert steps.begun.wait(5)
    services.cancel(job.pk)
    thread.join(5)
    assert again(job).state == State.CANCELLED


def test_an_orderly_end_of_the_process_puts_its_jobs_back(steps: Steps) -> None:
    job = services.submit("steps")
    thread = in_thread(job)
    assert steps.begun.wait(5)
    services.stop_running()
    thread.join(5)
    assert (again(job).state, job.attempts, job.sent) == (State.QUEUED, 0, None)


def held_by(owner: str, *, seconds: float, **fields: Any) -> Job:
    until = timezone.now() + timedelta(seconds=seconds)
    return Job.objects.create(kind="purge", state=State.RUNNING, leased_by=owner, lease_until=until, **fields)


def test_a_job_whose_lease_ran_out_is_sent_again_and_can_be_claimed(steps: Steps, sent: list[str]) -> None:
    job = held_by("elsewhere", seconds=-1, attempts=1)
    other = held_by("elsewhere", seconds=60, attempts=1)
    assert services.reclaim() == 1
    assert sent == [str(job.pk)]
    assert (again(job).state, again(other).state) == (State.QUEUED, State.RUNNING)


def test_a_job_of_a_dead_process_does_not_wait_for_its_lease(sent: list[str]) -> None:
    job = held_by(ended_owner(), seconds=600, attempts=1)
    services.reclaim()
    assert sent == [str(job.pk)]


def test_a_job_that_kills_its_worker_each_time_is_given_up(sent: list[str]) -> None:
    job = held_by("elsewhere", seconds=-1, attempts=3)
    assert services.reclaim() == 0
    assert again(job).state == State.FAILED
    assert "stopped 3 times" in job.error


def test_a_job_whose_process_is_gone_is_shown_so_before_anybody_takes_it_up(admin_client: Client) -> None:
    held_by(ended_owner(), seconds=600, attempts=1, progress={"step": "reading", "done": 5})
    out = io.StringIO()
    call_command("jobs", "--json", stdout=out)
    (shown,) = json.loads(out.getvalue())
    assert shown["state"] == "interrupted"
    assert shown["error"] == "its process is gone: `up` (or a worker) goes on with it"
    assert "interrupted" in admin_client.get("/admin/jobs/job/").content.decode()
    job = Job.objects.get()
    assert "its process is gone" in admin_client.get(f"/admin/jobs/job/{job.pk}/change/").content.decode()
    assert job.state == State.RUNNING, "to look changes nothing"


def test_a_job_that_is_worked_on_runs() -> None:
    assert services.standing(held_by(owner_id(), seconds=600), timezone.now()) == ("running", "")


def test_a_lost_message_is_sent_again_after_a_while_only(steps: Steps, sent: list[str]) -> None:
    job = services.submit("steps")
    assert services.reclaim() == 0
    Job.objects.update(sent=timezone.now() - timedelta(seconds=services.RESEND_SECONDS + 1))
    assert services.reclaim() == 1
    assert sent == [str(job.pk)] * 2


def test_a_broker_that_is_away_loses_nothing(steps: Steps, sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**options: Any) -> None:
        raise BrokerError("no route")

    with monkeypatch.context() as broken:
        broken.setattr(tasks.run_job, "apply_async", away)
        job = services.submit("steps")
    assert again(job).sent is None
    services.reclaim()
    assert sent == [str(job.pk)]


def test_a_worker_that_lost_its_lease_writes_nothing(steps: Steps) -> None:
    job = services.submit("steps")
    thread = in_thread(job)
    assert steps.begun.wait(5)
    Job.objects.update(leased_by="another")
    steps.go.set()
    thread.join(5)
    assert (again(job).state, job.leased_by) == (State.RUNNING, "another")


def test_the_clock_submits_what_is_needed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "waiting", lambda: {"to_assign": 0, "to_project": 0})
    tasks.finish_pending()
    assert not Job.objects.exists()
    monkeypatch.setattr(tasks, "waiting", lambda: {"to_assign": 0, "to_project": 2})
    tasks.finish_pending()
    tasks.finish_pending()
    tasks.purge()
    tasks.purge()
    assert sorted(Job.objects.values_list("kind", flat=True)) == ["finish_pending", "purge"]


def test_the_clock_sees_what_time_alone_has_changed() -> None:
    yesterday = (timezone.now() - timedelta(days=1)).isoformat()
    ledger = DjangoLedger()
    ledger.stage([record("osm:1", name="Cafe", valid_to=yesterday)], now=timezone.now() - timedelta(days=2))
    ledger.assign(Assignments(label="Place", entity_of={"osm:1": "e1"}, keys_of={"osm:1": ["k"]}))
    ledger.clear(ledger.claim_dirty(limit=9))
    tasks.finish_pending()
    assert [job.kind for job in Job.objects.all()] == ["finish_pending"]
    assert [stored.ref for stored in ledger.staged("Place", limit=9)] == ["osm:1"]


def test_the_clock_rests_after_a_failure_that_trying_again_does_not_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "waiting", lambda: {"to_assign": 1, "to_project": 0})
    failed = Job.objects.create(kind="finish_pending", state=State.FAILED, ended=timezone.now())
    tasks.finish_pending()
    assert Job.objects.count() == 1
    Job.objects.filter(pk=failed.pk).update(ended=timezone.now() - timedelta(minutes=tasks.REST_MINUTES + 1))
    tasks.finish_pending()
    assert Job.objects.count() == 2


def test_old_jobs_are_forgotten_and_open_ones_kept() -> None:
    old = timezone.now() - timedelta(days=services.KEEP_DAYS + 1)
    Job.objects.create(kind="purge", state=State.DONE, ended=old)
    kept = Job.objects.create(kind="purge")
    assert services.forget_old(timezone.now()) == 1
    assert services.recent() == [kept]


def test_waiting_for_a_job_tells_every_look(steps: Steps) -> None:
    job = services.submit("steps")
    steps.go.set()
    services.run(job.pk)
    looks: list[str] = []
    assert services.wait(job.pk, watch=lambda seen: looks.append(seen.state)).state == State.DONE
    assert looks == [State.DONE]
