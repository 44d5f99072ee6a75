"""A small city with a pair to decide, and curators who may."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from ibcm.curation import services
from ibcm.records.models import Record
from ibcm.sources import finishing
from ibcm.sources import services as ingesting
from tests.builders import record
from tests.ibcm.sources.conftest import ListSource, source, stores

__all__ = ["source", "stores"]

RAJ: dict[str, Any] = {"category": "hospital", "city": "mumbai"}
AT: dict[str, Any] = {"lat": 19.17580, "lon": 72.94760}
NEAR: dict[str, Any] = {"lat": 19.17630, "lon": 72.94810}

Settle = Callable[[], None]
TakeIn = Callable[..., None]


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Settle:
    """Does what the worker does, when the test says so."""
    monkeypatch.setattr(services, "WAIT_SECONDS", 0.0)

    def settle() -> None:
        finishing.settle(should_stop=lambda: False)

    return settle


@pytest.fixture
def taken_in(source: ListSource, settled: Settle) -> TakeIn:
    """Ingests what it is given."""

    def take_in(*items: Any) -> None:
        source.items = list(items)
        ingesting.ingest("osm")

    return take_in


@pytest.fixture
def pair(taken_in: TakeIn) -> tuple[str, str]:
    """Two records that may be one hospital: one name holds the other, and they are 75 m apart."""
    taken_in(
        record("osm:1", name="Dr. Mukhis Raj Hospital", **RAJ, **AT),
        record("osm:2", name="Raj Hospital", **RAJ, **NEAR),
        record("osm:3", name="Cafe Azul", category="cafe", address="12, MG Road", phone="+918012345678", **AT),
    )
    return "osm:1", "osm:2"


@pytest.fixture
def curator(client: Client) -> Client:
    """Staff who may decide, and nothing else."""
    user = User.objects.create_user("asha", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="add_decision"))
    client.force_login(user)
    return client


def entity_of(ref: str) -> str:
    return str(Record.objects.get(ref=ref).entity_id)
