"""The tables of a GTFS zip that we use, read out of the archive without unpacking it to disk."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from crawlers.base import Rejected
from crawlers.file.limits import FREE_UNPACKED, MAX_GTFS, MAX_RATIO, MIB
from crawlers.file.tables import Row

TABLES = ("agency", "stops", "routes", "trips", "stop_times", "frequencies")
NEEDED = {
    "stops": ("stop_id", "stop_name"),
    "routes": ("route_id", "route_type"),
    "trips": ("route_id", "trip_id"),
    "stop_times": ("trip_id", "stop_id", "stop_sequence"),
}
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
"""What zipfile raises for damaged, encrypted (RuntimeError) or unknown compression (NotImplementedError)."""


class FeedError(Exception):
    """The archive as a whole cannot be used; the message says why."""


class Feed:
    """An open GTFS zip. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.archive = zipfile.ZipFile(path)
        except BROKEN as error:
            raise FeedError(f"is no whole zip archive ({error}): fetch it again") from error
        self.members = self._members()

    def __enter__(self) -> "Feed":
        return self

    def __exit__(self, *_: object) -> None:
        self.archive.close()

    def _members(self) -> dict[str, zipfile.ZipInfo]:
        """Table -> member. Some archives hold the tables in a folder."""
        found: dict[str, zipfile.ZipInfo] = {}
        for info in self.archive.infolist():
            folder, _, name = info.filename.rpartition("/")
            if name.removesuffix(".txt") in TABLES and name.endswith(".txt") and folder.count("/") == 0:
                found.setdefault(name.removesuffix(".txt"), info)
        total = sum(info.file_size for info in found.values())
        if total > MAX_GTFS:
            raise FeedError(
                f"its tables unpack to {total // MIB} MB, more than {MAX_GTFS // MIB} MB: take a smaller extract"
            )
        for info in found.values():
            if info.file_size > FREE_UNPACKED and info.file_size > MAX_RATIO * max(info.compress_size, 1):
                raise FeedError(f"{info.filename} unpacks to more than {MAX_RATIO} times its size, as a zip bomb does")
        return found

    def rows(self, table: str) -> Iterator[Row | Rejected]:
        """Rows of one table with stripped values; a missing or damaged one is said once."""
        if table not in self.members:
            if table in NEEDED:
                yield Rejected(f"{self.path}", f"{table}.txt is missing")
            return
        where = f"{self.path}/{self.members[table].filename}"
        number = 0
        try:
            with self.archive.open(self.members[table]) as packed:
                text = io.TextIOWrapper(packed, encoding="utf-8-sig", newline="")
                for number, found in enumerate(_rows(text, where, NEEDED.get(table, ())), start=2):  # noqa: B007  # the handlers below say how far it came
                    yield found
        except UnicodeDecodeError as error:
            yield Rejected(
                f"{where} after line {number}", f"byte {error.start + 1} there is not UTF-8: save the feed as UTF-8"
            )
        except BROKEN as error:
            yield Rejected(
                f"{where} after line {number}", f"the archive is damaged from here on ({error}): fetch it again"
            )


def _rows(text: io.TextIOWrapper, where: str, needed: Sequence[str]) -> Iterator[Row | Rejected]:
    reader = csv.reader(text, skipinitialspace=True)
    header: list[str] | None = None
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Rejected(f"{where} line {reader.line_num}", f"not a row of the table ({error})")
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            if missing := [column for column in needed if column not in header]:
                yield Rejected(f"{where} line 1", f"column {missing[0]} is missing")
                return
        elif any(cells):
            yield _row(header, cells, needed, f"{where} line {reader.line_num}")


def _row(header: list[str], cells: list[str], needed: Sequence[str], where: str) -> Row | Rejected:
    values = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
    for column in needed:
        if not values.get(column) and column != "stop_name":  # boarding areas and nodes have no name
            return Rejected(where, f"{column} is empty")
    return Row(where, values)
