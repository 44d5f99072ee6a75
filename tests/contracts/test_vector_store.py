"""One suite for every vector store: embedded always, the client's local mode always, a server when one is named."""

import os
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from ibcm.domain.errors import EngineError, IndexMismatch
from retrieval.embedders.base import ModelId
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.vectors.base import Point, VectorStore, Where
from retrieval.vectors.edge import EdgeVectorStore
from retrieval.vectors.server import ServerVectorStore

EMBEDDER = HashingEmbedder(dimensions=64)
ANYWHERE = Where()


def _local() -> ServerVectorStore:
    from qdrant_client import QdrantClient

    return ServerVectorStore("memory", None, "passages", client=QdrantClient(":memory:"))


def _served() -> ServerVectorStore:
    if not (url := os.environ.get("IBCM_TEST_QDRANT_URL")):
        pytest.skip("IBCM_TEST_QDRANT_URL names no Qdrant server")
    return ServerVectorStore(url, os.environ.get("IBCM_TEST_QDRANT_API_KEY"), f"test-{uuid.uuid4().hex}")


@pytest.fixture(
    params=[
        "edge",
        pytest.param("local", marks=pytest.mark.filterwarnings("ignore:Payload indexes have no effect")),
        pytest.param("server", marks=pytest.mark.servers),
    ]
)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorStore]:
    kind = request.param
    made: VectorStore = EdgeVectorStore(tmp_path / "index") if kind == "edge" else _local()
    if kind == "server":
        made = _served()
    made.prepare(EMBEDDER.model)
    yield made
    made.clear()
    made.close()


def point(record: str, text: str, ordinal: int = 0, **payload: Any) -> Point:
    return Point(
        id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{record}/{ordinal}/{text}")),
        dense=EMBEDDER.passages([text])[0],
        text=text,
        payload={"record": record, "ordinal": ordinal, "kind": "place", **payload},
    )


def records(hits: Sequence[Any]) -> list[str]:
    return [hit.payload["record"] for hit in hits]


def test_preparing_again_keeps_the_points(store: VectorStore) -> None:
    store.upsert([point("s:1", "old fort by the river")])
    store.prepare(EMBEDDER.model)
    assert store.count() == 1


def test_another_embedder_is_refused_with_the_command(store: VectorStore) -> None:
    with pytest.raises(IndexMismatch, match=r"manage\.py index rebuild"):
        store.prepare(HashingEmbedder(dimensions=32).model)
    with pytest.raises(IndexMismatch, match="built by hashing"):
        store.prepare(ModelId("other", "0" * 64, 64))


def test_dense_finds_the_nearest_with_its_payload(store: VectorStore) -> None:
    store.upsert([point("s:1", "old fort by the river", city="pune"), point("s:2", "vegetarian thali at the station")])
    (best, other) = store.dense(EMBEDDER.query("fort river"), where=ANYWHERE, limit=5)
    assert dict(best.payload) == {"record": "s:1", "ordinal": 0, "kind": "place", "city": "pune"}
    assert best.score > other.score


def test_upsert_replaces_and_repeating_changes_nothing(store: VectorStore) -> None:
    first = point("s:1", "old fort", city="pune")
    store.upsert([first])
    store.upsert([first])
    store.upsert([Point(first.id, first.dense, "new museum", {"record": "s:1", "city": "delhi"})])
    assert store.count() == 1
    assert records(store.bm25("museum", where=Where({"city": "delhi"}), limit=5)) == ["s:1"]
    assert store.bm25("fort", where=ANYWHERE, limit=5) == []


def test_bm25_weighs_rare_words_more(store: VectorStore) -> None:
    store.upsert([point(f"s:{n}", "hospital near the station") for n in range(8)])
    store.upsert([point("s:rare", "observatory near the lake")])
    assert records(store.bm25("hospital observatory", where=ANYWHERE, limit=3))[0] == "s:rare"


def test_bm25_finds_hindi_words_in_their_other_forms(store: VectorStore) -> None:
    store.upsert(
        [
            point("s:1", "बच्चों का अस्पताल, पुणे स्टेशन के पास", language="hi"),
            point("s:2", "दिल्ली का पुराना क़िला", language="hi"),
            point("s:3", "Children's hospital", language="en"),
        ]
    )
    assert records(store.bm25("अस्पतालों", where=ANYWHERE, limit=5)) == ["s:1"]
    assert records(store.bm25("किला कहाँ है?", where=ANYWHERE, limit=5)) == ["s:2"]
    assert records(store.bm25("hospitals", where=ANYWHERE, limit=5)) == ["s:3"]


@pytest.mark.parametrize("question", ["", "   ", "?!", "the of", "का के है", "zzyzx", "\x00\x07"])
def test_bm25_without_a_word_that_counts_finds_nothing(store: VectorStore, question: str) -> None:
    store.upsert([point("s:1", "the fort of the city"), point("s:2", "…")])
    assert store.bm25(question, where=ANYWHERE, limit=5) == []


def test_filters_hold_together_and_a_list_means_any(store: VectorStore) -> None:
    store.upsert(
        [
            point("s:1", "fort", city="pune", sector="retail"),
            point("s:2", "fort", city="delhi", sector="retail"),
            point("s:3", "fort", city="chennai", sector="fintech"),
            point("s:4", "fort"),
        ]
    )
    vector = EMBEDDER.query("fort")

    def found(**equals: Any) -> set[str]:
        return set(records(store.dense(vector, where=Where(equals), limit=9)))

    assert found(city="pune") == {"s:1"}
    assert found(city=["pune", "delhi"]) == {"s:1", "s:2"}
    assert found(city=["pune", "chennai"], sector="fintech") == {"s:3"}
    assert found(city=[]) == set()
    assert found() == {"s:1", "s:2", "s:3", "s:4"}


