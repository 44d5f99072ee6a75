"""Submit, run, reclaim and cancel jobs. The row decides; a message only says that there may be something to do."""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from ibcm.domain.errors import EngineError, IbcmError, as_kept
from ibcm.jobs.context import JobContext, JobStopped
from ibcm.jobs.handlers import handler
from ibcm.jobs.models import Job
from ibcm.records.owners import is_gone, task_owner
from ibcm.records.rows import lock_names

log = logging.getLogger(__name__)

LEASE_SECONDS = 60.0
RESEND_SECONDS = 120.0
"""A queued job whose message is older than this may have lost it."""
BACKOFF_SECONDS = 10.0
KEEP_DAYS = 30
State = Job.State
_shutdown = threading.Event()


def submit(kind: str, arguments: Mapping[str, Any] | None = None, *, max_attempts: int = 3) -> Job:
    """Write the job down; its id is queued when the transaction commits. Raises IbcmError for an unknown kind."""
    handler(kind)
    job = Job.objects.create(kind=kind, arguments=dict(arguments or {}), max_attempts=max_attempts)
    transaction.on_commit(lambda: send([job.pk]))
    return job


def submit_or_join(kind: str, arguments: Mapping[str, Any] | None = None) -> tuple[Job, bool]:
    """The open job of that kind, and True; else a new one, and False: two of it are never at work at once."""
    with transaction.atomic():
        lock_names("job", [kind])
        found = Job.objects.filter(kind=kind, state__in=Job.OPEN).order_by("created").first()
        return (found, True) if found else (submit(kind, arguments), False)


def submit_once(kind: str, arguments: Mapping[str, Any] | None = None) -> Job | None:
    """Submit unless such a job is open already; None then."""
    same = Job.objects.filter(kind=kind, state__in=Job.OPEN, arguments=dict(arguments or {}))
    return None if same.exists() else submit(kind, arguments)


def send(job_ids: Sequence[uuid.UUID]) -> None:
    """Put ids into the queue. A broker that does not answer costs time and nothing else: `reclaim` sends again."""
    from ibcm.jobs.tasks import run_job

    for job_id in job_ids:
        try:
            run_job.apply_async(args=(str(job_id),), retry=False)
        except (BrokerError, OSError):
            log.warning("job %s waits: the queue does not answer", job_id)
            return
        Job.objects.filter(pk=job_id).update(sent=timezone.now())


def run(job_id: uuid.UUID | str, *, lease_seconds: float = LEASE_SECONDS) -> Job | None:
    """Claim the job and work on it here. None when somebody else has it, or it has ended, or its time has not come."""
    owner = task_owner()
    job = _claim(job_id, owner=owner, lease_seconds=lease_seconds)
    if job is None:
        return None
    with JobContext(job, owner=owner, lease_seconds=lease_seconds, shutdown=_shutdown) as context:
        outcome = _outcome(job, context)
        change = {"result": context.result, **outcome}
    held = Job.objects.filter(pk=job.pk, leased_by=owner, state=State.RUNNING)
    if not held.update(lease_until=None, leased_by="", **change):
        log.warning(
            "job %s: somebody else took it over; what was done here stays, for every step may be repeated", job.pk
        )
    job.refresh_from_db()
    return job


def _claim(job_id: uuid.UUID | str, *, owner: str, lease_seconds: float) -> Job | None:
    now = timezone.now()
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id).first()
        if job is None or not _is_free(job, now):
            return None
        if job.attempts >= job.max_attempts:
            _give_up(job, now)
            return None
        job.state, job.leased_by, job.attempts = State.RUNNING, owner, job.attempts + 1
        job.lease_until, job.started, job.error = now + timedelta(seconds=lease_seconds), job.started or now, ""
        job.save()
        return job


def _is_free(job: Job, now: datetime) -> bool:
    if job.state == State.QUEUED:
        return job.not_before is None or job.not_before <= now
    return job.state == State.RUNNING and _lost(job, now)


def _lost(job: Job, now: datetime) -> bool:
    """Whoever ran it is gone or has not been heard of."""
    return job.lease_until is None or job.lease_until <= now or is_gone(job.leased_by)


def standing(job: Job, now: datetime) -> tuple[str, str]:
    """Its state and what is wrong with it, for people: a job whose process is gone is not running, whatever its row
    says until somebody takes it up again."""
    if job.state != State.RUNNING or not _lost(job, now):
        return str(job.state), job.error
    ends = "ends" if job.cancel_asked or job.attempts >= job.max_attempts else "goes on with"
    return "interrupted", f"its process is gone: `up` (or a worker) {ends} it"


def _give_up(job: Job, now: datetime) -> None:
    job.state, job.ended, job.lease_until, job.leased_by = State.FAILED, now, None, ""
    job.error = job.error or f"stopped {job.attempts} times without an end: look into the log for what ended the worker"
    job.save()


