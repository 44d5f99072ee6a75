"""The index of a laptop home: numbered folders, and a file that names the one that answers."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Condition

from ibcm.domain.errors import EngineError
from retrieval.embedders.base import Matrix, ModelId
from retrieval.vectors.base import Hit, Payload, Point, VectorStore, Where
from retrieval.vectors.edge import EdgeVectorStore
from retrieval.vectors.folder_lock import FolderLock


@dataclass(slots=True)
class _Generation:
    """A folder's store and how many calls are inside it."""

    store: EdgeVectorStore
    folder: Path
    users: int = 0


class EdgeIndex:
    """`folder`/1, /2, … each an EdgeVectorStore; the file `current` says which one answers. Safe between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._pointer = folder, folder / "current"
        self._lock = FolderLock(folder)
        self._changed = Condition()
        self._current: _Generation | None = None

    def prepare(self, model: ModelId) -> None:
        """Open the current index, or make the first. Raises IndexMismatch and EngineError."""
        with self._changed:
            if self._current is not None:
                self._current.store.prepare(model)
                return
            self._lock.take()
            folder = self._folder / str(self._number())
            store = EdgeVectorStore(folder)
            try:
                store.prepare(model)
            except BaseException:
                self._lock.release()
                raise
            self._current = _Generation(store, folder)
            self._sweep()

    def aside(self) -> VectorStore:
        """A store in the next folder."""
        with self._changed:
            self._lock.take()
            return EdgeVectorStore(self._folder / str(self._number() + 1))

    def switch(self, aside: VectorStore, model: ModelId) -> None:
        """Move the pointer, wait for the calls inside the old store, and delete its folder."""
        if not isinstance(aside, EdgeVectorStore):
            raise TypeError("only a store that `aside` gave can be switched to")
        with self._changed:
            aside.prepare(model)
            number = self._number() + 1
            self._point_at(number)
            old, self._current = self._current, _Generation(aside, self._folder / str(number))
            if old is not None:
                self._changed.wait_for(lambda: old.users == 0)
                old.store.close()
            self._sweep()

    def clear(self) -> None:
        """Remove everything; `prepare` makes it anew."""
        with self._changed:
            self._lock.take()
            try:
                if self._current is not None:
                    self._current.store.close()
                    self._current = None
                self._pointer.unlink(missing_ok=True)
                self._sweep()
            finally:
                self._lock.release()

    def close(self) -> None:
        """Flush and release. Safe to repeat."""
        with self._changed:
            generation, self._current = self._current, None
            if generation is not None:
                self._changed.wait_for(lambda: generation.users == 0)
                generation.store.close()
            self._lock.release()

    # -- handed on to the current store -------------------------------------------------------------------------
    def upsert(self, points: Sequence[Point]) -> None:
        """See VectorStore."""
        with self._using() as store:
            store.upsert(points)

    def set_payloads(self, payloads: Mapping[str, Payload]) -> None:
        """See VectorStore."""
        with self._using() as store:
            store.set_payloads(payloads)

    def delete_records(self, records: Sequence[str]) -> None:
        """See VectorStore."""
        with self._using() as store:
            store.delete_records(records)

    def delete_points(self, ids: Sequence[str]) -> None:
        """See VectorStore."""
        with self._using() as store:
            store.delete_points(ids)

    def points_of_records(self, records: Sequence[str]) -> Mapping[str, Mapping[str, Payload]]:
        """See VectorStore."""
        with self._using() as store:
            return store.points_of_records(records)

    def records(self) -> set[str]:
        """See VectorStore."""
        with self._using() as store:
            return store.records()

    def dense(self, vector: Matrix, *, where: Where, limit: int) -> list[Hit]:
        """See VectorStore."""
        with self._using() as store:
            return store.dense(vector, where=where, limit=limit)

    def bm25(self, text: str, *, where: Where, limit: int) -> list[Hit]:
        """See VectorStore."""
        with self._using() as store:
            return store.bm25(text, where=where, limit=limit)

    def count(self) -> int:
        """See VectorStore."""
        with self._using() as store:
            return store.count()

    def optimize(self) -> None:
        """See VectorStore."""
        with self._using() as store:
            store.optimize()

    # -- inside ---------------------------------------------------------------------------------------------
    @contextmanager
    def _using(self) -> Iterator[EdgeVectorStore]:
        with self._changed:
            generation = self._current
            if generation is None:
                raise EngineError(f"The index in {self._folder} is not open: it was closed, or never prepared.")
            generation.users += 1
        try:
            yield generation.store
        finally:
            with self._changed:
                generation.users -= 1
                self._changed.notify_all()

    def _number(self) -> int:
        try:
            return int(self._pointer.read_text(encoding="ascii"))
        except FileNotFoundError:
            return 1
        except (OSError, ValueError) as error:
            raise EngineError(
                f"{self._pointer} does not name an index ({error}): delete it and run `manage.py index rebuild`."
            ) from error

    def _point_at(self, number: int) -> None:
        aside = self._pointer.with_suffix(".new")
        aside.write_text(str(number), encoding="ascii")
        aside.replace(self._pointer)

    def _sweep(self) -> None:
        """Delete numbered folders that do not answer: old ones, and what a killed rebuild left."""
        keep = self._current.folder if self._current else None
        for folder in self._folder.iterdir():
            if folder.is_dir() and folder.name.isdigit() and folder != keep:
                shutil.rmtree(folder, ignore_errors=True)
