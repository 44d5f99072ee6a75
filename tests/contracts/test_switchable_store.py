"""One suite for indexes that are rebuilt aside: folders on a laptop, an alias on a server."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from qdrant_client import QdrantClient

from ibcm.domain.errors import IndexMismatch
from ibcm.domain.passages import Passage
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.index import Indexer, rebuild
from retrieval.vectors.base import Where
from retrieval.vectors.edge_index import EdgeIndex
from retrieval.vectors.server_index import ServerIndex
from retrieval.vectors.switch import SwitchableStore
from tests.servers.qdrant_double import serve

EMBEDDER, OTHER = HashingEmbedder(64), HashingEmbedder(32)
ANYWHERE = Where()


@contextmanager
def _edge(folder: Path) -> Iterator[SwitchableStore]:
    yield EdgeIndex(folder / "index")


@contextmanager
def _local(_folder: Path) -> Iterator[SwitchableStore]:
    yield ServerIndex("memory", None, "passages", client=QdrantClient(":memory:"))


@contextmanager
def _served(_folder: Path) -> Iterator[SwitchableStore]:
    server = serve(0)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield ServerIndex(f"http://127.0.0.1:{server.server_port}", None, "passages")
    server.shutdown()
    thread.join()
    server.server_close()


MAKERS = {"edge": _edge, "local": _local, "served": _served}


@pytest.fixture(
    params=[
        "edge",
        pytest.param("local", marks=pytest.mark.filterwarnings("ignore:Payload indexes have no effect")),
        pytest.param("served", marks=pytest.mark.loopback),
    ]
)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SwitchableStore]:
    with MAKERS[request.param](tmp_path) as made:
        yield made
        made.close()


def passages(*texts: str) -> list[tuple[str, Sequence[Passage]]]:
    return [(f"s:{text}", [_passage(f"s:{text}", text)]) for text in texts]


def _passage(record: str, text: str) -> Passage:
    id_ = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{record}/0/{text}"))
    return Passage(id_, record, 0, title=text, text=text, kind="place", entity="e1")


def found(store: SwitchableStore, word: str) -> list[str]:
    return [hit.payload["record"] for hit in store.bm25(word, where=ANYWHERE, limit=9)]


def test_a_rebuild_holds_exactly_what_it_was_given(store: SwitchableStore) -> None:
    indexer = Indexer(EMBEDDER, store)
    indexer.prepare()
    indexer.replace(dict(passages("fort", "lake")))
    told: list[int] = []
    made = rebuild(store, EMBEDDER, passages("lake", "museum"), told.append)
    assert (made.records, made.points, told) == (2, 2, [2])
    assert store.records() == {"s:lake", "s:museum"}
    assert (found(store, "museum"), found(store, "fort")) == (["s:museum"], [])


def test_a_rebuild_is_the_way_out_of_a_mismatch(store: SwitchableStore) -> None:
    Indexer(EMBEDDER, store).prepare()
    with pytest.raises(IndexMismatch):
        store.prepare(OTHER.model)
    rebuild(store, OTHER, passages("fort"))
    store.prepare(OTHER.model)
    assert found(store, "fort") == ["s:fort"]


def test_the_old_index_answers_until_the_switch_and_stays_after_a_failure(store: SwitchableStore) -> None:
    indexer = Indexer(EMBEDDER, store)
    indexer.prepare()
    indexer.replace(dict(passages("fort")))

    def broken() -> Iterator[tuple[str, Sequence[Passage]]]:
        yield from passages("lake")
        assert found(store, "fort") == ["s:fort"]
        raise ConnectionError("the ledger went away")

    with pytest.raises(ConnectionError):
        rebuild(store, EMBEDDER, broken())
    assert (found(store, "fort"), found(store, "lake")) == (["s:fort"], [])
    rebuild(store, EMBEDDER, passages("lake"))
    assert store.records() == {"s:lake"}


def test_many_rebuilds_leave_one_index(store: SwitchableStore) -> None:
    Indexer(EMBEDDER, store).prepare()
    for _ in range(3):
        rebuild(store, EMBEDDER, passages("fort"))
    assert store.count() == 1
    store.clear()
    store.prepare(OTHER.model)
    assert store.count() == 0


def test_a_reopened_folder_is_the_one_switched_to(tmp_path: Path) -> None:
    store = EdgeIndex(tmp_path)
    store.prepare(EMBEDDER.model)
    rebuild(store, OTHER, passages("fort"))
    store.close()
    (tmp_path / "7").mkdir()  # what a killed rebuild leaves
    again = EdgeIndex(tmp_path)
    again.prepare(OTHER.model)
    assert again.records() == {"s:fort"}
    again.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2", "current", "lock"]


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect")
def test_a_collection_left_by_a_kill_after_the_switch_goes_at_the_next_start() -> None:
    client = QdrantClient(":memory:")
    store = ServerIndex("memory", None, "passages", client=client)
    store.prepare(EMBEDDER.model)
    rebuild(store, EMBEDDER, passages("fort"))
    for name in ("passages-1", "passages-3", "passages-x", "others-1"):  # the second is built aside by somebody
        client.create_collection(name, vectors_config={})
    ServerIndex("memory", None, "passages", client=client).prepare(EMBEDDER.model)
    left = sorted(collection.name for collection in client.get_collections().collections)
    assert left == ["others-1", "passages-2", "passages-3", "passages-x"]


def test_searches_go_on_through_a_switch(tmp_path: Path) -> None:
    store = EdgeIndex(tmp_path)
    indexer = Indexer(EMBEDDER, store)
    indexer.prepare()
    indexer.replace(dict(passages("fort")))
    errors: list[BaseException] = []
    stop = False

    def search() -> None:
        try:
            while not stop:
                assert found(store, "fort") == ["s:fort"]
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    threads = [Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        rebuild(store, EMBEDDER, passages("fort"))
    stop = True
    for thread in threads:
        thread.join()
    store.close()
    assert errors == []
