"""Small files in a folder, and what reading them yields."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawlers.base import Rejected
from crawlers.file import read_files
from ibcm.domain.records import SourceRecord

PLACE = {
    "source": "ours",
    "key": "1",
    "kind": "place",
    "data": {"name": "Blue Door", "lat": 39.8, "lon": -89.6},
    "retrieved_at": "2026-01-02T00:00:00Z",
}
POLICY = "name: Ours\nlicence: CC0-1.0\nattribution: Us\n"


@dataclass
class Read:
    records: list[SourceRecord]
    rejected: list[Rejected]

    @property
    def told(self) -> str:
        return "\n".join(f"{item.where}: {item.shown}" for item in self.rejected)


@dataclass
class Folder:
    path: Path

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def lines(self, name: str, *values: Any) -> Path:
        return self.write(name, "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values))

    def mapping(self, text: str, *, name: str = "map.yaml") -> Path:
        head = "sources:\n  ours: {name: Ours, licence: CC0-1.0, attribution: Us}\nretrieved_at: 2026-01-02\n"
        return self.write(name, head + text)

    def read(self, *paths: Path, mapping: Path | None = None) -> Read:
        found = list(read_files(list(paths) or [self.path], mapping, policies={}))
        return Read(
            [item for item in found if isinstance(item, SourceRecord)],
            [item for item in found if isinstance(item, Rejected)],
        )

    def table(self, csv: str, records: str, *, name: str = "t.csv", table: str = "") -> Read:
        """Read one table by one list of record rules, both as text."""
        path = self.write(name, csv)
        indented = "".join(f"      {line}\n" for line in records.strip("\n").splitlines())
        extra = "".join(f"    {line}\n" for line in table.strip("\n").splitlines())
        return self.read(path, mapping=self.mapping(f'tables:\n  - files: "{name}"\n{extra}    records:\n{indented}'))
