"""The seam to indexes that are rebuilt aside and switched: the old one answers until the new one is whole."""

from typing import Protocol

from retrieval.embedders.base import ModelId
from retrieval.vectors.base import VectorStore


class SwitchableStore(VectorStore, Protocol):
    """A store that can be replaced as a whole. It need not be prepared to be rebuilt: it may be of another embedder."""

    def aside(self) -> VectorStore:
        """A store beside this one that nobody asks, cleared and prepared by the caller. One at a time."""

    def switch(self, aside: VectorStore, model: ModelId) -> None:
        """Answer from `aside` from now on, and remove what answered before. `aside` belongs to this store then."""
