import re
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ibcm.chat.page import Names, page_of, safe_url, with_unit
from ibcm.readiness import readiness
from tests.ibcm.answering import ANSWERS, CLARIFY, EVIL, FACT, HINDI, HOSTILE, LIST, DoubleAnswerer, DoubleLedger

pytestmark = pytest.mark.django_db

TAGS = re.compile(r"<(script|img|style|iframe|link)\b[^>]*>", re.IGNORECASE)


def asked(client: Client, question: str) -> str:
    response = client.post("/", {"question": question}, follow=True)
    assert response.status_code == 200
    assert response.redirect_chain[0][0].startswith("/answers/")
    return response.content.decode()


def test_the_first_page_asks_and_offers_the_cities(client: Client, answerer: DoubleAnswerer) -> None:
    page = client.get("/").content.decode()
    assert '<textarea id="question"' in page
    assert '<option value="bangalore">Bangalore</option>' in page
    assert "csrfmiddlewaretoken" in page


def test_without_a_script_a_form_and_a_link_are_answered(client: Client, answerer: DoubleAnswerer) -> None:
    for page in (
        asked(client, FACT.question),
        client.get("/", {"question": FACT.question}, follow=True).content.decode(),
    ):
        assert "Lake Park opens at 06:00." in page
        assert 'href="#source-2"' in page
        assert 'id="source-2"' in page
        assert "City of Example" in page
        assert "CC-BY-4.0" in page
        assert "5 Jan 2026" in page
        assert 'href="https://example.org/parks"' in page
        assert "Sources disagree" in page


def test_rows_points_and_a_query_are_shown(client: Client, answerer: DoubleAnswerer) -> None:
    page = asked(client, LIST.question)
    assert "<td" in page
    assert ">890 m</td>" in page
    assert ">e1</td>" not in page, "ids are for machines"
    assert page.count('class="point result"') == 3
    assert "category park · area North" in page


def test_an_abstention_says_what_is_missing(client: Client, answerer: DoubleAnswerer) -> None:
    page = asked(client, "Where is Atlantis?")
    assert "Not known" in page
    assert "Looked for a place called Atlantis" in page


def test_candidates_can_be_chosen(client: Client, answerer: DoubleAnswerer) -> None:
    page = asked(client, CLARIFY.question)
    assert "Central Park, Mumbai" in page
    assert 'href="/?question=Where+is+Central+Park' in page
    assert "Not known" not in page


def test_hindi_is_marked_as_hindi_and_its_labels_are(client: Client, answerer: DoubleAnswerer) -> None:
    page = asked(client, HINDI.question)
    assert 'lang="hi"' in page
    assert "स्रोत" in page
    assert "झील पार्क सुबह 06:00 बजे खुलता है।" in page


def test_nothing_hostile_becomes_markup_or_a_link(client: Client, answerer: DoubleAnswerer) -> None:
    page = asked(client, HOSTILE.question)
    assert EVIL not in page
    assert "javascript:" not in page
    assert "onerror=alert(1)&gt;" in page
    assert set(TAGS.findall(page)) <= {"script", "img", "link"}
    assert page.count("<script") == 1
    assert page.count("<img") == 1


@pytest.mark.parametrize("question", ANSWERS)
def test_the_content_policy_holds_on_every_page(client: Client, answerer: DoubleAnswerer, question: str) -> None:
    response = client.post("/", {"question": question}, follow=True)
    page = response.content.decode()
    assert " style=" not in page
    assert not re.search(r"\son\w+=\"", page)
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"(src|href)=\"(https?:)?//(?!example\.org)", page)


@pytest.mark.parametrize(
    ("question", "says"), [("", "empty"), ("   ", "empty"), ("\x00", "empty"), ("why " * 2_500, "10,000 characters")]
)
def test_a_question_that_cannot_be_taken_is_explained(
    client: Client, answerer: DoubleAnswerer, question: str, says: str
) -> None:
    response = client.post("/", {"question": question})
    assert response.status_code == 400
    assert says in response.content.decode()
    assert not answerer.asked


def test_an_unknown_city_is_explained(client: Client, answerer: DoubleAnswerer) -> None:
    response = client.post("/", {"question": FACT.question, "city": "<b>atlantis</b>"})
    assert response.status_code == 400
    assert "<b>atlantis" not in response.content.decode()
    assert "bangalore" in response.content.decode()


