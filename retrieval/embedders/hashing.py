"""An embedder without a model: words and letter triples hashed into a few hundred signed features.

It knows no meaning, only shared words and spellings. Tests, demonstrations and homes without room for a model use
it; it answers the same on every machine.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from retrieval.embedders.base import Matrix, ModelId

_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u0900-\u0903\u093a-\u094f])*")
_TRIPLE_WEIGHT = 0.4
"""Of a letter triple beside a whole word: enough to find a misspelling, too little to outvote a word."""


class HashingEmbedder:
    """Deterministic unit-length rows; texts without a letter all give the same row."""

    NAME = "hashing"

    def __init__(self, dimensions: int = 256) -> None:
        if dimensions < 8:
            raise ValueError("dimensions must be at least 8")
        digest = hashlib.sha256(f"{self.NAME}/1/{dimensions}".encode()).hexdigest()
        self._model = ModelId(self.NAME, digest, dimensions)

    @property
    def model(self) -> ModelId:
        """Which model answers."""
        return self._model

    def passages(self, texts: Sequence[str]) -> Matrix:
        """One row per text, shape (len(texts), dimensions)."""
        rows = np.zeros((len(texts), self._model.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            self._fill(row, text)
        return rows

    def query(self, text: str) -> Matrix:
        """One row, shape (dimensions,)."""
        row: Matrix = self.passages([text])[0]
        return row

    def _fill(self, row: Matrix, text: str) -> None:
        counts = Counter(_features(text))
        for (feature, weight), count in counts.items():
            slot, sign = _slot(feature)
            row[slot % len(row)] += sign * weight * np.sqrt(count)
        length = float(np.linalg.norm(row))
        if length == 0.0:
            row[0] = length = 1.0
        row /= length


def _features(text: str) -> Iterator[tuple[str, float]]:
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        yield word, 1.0
        padded = f"<{word}>"
        for start in range(len(padded) - 2):
            yield "#" + padded[start : start + 3], _TRIPLE_WEIGHT


@lru_cache(maxsize=65_536)
def _slot(feature: str) -> tuple[int, float]:
    value = int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "little")
    return value >> 1, 1.0 if value & 1 else -1.0
