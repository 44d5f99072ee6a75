"""The deletions journal: what was taken back or forgotten, outside the database, so that no backup brings it back.

A file in the home that only grows: a line says when, why, and the sha256 of `source:key`, never the name itself, and of
what was forgotten the digests of all that it said. A line is on the disk before the deletion it tells of is committed,
so at worst it tells of one that was not made.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from ibcm.domain.errors import IbcmError

NAME = "deletions.jsonl"


@dataclass(frozen=True, slots=True)
class Deletion:
    """One line."""

    at: datetime
    why: str
    """One of Record.Ended."""
    digest: str
    """See digest_of."""
    said: tuple[str, ...] = ()
    """Of what was forgotten: digests of its contents."""


def digest_of(ref: str) -> str:
    """How the journal names a record."""
    return sha256(ref.encode()).hexdigest()


def path() -> Path:
    """Where this home's journal lies; there is none before the first deletion."""
    return settings.IBCM_HOME.path / NAME


def note(refs: Iterable[str], why: str, *, now: datetime, said: Mapping[str, Sequence[str]] | None = None) -> None:
    """Write these deletions down, for good, before they are committed. `said`: digests of what must not come back."""
    lines = "".join(_line(ref, why, now, (said or {}).get(ref, ())) for ref in sorted(refs))
    if lines:
        append(lines.encode())


def _line(ref: str, why: str, now: datetime, said: Sequence[str]) -> str:
    told = {"at": now.isoformat(), "why": why, "ref": digest_of(ref)}
    return json.dumps({**told, "said": list(said)} if said else told) + "\n"


def append(lines: bytes) -> None:
    """In one write, so that lines of two processes do not mix. A line that a full disk cut short is ended first."""
    descriptor = os.open(path(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        whole = not size or os.pread(descriptor, 1, size - 1) == b"\n"
        os.write(descriptor, lines if whole else b"\n" + lines)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(file: Path) -> Iterator[Deletion]:
    """Its lines. One that was cut short by a crash tells of a deletion that was not made, and is passed over.

    Raises IbcmError for a file that is no journal at all.
    """
    any_line = any_good = False
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                any_line = True
                if deletion := _parsed(line):
                    any_good = True
                    yield deletion
    except OSError as error:
        raise IbcmError(f"{file} cannot be read ({error.strerror}): name the {NAME} of a home") from error
    if any_line and not any_good:
        raise IbcmError(f"{file} is no journal of deletions: name the {NAME} of a home")


def _parsed(line: str) -> Deletion | None:
    try:
        said = json.loads(line)
        digests = tuple(map(str, said.get("said", ())))
        return Deletion(datetime.fromisoformat(said["at"]), str(said["why"]), str(said["ref"]), digests)
    except (ValueError, TypeError, KeyError):
        return None
