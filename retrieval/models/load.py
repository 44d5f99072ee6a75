"""A name in settings -> an embedder ready to answer."""

from pathlib import Path

from retrieval.embedders.base import Embedder
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.models.manifest import check_files, missing, read_manifest
from retrieval.models.registry import spec_of


def load_embedder(name: str, models_dir: Path) -> Embedder:
    """Open the embedder of that name. The weights are read at the first text, not here: see `SentenceEmbedder.load`.

    Raises ModelMissing when `manage.py models pull` has to be run first, ConfigurationError for an unknown name.
    """
    if name == HashingEmbedder.NAME:
        return HashingEmbedder()
    from retrieval.embedders.sentence import SentenceEmbedder  # here: hashing homes need none of its libraries

    spec = spec_of(name)
    folder = models_dir / spec.folder
    manifest = read_manifest(folder)
    if spec.sha256 not in {"", manifest.sha256}:
        raise missing(name, f"in {folder} was made from other weights than the ones this name means")
    check_files(folder, manifest, thorough=False)
    return SentenceEmbedder(folder, manifest)
