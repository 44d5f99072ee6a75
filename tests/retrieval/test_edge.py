"""What is Edge's alone: kills, locks, damage."""

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import numpy as np
import pytest

from ibcm.domain.errors import EngineError, IbcmError, IndexMismatch
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.vectors.base import Point
from retrieval.vectors.edge import EdgeVectorStore

EMBEDDER = HashingEmbedder(64)

WRITER = """
import sys, uuid
from pathlib import Path
import numpy as np
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.vectors.base import Point
from retrieval.vectors.edge import EdgeVectorStore

embedder = HashingEmbedder(64)
store = EdgeVectorStore(Path(sys.argv[1]))
store.prepare(embedder.model)
row = np.ones(64, dtype=np.float32)
for n in range(1_000_000):
    points = [Point(str(uuid.uuid4()), row, f"fort {n}", {"record": f"s:{n}:{i}"}) for i in range(10)]
    store.upsert(points)
    print(n, flush=True)
"""


def _filled(folder: Path, count: int = 3) -> EdgeVectorStore:
    store = EdgeVectorStore(folder)
    store.prepare(EMBEDDER.model)
    row = np.ones(64, dtype=np.float32)
    store.upsert([Point(str(uuid.uuid4()), row, f"fort {n}", {"record": f"s:{n}"}) for n in range(count)])
    return store


def test_acknowledged_points_survive_a_kill(tmp_path: Path) -> None:
    for _ in range(2):
        child = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        acknowledged = -1
        while acknowledged < 60:
            acknowledged = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        lines = child.stdout.read().splitlines()
        child.wait()
        child.stdout.close()
        acknowledged = max([acknowledged, *(int(line) for line in lines if line.isdigit())])
        store = EdgeVectorStore(tmp_path)
        store.prepare(EMBEDDER.model)
        expected = {f"s:{n}:{i}" for n in range(acknowledged + 1) for i in range(10)}
        assert expected <= store.records()
        store.close()


def test_a_folder_belongs_to_one_process_and_is_free_again_when_it_dies(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.readline()
    store = EdgeVectorStore(tmp_path)
    with pytest.raises(EngineError, match="in use by another process") as caught:
        store.prepare(EMBEDDER.model)
    assert caught.value.transient
    child.kill()
    child.wait()
    child.stdout.close()
    store.prepare(EMBEDDER.model)
    store.close()


def test_a_creation_that_was_killed_is_made_anew(tmp_path: Path) -> None:
    _filled(tmp_path).close()
    (tmp_path / "index.json").unlink()
    store = EdgeVectorStore(tmp_path)
    store.prepare(EMBEDDER.model)
    assert store.count() == 0
    store.close()


@pytest.mark.parametrize(
    ("pattern", "how"),
    [
        ("index.json", "garbage"),
        ("index.json", "empty"),
        ("shard/edge_config.json", "garbage"),
        ("shard/edge_config.json", "half"),
        ("shard/segments/*/segment.json", "empty"),
        ("shard/segments/*/version.info", "garbage"),
        ("shard/wal/*", "garbage"),
    ],
)
def test_damage_is_one_sentence_with_the_way_out(tmp_path: Path, pattern: str, how: str) -> None:
    _filled(tmp_path).close()
    files = sorted(tmp_path.glob(pattern))
    assert files
    for file in files:
        file.write_bytes({"garbage": os.urandom(64), "empty": b"", "half": file.read_bytes()[:50]}[how])
    with pytest.raises(IbcmError, match=r"manage\.py index rebuild") as caught:
        EdgeVectorStore(tmp_path).prepare(EMBEDDER.model)
    assert "\n" not in str(caught.value)


def test_a_foreign_or_newer_description_is_refused(tmp_path: Path) -> None:
    _filled(tmp_path).close()
    for text, error in (('{"schema": 99}', IndexMismatch), ("[1]", IbcmError), ("not json", EngineError)):
        (tmp_path / "index.json").write_text(text, encoding="utf-8")
        with pytest.raises(error, match=r"manage\.py index rebuild"):
            EdgeVectorStore(tmp_path).prepare(EMBEDDER.model)


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = _filled(tmp_path)
    store.close()
    store.close()
    with pytest.raises(EngineError, match="not open"):
        store.count()


def test_a_folder_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(EngineError, match="cannot be written"):
        EdgeVectorStore(tmp_path / "file" / "index").prepare(EMBEDDER.model)


def test_optimised_or_not_the_answers_are_the_same(tmp_path: Path) -> None:
    from retrieval.vectors.base import Where

    store = EdgeVectorStore(tmp_path)
    store.prepare(EMBEDDER.model)
    texts = [f"fort number {n} near gate {n % 7}" for n in range(300)]
    rows = EMBEDDER.passages(texts)
    store.upsert(
        [
            Point(str(uuid.uuid5(uuid.NAMESPACE_URL, text)), row, text, {"record": f"s:{n}"})
            for n, (text, row) in enumerate(zip(texts, rows, strict=True))
        ]
    )
    vector = EMBEDDER.query("gate 3")
    before = store.dense(vector, where=Where(), limit=10), store.bm25("gate 3", where=Where(), limit=10)
    store.optimize()
    assert (store.dense(vector, where=Where(), limit=10), store.bm25("gate 3", where=Where(), limit=10)) == before
    store.close()
