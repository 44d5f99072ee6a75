"""Passages for a question: dense and BM25, fused by weight after each channel was put on one scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from graph.ingest.passages import passages_of
from graph.ingest.validity import holds
from ibcm.domain.ledger import Ledger
from ibcm.domain.passages import Passage
from ibcm.domain.policy import SourcePolicy, live_data
from ibcm.domain.records import SourceRecord
from retrieval.embedders.base import Embedder
from retrieval.vectors.base import Hit, VectorStore, Where

CANDIDATES = 50
DENSE_WEIGHT = 0.6
"""Share of the dense channel. Words alone find little of a Hindi question in English text, so meaning weighs more;
fitting it on questions is a matter of the evaluation harness, which comes with its own issue."""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with its scores. `dense` is the cosine, 0 when that channel did not find it."""

    passage: Passage
    score: float
    dense: float
    bm25: float
    holds: bool = True
    """Its record holds now: its validity, where it states one, has begun and has not ended."""


def search(
    question: str,
    *,
    vectors: VectorStore,
    embedder: Embedder,
    ledger: Ledger,
    where: Where,
    now: datetime,
    limit: int = 8,
) -> list[Found]:
    """The best passages whose records may be cited at `now`, best first, ties by passage id."""
    dense = vectors.dense(embedder.query(question), where=where, limit=CANDIDATES)
    words = vectors.bm25(question, where=where, limit=CANDIDATES)
    fused = _fuse(dense, words)
    best = sorted(fused, key=lambda id_: (-fused[id_], id_))[: limit * 2]
    payloads = {hit.id: hit.payload for hit in (*dense, *words)}
    cosine, lexical = {h.id: h.score for h in dense}, {h.id: h.score for h in words}
    passages = _read({id_: payloads[id_] for id_ in best}, ledger, now)
    found = [
        Found(passages[id_][0], fused[id_], cosine.get(id_, 0.0), lexical.get(id_, 0.0), passages[id_][1])
        for id_ in best
        if id_ in passages
    ]
    return found[:limit]


def _fuse(dense: list[Hit], words: list[Hit]) -> dict[str, float]:
    """Weighted sum of min-max scaled scores; what one channel misses gets that channel's floor."""
    fused: dict[str, float] = {}
    for hits, weight in ((dense, DENSE_WEIGHT), (words, 1 - DENSE_WEIGHT)):
        if not hits:
            continue
        low, high = hits[-1].score, hits[0].score
        for hit in hits:
            scaled = (hit.score - low) / (high - low) if high > low else 1.0
            fused[hit.id] = fused.get(hit.id, 0.0) + weight * scaled
    return fused


def live_record(record: SourceRecord, policies: Mapping[str, SourcePolicy], now: datetime) -> SourceRecord:
    """The record without the fields whose own time limit has passed."""
    policy = policies.get(record.source)
    if policy is None or not policy.fields:
        return record
    return record.model_copy(update={"data": live_data(record, policy, now)})


def _read(
    payloads: Mapping[str, Mapping[str, object]], ledger: Ledger, now: datetime
) -> dict[str, tuple[Passage, bool]]:
    """Texts from the relational truth, with whether they hold now: a record that is gone or expired has none."""
    stored = ledger.citable({str(payload["record"]) for payload in payloads.values()}, now=now)
    policies = ledger.policies() if stored else {}
    found: dict[str, tuple[Passage, bool]] = {}
    for id_, payload in payloads.items():
        kept = stored.get(str(payload["record"]))
        if kept is None:
            continue
        record = live_record(kept.record, policies, now)
        for passage in passages_of(record, entity=str(payload.get("entity", ""))):
            if passage.id == id_:
                found[id_] = passage, holds(record, now)
    return found
