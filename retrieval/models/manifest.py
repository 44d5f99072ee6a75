"""The manifest beside every model: where it came from, under which licence, and what its files must be."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ibcm.domain.errors import ModelMissing

FILE = "manifest.json"
FORMAT = 1
"""Moves when folders made by older code must be made again."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Written last into a model's folder: a folder without it is not a model."""

    name: str
    origin: str
    """What was fetched: requirement, or repository and commit."""
    homepage: str
    licence: str
    sha256: str
    """Of the weights as published."""
    dimensions: int
    query_prompt: str
    passage_prompt: str
    files: Mapping[str, tuple[int, str]]
    """Relative path -> size in bytes and sha256 of what lies in the folder."""
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Put it into the folder, complete or not at all."""
        aside = folder / (FILE + ".new")
        aside.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        aside.replace(folder / FILE)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a model's folder. Raises ModelMissing naming the command that brings the model."""
    try:
        raw: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        files = {path: (int(size), str(digest)) for path, (size, digest) in raw.pop("files").items()}
        manifest = Manifest(files=files, **raw)
    except FileNotFoundError as error:
        raise missing(folder.name, f"is not in {folder.parent}") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise missing(folder.name, f"has no readable manifest in {folder}") from error
    if manifest.format != FORMAT:
        raise missing(manifest.name, f"in {folder} was written by another version of this program")
    return manifest


def check_files(folder: Path, manifest: Manifest, *, thorough: bool) -> None:
    """Compare sizes, and hashes when `thorough`, with the manifest. Raises ModelMissing for the first difference."""
    for path, (size, digest) in manifest.files.items():
        file = folder / path
        try:
            same = file.stat().st_size == size and (not thorough or sha256_of(file) == digest)
        except OSError:
            same = False
        if not same:
            raise missing(manifest.name, f"is damaged: {file} is not what was put there")


def describe_files(folder: Path) -> dict[str, tuple[int, str]]:
    """Every file below the folder, the manifest left out, with its size and sha256."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != FILE)
    return {path.relative_to(folder).as_posix(): (path.stat().st_size, sha256_of(path)) for path in files}


def sha256_of(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def missing(name: str, what: str) -> ModelMissing:
    """The error that names the command to run."""
    return ModelMissing(f"The model {name} {what}: run `manage.py models pull`.")
