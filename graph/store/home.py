"""The engine's folder inside a home: its mark, its lock, its password, and what it says when it fails."""

import contextlib
import errno
import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ibcm.domain.errors import EngineError

FORMAT = "ibcm-graph 1\n"
"""Content of the file `format`. Another number means another layout of the folder."""

MINIMUM_FREE = 100 * 1024 * 1024
"""Bytes that must be free for a start: the engine damages nothing on a full disk, but cannot say what is wrong."""


_LOGGED = re.compile(r"\d{4}-\d\d-\d\d [\d:.]+ (\w+) +(.*)")
_CAUSE = re.compile(r"(?:Caused by: )?([\w.$]+(?:Exception|Error)(?:: .*)?)$")


class GraphHome:
    """Paths and checks. Every method raises EngineError with one sentence that says what to do."""

    def __init__(self, home: Path) -> None:
        self.folder = (home / "graph").absolute()
        self.logs = (home / "logs").absolute()

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def output(self) -> Path:
        """What the process prints outside of its log: Java's last words."""
        return self.logs / "graph-engine.out"

    def create(self) -> None:
        """Make the folders, unless a folder of somebody else is in the way."""
        with _sentences(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.logs.mkdir(parents=True, exist_ok=True)
            self._check_mark()

    def check_disk(self) -> None:
        """Refuse to start on a full disk."""
        with _sentences(self.folder):
            free = shutil.disk_usage(self.folder).free
        if free < MINIMUM_FREE:
            raise EngineError(
                f"the disk of {self.folder} is full ({free >> 20} MB left): free at least {MINIMUM_FREE >> 20} MB"
            )

    @property
    def password_file(self) -> Path:
        return self.folder / "password"

    def password(self) -> str:
        """The engine's password, made on first use and readable by the owner alone."""
        file = self.password_file
        with _sentences(file):
            if file.exists() and (known := file.read_text(encoding="ascii").strip()):
                file.chmod(0o600)
                return known
            # The engine would keep the old password: it takes a new one only where it has no users yet.
            (self.folder / "config" / "server-users.jsonl").unlink(missing_ok=True)
            made = secrets.token_urlsafe(24)
            file.touch(mode=0o600)
            file.chmod(0o600)
            file.write_text(made, encoding="ascii")
            return made

    def last_log_line(self) -> str:
        """What the engine complained about just now, without its stack trace; empty when it did not."""
        return _complaint(self.logs / "graph-engine.log.0")

    def last_words(self) -> str:
        """The last line that the process printed outside of its log."""
        lines = [line.strip() for line in _tail(self.output) if line.strip(" #")]
        return lines[-1][:300] if lines else ""

    def advice(self) -> str:
        """What to do about an engine that does not start."""
        return (
            f"Its log is {self.logs}/graph-engine.log.0; if the folder is damaged, move {self.folder} away and run "
            "`manage.py graph rebuild`"
        )

    def _check_mark(self) -> None:
        mark = self.folder / "format"
        if not mark.exists():
            if any(self.folder.iterdir()):
                raise EngineError(f"{self.folder} holds something that is no graph of IBCM: name another IBCM_HOME")
            mark.write_text(FORMAT, encoding="ascii")
        elif (found := mark.read_bytes()[:80]) != FORMAT.encode():
            raise EngineError(
                f"{self.folder} has the format {found!r}, this version of IBCM knows {FORMAT.strip()!r}: install the "
                "version that wrote it, or move the folder away and run `manage.py graph rebuild`"
            )


@dataclass(frozen=True, slots=True)
class HomeLock:
    """An advisory lock that a child process may share: it is free when every holder of the descriptor is gone."""

    fd: int

    @classmethod
    def take(cls, path: Path, *, seconds: float) -> "HomeLock":
        """Take it, waiting up to `seconds` for the engine of an owner that has died. Raises EngineError."""
        with _sentences(path):
            fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = _owner(fd)
                if _alive(owner) or time.monotonic() > deadline:
                    os.close(fd)
                    raise EngineError(
                        f"the graph in {path.parent} is in use by process {owner or 'unknown'}: stop that one, or name "
                        "another IBCM_HOME"
                    ) from None
                time.sleep(0.1)
                continue
            os.ftruncate(fd, 0)
            os.pwrite(fd, str(os.getpid()).encode(), 0)
            return cls(fd)

    def release(self) -> None:
        """Let go of our copy."""
        os.close(self.fd)


def _owner(fd: int) -> int:
    text = os.pread(fd, 20, 0)
    return int(text) if text.isdigit() else 0


def _alive(pid: int) -> bool:
    if not 0 < pid < 2**31:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _has_ended(pid)


def _has_ended(pid: int) -> bool:
    """Killed, and nobody has asked yet how it ended: in a container that may take a second, or for ever."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return text.rpartition(")")[2].split()[:1] == ["Z"]


def _complaint(log: Path) -> str:
    """The last warning of the past half minute, or the innermost cause that follows it."""
    since = (datetime.now() - timedelta(seconds=30)).isoformat(sep=" ")  # noqa: DTZ005 - the log writes local times
    told = ""
    for line in _tail(log):
        if found := _LOGGED.match(line):
            level, message = found.groups()
            told = message if level in {"WARNI", "SEVER"} and line >= since else ""
        elif told and (found := _CAUSE.match(line)):
            told = found.group(1)
    return told[:300]


def _tail(file: Path, size: int = 20_000) -> list[str]:
    try:
        with file.open("rb") as source:
            source.seek(max(0, file.stat().st_size - size))
            return source.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []


@contextlib.contextmanager
def _sentences(path: Path) -> Iterator[None]:
    """Turn errors of the file system into sentences."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise EngineError(f"the disk of {path} is full: free some space") from error
        raise EngineError(f"{path} cannot be used for the graph ({error.strerror}): name another IBCM_HOME") from error
