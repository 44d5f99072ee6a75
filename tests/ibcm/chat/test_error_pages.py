import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests.ibcm.answering import DoubleAnswerer

pytestmark = pytest.mark.django_db


def test_a_wrong_address_leads_back_to_the_question(client: Client) -> None:
    response = client.get("/<script>")
    assert response.status_code == 404
    assert "Ask a question" in response.content.decode()
    assert "<script>" not in response.content.decode()


def test_a_defect_is_a_page_without_its_inside(answerer: DoubleAnswerer) -> None:
    response = Client(raise_request_exception=False).get("/", {"question": "Please break"})
    assert response.status_code == 500
    assert "has been logged" in response.content.decode()
    assert "secret" not in response.content.decode()


@pytest.mark.parametrize("name", ["404.html", "500.html", "403_csrf.html"])
def test_error_pages_need_nothing(name: str) -> None:
    assert "IBCM" in render_to_string(name)
