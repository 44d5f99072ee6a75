"""How many questions are answered at once. Beyond it people wait a little, then are told to come back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ibcm.chat.errors import Busy

PLACES = 8
PATIENCE = 20.0
"""Seconds that a question waits for a place."""
RETRY_AFTER = 5
"""Seconds."""


class Gate:
    """A bounded number of holders; the others wait at most `patience` seconds, then get Busy."""

    def __init__(self, places: int, *, patience: float) -> None:
        self._places, self._patience = threading.BoundedSemaphore(places), patience

    @contextmanager
    def passing(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self._patience):
            raise Busy(retry_after=RETRY_AFTER)
        try:
            yield
        finally:
            self._places.release()


asking = Gate(PLACES, patience=PATIENCE)
"""The one gate of this process."""
