"""The terms that stand beside the files, or in the mapping."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from crawlers.file.paths import Input
from ibcm.config import read_yaml
from ibcm.domain.errors import ConfigurationError, PolicyError
from ibcm.domain.policy import HOW_TO_STATE_TERMS, SourcePolicy

BESIDE = "source.yaml"


def missing(slug: str, where: str) -> str:
    """What to say of a source without terms."""
    return f"source {slug!r} in {where} has no policy: {HOW_TO_STATE_TERMS} (or a mapping slug -> terms, for several)"


def beside(file: Input) -> Path | None:
    """The source.yaml nearest to the file: in its folder, or above it up to the folder that was named."""
    for folder in (file.path.parent, *file.path.parent.parents):
        if (folder / BESIDE).is_file():
            return folder / BESIDE
        if folder == file.root:
            return None
    return None


def named_policies(path: Path) -> tuple[dict[str, SourcePolicy], SourcePolicy | None]:
    """Of one source.yaml: terms by slug, and terms without a slug (flat: for the one source beside it)."""
    content = read_yaml(path)
    if not isinstance(content, dict) or not content:
        raise PolicyError(f"{path} must say the terms of its source: {HOW_TO_STATE_TERMS}")
    if all(isinstance(value, dict) for value in content.values()):
        return {str(slug): policy(terms, f"{path}: {slug}") for slug, terms in content.items()}, None
    slug = content.pop("slug", None)
    flat = policy(content, str(path))
    return ({str(slug): flat}, None) if slug else ({}, flat)


def policy(terms: dict[str, Any], where: str) -> SourcePolicy:
    """Raises ConfigurationError naming the place and the key."""
    try:
        return SourcePolicy.model_validate(terms)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            known = ", ".join(SourcePolicy.model_fields)
            raise ConfigurationError(f"{where}: unknown key {key!r}; known are {known}") from error
        raise ConfigurationError(f"{where}: {key}: {problem['msg']}") from error


def agree(found: dict[str, SourcePolicy], more: dict[str, SourcePolicy], where: Iterable[str]) -> None:
    """Add `more` to `found`. Raises PolicyError when two files say different terms of one source."""
    for slug, terms in more.items():
        if found.setdefault(slug, terms) != terms:
            raise PolicyError(f"{' and '.join(where)} say different terms for source {slug!r}: keep one of them")
