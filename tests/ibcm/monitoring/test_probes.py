from collections.abc import Iterator

import pytest
from django.test import Client

from ibcm import wiring
from ibcm.domain.errors import EngineError
from ibcm.domain.graph import Query, Row
from ibcm.monitoring import collector
from ibcm.monitoring.queries import size
from ibcm.readiness import readiness
from tests.ibcm.answering import FACT, DoubleAnswerer

pytestmark = pytest.mark.django_db


class DoubleGraph:
    broken = False

    def read(self, query: Query) -> list[Row]:
        if self.broken:
            raise EngineError("The graph does not answer. Try again in a minute.")
        return [{"number": 7, "one": 1}]

    def close(self) -> None:
        """Nothing is open."""


class DoubleVectors:
    def count(self) -> int:
        return 9


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch) -> Iterator[DoubleGraph]:
    double = DoubleGraph()
    wiring.replace("graph", double)
    wiring.replace("vectors", DoubleVectors())
    wiring.replace("embedder", object())
    monkeypatch.setattr(collector, "KEPT", -1.0)
    yield double
    readiness.expect()
    wiring.close_all()


def test_it_is_alive_whatever_the_stores_do(client: Client, graph: DoubleGraph) -> None:
    graph.broken = True
    assert client.get("/healthz").json() == {"alive": True}


def test_it_is_ready_when_the_stores_answer(client: Client, graph: DoubleGraph) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["checks"] == {"database": None, "graph": None, "index": None, "models": None}


def test_a_store_that_fails_is_named(client: Client, graph: DoubleGraph) -> None:
    graph.broken = True
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["graph"] == "The graph does not answer. Try again in a minute."


def test_until_the_start_is_over_it_shows_the_progress_and_asks_no_store(client: Client, graph: DoubleGraph) -> None:
    graph.broken = True
    readiness.expect("graph", "sources")
    readiness.update("sources", "working", "airports: 3 of 10", done=3, total=10)
    response = client.get("/readyz")
    assert response.status_code == 503
    report = response.json()
    assert (report["ready"], report["open"], report["checks"]) == (False, False, {})
    assert report["stages"][1] == {
        "stage": "sources", "state": "working", "message": "airports: 3 of 10", "done": 3, "total": 10,
    }  # fmt: skip


def test_metrics_tell_of_questions_and_stores(client: Client, graph: DoubleGraph, answerer: DoubleAnswerer) -> None:
    client.get("/api/v1/ask", {"question": FACT.question})
    client.get("/api/v1/ask", {"question": "Where is Atlantis?"})
    client.get("/api/v1/ask", {"question": ""})
    text = client.get("/metrics").content.decode()
    for line in (
        'ibcm_asks_total{kind="fact",language="en",outcome="answered"}',
        'ibcm_asks_total{kind="fact",language="en",outcome="abstained"}',
        'ibcm_asks_total{kind="other",language="other",outcome="refused"}',
        'ibcm_ask_seconds_bucket{kind="fact",le="0.15"}',
        'ibcm_graph_nodes{label="Place"} 7.0',
        "ibcm_index_passages 9.0",
        'ibcm_stored_answers{outcome="abstained"} 1.0',
        'ibcm_waiting{step="to_assign"} 0.0',
        "ibcm_ready 1.0",
    ):
        assert line in text


def test_a_broken_store_leaves_its_figures_out_only(
    client: Client, graph: DoubleGraph, caplog: pytest.LogCaptureFixture
) -> None:
    graph.broken = True
    text = client.get("/metrics").content.decode()
    assert "ibcm_graph_nodes{" not in text
    assert "ibcm_index_passages 9.0" in text
    assert "nodes cannot be read" in caplog.text


def test_only_labels_of_ours_are_counted() -> None:
    with pytest.raises(ValueError, match="no label of ours"):
        size("Place) DETACH DELETE n //")
