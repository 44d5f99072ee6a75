"""A real browser asks and reads. Any breach of the content policy is an error on its console, and fails."""

from typing import TYPE_CHECKING

import pytest

from tests.ibcm.answering import CLARIFY, EVIL, FACT, HINDI, HOSTILE, LIST, DoubleAnswerer
from tests.ibcm.conftest import CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: install Debian's package `chromium`"),
]


def ask(page: "Page", question: str) -> None:
    page.goto("/")
    page.fill("#question", question)
    page.press("#question", "Enter")
    page.wait_for_selector("#answer")


def test_a_question_is_asked_and_its_answer_read(page: "Page", answerer: DoubleAnswerer) -> None:
    ask(page, FACT.question)
    assert "Lake Park opens at 06:00." in page.inner_text(".said")
    assert "/answers/" in page.url
    page.click(".said sup a >> nth=1")
    assert page.url.endswith("#source-2")
    page.reload()
    assert "It covers 12 hectares." in page.inner_text(".said")


def test_points_tell_their_names_to_the_keyboard(page: "Page", answerer: DoubleAnswerer) -> None:
    ask(page, LIST.question)
    second = page.locator(".point").nth(1)
    assert second.get_attribute("aria-label") == "2. Hill Park"
    label = second.locator(".label")
    assert label.evaluate("e => getComputedStyle(e).opacity") == "0"
    second.focus()
    assert label.evaluate("e => getComputedStyle(e).opacity") == "1"


def test_hostile_text_stays_text(page: "Page", answerer: DoubleAnswerer) -> None:
    ask(page, HOSTILE.question)
    assert EVIL in page.inner_text(".said")
    assert page.locator("#answer script, #answer img").count() == 0


def test_hindi_and_candidates(page: "Page", answerer: DoubleAnswerer) -> None:
    ask(page, HINDI.question)
    assert page.get_attribute("#answer", "lang") == "hi"
    ask(page, CLARIFY.question)
    unclear = page.url
    page.click(".clarify a >> nth=0")
    # The question stands there at once; the address is the answer's when there is one.
    page.wait_for_url(lambda url: url != unclear and "/answers/" in url)
    assert "Mumbai" in page.inner_text("h1")
    assert "Mumbai" in answerer.asked[-1].question


def test_it_fits_a_phone(page: "Page", answerer: DoubleAnswerer) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for question in (LIST.question, HOSTILE.question):
        ask(page, question)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
