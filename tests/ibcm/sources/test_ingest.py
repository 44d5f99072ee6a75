"""The service of walk (a): what is counted, kept, refused, deleted, and left for later."""

import io
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from crawlers.base import Complete, Rejected
from ibcm import wiring, working
from ibcm.domain.errors import IbcmError, ModelMissing, PolicyError
from ibcm.domain.policy import FieldPolicy
from ibcm.jobs import services as jobs
from ibcm.management.commands.ingest import Command
from ibcm.records.models import Record
from ibcm.records.services import waiting
from ibcm.sources import reading, services
from ibcm.sources.models import Source
from ibcm.sources.report import drop_old
from tests.builders import OPEN, record, tombstone
from tests.ibcm.sources.conftest import ListSource, Stores

NOTHING = {"to_assign": 0, "to_project": 0}
OSM_TERMS = "name: OSM\nlicence: ODbL-1.0\nattribution: OpenStreetMap\n"


def test_records_reach_graph_and_index_and_are_counted(source: ListSource, stores: Stores) -> None:
    source.items = [
        record("osm:1", name="Cafe Azul", description="Blue."),
        record("osm:2", "note", title="T", body="B."),
    ]
    report = services.ingest("osm")
    assert (report.read, report.new, report.rejected, report.projected) == (2, 2, 0, 2)
    assert stores.graph.named("Cafe Azul").label == "Place"
    assert set(stores.index.passages) == {"osm:1", "osm:2"}
    assert waiting() == NOTHING
    again = services.ingest("osm")
    assert (again.read, again.unchanged, again.new, again.projected) == (2, 2, 0, 0)


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"source": "nowhere"}, r"no source 'nowhere'.*osm"),
        ({"source": "osm", "cities": ["atlantis"]}, r"no city 'atlantis'.*bangalore.*mumbai"),
        ({"source": "osm", "sectors": ["piracy"]}, r"no sector 'piracy'.*fintech"),
    ],
)
def test_unknown_names_are_refused_with_those_there_are(asked: dict[str, object], sentence: str) -> None:
    with pytest.raises(IbcmError, match=sentence):
        services.ingest(**asked)  # type: ignore[arg-type] # mixed values
    assert not Record.objects.exists()


def test_the_source_is_asked_for_what_was_chosen(source: ListSource) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    services.ingest("osm", cities=["Pune", "bangalore"], sectors=["fintech"], since=since, limit=7)
    assert source.asked is not None
    assert [city.slug for city in source.asked.cities] == ["pune", "bangalore"]
    assert [sector.slug for sector in source.asked.sectors] == ["fintech"]
    assert (source.asked.since, source.asked.limit) == (since, 7)
    services.ingest("osm")
    assert len(source.asked.cities) == len(wiring.scope().cities)


def test_terms_are_applied_before_anything_is_stored(source: ListSource) -> None:
    source.policy = OPEN.model_copy(update={"fields": {"rating": FieldPolicy(transient=True)}, "retention_days": 10})
    source.items = [record("osm:1", name="A", rating=4.0, retrieved_at=timezone.now().isoformat())]
    services.ingest("osm")
    (row,) = Record.objects.all()
    assert "rating" not in row.payload
    assert row.expires_at == row.retrieved_at + timedelta(days=10)
    source.policy = OPEN.model_copy(update={"transient": True})
    source.items = [record("osm:9", name="B")]
    assert services.ingest("osm").transient == 1
    assert Record.objects.count() == 1


def test_changed_trust_projects_what_is_stored_again(source: ListSource) -> None:
    source.items = [record("osm:1", name="A")]
    services.ingest("osm")
    source.items, source.policy = [record("osm:2", name="B")], OPEN.model_copy(update={"trust": 0.9})
    assert services.ingest("osm").projected == 2


def test_rejected_items_are_reported_and_good_ones_kept(source: ListSource) -> None:
    source.items = [*(Rejected(f"line {n}", "is no record") for n in range(12)), record("osm:1", name="A")]
    report = services.ingest("osm")
    assert (report.rejected, report.new) == (12, 1)
    (told,) = report.rejections
    assert (told["count"], told["where"]) == (12, ["line 0", "line 1", "line 2"])
    assert report.report_path is not None
    lines = [json.loads(line) for line in Path(report.report_path).read_text(encoding="utf-8").splitlines()]
    assert lines[11] == {"where": "line 11", "message": "is no record"}
    assert "  12 times: is no record (line 0; line 1; line 2 and 9 more)" in report.lines()


