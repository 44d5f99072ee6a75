"""Curators can look at everything and edit nothing."""

import pytest
from django.test import Client

from ibcm.domain.ledger import Assignments
from ibcm.jobs import services as jobs
from ibcm.jobs.models import Job
from ibcm.records.ledger import DjangoLedger
from ibcm.records.models import Record
from tests.builders import NOW, OPEN, record


@pytest.fixture
def held(db: None) -> None:
    ledger = DjangoLedger()
    ledger.save_policy("osm", OPEN)
    ledger.stage([record("osm:1", name="<b>Old</b>", at=-2), record("osm:2", name="Two")], now=NOW)
    ledger.stage([record("osm:1", name="<b>Café</b>", links=[{"rel": "at", "key": "2"}])], now=NOW)
    ledger.assign(Assignments(label="Place", entity_of={"osm:1": "e/1", "osm:2": "e/1"}, keys_of={"osm:1": ["k"]}))
    jobs.submit("purge")


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("page", ["records/record", "records/entity", "records/lease", "sources/source", "jobs/job"])
def test_lists_open_and_search(admin_client: Client, page: str) -> None:
    assert admin_client.get(f"/admin/{page}/").status_code == 200
    assert admin_client.get(f"/admin/{page}/?q=osm:1").status_code == 200


@pytest.mark.usefixtures("held")
def test_a_record_shows_what_was_said_then_and_now(admin_client: Client) -> None:
    page = admin_client.get(f"/admin/records/record/{Record.objects.get(ref='osm:1').pk}/change/").content.decode()
    assert "&lt;b&gt;Café&lt;/b&gt;" in page
    assert "&lt;b&gt;Old&lt;/b&gt;" in page
    assert "<b>Café" not in page
    assert 'name="_save"' not in page


@pytest.mark.usefixtures("held")
def test_entity_source_and_job_pages(admin_client: Client) -> None:
    entity = admin_client.get("/admin/records/entity/e_2F1/change/").content.decode()
    assert "osm:2" in entity
    assert "CC0-1.0" in admin_client.get("/admin/sources/source/osm/change/").content.decode()
    job = Job.objects.get()
    assert admin_client.get(f"/admin/jobs/job/{job.pk}/change/").status_code == 200
    admin_client.post("/admin/jobs/job/", {"action": "cancel_jobs", "_selected_action": [str(job.pk)]})
    job.refresh_from_db()
    assert job.state == "cancelled"
