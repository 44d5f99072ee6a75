import json
from typing import Any

import pytest
import yaml
from django.test import Client
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from ibcm.domain.ledger import Assignments
from ibcm.records.ledger import DjangoLedger
from tests.builders import NOW, OPEN, record
from tests.ibcm.answering import ANSWERS, DoubleAnswerer

pytestmark = pytest.mark.django_db


@pytest.fixture
def schema(client: Client) -> dict[str, Any]:
    described: dict[str, Any] = yaml.safe_load(client.get("/api/schema/").content)
    return described


def test_the_description_is_valid_and_complete(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(schema).validate()
    assert set(schema["paths"]) == {
        "/api/v1/ask",
        "/api/v1/ask/stream",
        "/api/v1/answers/{answer_id}",
        "/api/v1/entities/{asked}",
    }


def test_every_example_of_a_request_is_taken(client: Client, schema: dict[str, Any], answerer: DoubleAnswerer) -> None:
    content = schema["paths"]["/api/v1/ask"]["post"]["requestBody"]["content"]["application/json"]
    examples = content["examples"]
    assert examples
    for example in examples.values():
        response = client.post("/api/v1/ask", json.dumps(example["value"]), content_type="application/json")
        assert response.status_code == 200


@pytest.mark.parametrize("question", ANSWERS)
def test_answers_and_problems_have_the_shape_that_is_described(
    client: Client, schema: dict[str, Any], answerer: DoubleAnswerer, question: str
) -> None:
    answer = client.get("/api/v1/ask", {"question": question}).json()
    _check(answer, "Answer", schema)
    _check(client.get(f"/api/v1/answers/{answer['id']}").json(), "ShownAnswer", schema)
    _check(client.get("/api/v1/ask", {"question": "a", "city": "atlantis"}).json(), "Problem", schema)


def test_the_pages_about_the_api_load_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert "//cdn" not in page
    assert "https://" not in page
    assert "<script>" not in page


def test_entities_have_the_shape_that_is_described(client: Client, schema: dict[str, Any]) -> None:
    ledger = DjangoLedger()
    ledger.save_policy("osm", OPEN)
    ledger.stage([record("osm:1", name="Lake Park"), record("osm:2", name="Lake Park", phone="+918040000000")], now=NOW)
    ledger.assign(Assignments(label="Place", entity_of={"osm:1": "e1", "osm:2": "e1"}, keys_of={"osm:1": ["k"]}))
    _check(client.get("/api/v1/entities/e1").json(), "Entity", schema)
    _check(client.get("/api/v1/entities/nothing").json(), "Problem", schema)
    _check(client.get("/api/v1/entities/e1", {"as_of": "yesterday"}).json(), "Problem", schema)


def _check(value: Any, name: str, schema: dict[str, Any]) -> None:
    validator = OAS31Validator({"$ref": f"#/components/schemas/{name}", "components": schema["components"]})
    problems = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(value)]
    assert problems == []
