"""Errors are sentences with an exit code; stack traces go to the log alone."""

import io
import os
import signal
from typing import NoReturn

import pytest
from django.core.management import CommandError
from django.db import OperationalError

from ibcm.domain.errors import EngineError
from ibcm.terminal import UsageError, guarded, on_terminal


def _raises(error: BaseException) -> NoReturn:
    raise error


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (EngineError("The graph does not answer: restart it."), 1, "The graph does not answer: restart it.\n"),
        (UsageError("give a path"), 2, "give a path\n"),
        (CommandError("nothing", returncode=3), 3, "nothing\n"),
        (OperationalError("locked"), 1, "the database did not do what was asked (locked)"),
        (PermissionError(13, "Permission denied", "/x"), 1, "Permission denied: /x\n"),
        (ZeroDivisionError("division by zero"), 1, "an error that was not foreseen (ZeroDivisionError"),
        (KeyboardInterrupt(), 1, "stopped\n"),
    ],
)
def test_every_error_is_a_sentence_and_a_code(error: BaseException, code: int, says: str) -> None:
    err = io.StringIO()
    assert on_terminal(lambda: _raises(error), err) == code
    assert err.getvalue().startswith(says)
    assert "Traceback" not in err.getvalue()
    assert err.getvalue().count("\n") == 1


def test_what_goes_well_is_0() -> None:
    err = io.StringIO()
    assert (guarded(lambda: None, err), guarded(lambda: 1, err), err.getvalue()) == (0, 1, "")


def test_sigterm_ends_a_command_like_ctrl_c() -> None:
    before = signal.getsignal(signal.SIGTERM)
    err = io.StringIO()
    assert on_terminal(lambda: os.kill(os.getpid(), signal.SIGTERM), err) == 1
    assert err.getvalue() == "stopped\n"
    assert signal.getsignal(signal.SIGTERM) is before
