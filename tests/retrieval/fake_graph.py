"""A graph double that answers the queries of which a catalogue is made, and refuses every other."""

from collections.abc import Sequence

from graph.ingest.assign import assign_all
from graph.ingest.memory import MemoryLedger
from graph.ingest.project import project_all
from graph.resolution.resolver import ScoredResolver
from ibcm.domain.graph import Query, Row
from ibcm.domain.records import SourceRecord
from tests.builders import NOW
from tests.doubles import MemoryGraph, MemoryIndex
from tests.retrieval.city import POLICIES, scope


class FakeGraph(MemoryGraph):
    """Reads by scope what was written."""

    def read(self, query: Query) -> list[Row]:
        label = query.text.partition("(e:`")[2].partition("`")[0]
        nodes = [{**node.properties, "id": id_} for (own, id_), node in sorted(self.nodes.items()) if own == label]
        if query.name == "scope_keys":
            return [{"scope": scope} for scope in sorted({str(node["scope_key"]) for node in nodes})]
        if query.name == "select":
            scopes = query.parameters["scopes"]
            assert isinstance(scopes, list)
            return [{"properties": node} for node in nodes if node["scope_key"] in scopes]
        if query.name == "by_ids":
            ids = query.parameters["ids"]
            assert isinstance(ids, list)
            return [{"properties": node} for node in nodes if node["id"] in ids]
        raise NotImplementedError(f"FakeGraph answers no {query.name}")


def fake_graph(records: Sequence[SourceRecord]) -> FakeGraph:
    """The records after assignment and projection."""
    ledger, graph = MemoryLedger(), FakeGraph()
    ledger.stage(records, now=NOW)
    assign_all(ledger, resolver=ScoredResolver(scope()), policies=POLICIES, owner="test", patience=0)
    project_all(ledger, graph, MemoryIndex(), policies=POLICIES, now=NOW)
    return graph