def test_reasons_beyond_the_first_few_are_counted_too(source: ListSource) -> None:
    source.items = [*(Rejected(f"line {n}", f"reason {n}") for n in range(12)), record("osm:1", name="A")]
    told = services.ingest("osm").lines()
    assert "  line 9: reason 9" in told
    assert "  2 more are rejected for other reasons" in told


def test_two_contents_under_one_key_are_told_with_what_was_kept(tmp_path: Path, stores: Stores) -> None:
    path = write(
        tmp_path, line("1"), line("1", data={"name": "Other"}), line("2"),
        line("2", data={"name": "Later"}, retrieved_at="2026-01-02T00:00:00Z"), line("2"), line("3"), line("3"),
    )  # fmt: skip
    report = services.ingest_files([path])
    counts = (report.new, report.changed, report.unchanged, report.older, report.same_key)
    assert (counts, report.read) == ((3, 1, 1, 1, 1), 7)
    told = "\n".join(report.lines())
    assert "older 1, same key 1" in told
    assert f"{path} line 2 (survey:1): its key came with other content, read at the same moment" in told
    assert f"{path} line 5 (survey:2): says something else than what was read later" in told
    again = services.ingest_files([path])
    assert (again.new, again.changed, again.older + again.same_key) == (0, 0, 3), "told whenever it is read"


