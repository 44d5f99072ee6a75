"""How commands meet a terminal: writers, help, signals, and errors as one sentence with an exit code."""

import errno
import logging
import os
import signal
import sys
import textwrap
import time
from argparse import HelpFormatter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

from django.core.management import CommandError
from django.core.management.base import OutputWrapper
from django.db import DatabaseError

from ibcm import wiring
from ibcm.domain.errors import IbcmError
from ibcm.relay.protocol import Writer

log = logging.getLogger(__name__)
FAILED, WRONG_USAGE = 1, 2
TELL_SECONDS = 2.0
ADVICE = {
    errno.ENOENT: "name one that is there",
    errno.EACCES: "give yourself the right to it, or name another one",
    errno.EISDIR: "name a file in it",
    errno.ENOSPC: "free some space, or use another disk",
    errno.EROFS: "name a place that can be written",
}
"""What to do about a file or folder, by what is wrong with it."""
WIDTH = 100


class UsageError(IbcmError):
    """The command was called in a way that cannot work."""


def guarded(work: Callable[[], int | None], err: Writer) -> int:
    """The exit code of `work`. An error becomes one sentence; a stack trace goes to the log alone."""
    try:
        return work() or 0
    except BrokenPipeError:
        raise
    except UsageError as error:
        err.write(f"{error}\n")
        return WRONG_USAGE
    except CommandError as error:
        err.write(f"{error}\n")
        return error.returncode
    except IbcmError as error:
        err.write(f"{error}\n")
    except DatabaseError as error:
        log.exception("the database failed")
        err.write(f"the database did not do what was asked ({error}): `manage.py doctor` says what is wrong\n")
    except OSError as error:
        log.exception("a file or the network failed")
        where = f": {error.filename}" if error.filename else ""
        advice = f" ({ADVICE[error.errno]})" if error.errno in ADVICE else ""
        err.write(f"{error.strerror or error}{where}{advice}\n")
    except Exception as error:  # the last one before a person: they get a sentence, the log gets the rest
        log.exception("unexpected error")
        logs = wiring.home().logs / "ibcm.log"
        err.write(f"an error that was not foreseen ({type(error).__name__}: {error}): details are in {logs}\n")
    return FAILED


def on_terminal(work: Callable[[], int | None], err: Writer) -> int:
    """`guarded` for a process of its own: Ctrl-C, SIGTERM and a closed pipe end it quietly."""
    try:
        with terminable():
            return guarded(work, err)
    except KeyboardInterrupt:
        err.write("stopped\n")
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM interrupts as Ctrl-C does, so that engines are stopped and locks given back."""
    try:
        before = signal.signal(signal.SIGTERM, _interrupt)
    except ValueError:  # not the main thread: signals are somebody else's
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - a handler's signature
    raise KeyboardInterrupt


class Plain:
    """A plain writer over Django's, which would add line ends and colours of its own."""

    def __init__(self, wrapped: OutputWrapper) -> None:
        self._stream: Any = getattr(wrapped, "_out", wrapped)

    def write(self, text: str, /) -> int:
        self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        self._stream.flush()


class Steps:
    """Tells progress: each new step at once, and every few seconds how far it is."""

    def __init__(self, err: Writer) -> None:
        self._err, self._step, self._line, self._told = err, "", "", 0.0

    def __call__(self, done: int, total: int | None, step: str) -> None:
        self.tell(step_in_words(done, total, step), step)

    def tell(self, line: str, step: str) -> None:
        """A line about a step, unless it was told just now."""
        if line == self._line or (step == self._step and time.monotonic() - self._told < TELL_SECONDS):
            return
        self._step, self._line, self._told = step, line, time.monotonic()
        self._err.write(f"{line}\n")
        self._err.flush()


def step_in_words(done: int | None, total: int | None, step: str) -> str:
    """How far a step is; its name alone where it does not count."""
    if total:
        return f"{step} {done or 0:,} of {total:,}"
    return f"{step} {done:,}" if done else step


class Formatter(HelpFormatter):
    """The same width everywhere, so that documentation made from it does not depend on a terminal."""

    def __init__(self, prog: str, **more: Any) -> None:
        super().__init__(prog, **{**more, "width": WIDTH, "max_help_position": 32})

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if text.startswith("example:") else textwrap.fill(text, width, initial_indent=indent)