def test_a_store_that_is_down_is_one_sentence(client: Client, answerer: DoubleAnswerer) -> None:
    response = client.post("/", {"question": "Please fail"})
    assert response.status_code == 503
    assert "The graph does not answer." in response.content.decode()


def test_the_part_for_the_script_is_the_same_answer(client: Client, answerer: DoubleAnswerer) -> None:
    address = client.post("/", {"question": FACT.question})["Location"]
    part = client.get(address, {"part": "1"}).content.decode()
    assert part.strip().startswith("<article")
    assert part.strip() in client.get(address).content.decode()


def test_a_stored_answer_is_checked_again(client: Client, answerer: DoubleAnswerer, ledger: DoubleLedger) -> None:
    address = client.post("/", {"question": FACT.question})["Location"]
    ledger.gone = {"parks:1", "survey:9"}
    page = client.get(address).content.decode()
    assert "06:00" not in page
    assert "no longer shown" in page


def test_an_unknown_answer_is_not_found(client: Client, answerer: DoubleAnswerer) -> None:
    assert client.get("/answers/00000000-0000-4000-8000-000000000000").status_code == 404


def test_while_the_first_data_comes_in_the_progress_is_shown(client: Client, answerer: DoubleAnswerer) -> None:
    readiness.expect("graph", "sources")
    readiness.update("graph", "done")
    readiness.update("sources", "working", "geonames: 1,200 of 4,000", done=1200, total=4000)
    try:
        page = client.get("/").content.decode()
        assert "geonames: 1,200 of 4,000" in page
        assert '<progress max="4000" value="1200">' in page
        assert "geonames" in client.get("/", {"part": "starting"}).content.decode()
        refused = client.get("/api/v1/ask", {"question": FACT.question})
        assert refused.status_code == 503
        assert refused["Retry-After"] == "2"
        assert refused.json()["stages"][1]["state"] == "working"
        assert client.post("/", {"question": FACT.question}).status_code == 503
    finally:
        readiness.expect()
    assert not answerer.asked


def test_curators_see_answers_and_figures(client: Client, answerer: DoubleAnswerer) -> None:
    client.post("/", {"question": HOSTILE.question})
    answer = client.post("/", {"question": FACT.question})["Location"].rpartition("/")[2]
    client.force_login(User.objects.create_superuser("root", "root@example.org", "a-long-password"))
    index = client.get("/admin/").content.decode()
    assert "<strong>2</strong> Answers" in index
    listed = client.get("/admin/chat/askedanswer/", {"abstained__exact": "0"}).content.decode()
    assert FACT.question in listed
    one = client.get(f"/admin/chat/askedanswer/{answer}/change/").content.decode()
    assert "City of Example" not in one
    assert 'href="https://example.org/parks"' in one
    for page in (index, listed, one):
        assert EVIL not in page


def test_choosing_replaces_the_words_that_were_ambiguous() -> None:
    named = {"entities": [{"text": "Central Park", "ids": ["e7", "e8"], "names": []}]}
    first, second = CLARIFY.clarify or ()
    answer = replace(CLARIFY, plan=named, clarify=[first, replace(second, label="central park")]).to_json()
    questions = [choice.question for choice in page_of(answer, Names({}, str)).candidates]
    assert questions == ["Where is Central Park, Mumbai?", "Where is Central Park (central park, a park in Pune)?"]


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a?b=c#d", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("vbscript:x", False),
        ("//example.org", False),
        ("/relative", False),
        ("https:", False),
        ("http://[broken", False),
        ("", False),
        (None, False),
        (5, False),
    ],
)
def test_only_web_addresses_become_links(url: object, safe: bool) -> None:
    assert (safe_url(url) is not None) is safe


@pytest.mark.parametrize(
    ("number", "unit", "shown"),
    [(1200, "INR", "₹1,200"), (1240.4, "m", "1.24 km"), (3, "count", "3"), (4.5, "stars", "4.5 stars"), (7, None, "7")],
)
def test_values_are_shown_with_their_unit(number: float, unit: str | None, shown: str) -> None:
    assert with_unit(number, unit) == shown
