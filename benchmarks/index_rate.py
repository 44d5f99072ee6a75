"""Index throughput beside the bare encoder's.

`python -m benchmarks.index_rate --records DIR --models var/models [--passages 2000] [--rounds 3]` cuts the records into
their passages, and in turn encodes them with nothing around it, and writes them into a fresh embedded index (encode,
store, BM25, filters). Prints passages a second of both and their ratio, round by round, because a busy machine moves
both. The only script here that calls the product's own parts: a ratio of parts cannot be seen from outside.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from benchmarks.score_answers import read_lines
from graph.ingest.passages import passages_of
from ibcm.domain.passages import Passage
from ibcm.domain.records import parse_record
from retrieval.embedders.base import Embedder
from retrieval.index import Indexer, indexed_text
from retrieval.models.load import load_embedder
from retrieval.vectors.edge_index import EdgeIndex


def main(arguments: list[str] | None = None) -> int:
    """Measure in turns, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.index_rate", description=__doc__)
    parser.add_argument("--records", nargs="+", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True, help="folder of the pulled models")
    parser.add_argument("--embedder", default="multilingual-e5-small")
    parser.add_argument("--passages", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(arguments)
    embedder = load_embedder(given.embedder, given.models)
    passages = list(islice(passages_in(given.records), given.passages))
    texts = [indexed_text(passage) for passage in passages]
    embedder.passages(texts[:64])
    ratios = []
    for number in range(given.rounds):
        bare = len(texts) / _seconds_bare(embedder, texts)
        indexed = len(passages) / _seconds_indexed(embedder, passages)
        ratios.append(indexed / bare)
        print(f"round {number + 1}: bare {bare:.1f} a second, indexed {indexed:.1f}, ratio {ratios[-1]:.3f}")
    print(f"{len(passages)} passages, median ratio {statistics.median(ratios):.3f}")
    return 0


def passages_in(paths: Sequence[Path]) -> Iterator[Passage]:
    """The passages of every record of these files or folders."""
    for path in paths:
        for file in sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]:
            for line in read_lines(file):
                yield from passages_of(parse_record(line))


def _seconds_bare(embedder: Embedder, texts: Sequence[str]) -> float:
    start = time.perf_counter()
    embedder.passages(texts)
    return time.perf_counter() - start


def _seconds_indexed(embedder: Embedder, passages: Sequence[Passage]) -> float:
    held: dict[str, list[Passage]] = {}
    for passage in passages:
        held.setdefault(passage.record, []).append(passage)
    with tempfile.TemporaryDirectory() as folder:
        store = EdgeIndex(Path(folder) / "index")
        indexer = Indexer(embedder, store)
        indexer.prepare()
        start = time.perf_counter()
        indexer.replace(held)
        taken = time.perf_counter() - start
        store.close()
    return taken


if __name__ == "__main__":
    raise SystemExit(main())
