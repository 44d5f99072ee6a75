"""Passages into a vector store: only new text is embedded, what is gone is deleted, repeating changes nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from ibcm.domain.drift import Fault
from ibcm.domain.passages import Passage
from retrieval.embedders.base import Embedder
from retrieval.vectors.base import Payload, Point, VectorStore
from retrieval.vectors.switch import SwitchableStore

_EMBED = 256
"""Passages embedded at once: enough to sort by length, few enough that a crash repeats only seconds of work."""
_DEGREES = 7
"""Digits of a coordinate: a centimetre. The engine gives back other last bits than it was given of longer ones."""
_RECORDS = 256
"""Records whose ids are compared in one question to the store."""

T = TypeVar("T")
RecordPassages = tuple[str, Sequence[Passage]]


class Indexer:
    """Implements ibcm.domain.passages.PassageIndex. `prepare` the store with `prepare()` first."""

    def __init__(self, embedder: Embedder, store: VectorStore) -> None:
        self._embedder, self._store = embedder, store

    def prepare(self) -> None:
        """Open or create the index for this embedder. Raises IndexMismatch, and EngineError."""
        self._store.prepare(self._embedder.model)

    def replace(self, passages: Mapping[str, Sequence[Passage]]) -> None:
        """For each record (`source:key`) hold exactly these passages; an empty sequence removes the record.

        New passages are written before old ones are deleted, so that a crash between leaves a record findable.
        """
        for batch in _chunks(passages.items(), _RECORDS):
            self._replace(dict(batch))

    def records(self) -> Iterable[str]:
        """Every record that has at least one passage, in no order."""
        return self._store.records()

    def reconcile(self, passages: Iterable[RecordPassages], progress: Callable[[int], None] | None = None) -> None:
        """Hold exactly these records and no other. `progress` is given the number of records done, now and then."""
        gone = set(self._store.records())
        done = 0
        for batch in _chunks(passages, _RECORDS):
            self._replace(dict(batch))
            gone.difference_update(record for record, _ in batch)
            done += len(batch)
            if progress is not None:
                progress(done)
        for records in _chunks(sorted(gone), _RECORDS):
            self._store.delete_records(records)

    def compare(self, passages: Mapping[str, Sequence[Passage]]) -> Mapping[str, Sequence[Fault]]:
        """See PassageIndex. An id tells record, place and text; the payload is compared, vectors are not."""
        found: dict[str, Sequence[Fault]] = {}
        for batch in _chunks(passages.items(), _RECORDS):
            there = self._store.points_of_records([record for record, _ in batch])
            for record, wanted in batch:
                if faults := _faults(wanted, there.get(record, {})):
                    found[record] = faults
        return found

    def _replace(self, passages: Mapping[str, Sequence[Passage]]) -> None:
        there = self._store.points_of_records(list(passages))
        fresh: list[Passage] = []
        moved: dict[str, Payload] = {}
        surplus: list[str] = []
        for record, wanted in passages.items():
            had = there.get(record, {})
            for passage in wanted:
                if passage.id not in had:
                    fresh.append(passage)
                elif had[passage.id] != (payload := payload_of(passage)):
                    moved[passage.id] = payload
            surplus += sorted(had.keys() - {passage.id for passage in wanted})
        for batch in _chunks(sorted(fresh, key=lambda passage: len(passage.text)), _EMBED):
            self._write(batch)
        self._store.set_payloads(moved)
        self._store.delete_points(surplus)

    def _write(self, passages: Sequence[Passage]) -> None:
        texts = [indexed_text(passage) for passage in passages]
        rows = self._embedder.passages(texts)
        self._store.upsert(
            [
                Point(passage.id, row, text, payload_of(passage))
                for passage, row, text in zip(passages, rows, texts, strict=True)
            ]
        )


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild made."""

    records: int
    points: int


def rebuild(
    store: SwitchableStore,
    embedder: Embedder,
    passages: Iterable[RecordPassages],
    progress: Callable[[int], None] | None = None,
) -> Rebuilt:
    """Build a whole new index aside, switch to it, and remove the old one; the old one answers until the switch.

    `passages` gives every record of the ledger with its passages. What is written meanwhile goes into the old index:
    the caller lets it be projected again after the switch (`Ledger.mark_projected_since`).
    """
    aside = store.aside()
    try:
        aside.clear()
        fresh = Indexer(embedder, aside)
        fresh.prepare()
        fresh.reconcile(passages, progress)
        aside.optimize()
        store.switch(aside, embedder.model)
    except BaseException:
        aside.close()
        raise
    return Rebuilt(records=len(store.records()), points=store.count())


def indexed_text(passage: Passage) -> str:
    """What is embedded and weighed: title and text, the title once."""
    if not passage.title or passage.text.startswith(passage.title):
        return passage.text
    return f"{passage.title}\n{passage.text}"


def payload_of(passage: Passage) -> dict[str, Any]:
    """Ids and filter fields; what is unknown is absent, and no text is among them."""
    payload: dict[str, Any] = {"record": passage.record, "ordinal": passage.ordinal, "kind": passage.kind}
    known = {
        "entity": passage.entity,
        "city": passage.city,
        "sector": passage.sector,
        "language": passage.language,
    }
    payload |= {field: value for field, value in known.items() if value}
    if passage.lat is not None and passage.lon is not None:
        payload["at"] = {"lat": round(passage.lat, _DEGREES), "lon": round(passage.lon, _DEGREES)}
    if passage.expires_at is not None:
        payload["expires_at"] = passage.expires_at
    return payload


def _faults(wanted: Sequence[Passage], had: Mapping[str, Payload]) -> list[Fault]:
    payloads = {passage.id: payload_of(passage) for passage in wanted}
    faults: dict[Fault, bool] = {
        "missing": bool(payloads.keys() - had.keys()),
        "extra": bool(had.keys() - payloads.keys()),
        "stale": any(had[id_] != payload for id_, payload in payloads.items() if id_ in had),
    }
    return [fault for fault, there in faults.items() if there]


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
