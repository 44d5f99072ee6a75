"""Models on disk: `pull` brings one, `load_embedder` opens it. Neither imports torch before it must."""

from retrieval.models.load import load_embedder
from retrieval.models.pull import pull
from retrieval.models.registry import DEFAULT_EMBEDDER, MODELS

__all__ = ["DEFAULT_EMBEDDER", "MODELS", "load_embedder", "pull"]
