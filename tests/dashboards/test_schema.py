"""The OpenAPI document says what the addresses are, take and answer."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.validation import validate_schema

from plimsoll.store.queries.datasets.facts import DEPLOYMENTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def document() -> dict[str, Any]:
    response = Client().get("/api/v1/schema/")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/vnd.oai.openapi+json"
    body: dict[str, Any] = response.json()
    return body


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    validate_schema(document)  # type: ignore[no-untyped-call]

    assert document["openapi"] == "3.1.0"


def test_the_document_has_exactly_the_routes(document: dict[str, Any]) -> None:
    patterns = [pattern for pattern in get_resolver("dashboards.api.urls").url_patterns if getattr(pattern, "name", "")]
    routes = {"/api/v1/" + re.sub(r"<int:(\w+)>", r"{\1}", str(pattern.pattern)) for pattern in patterns}

    described = {re.sub(r"\{id\}", "{pk}", path) for path in document["paths"]}

    assert described == routes


def test_each_parameter_of_a_list_is_described(document: dict[str, Any]) -> None:
    parameters = document["paths"]["/api/v1/deployments/"]["get"]["parameters"]
    by_name = {parameter["name"]: parameter for parameter in parameters}

    assert by_name["page_size"]["schema"]["maximum"] == 1000
    assert by_name["status"]["schema"]["items"]["enum"][:2] == ["pending", "running"]
    assert set(DEPLOYMENTS.filters) <= set(by_name)


def test_each_column_of_a_list_is_described(document: dict[str, Any]) -> None:
    answers = document["paths"]["/api/v1/deployments/"]["get"]["responses"]["200"]["content"]
    row = answers["application/json"]["schema"]["properties"]["results"]["items"]

    assert list(row["properties"]) == [column.name for column in DEPLOYMENTS.columns]
    assert set(answers) == {"application/json", "text/csv", "application/x-ndjson"}


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    operations = [operation for path in document["paths"].values() for operation in path.values()]

    names = [operation["operationId"] for operation in operations]

    assert len(set(names)) == len(names)
    assert "get_deployments" in names
    assert "post_deliveries_one_replay" in names


def test_what_needs_a_token_says_so(document: dict[str, Any]) -> None:
    assert document["paths"]["/api/v1/teams/"]["get"]["security"] == [{"bearer": []}, {"basic": []}]
    assert "security" not in document["paths"]["/api/v1/"]["get"]
    assert set(document["components"]["securitySchemes"]) == {"bearer", "basic"}


def test_the_index_leads_to_every_list() -> None:
    addresses = Client().get("/api/v1/").json()

    assert addresses["deployments"] == "http://testserver/api/v1/deployments/"
    assert {"metrics_dora", "topology_edges", "topology_nodes", "wallboard_summary", "schema_events"} <= set(addresses)


def test_the_schema_of_events_is_published() -> None:
    response = Client().get("/api/v1/schema/events/")

    assert response.status_code == 200
    assert response.json()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
