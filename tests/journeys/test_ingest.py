"""Walk (a) from files to graph and index: it survives being killed at any moment, and order does not matter."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.killed_ingest import got

ROOT = Path(__file__).resolve().parents[2]
KILLS = 24
TERMS = """
survey: {name: Survey, licence: CC0-1.0, attribution: S, trust: 0.9}
map: {name: Map, licence: ODbL-1.0, attribution: M}
"""

Line = dict[str, Any]


def line(source: str, key: str, kind: str, data: dict[str, Any], **top: Any) -> Line:
    return {"source": source, "key": key, "kind": kind, "data": data, "retrieved_at": "2026-01-02T00:00:00Z", **top}


def places(number: int) -> Iterator[Line]:
    """Two sources tell of the same places, in part; later versions and reviews follow."""
    for n in range(number):
        at = {"lat": 12.9 + n / 500, "lon": 77.6}
        yield line("survey", f"p{n}", "place", {"name": f"Hotel {n}", **at, "area": f"Area {n % 7}"}, city="bangalore")
        if n % 3 == 0:
            yield line("map", f"n{n}", "place", {"name": f"HOTEL {n}", **at, "rating": 4.0}, city="bangalore")
        if n % 5 == 0:
            said = {"name": f"Hotel {n}", **at, "description": f"Opened again, number {n}."}
            yield line("survey", f"p{n}", "place", said, city="bangalore", retrieved_at="2026-02-03T00:00:00Z")
        if n % 11 == 0:
            yield line("survey", f"p{n}", "place", {}, deleted=True, retrieved_at="2026-03-04T00:00:00Z")
        if n % 4 == 0:
            about = [{"rel": "about", "key": f"p{n}"}]
            yield line("survey", f"r{n}", "review", {"text": f"Quiet, and room {n} is large."}, links=about)


def network() -> Iterator[Line]:
    """Areas, and routes whose stops come from another file."""
    for n in range(7):
        yield line("map", f"a{n}", "area", {"name": f"Area {n}", "kind": "neighbourhood"}, city="bangalore")
    for n in range(40):
        yield line("map", f"s{n}", "stop", {"name": f"Stop {n}", "lat": 13 + n / 100, "lon": 77.5, "mode": "bus"})
    for n in range(12):
        serves = [
            {"rel": "serves", "key": f"s{(n * 3 + i) % 40}", "data": {"sequence": i + 1, "direction": 0}}
            for i in range(9)
        ]
        yield line("map", f"b{n}", "route", {"name": f"Bus {n}", "mode": "bus"}, links=serves)


def write(folder: Path, *, seed: int, number: int = 500) -> Path:
    """The same records in another order, over two files."""
    lines = [*places(number), *network()]
    random.Random(seed).shuffle(lines)
    folder.mkdir()
    (folder / "source.yaml").write_text(TERMS, encoding="utf-8")
    half = len(lines) // 2
    for name, some in (("one", lines[:half]), ("two", lines[half:])):
        text = "".join(json.dumps(one) + "\n" for one in some)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def ingested(folder: Path, *, seed: int, kills: int) -> tuple[list[str], list[str], str]:
    """Canonical export, what graph and index hold, and what was said, of a home of its own."""
    records, stores = write(folder / "records", seed=seed), folder / "stores"
    stores.mkdir()
    command = [sys.executable, "-m", "tests.journeys.killed_ingest", str(records), str(stores), str(kills), str(seed)]
    environment = {**os.environ, "IBCM_HOME": str(folder / "home"), "DJANGO_SETTINGS_MODULE": "ibcm.settings"}
    ended = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines(), held(stores), ended.stderr


def held(stores: Path) -> list[str]:
    """What graph and index hold, with each entity named by its smallest record instead of its id."""
    nodes = [asdict(got(path)) for path in stores.glob("*.node")]
    passages = [asdict(one) for path in stores.glob("*.passages") for one in got(path)]
    named = {one["id"]: one["records"][0]["ref"] for one in nodes}
    shown = []
    for node in nodes:
        edges = sorted(
            json.dumps([named.get(e["target_id"], e["target_id"]), e["type"], e["ordinal"]]) for e in node["edges"]
        )
        properties = {
            name: value for name, value in node["properties"].items() if name not in {"last_seen", "revision"}
        }
        shown.append(json.dumps([named[node["id"]], node["label"], properties, edges], sort_keys=True, default=str))
    shown += [json.dumps([piece["record"], piece["text"], named.get(piece["entity"])]) for piece in passages]
    return sorted(shown)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_random_moments_it_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    export, stored, _ = ingested(tmp_path / "whole", seed=1, kills=0)
    killed_export, killed_stored, said = ingested(tmp_path / "killed", seed=2, kills=KILLS)
    assert len(export) > 500
    assert "left over: {'to_assign': 0, 'to_project': 0}, drift: 0" in said
    assert int(said.split("killed ")[1].split()[0]) >= 20, "the moments were too late to mean anything"
    assert not any('"area"' in line for line in export if '"label":"Place"' in line), "nothing was purged"
    assert killed_export == export
    assert killed_stored == stored
