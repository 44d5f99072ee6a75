"""From what the caller names to the files that are read: folders are walked, in an order that never changes."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawlers.file.limits import MAX_FILES
from ibcm.domain.errors import IbcmError

RECORD_SUFFIXES = (".jsonl", ".jsonl.gz")
TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".geojson")
TABLE_SUFFIXES = (*TABLES, *(f"{suffix}.gz" for suffix in TABLES), ".zip")


@dataclass(frozen=True, slots=True)
class Input:
    path: Path
    root: Path
    """Folder up to which a source.yaml is looked for."""
    named: bool
    """The caller named this very file, instead of a folder around it."""


def inputs(paths: Sequence[Path], suffixes: Sequence[str]) -> list[Input]:
    """Files in the order of the paths; those of a folder sorted by path. Raises IbcmError."""
    found: dict[Path, Input] = {}
    for path in paths:
        if not path.exists():
            raise IbcmError(f"{path} does not exist: name a file or a folder that is there")
        if path.is_dir():
            inside = _inside(path, suffixes)
            if not inside:
                raise IbcmError(f"{path} holds no file that can be read (looked for {', '.join(suffixes)})")
            for file in inside:
                found.setdefault(file, Input(file, path, named=False))
        elif path.is_file():
            found.setdefault(path, Input(path, path.parent, named=True))
        else:
            raise IbcmError(f"{path} is neither a file nor a folder")
    return list(found.values())


def _inside(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    found = [path for path in _walk(folder) if path.name.lower().endswith(tuple(suffixes))]
    return sorted(found)


def _walk(folder: Path) -> Iterator[Path]:
    """Files below, links followed, each real folder once: a link to a parent ends instead of turning in circles."""
    seen: set[tuple[int, int]] = set()
    count = 0
    for current, folders, names in os.walk(folder, followlinks=True):
        status = Path(current).stat()
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = Path(current, name)
            if name.startswith(".") or not path.is_file():
                continue
            count += 1
            if count > MAX_FILES:
                raise IbcmError(f"{folder} holds more than {MAX_FILES} files: name a smaller folder")
            yield path
