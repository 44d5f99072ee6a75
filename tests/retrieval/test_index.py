"""Passages into the index: what is embedded, what moves, what goes."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ibcm.domain.passages import Passage
from retrieval.embedders.base import Matrix, ModelId
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.index import Indexer, indexed_text, payload_of
from retrieval.vectors.base import Where
from retrieval.vectors.edge import EdgeVectorStore

ANYWHERE = Where()


class CountingEmbedder:
    """The hashing embedder, remembering which texts it was given."""

    def __init__(self) -> None:
        self._inner = HashingEmbedder(64)
        self.seen: list[str] = []

    @property
    def model(self) -> ModelId:
        return self._inner.model

    def passages(self, texts: Sequence[str]) -> Matrix:
        self.seen += texts
        return self._inner.passages(texts)

    def query(self, text: str) -> Matrix:
        return self._inner.query(text)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EdgeVectorStore]:
    made = EdgeVectorStore(tmp_path)
    yield made
    made.close()


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def indexer(embedder: CountingEmbedder, store: EdgeVectorStore) -> Indexer:
    made = Indexer(embedder, store)
    made.prepare()
    return made


def passage(record: str, text: str, ordinal: int = 0, title: str = "", entity: str = "e1") -> Passage:
    id_ = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{record}/{ordinal}/{text}"))
    return Passage(id_, record, ordinal, title=title, text=text, kind="note", entity=entity)


def test_a_record_holds_exactly_its_passages(indexer: Indexer, store: EdgeVectorStore) -> None:
    indexer.replace({"s:1": [passage("s:1", "fort"), passage("s:1", "lake", 1)], "s:2": [passage("s:2", "museum")]})
    indexer.replace({"s:1": [passage("s:1", "fort")]})
    assert store.count() == 2
    assert set(indexer.records()) == {"s:1", "s:2"}
    indexer.replace({"s:1": [], "s:9": []})
    assert set(indexer.records()) == {"s:2"}


def test_only_new_text_is_embedded(indexer: Indexer, embedder: CountingEmbedder) -> None:
    first = {"s:1": [passage("s:1", "fort"), passage("s:1", "lake", 1)]}
    indexer.replace(first)
    indexer.replace(first)
    assert sorted(embedder.seen) == ["fort", "lake"]
    indexer.replace({"s:1": [passage("s:1", "fort"), passage("s:1", "new lake", 1)]})
    assert sorted(embedder.seen) == ["fort", "lake", "new lake"]


def test_a_moved_entity_or_expiry_reaches_the_filters_without_embedding(
    indexer: Indexer, store: EdgeVectorStore, embedder: CountingEmbedder
) -> None:
    said = passage("s:1", "fort")
    indexer.replace({"s:1": [said]})
    indexer.replace({"s:1": [replace(said, entity="e2", city="pune", expires_at=50.0)]})
    assert embedder.seen == ["fort"]
    (hit,) = store.bm25("fort", where=Where({"entity": "e2"}, not_expired_at=49.0), limit=5)
    assert hit.payload == {
        "record": "s:1", "ordinal": 0, "kind": "note", "entity": "e2", "city": "pune", "expires_at": 50.0
    }  # fmt: skip
    assert store.bm25("fort", where=Where(not_expired_at=50.0), limit=5) == []


def test_reconcile_removes_what_it_was_not_given(indexer: Indexer) -> None:
    indexer.replace({f"s:{n}": [passage(f"s:{n}", f"fort {n}")] for n in range(600)})
    told: list[int] = []
    indexer.reconcile(((f"s:{n}", [passage(f"s:{n}", f"fort {n}")]) for n in range(300, 700)), told.append)
    assert set(indexer.records()) == {f"s:{n}" for n in range(300, 700)}
    assert told == [256, 400]


def test_a_crash_between_writing_and_deleting_is_repaired_by_repeating(
    indexer: Indexer, store: EdgeVectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexer.replace({"s:1": [passage("s:1", "fort")]})
    with monkeypatch.context() as patched:
        patched.setattr(store, "delete_points", lambda _ids: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            indexer.replace({"s:1": [passage("s:1", "lake")]})
    assert store.count() == 2
    indexer.replace({"s:1": [passage("s:1", "lake")]})
    assert [hit.payload["record"] for hit in store.bm25("lake fort", where=ANYWHERE, limit=9)] == ["s:1"]


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Fort", "An old place.", "Fort\nAn old place."),
        ("Fort", "Fort: an old place.", "Fort: an old place."),
        ("", "An old place.", "An old place."),
    ],
)
def test_the_title_is_said_once(title: str, text: str, expected: str) -> None:
    assert indexed_text(passage("s:1", text, title=title)) == expected


def test_unknown_fields_are_absent() -> None:
    known = replace(passage("s:1", "fort", entity=""), lat=18.5, lon=73.8)
    assert payload_of(known) == {"record": "s:1", "ordinal": 0, "kind": "note", "at": {"lat": 18.5, "lon": 73.8}}
    assert "at" not in payload_of(replace(known, lon=None))
