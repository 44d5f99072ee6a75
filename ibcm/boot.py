"""What `up` does beside serving: open the stores, load the model, take in the bundled sources, say when it is ready."""

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections

from ibcm import bundled, wiring
from ibcm.domain.errors import IbcmError
from ibcm.readiness import readiness
from ibcm.relay.protocol import Writer
from ibcm.serving import Stopper

log = logging.getLogger(__name__)


class Boot:
    """Runs once, in a thread. `code` is 1 afterwards when the process cannot do its work."""

    def __init__(self, out: Writer, err: Writer, *, address: str, with_bundled: bool) -> None:
        self.code = 0
        self._out, self._err, self._address, self._bundled = out, err, address, with_bundled
        # Before the first filling an empty graph would answer "not found" to everything; later the old data answers.
        filled = bundled.filled_before()
        readiness.expect(
            "graph", "model", "index", *(() if filled else ("sources",)), beside=("sources",) if filled else ()
        )

    def run(self, stopper: Stopper) -> None:
        """Stops the whole process when a store or the model cannot be opened: it would answer nothing."""
        self._say(f"serving at {self._address}, not ready yet")
        try:
            self._open_stores()
            if not stopper.asked.is_set():
                self._sources(stopper)
        except IbcmError as error:
            self._fail(stopper, str(error))
        except Exception as error:  # a thread has nobody above it who could say what happened
            log.exception("starting")
            self._fail(
                stopper, f"could not start ({type(error).__name__}: {error}): details are in {wiring.home().logs}"
            )
        finally:
            close_old_connections()

    def _open_stores(self) -> None:
        """The graph starts while the model loads; the index needs to know the model."""
        failures: list[BaseException] = []

        def beside() -> None:
            try:
                self._stage("graph", wiring.graph)
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
                failures.append(error)

        other = threading.Thread(target=beside, name="boot graph", daemon=True)
        other.start()
        self._stage("model", lambda: wiring.embedder().query("warm-up"))
        self._stage("index", wiring.vectors)
        other.join()
        if failures:
            raise failures[0]

    def _stage(self, name: str, work: Callable[[], object]) -> None:
        readiness.run(name, work)
        self._say(f"{name} ready")

    def _sources(self, stopper: Stopper) -> None:
        """A source that cannot be taken in is said, and tried again at the next start; what is there is served."""
        readiness.update("sources", "working")
        problems = bundled.bring_up_to_date(self._say, stopping=stopper.asked) if self._bundled else []
        if stopper.asked.is_set():
            return
        for problem in problems:
            self._say(problem)
        wiring.answerer().catalogue()  # the first question would wait for it
        readiness.update("sources", "failed" if problems else "done", "; ".join(problems))
        self._out.write(f"Ask at {self._address}\n")
        self._out.flush()
        self._read_ahead(stopper)

    def _read_ahead(self, stopper: Stopper) -> None:
        """What the first to ask for the way would wait for. Whatever goes wrong here, that one reads it again."""
        try:
            wiring.answerer().read_networks(stopping=stopper.asked.is_set)
        except IbcmError as error:
            log.warning("reading the networks of routes: %s", error)

    def _say(self, sentence: str) -> None:
        self._err.write(f"{sentence}\n")
        self._err.flush()

    def _fail(self, stopper: Stopper, sentence: str) -> None:
        if not stopper.asked.is_set():
            self._say(sentence)
            self.code = 1
        stopper.stop()
