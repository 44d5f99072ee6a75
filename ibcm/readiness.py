"""What this process is doing before it can answer: stages with progress, read by /readyz and by `manage.py up`."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["waiting", "working", "done", "failed"]


@dataclass(slots=True)
class Stage:
    name: str
    needed: bool
    """Whether nothing can be answered before it is over."""
    state: State = "waiting"
    message: str = ""
    progress: dict[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        return {"stage": self.name, "state": self.state, "message": self.message, **self.progress}


class Readiness:
    """Thread-safe. A process that registers no stages (a cluster's web process) is judged by its stores alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stages: dict[str, Stage] = {}
        self._started = time.monotonic()

    def expect(self, *needed: str, beside: tuple[str, ...] = ()) -> None:
        """These stages make the process ready. Questions wait for the needed ones, not for those beside them."""
        with self._lock:
            self._stages = {name: Stage(name, name in needed) for name in (*needed, *beside)}
            self._started = time.monotonic()

    def update(self, name: str, state: State, message: str = "", **progress: Any) -> None:
        with self._lock:
            stage = self._stages.setdefault(name, Stage(name, needed=True))
            stage.state, stage.message, stage.progress = state, message, progress

    def run(self, name: str, work: Callable[[], object]) -> None:
        """Do one stage and note how it ended. The error is passed on."""
        self.update(name, "working")
        try:
            work()
        except BaseException as error:
            self.update(name, "failed", str(error))
            raise
        self.update(name, "done")

    @property
    def ready(self) -> bool:
        """Everything went well."""
        with self._lock:
            return all(stage.state == "done" for stage in self._stages.values())

    @property
    def open(self) -> bool:
        """Questions may be asked: what they need is over, well or not."""
        with self._lock:
            return all(stage.state in ("done", "failed") for stage in self._stages.values() if stage.needed)

    def report(self) -> dict[str, Any]:
        """`{"ready", "seconds", "stages": [{"stage", "state", "message", ...progress}]}`."""
        with self._lock:
            stages = [stage.shown() for stage in self._stages.values()]
            seconds = round(time.monotonic() - self._started, 1)
        return {"ready": all(stage["state"] == "done" for stage in stages), "seconds": seconds, "stages": stages}


readiness = Readiness()
"""Of this process."""
