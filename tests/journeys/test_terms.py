"""Terms along the whole way: a file is taken in, asked about, exported, forgotten; then every place is searched."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from graph.store.seed import seed
from ibcm import export_formats, exporting, wiring
from ibcm.chat import services as chat
from ibcm.chat.models import AskedAnswer
from ibcm.domain.answers import AskRequest
from ibcm.domain.graph import Query
from ibcm.entities import known
from ibcm.jobs import services as jobs
from ibcm.jobs.models import Job
from ibcm.records.forgetting import Chosen
from tests.builders import NOW
from tests.engines import embedded_store, wipe

CANARY = "Quetzalcoatlus"
NUMBER = "+912069876543"
TERMS = """
open: {name: Open, licence: CC0-1.0, attribution: O, fields: {secret: {transient: true}, rating: {transient: true}, name_hi: {transient: true}, links.note: {transient: true}}}
other: {name: Other, licence: CC-BY-4.0, attribution: P}
"""  # noqa: E501 - a file as people write it
AT: dict[str, Any] = {"lat": 18.5204, "lon": 73.8567, "category": "cafe"}

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def product() -> Iterator[None]:
    """The real graph engine, the real index, the real answerer."""
    store = embedded_store()
    seed(store, wiring.scope())
    wiring.replace("graph", store)
    yield
    wipe(store)
    wiring.close_all()
    shutil.rmtree(wiring.home().index, ignore_errors=True)


def line(source: str, key: str, data: dict[str, Any], **top: Any) -> str:
    said = {"source": source, "key": key, "kind": "place", "city": "pune", "data": {**AT, **data}, **top}
    return json.dumps({"retrieved_at": NOW.isoformat(), **said})


def take_in(folder: Path, *lines: str) -> Job:
    folder.mkdir(exist_ok=True)
    (folder / "source.yaml").write_text(TERMS)
    (folder / "places.jsonl").write_text("\n".join(lines))
    return work("ingest_files", paths=[str(folder)])


def work(kind: str, **arguments: Any) -> Job:
    job = jobs.submit(kind, arguments)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    return job


def ask(question: str) -> dict[str, Any]:
    return chat.ask(AskRequest(question=question, city="pune")).to_json()


def exported() -> str:
    ledger = wiring.ledger()
    policies = ledger.policies()
    found = list(exporting.entities(ledger, policies=policies, now=NOW))
    forms = ["".join(form(found, wiring.scope(), exporting.Count())) for form in export_formats.FORMATS.values()]
    return "".join([*forms, *exporting.canonical(ledger, policies=policies, now=NOW)])


def in_graph() -> str:
    everything = "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN properties(n) AS node, collect(properties(r)) AS edges"
    return str(list(wiring.graph().read(Query("all", everything))))


def in_database() -> str:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - its own tables
            rows += cursor.fetchall()
    return str(rows)


def in_files(*parts: str) -> list[str]:
    """Files of the home, or of these folders in it, that hold the canary."""
    files = [file for part in parts or ("",) for file in Path(wiring.home().path, part).rglob("*") if file.is_file()]
    return [str(file) for file in files if CANARY.encode() in file.read_bytes()]


@pytest.mark.usefixtures("product")
def test_what_is_transient_reaches_nothing(tmp_path: Path) -> None:
    told = {"name": "Blue Door Cafe", "secret": CANARY, "names": {"hi": CANARY}, "description": "Blue and quiet."}
    job = take_in(
        tmp_path / "in",
        line("open", "1", told, links=[{"rel": "near", "key": "2", "data": {"note": CANARY}}]),
        line("open", "2", {"name": "Red Door Cafe", "deep": {"secret": [CANARY]}}),
        line("open", "3", {"name": "Bad", "rating": CANARY}),
        line("open", "4", {"name": "Worse", "secret": CANARY, "lat": "north"}),
        line("open", "5", {"name": "Worst", "secret": CANARY}, retrieved_at="lately"),
    )
    assert job.result is not None
    assert (job.result["new"], job.result["rejected"]) == (2, 3)
    given = ask("Where is Blue Door Cafe?")
    assert "Blue Door Cafe" in str(given)
    stored = known("open:1")
    assert stored is not None
    for channel in (str(given), exported(), in_graph(), in_database(), str(stored.merged), str(job.result)):
        assert CANARY not in channel
    assert "Blue Door Cafe" in in_graph()
    assert in_files() == []


@pytest.mark.usefixtures("product")
@pytest.mark.parametrize("name", ["other", "other:1"])
def test_no_later_answer_cites_what_was_forgotten(tmp_path: Path, name: str) -> None:
    lines = (
        line("open", "1", {"name": "Blue Door Cafe"}),
        line("other", "1", {"name": "Blue Door Cafe", "phone": NUMBER, "description": f"{CANARY} is served."}),
    )
    take_in(tmp_path / "in", *lines)
    question = "What is the phone number of Blue Door Cafe?"
    first = ask(question)
    assert NUMBER[3:] in "".join(first["text"].split())
    assert {citation["record"] for citation in first["citations"]} == {"other:1"}
    chosen = Chosen.of([name])
    work("forget", sources=chosen.sources, refs=chosen.refs)
    asked = AskedAnswer.objects.get(pk=first["id"])
    assert asked.answer["citations"] == []
    take_in(tmp_path / "in", *lines)
    for again in (ask(question), ask("What is served at Blue Door Cafe?"), chat.show_again(asked)):
        assert NUMBER[3:] not in "".join(str(again).split())
        assert "other:1" not in str(again["citations"])
    assert {one["record"] for one in ask("Where is Blue Door Cafe?")["citations"]} == {"open:1"}
    assert "Blue Door Cafe" in exported()
    for channel in (exported(), in_graph(), in_database()):
        assert NUMBER not in channel
        assert CANARY not in channel
    AskedAnswer.objects.all().delete()
    work("purge")
    assert not [file for file in in_files() if "sqlite" in file]
