"""Rebuilds and the search for drift, as jobs and commands do them."""

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from ibcm import wiring, working
from ibcm.domain.graph import Projection
from ibcm.jobs import services as jobs
from ibcm.jobs import tasks
from ibcm.jobs.models import Job
from ibcm.management.commands.drift import Command
from ibcm.sources import services
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.index import Indexer
from retrieval.vectors.edge_index import EdgeIndex
from tests.builders import record, tombstone
from tests.ibcm.sources.conftest import ListSource, Stores

EMBEDDER = HashingEmbedder(32)


@pytest.fixture
def two(source: ListSource) -> ListSource:
    source.items = [
        record("osm:1", name="A", description="By the lake."),
        record("osm:2", name="B", description="By a river."),
    ]
    services.ingest("osm")
    return source


def names(stores: Stores) -> set[Any]:
    return {node.properties["name"] for node in stores.graph.nodes.values()}


def test_a_graph_rebuild_sweeps_out_what_the_ledger_does_not_know(two: ListSource, stores: Stores) -> None:
    stores.graph.write([Projection("nobody", "Place", 1, {"name": "Nobody"})])
    stores.index.passages["osm:gone"] = stores.index.passages["osm:1"]
    done = services.rebuild_graph()
    assert (done["projected"], done["swept"]) == (2, 2)
    assert names(stores) == {"A", "B"}
    assert "osm:gone" not in stores.index.passages


def test_a_graph_rebuild_that_was_killed_goes_on_with_what_is_left(two: ListSource, stores: Stores) -> None:
    left = sorted(wiring.ledger().resolve(["osm:1"]))
    wiring.ledger().mark_records_dirty(left)
    assert services.rebuild_graph(again=True)["projected"] == 1


def test_a_stopped_rebuild_says_so_and_loses_nothing(two: ListSource, stores: Stores) -> None:
    assert services.rebuild_graph(should_stop=lambda: True) == {"stopped": True}
    services.finish_pending()
    assert services.check_drift()["left"] == 0


@pytest.fixture
def index(two: ListSource, stores: Stores, tmp_path: Path) -> Iterator[EdgeIndex]:
    made = EdgeIndex(tmp_path / "index")
    indexer = Indexer(EMBEDDER, made)
    indexer.prepare()
    wiring.replace("embedder", EMBEDDER)
    wiring.replace("index_store", made)
    wiring.replace("passage_index", indexer)
    services.rebuild_index()
    yield made
    made.close()


def during(step: Callable[[], object]) -> Callable[[int, int | None, str], None]:
    """A progress that does something once, after the records were read."""
    steps = [step]

    def told(done: int, total: int | None, name: str) -> None:
        if name == "indexing" and steps:
            steps.pop()()

    return told


@pytest.mark.engine
def test_an_index_rebuild_takes_in_what_is_written_and_deleted_during_it(two: ListSource, index: EdgeIndex) -> None:
    def ingest() -> None:
        two.items = [
            record("osm:1", name="A", description="In the hills.", at=1),
            tombstone("osm:2", at=1),
            record("osm:3", name="C", description="On a hill."),
        ]
        services.ingest("osm")

    before = {id_ for points in index.points_of_records(["osm:1"]).values() for id_ in points}
    services.rebuild_index(progress=during(ingest))
    assert index.records() == {"osm:1", "osm:3"}
    assert before.isdisjoint(index.points_of_records(["osm:1"])["osm:1"])
    assert services.check_drift()["left"] == 0


def spoil(stores: Stores) -> None:
    stores.graph.write([Projection("nobody", "Place", 1, {"name": "Nobody"})])
    del stores.index.passages["osm:1"]


def test_drift_is_counted_and_put_right(two: ListSource, stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    spoil(stores)
    told = services.check_drift()
    assert told["found"] == {"nodes extra": 1, "passages missing": 1}
    assert told["left"] == 2
    assert "nodes extra" in caplog.text
    mended = services.check_drift(repair=True)
    assert (mended["found"], mended["left"]) == (told["found"], 0)
    assert names(stores) == {"A", "B"}
    assert services.check_drift()["found"] == {}


def test_too_much_drift_is_told_and_left_alone(
    two: ListSource, stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(stores)
    told = services.check_drift(repair=True, most=1)
    assert (told["left"], "marked" in told) == (2, False)
    assert "run `manage.py drift --repair`" in caplog.text
    assert "Nobody" in names(stores)
    assert services.check_drift(repair=True, most=2)["left"] == 0


def test_samples_take_turns(two: ListSource, stores: Stores) -> None:
    seen = []
    after = ""
    for _ in range(3):
        told = services.check_drift(sample=1, after=after)
        after = told["last"]
        seen.append(after)
    first, second, wrapped = seen
    assert first < second
    assert wrapped == ""


@pytest.mark.django_db(transaction=True)
def test_the_command_says_what_is_otherwise_and_ends_with_one(
    two: ListSource, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def command(**options: Any) -> tuple[str, int]:
        job = jobs.submit("drift", {"sample": None, "repair": options["repair"]})
        monkeypatch.setattr(working, "work", lambda *_: jobs.run(job.pk))
        out = StringIO()
        code = Command().perform(out, StringIO(), **{"json": False, "sample": None, **options})
        return out.getvalue(), code or 0

    monkeypatch.setattr(jobs, "send", lambda ids: None)
    assert command(repair=False) == ("compared: 2 nodes, 2 edges, 2 records, 2 passages\nno drift\n", 0)
    spoil(stores)
    told, code = command(repair=False)
    assert ("  nodes extra: nobody\n" in told, code) == (True, 1)
    told, code = command(repair=True, json=True)
    assert (json.loads(told)["left"], code) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_the_clock_goes_on_where_it_was(two: ListSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "send", lambda ids: None)
    tasks.drift()
    tasks.drift()
    (job,) = Job.objects.filter(kind="drift")
    jobs.run(job.pk)
    tasks.drift()
    second = jobs.open_jobs(["drift"])[0]
    job.refresh_from_db()
    assert second.arguments["after"] == (job.result or {})["last"]


@pytest.mark.django_db(transaction=True)
def test_two_rebuilds_are_one_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "send", lambda ids: None)
    first, joined = jobs.submit_or_join("graph_rebuild")
    again, rejoined = jobs.submit_or_join("graph_rebuild")
    assert (joined, rejoined) == (False, True)
    assert first.pk == again.pk
