"""The embedded graph engine: ArcadeDB in a process of its own, kept running as long as somebody needs it.

    engine = EmbeddedEngine(home)
    engine.start()
    store = engine.store()        # a BoltGraphStore that follows the engine over restarts
    ...
    store.close(); engine.stop()

The child ends with its parent, whatever ends the parent: the parent holds the writing end of the child's standard
input and the child stops at end of file. One home has one engine: both processes hold the home's lock, so a new owner
waits until the last owner's child is gone too. POSIX systems only.
"""

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, cast

from graph.store.bolt import BoltGraphStore
from graph.store.child import DATABASE, USER, Settings
from graph.store.handshake import answers
from graph.store.home import GraphHome, HomeLock
from ibcm.domain.errors import EngineError

START_SECONDS = 60.0
STOP_SECONDS = 12.0
"""Longer than the child's own limit for stopping by itself."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How the engine is looked after, in seconds."""

    interval: float = 5.0
    timeout: float = 10.0
    failures: int = 3
    """Pings without an answer until the engine is taken for hung and killed."""
    pause: float = 30.0
    """Longest wait between attempts to restart."""


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    control: IO[bytes]
    """Its standard input: closing it tells the child to stop."""
    status: IO[bytes]
    """What it reports; at its end when the child is."""
    port: int = 0


