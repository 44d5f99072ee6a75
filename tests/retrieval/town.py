"""The invented city taken in by the real walk, with an answerer over it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.ingest.assign import assign_all
from graph.ingest.memory import MemoryLedger
from graph.ingest.project import project_all
from graph.resolution.resolver import ScoredResolver
from graph.store.base import GraphStore
from ibcm.domain.answers import Answer, AskRequest
from ibcm.domain.records import SourceRecord
from retrieval.answer import Answerer
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.index import Indexer
from retrieval.vectors.edge import EdgeVectorStore
from tests.builders import NOW, tombstone
from tests.retrieval.city import POLICIES, records, scope


@dataclass
class Town:
    """A ledger, a graph and an index with an answerer over them."""

    ledger: MemoryLedger
    graph: GraphStore
    index: Indexer
    answerer: Answerer

    def take(self, *some: SourceRecord) -> "Town":
        """Stage, assign, project, and let the answerer know."""
        self.ledger.stage(some, now=NOW)
        assign_all(
            self.ledger, resolver=ScoredResolver(self.answerer.scope), policies=POLICIES, owner="test", patience=0
        )
        project_all(self.ledger, self.graph, self.index, policies=POLICIES, now=NOW)
        self.answerer.refresh()
        return self

    def ask(self, question: str, city: str | None = "suryanagar", **more: Any) -> Answer:
        return self.answerer.ask(AskRequest(question, city=city, **{"now": NOW, **more}))

    def close(self) -> None:
        """Release the index's folder and the connections to the graph."""
        self.answerer.vectors.close()
        self.graph.close()

    def forget(self, ref: str, kind: str) -> None:
        """Delete in the ledger alone: graph and index still have the record, and nobody projects the change."""
        self.ledger.stage([tombstone(ref, kind)], now=NOW)
        self.answerer.refresh()


def build_town(graph: GraphStore, folder: Path) -> Town:
    """The whole city, in this (empty) graph and an index in this folder."""
    ledger, embedder, vectors = MemoryLedger(), HashingEmbedder(), EdgeVectorStore(folder)
    for slug, policy in POLICIES.items():
        ledger.save_policy(slug, policy)
    index = Indexer(embedder, vectors)
    index.prepare()
    answerer = Answerer(graph=graph, vectors=vectors, embedder=embedder, ledger=ledger, scope=scope())
    return Town(ledger, graph, index, answerer).take(*records())
