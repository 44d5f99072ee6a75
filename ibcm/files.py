"""Files that commands write for people: whole or not at all, and a sentence where they cannot be written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ibcm.domain.errors import IbcmError


@contextmanager
def written(target: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A file that takes the name `target` when all is in it; until then, or after an error, nothing of it is there. A
    link keeps leading where it leads, and a pipe or a device takes what comes.

    Raises IbcmError where it cannot be written.
    """
    whole = target.resolve()
    draft = whole.with_name(f".{whole.name}.part")
    try:
        if target.is_dir():
            raise IbcmError(f"{target} is a folder: name a file in it")
        if target.exists() and not target.is_file():
            with target.open("wb") as file:
                yield file
            return
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(whole)
    except OSError as error:
        if error.filename not in {None, str(draft), str(target), str(whole)}:
            raise  # about another file, such as one that is read meanwhile
        raise IbcmError(
            f"{target} cannot be written ({error.strerror or error}): name a file in a folder that is there, that you "
            "may write to and that has room"
        ) from error
    finally:
        if draft.parent.is_dir():
            draft.unlink(missing_ok=True)


def folder(target: Path) -> Path:
    """The folder, made where it is not there: before the work whose outcome it is for. Raises IbcmError."""
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IbcmError(
            f"the folder {target} cannot be made ({error.strerror or error}): name one that you may write to"
        ) from error
    return target