class EmbeddedEngine:
    """Owns the folder `home`/graph and the process that serves it. Safe for threads; start it once."""

    def __init__(
        self,
        home: Path,
        heap: str = "512m",
        *,
        query_seconds: float = 30.0,
        start_seconds: float = START_SECONDS,
        lock_seconds: float = 15.0,
        watch: Watch = Watch(),
    ) -> None:
        self._home = GraphHome(home)
        self._heap = heap
        self._query_seconds = query_seconds
        self._start_seconds = start_seconds
        self._lock_seconds = lock_seconds
        self._watch = watch
        self._lock: HomeLock | None = None
        self._password = ""
        self._child: _Child | None = None
        self._problem = ""
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._watchdog: threading.Thread | None = None
        self.restarts = 0

    # -- life ----------------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Start the engine and its watchdog; returns when it answers. Raises EngineError with one sentence."""
        if self._watchdog is not None:
            raise EngineError("this engine has been started already")
        self._home.create()
        self._lock = HomeLock.take(self._home.lock, seconds=self._lock_seconds)
        try:
            self._password = self._home.password()
            self._child = self._launch()
        except BaseException:
            self._lock.release()
            self._lock = None
            raise
        self._watchdog = threading.Thread(target=self._look_after, name="graph-watchdog", daemon=True)
        self._watchdog.start()

    def stop(self) -> None:
        """Stop the engine cleanly, or kill it after a while. May be called twice."""
        self._stopping.set()
        with self._changed:
            child, self._child = self._child, None
            self._changed.notify_all()
        if child is not None:
            _end(child, STOP_SECONDS)  # which also wakes the watchdog
        if self._watchdog is not None:
            self._watchdog.join(STOP_SECONDS)
        if child is not None:
            child.status.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> "EmbeddedEngine":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- for the store -------------------------------------------------------------------------------------------
    def uri(self) -> str:
        """Where the engine answers now; waits while it is restarted. Raises EngineError when it does not come back."""
        with self._changed:
            self._changed.wait_for(lambda: self._child is not None or self._stopping.is_set(), self._start_seconds)
            if self._stopping.is_set():
                raise EngineError("the graph engine has been stopped")
            if self._child is None:
                raise EngineError(f"the graph engine does not start again: {self._problem}", transient=True)
            return f"bolt://127.0.0.1:{self._child.port}"

    def store(self, *, instance: str = "") -> BoltGraphStore:
        """A store on this engine. The caller closes it before stopping the engine."""
        return BoltGraphStore(
            self.uri, USER, self._password, DATABASE, instance=instance, explain=self._home.last_log_line
        )

    @property
    def pid(self) -> int | None:
        """Process id of the engine; None while it is down."""
        child = self._child
        return child.process.pid if child else None

    # -- the process ---------------------------------------------------------------------------------------------
    def _launch(self) -> _Child:
        self._home.check_disk()
        receiver, sender = os.pipe()
        try:
            with self._home.output.open("wb") as output:
                process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "graph.store.child", str(sender)],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    pass_fds=(sender, *([self._lock.fd] if self._lock else [])),
                    cwd=self._home.folder,
                    env=_environment(),
                    start_new_session=True,  # Ctrl-C in the terminal is for the parent, which then stops the child
                )
        finally:
            os.close(sender)
        child = _Child(process, cast("IO[bytes]", process.stdin), os.fdopen(receiver, "rb", buffering=0))
        try:
            self._await(child)
        except BaseException:
            _end(child, 0.0)
            child.status.close()
            raise
        return child

    def _await(self, child: _Child) -> None:
        settings = Settings(
            folder=str(self._home.folder),
            password_file=str(self._home.password_file),
            heap=self._heap,
            query_seconds=self._query_seconds,
            logs=str(self._home.logs),
            parent=os.getpid(),
        )
        try:
            child.control.write(json.dumps(asdict(settings)).encode() + b"\n")
            child.control.flush()
        except BrokenPipeError:
            pass  # it ended at once: the reason is read below
        line = self._first_line(child)
        message = json.loads(line) if line else {}
        if "port" in message:
            child.port = int(message["port"])
            return
        reason = message.get("error") or self._home.last_log_line() or self._home.last_words() or "it said nothing"
        raise EngineError(f"the graph engine did not start: {reason}. {self._home.advice()}")

    def _first_line(self, child: _Child) -> bytes:
        """The child's report; empty when it ended without one, was too slow, or is not wanted any more."""
        deadline = time.monotonic() + self._start_seconds
        while time.monotonic() < deadline and not self._stopping.is_set():
            if select.select([child.status], [], [], 0.2)[0]:
                return child.status.readline()
        return b""

    # -- the watchdog --------------------------------------------------------------------------------------------
    def _look_after(self) -> None:
        failures = 0
        while (child := self._child) is not None:
            gone = bool(select.select([child.status], [], [], self._watch.interval)[0])  # end of file: it has died
            if self._stopping.is_set():
                return
            failures = 0 if not gone and answers("127.0.0.1", child.port, self._watch.timeout) else failures + 1
            if gone or failures >= self._watch.failures:
                self._restart(child)
                failures = 0

    def _restart(self, old: _Child) -> None:
        with self._changed:
            if self._child is not old:
                return  # stop() was faster
            self._child = None
        _end(old, 0.0)
        old.status.close()
        pause = 0.5
        while not self._stopping.is_set():
            try:
                new = self._launch()
            except (EngineError, OSError) as error:
                self._problem = str(error)
                self._stopping.wait(pause)
                pause = min(2 * pause, self._watch.pause)
            else:
                self._adopt(new)
                return

    def _adopt(self, new: _Child) -> None:
        with self._changed:
            if not self._stopping.is_set():
                self._child, self._problem = new, ""
                self.restarts += 1
                self._changed.notify_all()
                return
        _end(new, STOP_SECONDS)
        new.status.close()


def _end(child: _Child, grace: float) -> None:
    """Ask the process to stop, and kill it when it has not after `grace` seconds."""
    with contextlib.suppress(OSError):
        child.control.close()
    if grace:
        child.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(grace)
            return
    child.process.kill()
    child.process.wait()


def _environment() -> dict[str, str]:
    """Ours without its secrets, with our packages on the path, and with file names in UTF-8 for Java."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("IBCM_", "DJANGO_"))}
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**kept, "PYTHONPATH": path, "LC_ALL": "C.UTF-8"}
