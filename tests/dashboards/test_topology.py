"""The dependency graph over REST."""

from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from dashboards.api.topology import EDGE_COLUMNS, NODE_COLUMNS
from plimsoll.insight.topology import EdgeRow, NodeRow
from plimsoll.store.models import Service, Team
from tests.dashboards import builders
from tests.dashboards.builders import NOON, reading

pytestmark = pytest.mark.django_db

HOUR = {"from": "2026-11-10T12:00:00Z", "to": "2026-11-10T13:00:00Z"}


def test_the_columns_are_those_of_the_rows() -> None:
    assert [column.name for column in EDGE_COLUMNS] == [field.name for field in fields(EdgeRow)]
    assert [column.name for column in NODE_COLUMNS] == [field.name for field in fields(NodeRow)]


def listed(name: str, asked: dict[str, str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        Client().get(f"/api/v1/topology/{name}/", HOUR | asked, headers=reading()).json()["results"]
    )
    return rows


@pytest.mark.parametrize("name", ["edges", "nodes"])
def test_without_telemetry_there_are_no_rows_and_nobody_says_how_far_it_goes(name: str) -> None:
    answer = Client().get(f"/api/v1/topology/{name}/", headers=reading()).json()

    assert answer["results"] == []
    assert answer["data_through"] is None
    assert answer["as_of"] >= answer["from"]


@pytest.mark.parametrize("name", ["edges", "nodes"])
def test_an_empty_table_still_has_its_header(name: str) -> None:
    response = Client().get(f"/api/v1/topology/{name}/?format=csv", headers=reading())

    columns = EDGE_COLUMNS if name == "edges" else NODE_COLUMNS
    assert response.getvalue().decode() == ",".join(column.name for column in columns) + "\r\n"


@pytest.mark.usefixtures("traffic")
@pytest.mark.parametrize("asked", [{}, {"environment": "plimsoll-check"}])
def test_a_test_of_the_way_in_is_no_part_of_the_graph(asked: dict[str, str]) -> None:
    builders.calls("plimsoll-check", "plimsoll-check-server", environment="plimsoll-check", at=NOON)

    rows = [listed(name, asked) for name in ("edges", "nodes")]

    assert rows == [[], []]


@pytest.mark.usefixtures("traffic")
def test_an_edge_is_one_flat_row_of_its_minutes() -> None:
    builders.calls("ledger", "identity", requests=60, failed=3, at=NOON)
    builders.calls("ledger", "identity", requests=40, failed=2, at=NOON + timedelta(minutes=1))
    builders.calls("ledger", "identity", requests=1000, at=NOON + timedelta(hours=1))

    answer = Client().get("/api/v1/topology/edges/", HOUR, headers=reading()).json()

    (row,) = answer["results"]
    assert list(row) == [column.name for column in EDGE_COLUMNS]
    assert (row["client"], row["server"], row["server_kind"]) == ("ledger", "identity", "service")
    assert (row["client_cluster"], row["client_namespace"], row["environment"]) == ("aws-1", "shop", "production")
    assert (row["requests"], row["failed"], row["error_rate"]) == (100.0, 5.0, 0.05)
    assert row["p95_ms"] == pytest.approx(100, rel=0.03)
    assert row["vantage"] == "metric-client"
    assert isinstance(row["id"], str)
    assert answer["data_through"] == "2026-11-10T13:01:00Z"


@pytest.mark.usefixtures("traffic")
@pytest.mark.parametrize(
    ("begin", "end", "shown"),
    [
        ("2026-11-10T12:00:00Z", "2026-11-10T12:01:00Z", 60),
        ("2026-11-10T20:00:00+08:00", "2026-11-10T20:01:00+08:00", 60),
        ("2026-11-10T12:00:59Z", "2026-11-10T12:01:00Z", 60),
        ("2026-11-10T12:01:00Z", "2026-11-10T12:02:00Z", None),
        ("2026-11-10T11:59:00Z", "2026-11-10T12:00:00Z", None),
    ],
)
def test_minutes_are_counted_whole_and_the_answer_says_what_it_covers(begin: str, end: str, shown: int | None) -> None:
    builders.calls(requests=60, at=NOON)

    answer = Client().get("/api/v1/topology/edges/", {"from": begin, "to": end}, headers=reading()).json()

    assert [row["requests"] for row in answer["results"]] == ([] if shown is None else [shown])
    assert answer["from"].endswith(":00Z")
    assert answer["to"].endswith(":00Z")


@pytest.mark.usefixtures("traffic")
def test_filters_narrow_the_graph() -> None:
    builders.calls("gate", "ledger")
    builders.calls("ledger", "identity")
    builders.calls("map", "tiles", cluster="huawei-cn-2")
    builders.calls("map", "styles", environment="staging")
    headers = reading()

    def shown(**query: Any) -> set[str]:
        answer = Client().get("/api/v1/topology/edges/", {**HOUR, **query}, headers=headers).json()
        return {f"{row['client']}>{row['server']}" for row in answer["results"]}

    assert shown(service="gate") == {"gate>ledger"}
    assert shown(service="gate", depth=2) == {"gate>ledger", "ledger>identity"}
    assert shown(cluster="huawei-cn-2") == {"map>tiles"}
    assert shown(environment="staging") == {"map>styles"}
    assert shown() == {"gate>ledger", "ledger>identity", "map>tiles", "map>styles"}


@pytest.mark.usefixtures("traffic")
def test_nodes_are_the_ends_of_the_edges() -> None:
    builders.calls("ledger", "identity", requests=60, failed=3)

    answer = Client().get("/api/v1/topology/nodes/", HOUR, headers=reading()).json()

    requests = {row["name"]: row["requests"] for row in answer["results"]}
    assert requests == {"ledger": 0.0, "identity": 60.0}


@pytest.mark.usefixtures("traffic")
def test_a_team_sees_its_own_calls_and_nothing_behind_them() -> None:
    builders.calls("gate", "ledger")
    builders.calls("ledger", "identity")
    builders.calls("identity", "vault")
    team = builders.team("payments")
    Service.objects.filter(name="ledger").update(team=team)
    headers = reading(team)

    def shown(**query: Any) -> set[str]:
        answer = Client().get("/api/v1/topology/edges/", {**HOUR, **query}, headers=headers).json()
        return {f"{row['client']}>{row['server']}" for row in answer["results"]}

    assert shown() == {"gate>ledger", "ledger>identity"}
    assert shown(service="ledger", depth=5) == {"gate>ledger", "ledger>identity"}
    assert shown(service="identity") == set()
    assert shown(team="payments") == shown()


@pytest.mark.usefixtures("traffic")
def test_the_calls_of_a_teams_services_are_asked_for_by_its_name_and_no_namesakes() -> None:
    builders.calls("gate", "ledger")
    builders.calls("ledger", "identity")
    builders.calls("identity", "vault")
    builders.calls("stranger", "ledger", namespace="games")
    Service.objects.filter(name="ledger", namespace="shop").update(team=builders.team("payments"))
    headers = reading()

    def shown(**query: Any) -> set[str]:
        answer = Client().get("/api/v1/topology/edges/", {**HOUR, **query}, headers=headers).json()
        return {f"{row['client']}>{row['server']}" for row in answer["results"]}

    assert shown(team="payments") == {"gate>ledger", "ledger>identity"}
    assert shown(team="payments", depth=2) == {"gate>ledger", "ledger>identity", "identity>vault"}


@pytest.mark.usefixtures("traffic")
def test_names_from_telemetry_are_quoted_in_tables() -> None:
    builders.calls("=cmd|' /C calc'!A0", "<b>")
    headers = reading()

    table = Client().get("/api/v1/topology/edges/", {**HOUR, "format": "csv"}, headers=headers).getvalue().decode()
    plain = Client().get("/api/v1/topology/edges/", HOUR, headers=headers).json()["results"][0]

    assert ",'=cmd|' /C calc'!A0," in table
    assert (plain["client"], plain["server"]) == ("=cmd|' /C calc'!A0", "<b>")


@pytest.mark.parametrize("name", ["edges", "nodes"])
def test_an_unknown_team_and_another_teams_name_are_not_found(name: str) -> None:
    own = builders.team("payments")
    builders.team("games")
    address = f"/api/v1/topology/{name}/"

    unknown = Client().get(address, {**HOUR, "team": "nobody"}, headers=reading())
    anothers = Client().get(address, {**HOUR, "team": "games"}, headers=reading(own))

    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_team")
    assert (anothers.status_code, anothers.json()["code"]) == (404, "unknown_team")


def test_a_team_without_services_sees_nothing() -> None:
    team = builders.team("payments")

    answer = Client().get("/api/v1/topology/edges/", headers=reading(Team.objects.get(pk=team.pk))).json()

    assert answer["results"] == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"depth": "0"}, "depth"),
        ({"depth": "11"}, "depth"),
        ({"from": "2026-11-24", "to": "2026-11-23"}, "from"),
        ({"at": "2026-11-24"}, "at"),
    ],
)
def test_a_wrong_question_is_named(query: dict[str, Any], parameter: str) -> None:
    response = Client().get("/api/v1/topology/edges/", query, headers=reading())

    assert response.status_code == 400
    assert [error["parameter"] for error in response.json()["errors"]] == [parameter]
