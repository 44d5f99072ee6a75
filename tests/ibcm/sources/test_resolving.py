"""Weights are fitted, looked at, put to use and taken back, by the commands that people type."""

import io
import json
from typing import Any

import pytest
from django.core.management import load_command_class

from ibcm.commands import DJANGO_OPTIONS
from ibcm.domain.errors import IbcmError
from ibcm.jobs import services as jobs
from ibcm.jobs import tasks
from ibcm.records.models import Record
from ibcm.records.services import waiting
from ibcm.sources import services
from tests.builders import record
from tests.ibcm.sources.conftest import ListSource

NAMES = ("Ashwini", "Bhaskar", "Chandan", "Devaki", "Eklavya", "Falguni", "Ganga", "Hemant", "Indira", "Jyoti")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Jobs are done by whoever waits for them."""
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda **_: None)
    yield
    jobs.start_running()


@pytest.fixture
def hospitals(source: ListSource) -> list[str]:
    told: dict[str, Any] = {"city": "pune", "category": "hospital", "lon": 73.8}
    source.items = [
        record(
            f"osm:{n}{side}",
            name=f"{name} Hospital{tail}",
            lat=18.5 + n / 100,
            phone=f"+91202444{n:04}",
            **told,
        )
        for n, name in enumerate(NAMES)
        for side, tail in (("a", ""), ("b", " and Research Centre"))
    ]
    services.ingest("osm")
    return [item.ref for item in source.items if not isinstance(item, Exception) and hasattr(item, "ref")]


def typed(*arguments: str) -> tuple[str, str]:
    """(stdout, stderr) of the command as the relay performs it: without Django's own options."""
    command = load_command_class("ibcm", "resolver")
    options = vars(command.create_parser("manage.py", "resolver").parse_args(list(arguments)))
    out, err = io.StringIO(), io.StringIO()
    own = {name: value for name, value in options.items() if name not in DJANGO_OPTIONS}
    command.perform(out, err, **own)  # type: ignore[attr-defined] # one of ours
    return out.getvalue(), err.getvalue()


def test_fitted_looked_at_and_put_to_use(hospitals: list[str]) -> None:
    before = dict(Record.objects.values_list("ref", "entity_id"))
    told, hint = typed("refit")
    version = told.split()[1].rstrip(":")
    assert "pairs looked at" in told
    assert f"resolver use {version}" in hint
    assert dict(Record.objects.values_list("ref", "entity_id")) == before, "a preview changes nothing"
    typed("use", version)
    assert waiting() == {"to_assign": 0, "to_project": 0}
    assert version in active()
    typed("use", "shipped")
    assert version not in active()
    assert dict(Record.objects.values_list("ref", "entity_id")) == before


def active() -> set[str]:
    return {row["version"] for row in json.loads(typed("list", "--json")[0]) if row["active"]}


@pytest.mark.usefixtures("hospitals")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(("use",), "takes a version"), (("refit", "x"), "takes a version"), (("use", "nothing"), "known are shipped")],
)
def test_what_makes_no_sense_is_told(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(IbcmError, match=sentence):
        typed(*arguments)
