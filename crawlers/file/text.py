"""Lines of a text file, packed or not, read in constant memory; whatever is wrong with one is said with its number."""

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crawlers.base import Rejected
from crawlers.file.limits import FREE_UNPACKED, MAX_LINE, MAX_RATIO, MAX_UNPACKED, MIB

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
OTHER_ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    """From 1."""
    text: str
    """With its line ending."""


class NotTextError(Exception):
    """The file as a whole cannot be read as lines; the message says why."""


def lines(path: Path, *, encoding: str = "utf-8") -> Iterator[Line | Rejected]:
    """Every line of the file in order; a line that cannot be read comes as Rejected, and so does a broken end."""
    number = 0
    try:
        with path.open("rb") as packed:
            for number, raw in _raw_lines(packed, encoding):
                yield _decoded(path, number, raw, encoding)
    except NotTextError as error:
        yield Rejected(_where(path, number), str(error))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield Rejected(_where(path, number), f"the compressed file is broken after this line ({error}): fetch it again")
    except OSError as error:
        yield Rejected(str(path), f"cannot be read: {error.strerror or error}")
    else:
        if number == 0:
            yield Rejected(str(path), "the file is empty")


def read_whole(path: Path, *, limit: int) -> bytes:
    """The unpacked content. Raises NotTextError when it is longer than `limit` bytes, packed wrongly or not text."""
    with path.open("rb") as packed:
        content = _unpacked(packed)
        try:
            read = content.read(limit + 1)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise NotTextError(f"the compressed file is broken ({error}): fetch it again") from error
    if len(read) > limit:
        raise NotTextError(f"is larger than {limit // MIB} MB unpacked: split it")
    _check_start(read[:4096], "utf-8")
    return read


def _raw_lines(packed: BinaryIO, encoding: str) -> Iterator[tuple[int, bytes | None]]:
    """Number and bytes of each line; None for one that is too long."""
    content = _unpacked(packed)
    total = 0
    number = 0
    while raw := content.readline(MAX_LINE + 1):
        number += 1
        if number == 1:
            _check_start(raw[:4096], encoding)
            raw = raw.removeprefix(UTF8_MARK)
        total += len(raw)
        too_long = len(raw) > MAX_LINE
        while too_long and raw and not raw.endswith(b"\n"):
            raw = content.readline(MIB)
            total += len(raw)
            _check_ratio(total, packed)
        _check_ratio(total, packed)
        yield number, None if too_long else raw


def _unpacked(packed: BinaryIO) -> BinaryIO:
    start = packed.read(2)
    packed.seek(0)
    if start == GZIP:
        return io.BufferedReader(gzip.GzipFile(fileobj=packed))
    return packed


def _check_start(start: bytes, encoding: str) -> None:
    if start.startswith(ZIP):
        raise NotTextError("is a zip archive, not text: unpack it, or use a mapping with format gtfs")
    for mark, name in OTHER_ENCODINGS.items():
        if start.startswith(mark) and not encoding.lower().startswith("utf-16"):
            raise NotTextError(f"is encoded as {name}: save it as UTF-8")
    if b"\0" in start:
        raise NotTextError("is not a text file (it holds zero bytes): save it as UTF-8 text")


def _check_ratio(total: int, packed: BinaryIO) -> None:
    if total <= FREE_UNPACKED:
        return
    if total > MAX_UNPACKED:
        raise NotTextError(f"is longer than {MAX_UNPACKED // MIB} MB unpacked: split it")
    if total > MAX_RATIO * max(packed.tell(), 1):
        raise NotTextError(
            f"unpacks to more than {MAX_RATIO} times its size, as a decompression bomb does: not read further"
        )


def _decoded(path: Path, number: int, raw: bytes | None, encoding: str) -> Line | Rejected:
    if raw is None:
        return Rejected(_where(path, number), f"the line is longer than {MAX_LINE // MIB} MB")
    try:
        return Line(number, raw.decode(encoding))
    except UnicodeDecodeError as error:
        told = f"byte {error.start + 1} is not {encoding}: save the file as UTF-8, or name its encoding in a mapping"
        return Rejected(_where(path, number), told)


def _where(path: Path, number: int) -> str:
    return f"{path} line {number}" if number else str(path)
