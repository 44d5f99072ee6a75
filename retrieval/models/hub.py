"""What the files of a hub model say about it: prompts, licence, weights."""

import hashlib
import json
import re
from pathlib import Path

from ibcm.domain.errors import ModelMissing
from retrieval.models.manifest import sha256_of

_CARD_LICENCE = re.compile(r"^license:\s*[\"']?([\w.+-]+)", re.MULTILINE)


def prompts_of(model: Path, repo: str) -> tuple[str, str]:
    """Query and passage prompt by the model's own configuration; the E5 family has them in its paper only."""
    try:
        configured = json.loads((model / "config_sentence_transformers.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        configured = {}
    prompts = configured.get("prompts") or {}
    if query := prompts.get("query"):
        return query, prompts.get("document") or prompts.get("passage") or ""
    return ("query: ", "passage: ") if re.search(r"\be5-", repo.lower()) else ("", "")


def card_licence(model: Path) -> str:
    """The licence that the model's card names, `LicenseRef-unknown` when it names none."""
    try:
        card = (model / "README.md").read_text(encoding="utf-8")
    except OSError:
        card = ""
    found = _CARD_LICENCE.search(card.split("\n---", 1)[0])
    return found[1] if found else "LicenseRef-unknown"


def weights_sha256(model: Path) -> str:
    """sha256 of the weights file, or of the hashes of several in order. Raises ModelMissing when there is none."""
    files = sorted(model.rglob("*.safetensors"))
    if not files:
        raise ModelMissing(f"{model.name} has no .safetensors weights: choose a model or a commit that has them.")
    digests = [sha256_of(file) for file in files]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
