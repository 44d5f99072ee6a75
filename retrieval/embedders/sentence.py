"""Sentence-transformers models from a folder.

On processors and cards that multiply in bfloat16 both the weights and the arithmetic are bfloat16: twice as fast
here, and the cosine between a row and its float32 twin stays above 0.999. What stands beside a text in a batch
changes its row by no more than rounding: cosine above 0.999 in bfloat16, above 0.999999 in float32.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.embedders.base import Matrix, ModelId
from retrieval.models.manifest import Manifest, missing

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

_ROWS = 32
"""Most texts in one batch: the lock is free again after each, so that a question never waits for a whole ingest."""
_TOKENS = 4_096
"""Most tokens in one batch, padding included: bounds memory for long texts."""
_CACHED_QUERIES = 2_048
_MOST_THREADS = 16
"""More threads than this only wait for one another with models of this size."""


class SentenceEmbedder:
    """One model; safe to use from several threads. torch is imported by `load`, not before."""

    def __init__(self, folder: Path, manifest: Manifest, *, device: str | None = None) -> None:
        """`device` is a torch device; None takes a CUDA card when there is one, else the processor."""
        self._folder, self._manifest, self._device = folder, manifest, device
        self._id = ModelId(manifest.name, manifest.sha256, manifest.dimensions)
        self._loaded: SentenceTransformer | None = None
        self._bfloat16 = False
        self._loading, self._tokenizing = Lock(), Lock()
        self._cached = lru_cache(maxsize=_CACHED_QUERIES)(self._query)

    @property
    def model(self) -> ModelId:
        """Which model answers."""
        return self._id

    def load(self) -> None:
        """Read the weights (seconds); else the first text does it. Raises ModelMissing for an unreadable folder."""
        self._ready()

    def measure(self) -> int:
        """Load the model, embed one text and return how many numbers came; for making a manifest."""
        model = self._ready()
        return int(self._forward(model, model.tokenizer(["measure"])["input_ids"]).shape[1])

    def passages(self, texts: Sequence[str]) -> Matrix:
        """One row per text, shape (len(texts), dimensions)."""
        return self._encode([self._manifest.passage_prompt + text for text in texts])

    def query(self, text: str) -> Matrix:
        """One row, shape (dimensions,), not writeable because it is shared with whoever asks the same again."""
        return self._cached(text)

    def _query(self, text: str) -> Matrix:
        row: Matrix = self._encode([self._manifest.query_prompt + text])[0]
        row.flags.writeable = False
        return row

    def _encode(self, texts: Sequence[str]) -> Matrix:
        rows = np.empty((len(texts), self._id.dimensions), dtype=np.float32)
        if not texts:
            return rows
        model = self._ready()
        with self._tokenizing:  # its truncation settings are shared state
            tokens: list[list[int]] = model.tokenizer(
                list(texts), truncation=True, max_length=model.max_seq_length, padding=False
            )["input_ids"]
        for batch in _batches([len(ids) for ids in tokens]):
            rows[batch] = self._forward(model, [tokens[index] for index in batch])
        return rows

    def _forward(self, model: "SentenceTransformer", tokens: list[list[int]]) -> Matrix:
        import torch

        width = max(map(len, tokens))
        ids = torch.full((len(tokens), width), int(model.tokenizer.pad_token_id or 0))
        mask = torch.zeros((len(tokens), width), dtype=torch.long)
        for row, text in enumerate(tokens):
            ids[row, : len(text)] = torch.tensor(text)
            mask[row, : len(text)] = 1
        features: dict[str, Any] = {"input_ids": ids.to(model.device), "attention_mask": mask.to(model.device)}
        with torch.inference_mode(), self._arithmetic(model.device):
            vectors = model(features)["sentence_embedding"].float()
            vectors = torch.nn.functional.normalize(vectors, dim=1)
        found: Matrix = vectors.cpu().numpy()
        return found

    def _arithmetic(self, device: "torch.device") -> AbstractContextManager[object]:
        import torch

        return torch.autocast(device.type, dtype=torch.bfloat16) if self._bfloat16 else nullcontext()

    def _ready(self) -> "SentenceTransformer":
        with self._loading:
            if self._loaded is None:
                self._loaded = self._read()
            return self._loaded

    def _read(self) -> "SentenceTransformer":
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a folder needs no hub, and asking one costs seconds
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # its threads do not survive a fork
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # a bar for half a second of reading a file
        if "OMP_NUM_THREADS" not in os.environ:
            torch.set_num_threads(min(_MOST_THREADS, len(os.sched_getaffinity(0)) if _LINUX else os.cpu_count() or 1))
        device = torch.device(self._device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self._bfloat16 = multiplies_in_bfloat16(device)
        try:
            return SentenceTransformer(
                str(self._folder / "model"),
                device=str(device),
                local_files_only=True,
                model_kwargs={"dtype": torch.bfloat16 if self._bfloat16 else torch.float32},
            ).eval()
        except (OSError, ValueError, KeyError) as error:
            raise missing(self._manifest.name, f"in {self._folder} cannot be read ({error})") from error


_LINUX = hasattr(os, "sched_getaffinity")


def multiplies_in_bfloat16(device: "torch.device") -> bool:
    """Whether bfloat16 is done in hardware there; emulated, it is slower than float32."""
    import torch

    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities = torch.cpu.get_capabilities()
    return device.type == "cpu" and bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices in batches of similar length, longest first, each within the limits above."""
    batch: list[int] = []
    width = 0
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batch and (len(batch) == _ROWS or (len(batch) + 1) * width > _TOKENS):
            yield batch
            batch = []
        width = max(width, lengths[index]) if batch else lengths[index]
        batch.append(index)
    if batch:
        yield batch
