"""The seam to embedding models."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ModelId:
    """A name that means one file everywhere. The index records it and refuses another."""

    name: str
    sha256: str
    dimensions: int


class Embedder(Protocol):
    """Unit-length float32 rows; the same text gives the same row whatever stands beside it in the batch."""

    @property
    def model(self) -> ModelId:
        """Which model answers."""

    def passages(self, texts: Sequence[str]) -> Matrix:
        """One row per text, shape (len(texts), dimensions)."""

    def query(self, text: str) -> Matrix:
        """One row, shape (dimensions,)."""
