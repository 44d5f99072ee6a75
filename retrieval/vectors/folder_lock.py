"""A folder that belongs to one process at a time."""

from pathlib import Path
from typing import TextIO

import portalocker

from ibcm.domain.errors import EngineError


class FolderLock:
    """Held by an open file, so the system gives it back when the process dies however it does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: TextIO | None = None

    @property
    def held(self) -> bool:
        return self._file is not None

    def take(self) -> None:
        """Make the folder and take its lock. Raises EngineError, transient when another process has it."""
        if self._file is not None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = (self._folder / "lock").open("a", encoding="utf-8")
        except OSError as error:
            raise EngineError(f"The index folder {self._folder} cannot be written: {error.strerror}.") from error
        try:
            portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
        except portalocker.LockException as error:
            file.close()
            raise EngineError(
                f"The index in {self._folder} is in use by another process: stop it, or ask that process instead.",
                transient=True,
            ) from error
        self._file = file

    def release(self) -> None:
        """Give it back. Safe to repeat."""
        if self._file is not None:
            self._file.close()
            self._file = None
