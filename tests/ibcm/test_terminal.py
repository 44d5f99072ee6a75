"""Errors are sentences with an exit code; stack traces go to the log alone."""

import io
import os
import re
import signal
from pathlib import Path
from typing import NoReturn

import pytest
from django.core.management import CommandError
from django.db import OperationalError

from ibcm.domain.errors import EngineError, IbcmError
from ibcm.entry import execute
from ibcm.files import folder, written
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
        (PermissionError(13, "Permission denied", "/x"), 1, "Permission denied: /x (give yourself the right to it"),
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


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["frobnicate"], "Unknown command: 'frobnicate'"),
        (["up", "--port", "99999999"], "'99999999' is no port: choose one from 1 to 65535"),
        (["up", "--port", "http"], "'http' is no port"),
        (["jobs", "--limit", "0"], "'0' is no whole number from 1"),
        (["ingest", "file", "x", "--since", "yesterday"], "'yesterday' is no day or time: write 2026-01-31"),
    ],
)
def test_a_wrong_usage_ends_with_2(
    arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["manage.py", *arguments])
    with pytest.raises(SystemExit) as ended:
        execute()
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")

    def breaks() -> None:
        with written(target) as file:
            file.write(b"new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"old")]
    with written(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("where", ["nope/x", "file/x", "."])
def test_where_no_file_can_be_the_name_that_was_given_is_told(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(IbcmError, match=re.escape(str(tmp_path / where))), written(tmp_path / where):
        pass


def test_a_folder_that_cannot_be_made_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert folder(tmp_path / "a" / "b").is_dir()
    with pytest.raises(IbcmError, match="cannot be made"):
        folder(tmp_path / "file" / "x")
