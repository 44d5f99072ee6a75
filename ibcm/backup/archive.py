"""The file of a backup: a zip of known members, the manifest among them. Written aside, checked whole before use."""

import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from ibcm.domain.errors import IbcmError
from ibcm.files import written

FORMAT = 1
MANIFEST, DATABASE, DELETIONS = "manifest.json", "database", "deletions.jsonl"
MEMBERS = frozenset({MANIFEST, DATABASE, DELETIONS})
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself."""

    made: str
    """ISO time at which it was begun: what was deleted from then on may still be in it."""
    engine: str
    """`sqlite` or `postgresql`."""
    migrations: list[str]
    """app.name of all that the database has."""
    counts: dict[str, int]
    """Rows by table when it was begun; what came while it was made may be in it as well."""
    settings: dict[str, str]
    """Settings under which the home was used, secrets left out: told, not applied."""
    files: dict[str, str] = field(default_factory=dict)
    """Member -> sha256."""
    format: int = FORMAT


def write(target: Path, manifest: Manifest, members: Mapping[str, Path]) -> Manifest:
    """Write the archive whole or not at all, readable by its owner alone. Returns the manifest with the sums.

    Raises IbcmError when something of that name is there.
    """
    if target.exists():
        raise IbcmError(f"{target} is there already: choose another name, or move it away")
    with (
        written(target, mode=0o600) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        sums = {name: _put(archive, name, path) for name, path in members.items()}
        whole = Manifest(**{**asdict(manifest), "files": sums})
        archive.writestr(MANIFEST, json.dumps(asdict(whole), indent=2, sort_keys=True))
    return whole


def _put(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    digest = sha256()
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as sink:
        while piece := source.read(PIECE):
            digest.update(piece)
            sink.write(piece)
    return digest.hexdigest()


@contextmanager
def opened(path: Path) -> Iterator["Archive"]:
    """A backup, checked to the last byte. Raises IbcmError for what is no backup, cut short, changed or too new."""
    try:
        with zipfile.ZipFile(path) as file:
            yield Archive(path, file)
    except zipfile.BadZipFile as error:
        raise IbcmError(f"{path} is no whole backup ({error}): take another copy of it") from error


class Archive:
    """What lies in a backup. Nothing is taken out but members of known names, to a place that we choose."""

    def __init__(self, path: Path, file: zipfile.ZipFile) -> None:
        self._path, self._file = path, file
        names = file.namelist()
        if len(names) != len(set(names)) or not MEMBERS.issuperset(names) or MANIFEST not in names:
            raise IbcmError(f"{path} is no backup made by `manage.py backup`: its members are not ours")
        self.manifest = self._manifest()
        if set(self.manifest.files) != set(names) - {MANIFEST} or DATABASE not in names:
            raise self._changed(MANIFEST)
        for name in self.manifest.files:
            self._check(name)

    def size(self, name: str) -> int:
        """Bytes of the member when it is taken out; no more than that are ever read."""
        return self._file.getinfo(name).file_size

    def take(self, name: str, target: Path) -> None:
        """Write the member there, for its owner alone."""
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as sink:
            for piece in self._pieces(name):
                sink.write(piece)

    def _manifest(self) -> Manifest:
        try:
            said: dict[str, Any] = json.loads(self._file.read(MANIFEST))
            version = int(said["format"])
            if version <= FORMAT:
                return Manifest(**said)
        except (ValueError, TypeError, KeyError) as error:
            raise self._changed(MANIFEST) from error
        raise IbcmError(
            f"{self._path} was made by a newer IBCM (format {version}, this one knows {FORMAT}): "
            "restore it with that one"
        )

    def _check(self, name: str) -> None:
        digest = sha256()
        for piece in self._pieces(name):
            digest.update(piece)
        if digest.hexdigest() != self.manifest.files[name]:
            raise self._changed(name)

    def _pieces(self, name: str) -> Iterator[bytes]:
        try:
            with self._file.open(name) as source:
                while piece := _read(source):
                    yield piece
        except (EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
            raise self._changed(name) from error

    def _changed(self, name: str) -> IbcmError:
        return IbcmError(f"{self._path} is damaged: its {name} is not as it was written; take another copy of it")


def _read(source: IO[bytes]) -> bytes:
    return source.read(PIECE)
