"""Wrong questions get a 400 that names the parameter and how to mend it."""

from typing import Any

import pytest
from django.test import Client

from tests.dashboards import builders
from tests.dashboards.builders import reading

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("query", "parameter", "words"),
    [
        ({"from": "2026-13-45"}, "from", "is not a time; write it as 2026-11-24T09:30:00Z"),
        ({"from": "now'--"}, "from", "is not a time"),
        ({"from": "2026-11-24T09:30:00"}, "from", "is not a time"),
        ({"from": "1700000000"}, "from", "looks like seconds; give milliseconds"),
        ({"to": "9" * 30}, "to", "is not a time"),
        ({"to": "9999-12-31T23:59:59-23:00"}, "to", "is not a time"),
        ({"to": "9999-12-31"}, "to", "not between 1900 and 3000"),
        ({"to": "0001-01-01T00:00:00Z"}, "to", "not between 1900 and 3000"),
        ({"updated_since": "0000-00-00T00:00:00Z"}, "updated_since", "is not a time"),
        ({"from": "2026-11-24", "to": "2026-11-23"}, "from", "must be before `to`"),
        ({"from": "2026-11-24", "to": "2026-11-24"}, "from", "must be before `to`"),
        ({"from": "2025-01-01", "to": "2026-11-01"}, "from", "longer than 400 days"),
        ({"updated_since": "2026-11-24", "updated_before": "2026-11-23"}, "updated_since", "before `updated_before`"),
        ({"page_size": "-1"}, "page_size", "a whole number of at least 1 and at most 1000"),
        ({"page_size": "0"}, "page_size", "at least 1"),
        ({"page_size": "1000000000000"}, "page_size", "at most 1000"),
        ({"page_size": "1" * 5000}, "page_size", "longer than 1024"),
        ({"page_size": "abc"}, "page_size", "a whole number"),
        ({"change": "abc"}, "change", "a whole number"),
        ({"page_size": "١"}, "page_size", "a whole number"),
        ({"ordering": "password"}, "ordering", "is not one of updated_at, -updated_at"),
        ({"status": "broken"}, "status", "is not one of pending, running, success"),
        ({"environment_class": "Production"}, "environment_class", "is not one of production"),
        ({"cursor": "abc"}, "cursor", "not a cursor of this list"),
        ({"cursor": "W10"}, "cursor", "not a cursor of this list"),
        ({"count": "yes"}, "count", "neither 1 nor 0"),
        ({"page": "2"}, "page", "unknown parameter; did you mean page_size?"),
        ({"servcie": "x"}, "servcie", "did you mean service?"),
        ({"service": "x" * 102_400}, "service", "longer than 1024 characters"),
        ({"service": "a\0b"}, "service", "zero character"),
        ({"service": ["x"] * 101}, "service", "at most 100"),
        ({"page_size": ["1", "2"]}, "page_size", "given 2 times; at most 1"),
        ({"format": "xml"}, "format", "'xml' is not one of json, csv, ndjson"),
        ({"limit": "5"}, "limit", "only for format=csv or ndjson"),
        ({"format": "csv", "page_size": "5"}, "page_size", "only for format=json"),
        ({"format": "ndjson", "bom": "1"}, "bom", "only for format=csv"),
        ({"format": "csv", "limit": "1000001"}, "limit", "at most 1000000"),
    ],
)
def test_a_wrong_parameter_is_named_with_its_mend(query: dict[str, Any], parameter: str, words: str) -> None:
    headers = {**reading(), "accept-language": "zh-CN"}

    response = Client().get("/api/v1/deployments/", query, headers=headers)

    body = response.json()
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert body["code"] == "invalid_parameter"
    assert [error["parameter"] for error in body["errors"]] == [parameter]
    assert words in body["errors"][0]["message"]
    assert len(response.content) < 2000


def test_all_wrong_parameters_are_named_at_once() -> None:
    response = Client().get("/api/v1/deployments/?from=x&page_size=0&nonsense=1", headers=reading())

    body = response.json()
    assert {error["parameter"] for error in body["errors"]} == {"from", "page_size", "nonsense"}
    assert body["title"] == "The request is wrong"


def test_a_cursor_belongs_to_one_ordering() -> None:
    for _ in range(2):
        builders.deployment()
    headers = reading()
    cursor = Client().get("/api/v1/deployments/?page_size=1", headers=headers).json()["cursor"]

    response = Client().get("/api/v1/deployments/", {"ordering": "finished_at", "cursor": cursor}, headers=headers)

    assert response.status_code == 400
    assert "ordered by updated_at, not by finished_at" in response.json()["errors"][0]["message"]


def test_an_empty_value_is_the_same_as_none() -> None:
    builders.deployment()

    answer = Client().get("/api/v1/deployments/?team=&from=&page_size=&cursor=", headers=reading()).json()

    assert len(answer["results"]) == 1


def test_an_address_that_does_not_exist_is_a_problem_document() -> None:
    response = Client().get("/api/v1/nothing/", headers=reading())

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_found"


def test_an_address_without_its_last_slash_leads_on() -> None:
    response = Client().get("/api/v1/deployments?service=x", headers=reading())

    assert response.status_code == 301
    assert response["Location"] == "/api/v1/deployments/?service=x"


def test_what_has_one_format_takes_its_name() -> None:
    headers = reading()

    assert Client().get("/api/v1/?format=json", headers=headers).status_code == 200
    assert Client().get("/api/v1/?format=csv", headers=headers).status_code == 400


def test_a_wrong_method_is_a_problem_document() -> None:
    response = Client().post("/api/v1/deployments/", headers=reading())

    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"


def test_a_format_we_cannot_write_is_refused() -> None:
    headers = reading()

    accepted = Client().get("/api/v1/deployments/", headers={**headers, "Accept": "image/png"})
    parquet = Client().get("/api/v1/deployments/?format=parquet", headers=headers)

    assert (accepted.status_code, parquet.status_code) == (406, 406)
    assert accepted.json()["code"] == "not_acceptable"
    assert "json, csv, ndjson" in parquet.json()["detail"]


def test_another_host_name_is_refused() -> None:
    assert Client().get("/api/v1/teams/", headers={**reading(), "Host": "evil.example"}).status_code == 400
