"""The metrics over REST: the same figures as everywhere, as flat rows, each leading to its evidence."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboards.api.metric_columns import COLUMNS
from plimsoll.store.models import Team
from tests.dashboards import builders
from tests.dashboards.builders import NOON, reading

pytestmark = pytest.mark.django_db

WEEK: dict[str, Any] = {"from": "2026-11-07", "to": "2026-11-14"}


def rows(headers: dict[str, str] | None = None, **query: Any) -> list[dict[str, Any]]:
    response = Client().get("/api/v1/metrics/dora/", query, headers=headers or reading())
    assert response.status_code == 200, response.content
    answer: list[dict[str, Any]] = response.json()["results"]
    return answer


def test_a_row_has_the_columns_of_the_document() -> None:
    builders.deployment("ledger", "payments")

    (row,) = rows(**WEEK)

    assert list(row) == [column.name for column in COLUMNS]
    assert (row["bucket_start"], row["bucket_end"]) == ("2026-11-07T00:00:00Z", "2026-11-14T00:00:00Z")
    assert (row["timezone"], row["definition"]) == ("UTC", "standard")
    assert (row["team"], row["service"], row["environment"]) == (None, None, None)
    assert row["deployments"] == 1
    assert row["deployments_per_day"] == pytest.approx(1 / 7)


def test_without_anything_nothing_is_known() -> None:
    (row,) = rows(**WEEK)

    assert row["deployments"] is None
    assert row["lead_time_p50_s"] is None
    assert row["change_failure_rate"] is None


def test_the_default_is_28_days_of_production() -> None:
    now = timezone.now()
    builders.deployment("ledger", version="1", sha="1" * 40, finished_at=now - timedelta(days=2))
    builders.deployment("ledger", version="2", sha="2" * 40, finished_at=now - timedelta(days=1))
    builders.deployment("ledger", version="0", sha="0" * 40, finished_at=now - timedelta(days=40))
    builders.deployment("map", place="staging", finished_at=now - timedelta(days=1))

    (row,) = rows()

    assert row["deployments"] == 2
    assert row["deployments_per_day"] == pytest.approx(2 / 28)


def test_rows_may_be_by_team_service_and_day() -> None:
    builders.deployment("ledger", "payments", finished_at=NOON)
    builders.deployment("map", "housing", finished_at=NOON + timedelta(days=1))

    found = rows(group_by="team,service", bucket="day", **WEEK)

    counted = {(row["team"], row["service"], row["bucket_start"]) for row in found if row["deployments"]}
    assert counted == {
        ("payments", "ledger", "2026-11-10T00:00:00Z"),
        ("housing", "map", "2026-11-11T00:00:00Z"),
    }


def test_a_day_is_the_asked_zones_day() -> None:
    builders.deployment(finished_at=NOON.replace(hour=23, minute=30))

    found = rows(bucket="day", tz="Europe/Berlin", **WEEK)

    (row,) = [row for row in found if row["deployments"]]
    assert row["bucket_start"] == "2026-11-10T23:00:00Z"
    assert row["timezone"] == "Europe/Berlin"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"team": "payments"}, 1),
        ({"team": ["payments", "housing"]}, 2),
        ({"service": "map"}, 1),
        ({"environment": "staging"}, 1),
        ({"environment_class": ["staging", "production"]}, 3),
        ({}, 2),
    ],
)
def test_filters_choose_what_is_counted(query: dict[str, Any], expected: int) -> None:
    builders.deployment("ledger", "payments")
    builders.deployment("map", "housing")
    builders.deployment("idle", "housing", place="staging")

    (row,) = rows(**WEEK, **query)

    assert row["deployments"] == expected


def test_a_teams_token_counts_its_own_deployments_only() -> None:
    builders.deployment("ledger", "payments")
    builders.deployment("map", "housing")
    headers = reading(Team.objects.get(slug="payments"))

    (row,) = rows(headers, **WEEK)
    other = Client().get("/api/v1/metrics/dora/?team=housing", headers=headers)

    assert row["deployments"] == 1
    assert other.status_code == 404


def test_tables_have_the_same_numbers() -> None:
    builders.deployment("ledger", "payments")
    headers = reading()

    response = Client().get("/api/v1/metrics/dora/", {**WEEK, "format": "csv"}, headers=headers)

    (row,) = csv.DictReader(io.StringIO(response.getvalue().decode(), newline=""))
    assert list(row) == [column.name for column in COLUMNS]
    assert (row["deployments"], row["lead_time_p50_s"]) == ("1", "")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"tz": "Mars/Olympus"}, "tz"),
        ({"tz": "../../etc/passwd"}, "tz"),
        ({"bucket": "year"}, "bucket"),
        ({"bucket": "hour"}, None),
        ({"bucket": "hour", "from": "2026-01-01", "to": "2026-11-01"}, "bucket"),
        ({"group_by": "team,colour"}, "group_by"),
        ({"definition": "fourkeys"}, "definition"),
        ({"from": "2026-13-45"}, "from"),
        ({"from": "2025-01-01", "to": "2026-11-01"}, "from"),
        ({"updated_since": "2026-01-01"}, "updated_since"),
    ],
)
def test_a_wrong_question_is_named(query: dict[str, Any], parameter: str | None) -> None:
    response = Client().get("/api/v1/metrics/dora/", query, headers=reading())

    if parameter is None:
        assert response.status_code == 200
    else:
        assert response.status_code == 400
        assert parameter in {error["parameter"] for error in response.json()["errors"]}


def test_each_number_of_the_board_leads_to_a_list_of_the_same_count() -> None:
    now = timezone.now()
    first = builders.deployment("ledger", "payments", version="1", sha="1" * 40, finished_at=now - timedelta(days=9))
    second = builders.deployment(
        "ledger", version="2", sha="2" * 40, failed=True, failed_reason="incident", finished_at=now - timedelta(days=8)
    )
    for row, days in ((first, 9), (second, 8)):
        builders.carried(row, builders.change(authored_at=now - timedelta(days=days, hours=1)), 3600.0)
    builders.incident(
        "ledger",
        caused_by=second,
        caused_by_method="explicit",
        status="resolved",
        opened_at=now - timedelta(days=8),
        resolved_at=now - timedelta(days=8) + timedelta(minutes=10),
    )
    headers = reading()
    board = Client().get("/api/v1/wallboard/summary/", headers=headers).json()

    counts = {
        number["metric"]: (number["n"], Client().get(number["evidence"], headers=headers).json()["count"])
        for number in board["numbers"]
    }

    assert counts == {
        "deployment_frequency": (2, 2),
        "lead_time": (2, 2),
        "change_failure_rate": (2, 2),
        "recovery_time": (1, 1),
    }


def test_a_part_of_the_evidence_may_be_named() -> None:
    builders.deployment("ledger", status="failure", kind=None)
    headers = reading()

    response = Client().get("/api/v1/deployments/?evidence=pending", headers=headers)
    empty = Client().get("/api/v1/deployments/?metric=deployment_frequency&evidence=rollback", headers=headers)

    assert response.status_code == 400
    assert empty.json()["results"] == []


def test_the_deployments_that_lead_time_left_out_are_listed() -> None:
    first = builders.deployment("ledger")
    asked = {"metric": "lead_time", **WEEK}

    (row,) = rows(**WEEK)
    listed = Client().get("/api/v1/deployments/", {**asked, "evidence": "first_deployment"}, headers=reading())
    counted = Client().get("/api/v1/deployments/", asked, headers=reading())

    assert row["lead_time_left_out_reasons"] == "first_deployment=1"
    assert [each["id"] for each in listed.json()["results"]] == [str(first.pk)]
    assert counted.status_code == 400
    assert counted.json()["errors"][0]["message"].startswith("It counts no deployments; name one of first_deployment")
