"""The laptop's one process: web server, Celery worker and beat, started and stopped together.

`manage.py up` runs it. What is started here is stopped here, in the other order, within seconds.
"""

import contextlib
import errno
import logging
import os
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import uvicorn
from celery.beat import EmbeddedService, Scheduler
from celery.exceptions import SecurityWarning

from ibcm import wiring
from ibcm.celery import app
from ibcm.domain.errors import IbcmError
from ibcm.jobs import services as jobs
from ibcm.relay import server as relay

log = logging.getLogger(__name__)
GRACE_SECONDS = 2
WORKER_SECONDS = 6.0
WORKER_THREADS = 2


def bind(host: str, port: int) -> socket.socket:
    """A listening place for the web server, taken before anything slow begins. Raises IbcmError when it is not free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's algorithm off only where the protocol is named; with it every answer waits 40 ms.
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(256)
    except OSError as error:
        taken.close()
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise IbcmError(
                f"{host!r} is no address of this machine ({error.strerror}): give 127.0.0.1 for this machine alone, "
                "0.0.0.0 for every address that it has"
            ) from error
        raise IbcmError(
            f"port {port} on {host} cannot be used ({error.strerror}): "
            f"choose another one, for example PORT={port % 65535 + 1}"
        ) from error
    return taken


class Web(uvicorn.Server):
    """uvicorn without its own signal handling: stopping is decided in one place, for all parts."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def web() -> Web:
    return Web(
        uvicorn.Config(
            "ibcm.asgi:application",
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


class Worker:
    """Celery's worker and beat as threads over the in-memory broker."""

    def __init__(self) -> None:
        # Celery warns root of what a stranger could put into the queue; the in-memory queue has no door.
        warnings.filterwarnings("ignore", category=SecurityWarning)
        self._worker: Any = app.Worker(
            pool="threads",
            concurrency=WORKER_THREADS,
            loglevel="WARNING",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        self._thread = threading.Thread(target=self._worker.start, name="worker", daemon=True)
        self._beat: Any = EmbeddedService(app, thread=True, scheduler_cls=Scheduler)

    def start(self) -> None:
        self._thread.start()
        self._beat.start()

    def stop(self) -> bool:
        """False when a task is still at work after some seconds; its job is taken up again at the next start."""
        deadline = time.monotonic() + WORKER_SECONDS
        for name, stop in (("beat", self._beat.stop), ("worker", self._worker.stop)):
            stopping = threading.Thread(target=_logged, args=(name, stop), name=f"stop {name}", daemon=True)
            stopping.start()
            stopping.join(max(0.1, deadline - time.monotonic()))
        self._thread.join(max(0.1, deadline - time.monotonic()))
        return not self._thread.is_alive()


def _logged(name: str, stop: Callable[[], object]) -> None:
    try:
        stop()
    except Exception:  # whatever a part says while it stops, the others are stopped too
        log.exception("stopping the %s", name)


class Stopper:
    """Ctrl-C and SIGTERM: before serving they interrupt, while serving they let the web server end its loop."""

    def __init__(self, server: Web) -> None:
        self._server, self._serving = server, False
        self.asked = threading.Event()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._handle) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        self._serving = True
        try:
            yield
        finally:
            self._serving = False

    def stop(self) -> None:
        """From any thread."""
        self.asked.set()
        self._server.should_exit = True

    def _handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a handler's signature
        again = self.asked.is_set()
        self.stop()
        if again:
            self._server.force_exit = True
        if not self._serving and not again:
            raise KeyboardInterrupt


def serve(place: socket.socket, boot: Callable[[Stopper], None]) -> None:
    """Serve on that place until somebody stops it. `boot` runs beside it in a thread and prepares the stores."""
    server = web()
    stopper = Stopper(server)
    with stopper.listening():
        worker = Worker()
        try:
            jobs.start_running()
            worker.start()
            relay.serve(on=True)
            threading.Thread(target=boot, args=(stopper,), name="boot", daemon=True).start()
            with stopper.serving():
                server.run(sockets=[place])
        finally:
            stopper.asked.set()
            jobs.stop_running()
            relay.serve(on=False)
            place.close()
            worker.stop()
            wiring.close_all()


def leave(code: int) -> None:
    """End the process now: a thread that is still busy (a task, a model's warm-up) would hold an ordinary exit up."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
