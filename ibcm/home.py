"""The folder under which all state lives (IBCM_HOME): its layout, secrets, lock and version. No Django here."""

import contextlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import portalocker

from ibcm.domain.errors import ConfigurationError, IbcmError

VERSION = 1
MARKER = "ibcm-home.json"
FOLDERS = ("graph", "index", "logs", "models", "reports", "run")
ROOM_NEEDED = 500 * 2**20
"""Bytes that must be free before anything is started: engines damage nothing on a full disk, but they stop."""


class HomeBusyError(IbcmError):
    """Somebody else works on this home."""


@dataclass(frozen=True, slots=True)
class Home:
    """Paths, and the few verbs that keep them right. Every file with a secret is readable by its owner alone."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / "ibcm.sqlite3"

    @property
    def graph(self) -> Path:
        return self.path / "graph"

    @property
    def index(self) -> Path:
        return self.path / "index"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def models(self) -> Path:
        return self.path / "models"

    @property
    def reports(self) -> Path:
        return self.path / "reports"

    @property
    def up_file(self) -> Path:
        """Who serves this home: pid, host, port."""
        return self.path / "run" / "up.json"

    @property
    def restoring_file(self) -> Path:
        """Is there while a restore is under way, or was cut off."""
        return self.path / "run" / "restoring.json"

    def refuse_half_restored(self) -> None:
        """Raises ConfigurationError when a restore was cut off: part of what is here may have been deleted since."""
        if self.restoring_file.exists():
            raise ConfigurationError(
                f"a restore into {self.path} was cut off: repeat `manage.py restore FILE`, or take another, empty home"
            )

    @property
    def lock_file(self) -> Path:
        return self.path / "run" / "lock"

    def prepare(self) -> "Home":
        """Create what is missing. Raises ConfigurationError for a folder that is not ours or too new."""
        try:
            self._claim()
            for name in FOLDERS:
                (self.path / name).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"the home {self.path} cannot be used ({error.strerror}): set IBCM_HOME to a folder that you may write"
            ) from error
        return self

    def _claim(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        marker = self.path / MARKER
        if marker.exists():
            self._judge(marker)
            return
        # A draft of the marker is what is left of a first start that was killed.
        if any(
            entry.name != "lost+found" and not entry.name.startswith(f".{MARKER}.") for entry in self.path.iterdir()
        ):
            raise ConfigurationError(
                f"{self.path} holds other files and is no home of IBCM: set IBCM_HOME to an empty or new folder"
            )
        self.path.chmod(0o700)
        _write_new(
            marker, json.dumps({"version": VERSION, "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())})
        )

    def _judge(self, marker: Path) -> None:
        try:
            version = json.loads(marker.read_text(encoding="utf-8"))["version"]
            known = isinstance(version, int)
        except (ValueError, TypeError, KeyError, OSError):
            known = False
        if not known:
            raise ConfigurationError(
                f"{marker} is damaged: restore the home from a backup, or set IBCM_HOME to a new folder"
            )
        if version > VERSION:
            raise ConfigurationError(
                f"the home {self.path} is of a newer IBCM (version {version}, this one knows {VERSION}): "
                "install that one, or set IBCM_HOME to another folder"
            )

    def secret_key(self) -> str:
        """Signs sessions."""
        return self._secret("secret_key", 50)

    def token(self) -> str:
        """Lets the owner's commands into the running server."""
        return self._secret("token", 32)

    def admin_password(self) -> str:
        """Of the first admin user."""
        return self._secret("admin_password", 15)

    def password_file(self) -> Path:
        return self.path / "admin_password"

    def _secret(self, name: str, size: int) -> str:
        path = self.path / name
        with contextlib.suppress(FileExistsError):
            _write_new(path, secrets.token_urlsafe(size))
        try:
            value = path.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"{path} cannot be read ({error}): give it back to your user, or remove it"
            ) from error
        if not value:
            raise ConfigurationError(f"{path} is empty: remove it, and a new one is made at the next start")
        return value

    def free_bytes(self) -> int:
        return shutil.disk_usage(self.path).free

    def need_room(self, needed: int = ROOM_NEEDED) -> None:
        """Raises ConfigurationError when the disk is nearly full."""
        free = self.free_bytes()
        if free < needed:
            raise ConfigurationError(
                f"only {free // 2**20} MB are free under {self.path} and {needed // 2**20} MB are needed: "
                "free some space, or set IBCM_HOME to a folder on another disk"
            )

    @contextlib.contextmanager
    def locked(self, what: str, *, wait: float = 0.0, tell: Callable[[str], None] | None = None) -> Iterator[None]:
        """Hold the home for this process. HomeBusyError names the holder when it stays taken for `wait` seconds."""
        deadline, told = time.monotonic() + wait, False
        with self.lock_file.open("a+", encoding="utf-8") as handle:
            self.lock_file.chmod(0o600)
            while True:
                try:
                    portalocker.lock(handle, portalocker.LOCK_EX | portalocker.LOCK_NB)
                    break
                except portalocker.exceptions.LockException:
                    holder = self.holder()
                    if time.monotonic() >= deadline:
                        raise HomeBusyError(
                            f"the home {self.path} is used by {holder}: stop it, or wait until it ends"
                        ) from None
                if tell and not told:
                    tell(f"waiting for {holder} on {self.path} …")
                    told = True
                time.sleep(0.2)
            handle.truncate(0)
            handle.write(json.dumps({"pid": os.getpid(), "what": what}))
            handle.flush()
            try:
                yield
            finally:
                handle.truncate(0)
                portalocker.unlock(handle)

    def holder(self) -> str:
        """Who wrote their name into the lock last, for messages."""
        try:
            owner = json.loads(self.lock_file.read_text(encoding="utf-8"))
            return f"`{owner['what']}` (process {owner['pid']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another command"

    def up_info(self) -> dict[str, Any] | None:
        """What `up` wrote about itself, if anything; it may be gone since."""
        try:
            info = json.loads(self.up_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return info if isinstance(info, dict) and {"pid", "host", "port"} <= info.keys() else None

    def write_up_info(self, info: dict[str, Any]) -> None:
        self.up_file.unlink(missing_ok=True)
        _write_new(self.up_file, json.dumps(info))

    def forget_up(self) -> None:
        self.up_file.unlink(missing_ok=True)


def _write_new(path: Path, text: str) -> None:
    """Create the file whole and for its owner alone. Raises FileExistsError when it is there already."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()
