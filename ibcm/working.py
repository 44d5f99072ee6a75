"""Jobs from the command line: submitted, then watched or worked on here.

Where workers run (inside `up`, or in a cluster) the row is written and they take it. A command that has the home to
itself is the worker.
"""

import contextlib
import threading
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import close_old_connections

from ibcm.domain.errors import IbcmError
from ibcm.jobs import services
from ibcm.jobs.models import Job
from ibcm.relay import server as relay
from ibcm.relay.protocol import Writer
from ibcm.terminal import Steps, step_in_words

AGAIN_SECONDS = 1.0


class JobNotDoneError(IbcmError):
    """The job's own sentence about why it failed or was cancelled."""

    def __init__(self, job: Job) -> None:
        self.job = job
        super().__init__(job.error or f"the job was {job.state}")


def workers_elsewhere() -> bool:
    """Whether somebody else takes jobs up."""
    return relay.serving() or settings.IBCM_PROFILE == "cluster"


def submit(kind: str, arguments: Mapping[str, Any] | None = None) -> Job:
    """For `--detach`. Raises IbcmError where nobody would ever take the job."""
    if not workers_elsewhere():
        raise IbcmError("--detach needs a running server: start `manage.py up`, or leave the option out and wait")
    return services.submit(kind, arguments)


def work(kind: str, arguments: Mapping[str, Any] | None, err: Writer) -> Job:
    """Do the job and tell its progress. Returns it when it is done.

    Raises JobNotDoneError when it failed or was cancelled.
    """
    return _done(services.submit(kind, arguments), err)


def work_alone(kind: str, arguments: Mapping[str, Any] | None, err: Writer) -> Job:
    """As `work`, for what must not be done twice at once: where such a job is open already, it is gone on with."""
    job, joined = services.submit_or_join(kind, arguments)
    if joined:
        err.write(f"goes on with what was begun at {job.created:%Y-%m-%d %H:%M:%S} UTC\n")
    return _done(job, err)


def _done(job: Job, err: Writer) -> Job:
    watch = Progress(err)
    job = services.wait(job.pk, watch=watch) if workers_elsewhere() else _work_here(job, watch)
    if job.state != Job.State.DONE:
        raise JobNotDoneError(job)
    return job


def _work_here(job: Job, watch: "Progress") -> Job:
    """Run it in a thread, so that Ctrl-C can end it between two steps; then it is cancelled, not left for later."""
    services.start_running()
    stopping = threading.Event()
    working = threading.Thread(target=_run_until_ended, args=(job, stopping), name=f"job {job.kind}", daemon=True)
    working.start()
    try:
        return services.wait(job.pk, watch=watch)
    except KeyboardInterrupt:
        stopping.set()
        services.stop_running()
        working.join()
        with contextlib.suppress(IbcmError):  # it had ended in the meantime
            services.cancel(job.pk)
        raise


def _run_until_ended(job: Job, stopping: threading.Event) -> None:
    """A job that failed for a passing reason waits a while and is tried again, as a worker would."""
    try:
        while True:
            services.run(job.pk)
            job.refresh_from_db()
            if not job.is_open or stopping.wait(AGAIN_SECONDS):
                return
    finally:
        close_old_connections()


class Progress:
    """Tells how far a job is."""

    def __init__(self, err: Writer) -> None:
        self._steps = Steps(err)

    def __call__(self, job: Job) -> None:
        self._steps.tell(said(job), str(job.progress.get("step", "")))


def said(job: Job) -> str:
    """Where a job stands, in words."""
    if job.state == Job.State.QUEUED:
        return f"waits to be tried again: {job.error}" if job.error else "queued"
    done, total, step = (job.progress.get(name) for name in ("done", "total", "step"))
    if not step:
        return "begins"
    return step_in_words(done, total, str(step))


def summary(job: Job) -> str:
    """The result of a finished job as a line."""
    result = {name: value for name, value in (job.result or {}).items() if isinstance(value, int | float | str)}
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in result.items())
    return f"{told or 'done'}\n"
