"""The queue worked off by keyboard in a real browser."""

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User

from ibcm.records.models import Decision
from tests.ibcm.conftest import CHROMIUM
from tests.ibcm.curation.conftest import Settle, entity_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: install Debian's package `chromium`"),
]


@pytest.fixture(autouse=True)
def _beside_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its driver runs an event loop in this very thread, and Django would take us for a coroutine."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def logged_in(page: "Page", pair: tuple[str, str]) -> "Page":
    User.objects.create_superuser("asha", password="a-long-one")
    page.goto("/admin/review/")
    page.fill("#id_username", "asha")
    page.fill("#id_password", "a-long-one")
    page.press("#id_password", "Enter")
    page.wait_for_selector("text=Work the queue off")
    return page


def press(page: "Page", key: str) -> None:
    page.wait_for_load_state()
    with page.expect_navigation():
        page.keyboard.press(key)


def test_by_keyboard(logged_in: "Page", settled: Settle) -> None:
    page = logged_in
    press(page, "n")
    assert "Raj Hospital" in page.inner_text(".sides")
    press(page, "k")
    assert "All that is left was skipped" in page.inner_text(".empty")
    press(page, "n")
    page.fill("input[name=reason]", "skd")  # letters typed into a field decide nothing
    assert not Decision.objects.exists()
    page.press("input[name=reason]", "Tab")
    page.evaluate("document.activeElement.blur()")
    press(page, "s")
    settled()
    assert (Decision.objects.get().reason, entity_of("osm:1")) == ("skd", entity_of("osm:2"))
    press(page, "u")
    settled()
    assert entity_of("osm:1") != entity_of("osm:2")


def test_two_clicks_decide_once(logged_in: "Page", settled: Settle) -> None:
    page = logged_in
    press(page, "n")
    with page.expect_navigation():
        page.dblclick("button[value=same]")
    page.wait_for_selector("text=Decided")
    assert Decision.objects.count() == 1


def test_on_a_phone_nothing_is_wider_than_the_screen(logged_in: "Page") -> None:
    page = logged_in
    page.set_viewport_size({"width": 390, "height": 800})
    for address in ("/admin/review/case/", f"/admin/review/thing/{entity_of('osm:3')}/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
