"""Vectors on a laptop: Qdrant's engine inside this process, in a folder that belongs to one process at a time.

An upsert returns once it is in the engine's write-ahead log; points in it survive a kill. `flush` only shortens
that log, so that the next start has little to replay. Every method may be called from any thread.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

import qdrant_edge as qdrant

from ibcm.domain.errors import EngineError
from retrieval.embedders.base import Matrix, ModelId
from retrieval.vectors import bm25, schema
from retrieval.vectors.base import Hit, Payload, Point, Where
from retrieval.vectors.edge_filters import filter_of, records_filter
from retrieval.vectors.folder_lock import FolderLock

_FLUSH_EVERY = 5_000
"""Points between two flushes: about a second of replay after a crash."""
_PAGE = 10_000


class EdgeVectorStore:
    """One collection in `folder`, which holds a description (index.json), a lock file and the engine's shard."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shard_folder, self._description = folder / "shard", folder / "index.json"
        self._state = RLock()
        self._open: qdrant.EdgeShard | None = None
        self._lock = FolderLock(folder)
        self._model: ModelId | None = None
        self._unflushed = 0

    # -- life -----------------------------------------------------------------------------------------------
    def prepare(self, model: ModelId) -> None:
        """Open the folder, or make it. Raises IndexMismatch, and EngineError when it is in use or damaged."""
        with self._state:
            if self._open is not None:
                schema.check_description(schema.description(self._model or model), model, str(self._folder))
                return
            self._lock.take()
            try:
                self._open, self._model = self._load_or_create(model), model
            except BaseException:
                self._lock.release()
                raise

    def clear(self) -> None:
        """Remove everything; `prepare` makes it anew."""
        with self._state:
            if self._open is None:
                self._lock.take()
            else:
                self._close_shard()
            try:
                self._description.unlink(missing_ok=True)
                shutil.rmtree(self._shard_folder, ignore_errors=True)
            finally:
                self._lock.release()

    def close(self) -> None:
        """Flush and release; nothing may be called afterwards. Safe to repeat."""
        with self._state:
            if self._open is not None:
                self._close_shard()
                self._lock.release()

    def optimize(self) -> None:
        """Build HNSW and merge segments. Holds the interpreter for seconds: never while serving."""
        with self._engine("optimise") as shard:
            shard.optimize()
            shard.flush()

    # -- writing --------------------------------------------------------------------------------------------
    def upsert(self, points: Sequence[Point]) -> None:
        """Write points under their ids; they survive a crash once this returns."""
        if not points:
            return
        with self._engine("write to") as shard:
            shard.update(qdrant.UpdateOperation.upsert_points([_to_engine(point) for point in points]))
            self._written(shard, len(points))

    def set_payloads(self, payloads: Mapping[str, Payload]) -> None:
        """Point id -> the payload that replaces its own; vectors stay. Unknown ids are no error."""
        if not payloads:
            return
        with self._engine("write to") as shard:
            for id_, payload in payloads.items():
                shard.update(qdrant.UpdateOperation.overwrite_payload([id_], dict(payload)))
            self._written(shard, len(payloads))

    def delete_records(self, records: Sequence[str]) -> None:
        """Remove every point of these records (`source:key`)."""
        if not records:
            return
        with self._engine("delete from") as shard:
            shard.update(qdrant.UpdateOperation.delete_points_by_filter(records_filter(records)))
            self._written(shard, len(records))

    def delete_points(self, ids: Sequence[str]) -> None:
        """Remove these points; unknown ids are no error."""
        if not ids:
            return
        with self._engine("delete from") as shard:
            shard.update(qdrant.UpdateOperation.delete_points(list(ids)))
            self._written(shard, len(ids))

    # -- reading --------------------------------------------------------------------------------------------
    def points_of_records(self, records: Sequence[str]) -> Mapping[str, Mapping[str, Payload]]:
        """record -> id of each of its points -> payload; records without points are missing."""
        found: dict[str, dict[str, Payload]] = {}
        if records:
            with self._engine("read") as shard:
                for id_, payload in _scroll(shard, records_filter(records), with_payload=True):
                    found.setdefault(str(payload[schema.RECORD]), {})[id_] = payload
        return found

    def records(self) -> set[str]:
        """Every record that has a point."""
        with self._engine("read") as shard:
            return {str(payload[schema.RECORD]) for _, payload in _scroll(shard, None, with_payload=[schema.RECORD])}

    def dense(self, vector: Matrix, *, where: Where, limit: int) -> list[Hit]:
        """Nearest by cosine, best first, ties by id."""
        return self._best(qdrant.Query.Nearest(vector.tolist(), using=schema.DENSE), where, limit)

    def bm25(self, text: str, *, where: Where, limit: int) -> list[Hit]:
        """Best by BM25, best first, ties by id; nothing when no word matches."""
        words = bm25.query(text)
        if not words.indices:
            return []
        vector = qdrant.SparseVector(words.indices, words.values)
        return self._best(qdrant.Query.Nearest(vector, using=schema.BM25), where, limit)

    def count(self) -> int:
        """How many points there are."""
        with self._engine("read") as shard:
            return shard.count(qdrant.CountRequest(exact=True))

    # -- inside ---------------------------------------------------------------------------------------------
    def _best(self, query: Any, where: Where, limit: int) -> list[Hit]:
        filter_ = filter_of(where)

        def fetch(asked: int) -> list[Hit]:
            request = qdrant.QueryRequest(limit=asked, query=query, filter=filter_, with_payload=True)
            return [Hit(str(hit.id), float(hit.score), hit.payload or {}) for hit in shard.query(request)]

        with self._engine("search") as shard:
            return schema.best(fetch, limit)

    @contextmanager
    def _engine(self, doing: str) -> Iterator[qdrant.EdgeShard]:
        shard = self._open
        if shard is None:
            raise EngineError(f"The index in {self._folder} is not open: it was closed, or never prepared.")
        try:
            yield shard
        except Exception as error:  # the engine raises nothing narrower
            raise EngineError(f"Could not {doing} the index in {self._folder}: {error}") from error

    def _written(self, shard: qdrant.EdgeShard, points: int) -> None:
        with self._state:
            self._unflushed += points
            due = self._unflushed >= _FLUSH_EVERY
            if due:
                self._unflushed = 0
        if due:
            shard.flush()

    def _load_or_create(self, model: ModelId) -> qdrant.EdgeShard:
        try:
            described = json.loads(self._description.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return self._create(model)
        except (OSError, ValueError) as error:
            raise self._damaged(error) from error
        schema.check_description(described, model, str(self._folder))
        try:
            return qdrant.EdgeShard.load(str(self._shard_folder))
        except BaseException as error:  # a damaged file may be a panic, which is no Exception
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            raise self._damaged(error) from error

    def _create(self, model: ModelId) -> qdrant.EdgeShard:
        # Without a description nothing here was ever whole: a creation that was killed, at most.
        shutil.rmtree(self._shard_folder, ignore_errors=True)
        try:
            self._shard_folder.mkdir()
            shard = qdrant.EdgeShard.create(str(self._shard_folder), _config(model.dimensions))
            for field in schema.KEYWORDS:
                _index(shard, field, qdrant.PayloadSchemaType.Keyword)
            _index(shard, schema.PLACE, qdrant.PayloadSchemaType.Geo)
            _index(shard, schema.EXPIRY, qdrant.PayloadSchemaType.Float)
            shard.flush()
            aside = self._description.with_suffix(".new")
            aside.write_text(json.dumps(schema.description(model), indent=2) + "\n", encoding="utf-8")
            aside.replace(self._description)
        except Exception as error:  # the engine raises nothing narrower
            raise EngineError(f"Could not make an index in {self._folder}: {error}") from error
        return shard

    def _damaged(self, error: BaseException) -> EngineError:
        why = " ".join(str(error).split())
        return EngineError(f"The index in {self._folder} is damaged ({why}): run `manage.py index rebuild`.")

    def _close_shard(self) -> None:
        shard, self._open, self._model = self._open, None, None
        if shard is not None:
            shard.flush()
            shard.close()


def _config(dimensions: int) -> qdrant.EdgeConfig:
    return qdrant.EdgeConfig(
        vectors={schema.DENSE: qdrant.EdgeVectorParams(size=dimensions, distance=qdrant.Distance.Cosine)},
        sparse_vectors={schema.BM25: qdrant.EdgeSparseVectorParams(modifier=qdrant.Modifier.Idf)},
    )


def _index(shard: qdrant.EdgeShard, field: str, kind: qdrant.PayloadSchemaType) -> None:
    shard.update(qdrant.UpdateOperation.create_field_index(field, kind))


def _to_engine(point: Point) -> qdrant.Point:
    words = bm25.document(point.text)
    vectors: dict[str, Any] = {schema.DENSE: point.dense.tolist()}
    if words.indices:
        vectors[schema.BM25] = qdrant.SparseVector(words.indices, words.values)
    return qdrant.Point(point.id, vectors, dict(point.payload))


def _scroll(
    shard: qdrant.EdgeShard, filter_: qdrant.Filter | None, *, with_payload: bool | list[str]
) -> Iterator[tuple[str, Payload]]:
    offset: Any = None
    while True:
        request = qdrant.ScrollRequest(offset=offset, limit=_PAGE, filter=filter_, with_payload=with_payload)
        page, offset = shard.scroll(request)
        for row in page:
            yield str(row.id), row.payload or {}
        if offset is None:
            return
