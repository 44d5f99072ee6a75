"""A resolver snapshot: everything by which pairs are judged, frozen and named by its content.

Two homes with the same records, decisions and snapshot have the same entities, whatever came first. Refitting makes
another snapshot; nothing in one ever changes.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from math import log2
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ibcm.domain.errors import ConfigurationError

SHIPPED = Path(__file__).with_name("shipped.json")
FORMAT = 1
LEAST_BITS, MOST_BITS = 0.5, 16.0
"""What a word tells at least (it is there) and at most (nobody has seen it before)."""
FLOOR = 1e-4
"""No level is impossible: one mistake of a source must not outweigh everything else."""

Share = Annotated[float, Field(ge=0, le=1)]
Shares = dict[str, dict[str, Share]]
"""Comparison -> level -> share of pairs in which it is seen, of those in which the comparison says something."""


class Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WordCounts(Frozen):
    """How many of `total` texts hold a word. Words that are not listed are as rare as a word can be."""

    total: Annotated[int, Field(ge=1)]
    counts: dict[str, int] = {}

    def bits(self, word: str) -> float:
        """What the word tells: minus log2 of the share of texts that hold it."""
        found = self._bits.get(word)
        return self._unseen if found is None else found

    @cached_property
    def _unseen(self) -> float:
        return min(MOST_BITS, log2(self.total + 1))

    @cached_property
    def _bits(self) -> Mapping[str, float]:
        unseen = self._unseen
        return {
            word: min(unseen, max(LEAST_BITS, log2((self.total + 1) / count))) for word, count in self.counts.items()
        }


class LabelModel(Frozen):
    """Fellegi and Sunter's model of one label: shares among pairs that are one thing (m) and that are not (u)."""

    prior: Share
    """Share of the pairs that blocking brings together which are one thing."""
    m: Shares
    u: Shares

    def weight(self, comparison: str, level: str) -> float:
        """log2(m/u): how many bits this level speaks for (or, negative, against). Unknown levels say nothing."""
        return self._weights.get((comparison, level), 0.0)

    def best(self, comparison: str) -> float:
        """The most that any level of it speaks for, at least nothing."""
        return self._best.get(comparison, 0.0)

    @cached_property
    def _best(self) -> Mapping[str, float]:
        found: dict[str, float] = {}
        for (comparison, _), bits in self._weights.items():
            found[comparison] = max(bits, found.get(comparison, 0.0))
        return found

    @cached_property
    def _weights(self) -> Mapping[tuple[str, str], float]:
        return {
            (comparison, level): log2(max(share, FLOOR) / max(self.u[comparison][level], FLOOR))
            for comparison, shares in self.m.items()
            for level, share in shares.items()
        }

    @cached_property
    def prior_weight(self) -> float:
        return log2(self.prior / (1 - self.prior))


class Bands(Frozen):
    """Probabilities from which a pair is called the same, and from which a person is asked."""

    same: Share = 0.97
    review: Share = 0.3


class Snapshot(Frozen):
    """See the module. `fitted` tells from what: nothing is read from it."""

    format: int = FORMAT
    labels: dict[str, LabelModel]
    names: WordCounts
    addresses: WordCounts
    bands: Bands = Bands()
    fitted: dict[str, Any] = {}

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits of its content."""
        said = self.model_dump(mode="json", exclude={"fitted"})
        return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]

    def dumped(self) -> str:
        """As text that `load` reads."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, indent=1)


def load(text: str) -> Snapshot:
    """Raises ConfigurationError for text that is no snapshot of a format that we know."""
    try:
        said = json.loads(text)
        if isinstance(said, dict) and said.get("format", FORMAT) != FORMAT:
            raise ConfigurationError(
                f"the resolver snapshot has format {said['format']}, this version knows {FORMAT}: "
                "run `manage.py resolver refit`, or `manage.py resolver use shipped`"
            )
        return Snapshot.model_validate(said)
    except ValueError as error:
        raise ConfigurationError(f"the resolver snapshot is damaged: {str(error).splitlines()[0]}") from error


_shipped: list[Snapshot] = []


def shipped() -> Snapshot:
    """The defaults that come with the product; `python -m benchmarks.resolver_defaults` remakes them."""
    if not _shipped:
        _shipped.append(load(SHIPPED.read_text(encoding="utf-8")))
    return _shipped[0]
