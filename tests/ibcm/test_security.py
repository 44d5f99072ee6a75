import pytest
from django.test import Client

from tests.ibcm.answering import FACT, DoubleAnswerer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/ask?question=", "/api/docs/", "/admin/login/", "/nothing"])
def test_every_response_carries_the_headers(client: Client, answerer: DoubleAnswerer, path: str) -> None:
    response = client.get(path)
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy
    assert "unsafe-eval" not in policy
    assert ("'unsafe-inline'" in policy) is (path == "/api/docs/")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


def test_only_this_machine_is_answered(client: Client, answerer: DoubleAnswerer) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example"):
        assert client.get("/", headers={"host": host}).status_code == 400
    for host in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000"):
        assert client.get("/", headers={"host": host}).status_code == 200


def test_the_form_is_protected_against_other_sites(answerer: DoubleAnswerer) -> None:
    assert Client(enforce_csrf_checks=True).post("/", {"question": FACT.question}).status_code == 403


def test_no_response_lets_other_origins_read(client: Client, answerer: DoubleAnswerer) -> None:
    response = client.get("/api/v1/ask", {"question": FACT.question}, headers={"origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in response
