"""What a running job may do to the world that watches it: tell progress, and ask whether to stop."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from django.db import DatabaseError, connection
from django.utils import timezone

from ibcm.jobs.models import Job

log = logging.getLogger(__name__)
TICK_SECONDS = 1.0


class JobStopped(Exception):  # noqa: N818 - no error: somebody asked
    """Raised by a handler that was asked to stop and has left everything in order."""


class JobContext:
    """A lease kept alive by a thread of its own while a handler works. Use as a context manager."""

    def __init__(self, job: Job, *, owner: str, lease_seconds: float, shutdown: threading.Event) -> None:
        self.job_id = job.pk
        self.ordered = job.created
        self._owner, self._lease, self._shutdown = owner, lease_seconds, shutdown
        self.again = bool(job.progress)
        """An earlier attempt had begun."""
        self.result: dict[str, Any] | None = None
        """What there is to show where the handler fails; of one that ends well, what it returns counts."""
        self._progress: dict[str, object] | None = None
        self._ended, self._lost, self._cancelled = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"job {job.pk}", daemon=True)

    def progress(self, done: int, total: int | None, step: str) -> None:
        """Tell how far it is. Cheap: the row is written about once a second."""
        self._progress = {"done": done, "total": total, "step": step}

    def should_stop(self) -> bool:
        """True when the job was cancelled, lost its lease, or the process is about to end."""
        return self._lost.is_set() or self._cancelled.is_set() or self._shutdown.is_set()

    def check(self) -> None:
        """Raises JobStopped when the handler should stop."""
        if self.should_stop():
            raise JobStopped

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _keep(self) -> None:
        ticks, every = 0, max(1, int(self._lease / 4 / TICK_SECONDS))
        try:
            while not self._ended.wait(TICK_SECONDS):
                ticks += 1
                if self._progress is not None or ticks % every == 0:
                    self._quietly(self._beat)
            self._quietly(self._beat)
        finally:
            connection.close()

    def _quietly(self, beat: Callable[[], None]) -> None:
        try:
            beat()
        except DatabaseError:
            # A busy or briefly unreachable database costs one beat; the lease is four long.
            log.warning("job %s: a beat was missed", self.job_id, exc_info=True)

    def _beat(self) -> None:
        told, self._progress = self._progress, None
        change: dict[str, object] = {"lease_until": timezone.now() + timedelta(seconds=self._lease)}
        if told is not None:
            change["progress"] = told
        mine = Job.objects.filter(pk=self.job_id, leased_by=self._owner, state=Job.State.RUNNING)
        if not mine.update(**change):
            self._lost.set()
        elif mine.filter(cancel_asked=True).exists():
            self._cancelled.set()