def test_near_is_a_radius_in_metres(store: VectorStore) -> None:
    store.upsert(
        [
            point("s:here", "fort", at={"lat": 18.5204, "lon": 73.8567}),
            point("s:900m", "fort", at={"lat": 18.5285, "lon": 73.8567}),
            point("s:far", "fort", at={"lat": 18.6, "lon": 73.8567}),
            point("s:nowhere", "fort"),
        ]
    )
    hits = store.bm25("fort", where=Where(near=(18.5204, 73.8567, 1_000.0)), limit=9)
    assert set(records(hits)) == {"s:here", "s:900m"}


def test_expired_points_are_left_out_and_undated_ones_stay(store: VectorStore) -> None:
    store.upsert(
        [
            point("s:past", "fort", expires_at=1_000.0),
            point("s:now", "fort", expires_at=2_000.5),
            point("s:later", "fort", expires_at=2_000.75),
            point("s:never", "fort"),
        ]
    )
    hits = store.dense(EMBEDDER.query("fort"), where=Where(not_expired_at=2_000.5), limit=9)
    assert set(records(hits)) == {"s:later", "s:never"}


def test_equal_scores_are_ordered_by_id_wherever_the_limit_cuts(store: VectorStore) -> None:
    points = [point(f"s:{n}", "same words", ordinal=n) for n in range(60)]
    store.upsert(list(reversed(points)))
    expected = sorted(p.id for p in points)
    vector = EMBEDDER.query("same words")
    for limit in (1, 7, 60, 100):
        assert [hit.id for hit in store.bm25("same words", where=ANYWHERE, limit=limit)] == expected[:limit]
        assert [hit.id for hit in store.dense(vector, where=ANYWHERE, limit=limit)] == expected[:limit]


def test_a_payload_is_replaced_without_the_vectors(store: VectorStore) -> None:
    fort, lake = point("s:1", "fort", city="pune", expires_at=5.0), point("s:2", "lake", city="pune")
    store.upsert([fort, lake])
    store.set_payloads({fort.id: {"record": "s:1", "city": "delhi"}})
    assert store.points_of_records(["s:1", "s:2"]) == {
        "s:1": {fort.id: {"record": "s:1", "city": "delhi"}},
        "s:2": {lake.id: lake.payload},
    }
    assert records(store.bm25("fort", where=Where({"city": "delhi"}, not_expired_at=9.0), limit=5)) == ["s:1"]
    assert records(store.dense(EMBEDDER.query("fort"), where=Where({"city": "pune"}), limit=5)) == ["s:2"]


def test_points_of_records_and_deleting(store: VectorStore) -> None:
    one, two, other = point("s:1", "fort"), point("s:1", "museum", 1), point("s:2", "lake")
    store.upsert([one, two, other])
    assert store.points_of_records(["s:1", "s:2", "s:9"]) == {
        "s:1": {one.id: one.payload, two.id: two.payload},
        "s:2": {other.id: other.payload},
    }
    assert store.records() == {"s:1", "s:2"}
    store.delete_points([two.id, str(uuid.uuid4())])
    assert store.points_of_records(["s:1"]).keys() == {"s:1"}
    store.delete_records(["s:1", "s:9"])
    assert store.records() == {"s:2"}
    assert store.count() == 1


def test_nothing_given_is_nothing_done(store: VectorStore) -> None:
    store.upsert([])
    store.delete_points([])
    store.delete_records([])
    store.set_payloads({})
    assert store.points_of_records([]) == {}
    assert store.records() == set()
    assert store.dense(EMBEDDER.query("fort"), where=ANYWHERE, limit=0) == []


def test_clear_makes_room_for_another_embedder(store: VectorStore) -> None:
    store.upsert([point("s:1", "fort")])
    store.clear()
    store.prepare(ModelId("other", "0" * 64, 8))
    assert store.count() == 0
    store.upsert([Point(str(uuid.uuid4()), np.ones(8, dtype=np.float32), "fort", {"record": "s:1"})])
    assert store.count() == 1


def test_the_text_is_not_kept(store: VectorStore) -> None:
    store.upsert([point("s:1", "unmistakable words")])
    (hit,) = store.bm25("unmistakable", where=ANYWHERE, limit=1)
    assert "unmistakable" not in str(dict(hit.payload))


def test_several_threads_write_and_search(store: VectorStore, request: pytest.FixtureRequest) -> None:
    if "local" in request.node.name:
        pytest.skip("the client's local mode is not made for threads; the server it stands for is")
    errors: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            for n in range(10):
                store.upsert([point(f"w{worker}:{n}", f"fort number {n} of {worker}")])
                store.bm25("fort", where=ANYWHERE, limit=5)
                store.points_of_records([f"w{worker}:{n}"])
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    threads = [Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.count() == 40


def test_a_vector_of_the_wrong_size_is_an_engine_error(store: VectorStore) -> None:
    with pytest.raises(EngineError):
        store.upsert([Point(str(uuid.uuid4()), np.ones(3, dtype=np.float32), "fort", {"record": "s:1"})])
