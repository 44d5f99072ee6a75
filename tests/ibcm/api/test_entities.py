"""One entity over REST: by any of its names, with who says what, now and then."""

from typing import Any

import pytest
from django.test import Client

from ibcm.domain.ledger import Assignments
from ibcm.records.ledger import DjangoLedger
from tests.builders import NOW, OPEN, day, record, tombstone

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger() -> DjangoLedger:
    made = DjangoLedger()
    made.save_policy("osm", OPEN.model_copy(update={"trust": 0.9}))
    made.save_policy("zomato", OPEN.model_copy(update={"trust": 0.2}))
    made.stage([record("osm:1", name="Cafe Azul", phone="+918040000000", at=-9, url="https://osm.example/1")], now=NOW)
    made.stage([record("zomato:a/b", name="Cafe Azul", phone="+918041111111", at=-2)], now=NOW)
    assign(made, {"osm:1": "old", "zomato:a/b": "e1"})
    made.stage([record("osm:1", name="Cafe Azul", phone="+918042222222", at=-1, url="https://osm.example/1")], now=NOW)
    assign(made, {"osm:1": "e1", "zomato:a/b": "e1"}, redirects={"old": "e1"})
    return made


def assign(ledger: DjangoLedger, entity_of: dict[str, str], **more: Any) -> None:
    ledger.assign(
        Assignments(label="Place", entity_of=entity_of, keys_of={ref: [f"k|{ref}"] for ref in entity_of}, **more)
    )


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("asked", ["e1", "old", "osm:1", "zomato:a/b"])
def test_by_any_of_its_names(client: Client, asked: str) -> None:
    found = client.get(f"/api/v1/entities/{asked}").json()
    assert (found["id"], found["name"], found["label"]) == ("e1", "Cafe Azul", "Place")
    assert found["redirected_from"] == ("old" if asked == "old" else None)
    assert found["values"]["phone"] == {"value": "+918042222222", "records": ["osm:1"]}
    assert found["conflicts"] == [{"field": "phone", "value": "+918041111111", "record": "zomato:a/b"}]
    assert [(one["record"], one["licence"]) for one in found["records"]] == [
        ("osm:1", "CC0-1.0"),
        ("zomato:a/b", "CC0-1.0"),
    ]


@pytest.mark.usefixtures("ledger")
def test_as_it_was_known(client: Client) -> None:
    def then(as_of: str) -> Any:
        return client.get("/api/v1/entities/e1", {"as_of": as_of})

    early = then(day(-3).date().isoformat()).json()
    assert early["values"]["phone"] == {"value": "+918040000000", "records": ["osm:1"]}
    assert early["conflicts"] == []
    assert then(day(-2).isoformat()).json()["conflicts"][0]["record"] == "zomato:a/b"
    assert then(day(1).isoformat()).json()["values"]["phone"]["value"] == "+918042222222"
    assert then(day(-30).isoformat()).status_code == 404


@pytest.mark.usefixtures("ledger")
def test_what_does_not_hold_is_told_apart_and_held_then(client: Client, ledger: DjangoLedger) -> None:
    over = {"name": "Cafe Azul", "phone": "+918043333333", "beds": 4}
    ledger.stage([record("osm:1", at=-0.5, data=over, valid_to="2026-02-28")], now=NOW)
    found = client.get("/api/v1/entities/e1").json()
    assert found["holds"]
    assert found["values"]["phone"] == {"value": "+918041111111", "records": ["zomato:a/b"]}
    assert found["lapsed"] == {"beds": {"value": 4, "records": ["osm:1"], "valid_to": "2026-02-28"}}
    assert found["conflicts"] == []
    then = client.get("/api/v1/entities/e1", {"as_of": day(-1).isoformat()}).json()
    assert then["values"]["phone"] == {"value": "+918042222222", "records": ["osm:1"]}, "as it was known"


@pytest.mark.parametrize("as_of", ["yesterday", "2026-02-30", "2026-03-01T10:00:00", "-1", "9999999999999999"])
def test_what_is_no_time_is_refused(client: Client, as_of: str) -> None:
    response = client.get("/api/v1/entities/e1", {"as_of": as_of})
    assert (response.status_code, response.headers["Content-Type"]) == (400, "application/problem+json")
    assert response.json()["errors"][0]["pointer"] == "#/as_of"


@pytest.mark.parametrize("asked", ["nothing", "osm:9", "a" * 3000, "osm:%00", "..%2F..%2Fetc"])
def test_what_there_is_not(client: Client, asked: str) -> None:
    response = client.get(f"/api/v1/entities/{asked}")
    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")


def test_what_was_deleted_or_is_over_is_not_shown(client: Client, ledger: DjangoLedger) -> None:
    ledger.stage([tombstone("osm:1", at=1)], now=NOW)
    over = record("zomato:a/b", name="Cafe Azul", phone="+918041111111", at=1, expires_at=day(2).isoformat())
    ledger.stage([over], now=NOW)
    assert client.get("/api/v1/entities/e1").status_code == 404
    assert client.get("/api/v1/entities/e1", {"as_of": day(-1).isoformat()}).status_code == 404
