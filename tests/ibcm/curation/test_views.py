"""The curators' pages: who may, what they show, where each step leads."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from ibcm.records.models import Decision
from tests.builders import record
from tests.ibcm.curation.conftest import AT, NEAR, RAJ, Settle, TakeIn, entity_of

pytestmark = pytest.mark.django_db
KEY = "osm:1|osm:2"
PAGES = ("review:queue", "review:case")
DEEDS = ("review:decide", "review:bulk", "review:split", "review:pin", "review:hide", "review:undo")


def thing(ref: str) -> str:
    return reverse("review:thing", args=[entity_of(ref)])


def text(client: Client, address: str, **query: str) -> str:
    response = client.get(address, query, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_strangers_log_in_first(client: Client) -> None:
    for page in PAGES:
        assert client.get(reverse(page)).headers["Location"].startswith("/admin/login/")
    for deed in DEEDS:
        assert client.post(reverse(deed)).headers["Location"].startswith("/admin/login/")


def test_staff_without_the_permission_is_told_which(client: Client) -> None:
    client.force_login(User.objects.create_user("viewer", is_staff=True))
    for page in PAGES:
        response = client.get(reverse(page))
        assert (response.status_code, "Can add decision" in response.content.decode()) == (403, True)
    for deed in DEEDS:
        assert client.post(reverse(deed)).status_code == 403


def test_deeds_are_posted(curator: Client) -> None:
    assert [curator.get(reverse(deed)).status_code for deed in DEEDS] == [405] * len(DEEDS)


def test_an_empty_queue_says_what_comes_here(curator: Client) -> None:
    assert "The queue is empty" in text(curator, reverse("review:queue"))
    assert "Nothing waits that fits this filter" in text(curator, reverse("review:queue"), city="pune")
    assert "Nothing is left to decide" in text(curator, reverse("review:case"))


def test_rounds_are_shown_by_company_round_amount_and_date(curator: Client, taken_in: TakeIn) -> None:
    said = {"date": "2024-03-10", "round": "Seed", "amount": 5_000_000, "currency": "USD"}
    written = record("osm:f1", "funding", data={**said, "company": "Quillpay"})
    told = {**said, "date": "2024-03-12", "amount": "undisclosed", "company": "Quillpay"}
    links = [{"rel": "raised_by", "key": "o1"}]
    taken_in(
        record("osm:o1", "organization", name="Quillpay"),
        written,
        record("osm:f2", "funding", data=told),
        record("osm:f3", "funding", data={**said, "date": "2023-01-01"}, links=links),
        record("osm:f4", "funding", data={**said, "date": "2023-01-05", "amount": 5_100_000}, links=links),
    )
    shown = text(curator, reverse("review:queue"))
    assert shown.count('<strong dir="auto">Quillpay</strong>') == 4, shown
    for line in ("Seed, 5,000,000 USD, 2024-03-10", "Seed, undisclosed, 2024-03-12", "Seed, 5,100,000 USD, 2023-01-05"):
        assert line in shown
    assert "Quillpay: Seed, 5,000,000 USD, 2024-03-10" in text(curator, reverse("review:case"), key="osm:f1|osm:f2")


@pytest.mark.usefixtures("pair")
def test_the_queue_and_a_case_show_both_sides(curator: Client) -> None:
    shown = text(curator, reverse("review:queue"))
    assert "1 pair wait" in shown or "1 pair waits" in shown
    assert "Dr. Mukhis Raj Hospital" in shown
    case = text(curator, reverse("review:case"), key=KEY)
    for part in ("Raj Hospital", "one holds the other", "within 120 m", "osm:2", "<svg", 'data-key="s"', "Mumbai"):
        assert part in case, part


@pytest.mark.usefixtures("pair")
def test_a_pair_is_decided_skipped_and_taken_back(curator: Client, settled: Settle) -> None:
    skipped = curator.post(reverse("review:decide"), {"key": KEY, "verdict": "skip"}, follow=True)
    assert "All that is left was skipped" in skipped.content.decode()
    assert (
        "likely to be one place"
        in curator.post(reverse("review:decide"), {"verdict": "again"}, follow=True).content.decode()
    )
    done = curator.post(reverse("review:decide"), {"key": KEY, "verdict": "same", "reason": "seen"}, follow=True)
    settled()
    assert "Decided: the same." in done.content.decode()
    assert entity_of("osm:1") == entity_of("osm:2")
    row = Decision.objects.get()
    assert (row.by, row.reason) == ("asha", "seen")
    late = curator.post(reverse("review:decide"), {"key": KEY, "verdict": "same"}, follow=True)
    assert "one thing already" in late.content.decode()
    assert f'name="number" value="{row.pk}"' in text(curator, reverse("review:queue"))
    curator.post(reverse("review:undo"), {"number": row.pk})
    settled()
    assert entity_of("osm:1") != entity_of("osm:2")
    again = curator.post(reverse("review:undo"), {"number": row.pk}, follow=True)
    assert "taken back already" in again.content.decode()
    assert "is not there" in curator.post(reverse("review:undo"), {"number": "x"}, follow=True).content.decode()


@pytest.mark.usefixtures("pair")
def test_many_are_shown_before_they_are_decided(curator: Client, settled: Settle) -> None:
    shown = curator.post(reverse("review:bulk"), {"all": "1", "verdict": "different"}).content.decode()
    assert "1 pair about 2 things would be decided as" in shown
    assert not Decision.objects.exists()
    curator.post(reverse("review:bulk"), {"key": KEY, "verdict": "different", "confirmed": "1"})
    settled()
    row = Decision.objects.get()
    assert f'value="{row.group}"' in text(curator, reverse("review:queue"))
    assert "Choose pairs" in curator.post(reverse("review:bulk"), {"verdict": "same"}, follow=True).content.decode()
    curator.post(reverse("review:undo"), {"group": row.group})
    assert Decision.objects.get().undone_by == "asha"


@pytest.mark.usefixtures("pair")
def test_a_thing_is_corrected_on_its_page(curator: Client, settled: Settle) -> None:
    page = thing("osm:3")
    assert "+918012345678" in text(curator, page)
    sent = {"record": "osm:3", "field": "phone", "value": "+91 80 4000 0000", "reason": "asked them", "next": page}
    assert "Pinned." in curator.post(reverse("review:pin"), sent, follow=True).content.decode()
    settled()
    shown = text(curator, page)
    assert "+918040000000" in shown
    assert "asked them" in shown
    curator.post(reverse("review:hide"), {"record": "osm:3", "field": "address", "next": page})
    settled()
    assert "Show it again" in text(curator, page)
    refused = curator.post(reverse("review:pin"), {**sent, "reason": ""}, follow=True).content.decode()
    assert "Say why" in refused


def test_records_are_taken_out_of_a_thing(curator: Client, taken_in: TakeIn, settled: Settle) -> None:
    twice: dict[str, Any] = {"name": "Care Hospital", "address": "Road No. 1, Banjara Hills", "phone": "+914030418888"}
    taken_in(*(record(f"osm:{n}", **twice, **RAJ, **AT) for n in (1, 2)))
    page = thing("osm:1")
    assert "Why they are one" in text(curator, page)
    curator.post(reverse("review:split"), {"entity": entity_of("osm:1"), "record": "osm:2", "next": page})
    settled()
    assert entity_of("osm:1") != entity_of("osm:2")
    assert "different things" in text(curator, thing("osm:1"))


@pytest.mark.usefixtures("pair")
def test_a_thing_as_it_was_known(curator: Client, taken_in: TakeIn) -> None:
    taken_in(record("osm:3", name="Cafe Verde", at=1, category="cafe"))
    page = thing("osm:3")
    assert "Cafe Verde" in text(curator, page)
    past = text(curator, page, as_of="2026-03-01")
    assert "Cafe Azul" in past
    assert "Pin a field" not in past
    assert curator.get(page, {"as_of": "2020-01-01"}).status_code == 404
    assert "is no day or time" in text(curator, page, as_of="yesterday")


def test_what_does_not_hold_is_shown_apart(curator: Client, taken_in: TakeIn) -> None:
    taken_in(record("osm:1", name="Cafe Verde", category="cafe", beds=7, valid_to="2026-02-01"))
    page = text(curator, thing("osm:1"))
    assert "What does not hold now" in page
    assert page.index("What does not hold now") < page.index("beds") < page.index("2026-02-01")
    then = text(curator, thing("osm:1"), as_of="2027-01-01")
    assert "What does not hold then" in then


@pytest.mark.usefixtures("pair")
def test_old_ids_and_keys_lead_to_the_thing(curator: Client, settled: Settle) -> None:
    before = {entity_of("osm:1"), entity_of("osm:2")}
    curator.post(reverse("review:decide"), {"key": KEY, "verdict": "same"})
    settled()
    (old,) = before - {entity_of("osm:1")}
    for asked in (old, "osm:2"):
        response = curator.get(reverse("review:thing", args=[asked]), follow=True)
        assert "Dr. Mukhis Raj Hospital" in response.content.decode()
    assert curator.get(reverse("review:thing", args=["nothing"])).status_code == 404


@pytest.mark.usefixtures("pair")
def test_the_next_page_is_one_of_ours(curator: Client) -> None:
    sent = curator.post(reverse("review:undo"), {"number": "0", "next": "https://evil.example/"})
    assert sent.headers["Location"] == reverse("review:queue")


def test_what_sources_say_is_shown_and_not_run(curator: Client, taken_in: TakeIn) -> None:
    evil: dict[str, Any] = {"name": "Dr. <script>alert(1)</script> Raj Hospital", "description": "\u202e" + "x" * 3000}
    taken_in(
        record("osm:1", **evil, **RAJ, **AT), record("osm:2", name="Dr. <script>alert(1)</script> Raj", **RAJ, **NEAR)
    )
    for page in (reverse("review:queue"), reverse("review:case"), thing("osm:1")):
        assert "<script>alert" not in text(curator, page)


def test_decisions_are_listed_and_taken_back_in_the_admin(
    admin_client: Client, pair: tuple[str, str], settled: Settle
) -> None:
    admin_client.post(reverse("review:decide"), {"key": KEY, "verdict": "same", "reason": "seen"})
    settled()
    row = Decision.objects.get()
    assert "seen" in text(admin_client, "/admin/records/decision/")
    assert "osm:2" in text(admin_client, f"/admin/records/decision/{row.pk}/change/")
    sent = {"action": "take_back", "_selected_action": [str(row.pk)]}
    told = admin_client.post("/admin/records/decision/", sent, follow=True).content.decode()
    assert "Taken back: 1." in told
    assert "nothing left" in admin_client.post("/admin/records/decision/", sent, follow=True).content.decode()


def test_a_position_far_away_is_pinned_by_whoever_is_sure(curator: Client, pair: tuple[str, str]) -> None:
    form = {"record": "osm:3", "field": "position", "value": "51.5, -0.1", "reason": "it moved"}
    told = curator.post("/admin/review/pin/", {**form, "next": "/admin/review/"}, follow=True)
    assert "If it is right all the same, pin it once more" in told.content.decode()
    assert not Decision.objects.exists()
    curator.post("/admin/review/pin/", {**form, "sure": "1"})
    assert Decision.objects.get().value == [51.5, -0.1]
