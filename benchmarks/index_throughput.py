#!/usr/bin/env python3
"""How much of the encoder's speed is left when passages are indexed: index throughput / bare encoder throughput.

    python -m benchmarks.index_throughput --models var/models [--corpus corpus.jsonl.gz] [--limit 1000] [--rounds 3]

The bare encoder embeds all texts in one call. The index does what projection does: compare ids, embed, weigh words,
write dense and sparse vectors with payload into Qdrant Edge, record by record batch. Both take turns for `rounds`
rounds over the same texts; medians are compared. The goal is a ratio above 0.85. `encoding_share` is the part of the
indexing time spent inside the encoder: the same question, asked within one run, for machines that are busy with
other things. Without `--corpus` (JSON lines with `_id` or `id`, `title`, `text`, or the same gzipped) the texts are
made from a seed: half of them as short as a place's line, half as long as an article's passage.
"""

import argparse
import gzip
import json
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from ibcm.domain.passages import Passage
from retrieval.embedders.base import Embedder, Matrix, ModelId
from retrieval.index import Indexer, indexed_text
from retrieval.models import DEFAULT_EMBEDDER, load_embedder
from retrieval.vectors.edge import EdgeVectorStore

_WORDS = """
    hospital school museum station market temple lake garden road ward street old new north south east west open
    daily public private emergency children library bus metro line gate food vegetarian coffee book clinic college
    अस्पताल विद्यालय बाज़ार स्टेशन मंदिर झील सड़क पुस्तकालय
"""


class Timed:
    """An embedder and the seconds spent in it."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.seconds = 0.0

    @property
    def model(self) -> ModelId:
        return self._inner.model

    def passages(self, texts: Sequence[str]) -> Matrix:
        started = time.perf_counter()
        rows = self._inner.passages(texts)
        self.seconds += time.perf_counter() - started
        return rows

    def query(self, text: str) -> Matrix:
        return self._inner.query(text)


def main() -> None:
    options = _options()
    passages = list(_from_file(options.corpus) if options.corpus else _made(options.limit))[: options.limit]
    embedder = load_embedder(options.embedder, options.models)
    embedder.passages([indexed_text(passage) for passage in passages[:32]])  # weights read, kernels chosen
    bare, indexed, shares = [], [], []
    for round_ in range(options.rounds):
        bare.append(_encode(embedder, passages))
        timed = Timed(embedder)
        indexed.append(_index(timed, passages))
        shares.append(timed.seconds * indexed[-1] / len(passages))
        print(f"round {round_ + 1}: bare {bare[-1]:.1f}, indexed {indexed[-1]:.1f} passages/s", file=sys.stderr)
    encoder, index = statistics.median(bare), statistics.median(indexed)
    report = {
        "embedder": embedder.model.name,
        "corpus": options.corpus.name if options.corpus else "made",
        "passages": len(passages),
        "encoder_per_s": round(encoder, 1),
        "index_per_s": round(index, 1),
        "ratio": round(index / encoder, 3),
        "encoding_share": round(statistics.median(shares), 3),
    }
    print(json.dumps(report))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True, help="folder of models, as `manage.py models pull` fills")
    parser.add_argument("--embedder", default=DEFAULT_EMBEDDER)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--limit", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def _encode(embedder: Embedder, passages: Sequence[Passage]) -> float:
    started = time.perf_counter()
    embedder.passages([indexed_text(passage) for passage in passages])
    return len(passages) / (time.perf_counter() - started)


def _index(embedder: Embedder, passages: Sequence[Passage]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        store = EdgeVectorStore(Path(folder))
        indexer = Indexer(embedder, store)
        indexer.prepare()
        started = time.perf_counter()
        indexer.replace({passage.record: [passage] for passage in passages})
        seconds = time.perf_counter() - started
        if store.count() != len(passages):
            raise SystemExit(f"{store.count()} points of {len(passages)}: the measurement is worth nothing")
        store.close()
    return len(passages) / seconds


def _passage(key: str, title: str, text: str) -> Passage:
    id_ = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{key}/{title}/{text}"))
    return Passage(id_, f"benchmark:{key}", 0, title, text, kind="article", entity=f"e-{key}", city="pune")


def _from_file(path: Path) -> Iterator[Passage]:
    with path.open("rb") as raw, gzip.open(raw) if path.suffix == ".gz" else raw as lines:
        for line in lines:
            row = json.loads(line)
            yield _passage(str(row.get("_id") or row["id"]), row.get("title") or "", row["text"])


def _made(count: int) -> Iterator[Passage]:
    chance, words = random.Random(7), _WORDS.split()
    for number in range(count):
        length = chance.randint(6, 25) if number % 2 else chance.randint(60, 180)
        yield _passage(str(number), f"Thing {number}", " ".join(chance.choices(words, k=length)))


if __name__ == "__main__":
    main()