def _outcome(job: Job, context: JobContext) -> dict[str, Any]:
    """Run the handler. What to write into the row."""
    try:
        result = handler(job.kind)(job.arguments, context)
    except JobStopped:
        if context.cancelled:
            return {"state": State.CANCELLED, "ended": timezone.now()}
        return {"state": State.QUEUED, "sent": None, "attempts": F("attempts") - 1}
    except (EngineError, OperationalError) as error:
        log.exception("job %s (%s) failed", job.pk, job.kind)
        return _failed(job, error, again=getattr(error, "transient", True))
    except IbcmError as error:
        log.warning("job %s (%s) failed: %s", job.pk, job.kind, error)
        return _failed(job, error, again=False)
    except Exception as error:  # whatever a handler raises ends in the row, never in a lost job
        log.exception("job %s (%s) failed", job.pk, job.kind)
        return _failed(job, error, again=True)
    return {"state": State.DONE, "result": result, "ended": timezone.now(), "error": ""}


def _failed(job: Job, error: Exception, *, again: bool) -> dict[str, Any]:
    """The row's text is one sentence; the traceback is in the log."""
    text = as_kept(error)
    told = {"error": text.splitlines()[0][:2000] if text else type(error).__name__}
    now = timezone.now()
    if again and job.attempts < job.max_attempts:
        wait = timedelta(seconds=BACKOFF_SECONDS * 2 ** (job.attempts - 1))
        return {**told, "state": State.QUEUED, "not_before": now + wait, "sent": None}
    return {**told, "state": State.FAILED, "ended": now}


def reclaim() -> int:
    """Send again what nobody works on: lost leases, and queued jobs whose message may be lost. Returns how many."""
    now = timezone.now()
    for job in Job.objects.filter(state=State.RUNNING):
        if _lost(job, now):
            _requeue(job.pk, now)
    stale = Q(sent__isnull=True) | Q(sent__lte=now - timedelta(seconds=RESEND_SECONDS))
    due = Q(not_before__isnull=True) | Q(not_before__lte=now)
    waiting = list(Job.objects.filter(stale, due, state=State.QUEUED).order_by("created").values_list("pk", flat=True))
    send(waiting)
    return len(waiting)


def _requeue(job_id: uuid.UUID, now: datetime) -> None:
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id, state=State.RUNNING).first()
        if job is None or not _lost(job, now):
            return
        if job.cancel_asked:
            job.state, job.ended, job.lease_until, job.leased_by = State.CANCELLED, now, None, ""
            job.save()
        elif job.attempts >= job.max_attempts:
            _give_up(job, now)
        else:
            log.warning("job %s: its worker is gone, it goes back into the queue", job.pk)
            job.state, job.lease_until, job.leased_by, job.sent = State.QUEUED, None, "", None
            job.save()


def cancel(job_id: uuid.UUID | str) -> Job:
    """A queued job ends at once, a running one at its next step. Raises IbcmError for an unknown or ended job."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id).first()
        if job is None:
            raise IbcmError(f"there is no job {job_id}: `manage.py jobs` lists them")
        if not job.is_open:
            raise IbcmError(f"job {job_id} is {job.state} already")
        if job.state == State.QUEUED:
            job.state, job.ended = State.CANCELLED, timezone.now()
        job.cancel_asked = True
        job.save()
    return job


def open_jobs(kinds: Sequence[str] = ()) -> list[Job]:
    """Jobs that are queued or running, oldest first; of these kinds only, where some are named."""
    found = Job.objects.filter(state__in=Job.OPEN).order_by("created")
    return list(found.filter(kind__in=kinds) if kinds else found)


def failed_since(kind: str, moment: datetime) -> bool:
    """Whether a job of this kind failed after that moment."""
    return Job.objects.filter(kind=kind, state=State.FAILED, ended__gt=moment).exists()


def last_done(kind: str) -> Job | None:
    """The job of this kind that ended well last."""
    return Job.objects.filter(kind=kind, state=State.DONE).order_by("-ended").first()


def recent(limit: int = 20) -> list[Job]:
    """The newest jobs first."""
    return list(Job.objects.order_by("-created")[:limit])


def wait(job_id: uuid.UUID | str, *, watch: Callable[[Job], None], every: float = 0.3) -> Job:
    """Watch a job until it ends. Raises IbcmError when there is none."""
    while True:
        job = Job.objects.filter(pk=job_id).first()
        if job is None:
            raise IbcmError(f"there is no job {job_id}: `manage.py jobs` lists them")
        watch(job)
        if not job.is_open:
            return job
        time.sleep(every)


def stop_running() -> None:
    """Ask every job of this process to stop at its next step and go back into the queue. For an orderly end."""
    _shutdown.set()


def start_running() -> None:
    """Take `stop_running` back; a process that starts calls it before its worker does, and then `reclaim`."""
    _shutdown.clear()


def forget_old(now: datetime) -> int:
    """Delete ended jobs after a month. Returns how many."""
    gone, _ = Job.objects.filter(ended__lte=now - timedelta(days=KEEP_DAYS)).delete()
    return gone