def test_what_was_forgotten_is_told_and_counted(tmp_path: Path, stores: Stores) -> None:
    path = write(tmp_path, line("1"), line("2"))
    services.ingest_files([path])
    wiring.ledger().forget(["survey:1"], now=timezone.now())
    report = services.ingest_files([path])
    assert (report.unchanged, report.forgotten) == (1, 1)
    assert f"  {path} line 1 (survey:1): says what was forgotten: nothing is kept of it" in report.lines()
    assert Source.objects.get(slug="survey").last_counts["forgotten"] == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_rejected_is_told_when_a_later_step_fails_too(
    tmp_path: Path, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_model() -> None:
        raise ModelMissing("the model is not there: pull it")

    monkeypatch.setattr(wiring, "passage_index", no_model)
    job = jobs.submit("ingest_files", {"paths": [str(write(tmp_path, line("1"), {"source": "survey"}))]})
    jobs.run(job.pk)
    job.refresh_from_db()
    result = job.result or {}
    assert (job.state, result["new"], result["rejected"], len(result["rejections"])) == ("failed", 1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_when_nothing_could_be_taken_the_job_fails_and_says_what_to_do(
    tmp_path: Path, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = OSM_TERMS.replace("attribution", "homepage")
    path = write(tmp_path, *(line(str(number)) for number in range(47)), terms=terms)
    job = jobs.submit("ingest_files", {"paths": [str(path)]})
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (
        "failed", "nothing was taken in, all 47 items were rejected: mend what is told of them and repeat"
    )  # fmt: skip

    def fails(*arguments: object) -> None:
        raise working.JobNotDoneError(job)

    monkeypatch.setattr(working, "work", fails)
    out = io.StringIO()
    with pytest.raises(IbcmError, match="nothing was taken in"):
        Command().perform(out, io.StringIO(), **Command().parsed("ingest", ["file", str(path)]), cwd="/")
    assert "47 times: source 'survey' states no attribution" in out.getvalue()
    assert (
        f"({path} line 1 (survey:0); {path} line 2 (survey:1); {path} line 3 (survey:2) and 44 more)" in out.getvalue()
    )


def test_terms_of_a_field_that_no_record_has_are_told(source: ListSource) -> None:
    fields = ("phone", "phnoe", "ids.google", "name_hi", "links.note", "links.notes")
    source.policy = OPEN.model_copy(update={"fields": dict.fromkeys(fields, FieldPolicy(transient=True))})
    said: dict[str, Any] = {"telephone": "1", "ids": {"google": "x"}, "names": {"hi": "y"}}
    source.items = [record("osm:1", data=said, name="A", links=[{"rel": "at", "key": "2", "data": {"note": "z"}}])]
    assert services.ingest("osm").notes == [
        "the terms of osm name fields that no record here had, so nothing was kept to them: phnoe, links.notes"
    ]


def test_limited_values_are_not_told_in_the_report(source: ListSource) -> None:
    limited = FieldPolicy(retention_days=9)
    bangalore: dict[str, Any] = {"city": "bangalore", "lat": 77.59, "lon": 12.97}
    source.items = [record("osm:1", name="A", category="moonbase", **bangalore)]
    assert "77.59" in str(services.ingest("osm").to_json())
    source.items = [record("osm:2", name="B", category="moonbase"), *source.items]
    assert "moonbase" in str(services.ingest("osm").to_json())
    source.policy = OPEN.model_copy(update={"fields": {"category": limited, "lat": limited}})
    told = services.ingest("osm")
    assert "look swapped" in told.rejections[0]["message"]
    assert "77.59" not in str(told.to_json())
    assert "moonbase" not in str(told.to_json())


def test_reports_go_after_a_month(tmp_path: Path) -> None:
    old, young, other = (tmp_path / name for name in ("ingest-1.jsonl", "ingest-2.jsonl", "notes.txt"))
    for path in (old, young, other):
        path.write_text("{}\n", encoding="utf-8")
    for path in (old, other):
        os.utime(path, (0, 0))
    assert drop_old(tmp_path, now=timezone.now()) == 1
    assert (old.exists(), young.exists(), other.exists()) == (False, True, True)


def test_nothing_rejected_leaves_no_report(source: ListSource) -> None:
    assert services.ingest("osm").report_path is None


def test_a_record_the_database_cannot_hold_is_rejected_alone(source: ListSource) -> None:
    source.items = [
        record("osm:1", name="A"),
        record("osm:2", name="B", remark="half \ud83d"),
        record("osm:3", name="C"),
    ]
    report = services.ingest("osm")
    assert (report.new, report.rejected) == (2, 1)
    assert report.rejections[0]["where"] == ["osm:2"]


def test_a_record_without_licence_is_rejected_with_the_reason(source: ListSource) -> None:
    source.policy = OPEN.model_copy(update={"licence": None})
    source.items = [record("osm:1", name="A", licence=None), record("osm:2", name="B")]
    report = services.ingest("osm")
    assert (report.new, report.rejected) == (1, 1)
    assert "states no licence" in report.rejections[0]["message"]


def test_a_complete_listing_deletes_what_it_left_out(source: ListSource, stores: Stores) -> None:
    one, two = record("osm:1", name="A", description="One."), record("osm:2", name="B", description="Two.")
    source.items = [one, two, Complete()]
    services.ingest("osm")
    source.items = [one, Complete()]
    assert services.ingest("osm").deleted == 1
    assert set(stores.index.passages) == {"osm:1"}
    assert stores.graph.named("A").label == "Place"
    source.items = [one, two, Complete()]
    assert services.ingest("osm").changed == 1
    assert set(stores.index.passages) == {"osm:1", "osm:2"}


def test_absence_means_nothing_after_a_limit_a_bad_item_or_in_another_city(source: ListSource) -> None:
    source.items = [record("osm:1", name="A", city="pune"), record("osm:2", name="B", city="delhi"), Complete()]
    services.ingest("osm")
    source.items = [record("osm:1", name="A", city="pune"), Complete()]
    assert services.ingest("osm", limit=1).deleted == 0
    assert services.ingest("osm", cities=["pune"]).deleted == 0
    assert services.ingest("osm", sectors=["retail"]).deleted == 0
    source.items.insert(0, Rejected("line 1", "broken"))
    report = services.ingest("osm")
    assert report.deleted == 0
    assert "nothing was deleted" in report.notes[0]


def test_a_tombstone_takes_the_entity_out(source: ListSource, stores: Stores) -> None:
    source.items = [record("osm:1", name="A")]
    services.ingest("osm")
    source.items = [tombstone("osm:1")]
    services.ingest("osm")
    assert (stores.graph.nodes, stores.index.passages) == ({}, {})


def test_an_expired_record_is_gone_after_any_ingest(source: ListSource, stores: Stores) -> None:
    soon = timezone.now() + timedelta(hours=1)
    source.items = [record("osm:1", name="A", expires_at=soon.isoformat())]
    services.ingest("osm")
    Record.objects.update(expires_at=timezone.now())
    source.items = []
    assert services.ingest("osm").deleted == 1
    assert stores.graph.nodes == {}


def test_what_the_source_read_before_it_failed_is_kept_and_the_failure_is_told(source: ListSource) -> None:
    source.items = [record("osm:1", name="A"), IbcmError("the mirror is down: try later")]
    with pytest.raises(IbcmError, match="mirror is down"):
        services.ingest("osm")
    assert waiting()["to_assign"] == 1
    (listed,) = services.sources()
    assert listed["last_error"] == "the mirror is down: try later"
    assert services.finish_pending() == {"expired": 0, "assigned": 1, "projected": 1}
    assert services.finish_pending()["projected"] == 0


def test_a_failed_projection_is_finished_by_the_next_try(
    source: ListSource, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise IbcmError("the disk is full")

    source.items = [record("osm:1", name="A", description="One.")]
    with monkeypatch.context() as broken:
        broken.setattr(stores.index, "replace", full)
        with pytest.raises(IbcmError, match="disk is full"):
            services.ingest("osm")
    assert services.finish_pending()["projected"] == 1
    assert set(stores.index.passages) == {"osm:1"}


def test_stopping_leaves_the_rest_for_later(source: ListSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BATCH", 2)
    source.items = [record(f"osm:{n}", name=f"Place {n}") for n in range(10)]
    report = services.ingest("osm", should_stop=lambda: True)
    assert report.stopped
    assert (report.read, waiting()["to_assign"]) == (2, 2)


def test_progress_names_the_steps(source: ListSource) -> None:
    source.items = [record("osm:1", name="A")]
    steps: list[tuple[int, int | None, str]] = []
    services.ingest("osm", progress=lambda done, total, step: steps.append((done, total, step)))
    assert steps == [(1, 1, "reading osm"), (1, 1, "assigning"), (1, 1, "projecting")]


def test_unknown_categories_and_cities_are_kept_and_counted(source: ListSource) -> None:
    source.items = [record("osm:1", name="A", category="moonbase", city="atlantis")]
    report = services.ingest("osm")
    assert (report.unknown_categories, report.unknown_cities) == ({"moonbase": 1}, {"atlantis": 1})
    assert Record.objects.get().city == "atlantis"


def write(folder: Path, *records: dict[str, object], terms: str | None = OSM_TERMS) -> Path:
    if terms:
        (folder / "source.yaml").write_text(terms, encoding="utf-8")
    path = folder / "records.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return path


def line(key: str, **top: object) -> dict[str, object]:
    said = {"source": "survey", "key": key, "kind": "place", "data": {"name": f"Place {key}"}}
    return {**said, "retrieved_at": "2026-01-01T00:00:00Z", **top}


def test_a_file_brings_its_own_terms_and_only_the_city_asked_for(tmp_path: Path, stores: Stores) -> None:
    path = write(tmp_path, line("1", city="pune"), line("2", city="delhi"), line("3"), {"source": "survey"})
    report = services.ingest_files([path], cities=["pune"])
    assert (report.read, report.new, report.skipped, report.rejected) == (1, 1, 2, 1)
    assert "records.jsonl" in report.rejections[0]["where"][0]
    assert Record.objects.get().ref == "survey:1"
    assert wiring.ledger().policies()["survey"].licence == "ODbL-1.0"
    assert Source.objects.get(slug="survey").origin == "file"
    assert Source.objects.get(slug="survey").last_counts["new"] == 1


def test_a_file_without_terms_is_refused_unless_they_are_known(tmp_path: Path, stores: Stores) -> None:
    path = write(tmp_path, line("1"), terms=None)
    with pytest.raises(PolicyError, match=r"source\.yaml"):
        services.ingest_files([path])
    wiring.ledger().save_policy("survey", OPEN)
    assert services.ingest_files([path]).new == 1


def test_the_listing_shows_terms_and_state_of_registered_and_met_sources(tmp_path: Path, source: ListSource) -> None:
    services.ingest_files([write(tmp_path, line("1"))])
    listed = {one["source"]: one for one in services.sources()}
    assert listed["osm"]["records"] == 0
    assert listed["osm"]["policy"]["licence"] == "CC0-1.0"
    assert (listed["survey"]["origin"], listed["survey"]["records"]) == ("file", 1)
    assert json.dumps(listed)


def test_a_graph_rebuild_projects_everything_again(source: ListSource, stores: Stores) -> None:
    source.items = [record("osm:1", name="A"), record("osm:2", name="B")]
    services.ingest("osm")
    stores.graph.nodes.clear()
    assert services.rebuild_graph()["projected"] == 2
    assert len(stores.graph.nodes) == 2
