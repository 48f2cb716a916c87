"""Lists of facts: what a row holds, which rows there are, and how to get them all."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from plimsoll.store.models import Deployment, Environment, Service
from tests.dashboards import builders
from tests.dashboards.builders import NOON, reading

pytestmark = pytest.mark.django_db


def listed(path: str, headers: dict[str, str] | None = None, **query: Any) -> dict[str, Any]:
    """The answer of a list, which must be a good one."""
    response = Client().get(f"/api/v1/{path}", query, headers=headers or reading())
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def ids(answer: dict[str, Any]) -> list[str]:
    return [row["id"] for row in answer["results"]]


def test_a_deployment_is_one_flat_row() -> None:
    row = builders.deployment("ledger", "payments", version="v3.1.0", cluster="aws-1", sha="a" * 40)
    for seconds in (600.0, 1800.0, 6000.0):
        builders.carried(row, builders.change(), seconds)
    builders.incident("ledger", caused_by=row)

    answer = listed("deployments/")

    (shown,) = answer["results"]
    assert shown["id"] == str(row.pk)
    assert shown["service"] == "ledger"
    assert shown["team"] == "payments"
    assert shown["environment"] == "production"
    assert shown["environment_class"] == "production"
    assert shown["version"] == "v3.1.0"
    assert shown["finished_at"] == "2026-11-10T12:00:00Z"
    assert shown["lead_time_s"] == 1800.0
    assert shown["changes"] == 3
    assert shown["incidents"] == 1
    assert shown["failed"] is None
    assert shown["is_deleted"] is False
    assert not [value for value in shown.values() if isinstance(value, (dict, list))]
    assert answer["next"] is None
    assert answer["cursor"] is None


def test_what_tests_of_the_way_in_leave_behind_is_in_no_list() -> None:
    for name in ("plimsoll-check", "plimsoll-check-server", "plimsoll-checkout"):
        Service.objects.create(name=name)
    for name in ("plimsoll-check", "production"):
        Environment.objects.create(name=name)

    assert [row["name"] for row in listed("services/")["results"]] == ["plimsoll-checkout"]
    assert [row["name"] for row in listed("environments/")["results"]] == ["production"]


def test_a_deployment_that_carried_nothing_known_has_no_lead_time() -> None:
    builders.deployment()

    (shown,) = listed("deployments/")["results"]

    assert shown["lead_time_s"] is None
    assert shown["changes"] == 0


def test_what_was_just_committed_is_in_a_plain_list() -> None:
    row = builders.deployment(updated_at=timezone.now())

    assert ids(listed("deployments/")) == [str(row.pk)]


def test_an_incremental_list_leaves_out_what_is_younger_than_five_seconds() -> None:
    now = timezone.now()
    old = builders.deployment(updated_at=now - timedelta(seconds=20))
    builders.deployment(updated_at=now)

    answer = listed("deployments/", updated_since=(now - timedelta(hours=1)).isoformat())

    assert ids(answer) == [str(old.pk)]
    assert answer["as_of"] <= (timezone.now() - timedelta(seconds=5)).isoformat().replace("+00:00", "Z")


def test_updated_since_is_inclusive_and_updated_before_is_not() -> None:
    rows = [builders.deployment(updated_at=NOON - timedelta(days=400, minutes=minute)) for minute in (2, 1, 0)]
    first, second, third = (row.updated_at.isoformat() for row in rows)

    assert ids(listed("deployments/", updated_since=second)) == [str(rows[1].pk), str(rows[2].pk)]
    assert ids(listed("deployments/", updated_since=first, updated_before=third)) == [str(row.pk) for row in rows[:2]]


def test_pages_give_every_row_once_in_order() -> None:
    same = NOON - timedelta(days=1)
    rows = [builders.deployment(updated_at=same) for _ in range(5)] + [builders.deployment(updated_at=NOON)]
    headers = reading()

    seen, address = [], "/api/v1/deployments/?page_size=2&service=ledger"
    while address:
        answer = Client().get(address, headers=headers).json()
        seen += ids(answer)
        address = answer["next"]

    assert seen == [str(row.pk) for row in rows]


def test_a_cursor_value_is_the_same_as_the_next_address() -> None:
    rows = [builders.deployment(updated_at=NOON + timedelta(minutes=minute)) for minute in range(3)]
    headers = reading()
    first = listed("deployments/", headers, page_size=2)

    second = listed("deployments/", headers, page_size=2, cursor=first["cursor"])

    assert first["next"].startswith("http://testserver/api/v1/deployments/?")
    assert ids(second) == [str(rows[2].pk)]


def test_a_row_that_changes_while_pages_are_read_is_seen_again_and_none_is_lost() -> None:
    rows = [builders.deployment(updated_at=NOON + timedelta(minutes=minute)) for minute in range(4)]
    headers = reading()
    first = listed("deployments/", headers, page_size=2)
    Deployment.objects.filter(pk=rows[0].pk).update(updated_at=NOON + timedelta(hours=1))

    second = listed("deployments/", headers, cursor=first["cursor"])

    assert ids(second) == [str(rows[2].pk), str(rows[3].pk), str(rows[0].pk)]


@pytest.mark.parametrize("ordering", ["finished_at", "-finished_at"])
def test_pages_ordered_by_a_column_that_may_be_unknown_give_every_row_once(ordering: str) -> None:
    times = [NOON, None, NOON - timedelta(hours=1), None, NOON]
    for moment in times:
        builders.deployment(finished_at=moment, started_at=NOON)
    headers = reading()

    seen, address = [], f"/api/v1/deployments/?page_size=1&ordering={ordering}"
    while address:
        answer = Client().get(address, headers=headers).json()
        seen += [row["finished_at"] for row in answer["results"]]
        address = answer["next"]

    early, noon = "2026-11-10T11:00:00Z", "2026-11-10T12:00:00Z"
    known = [early, noon, noon] if ordering == "finished_at" else [noon, noon, early]
    assert seen == [*known, None, None]


def test_from_and_to_are_about_the_event() -> None:
    builders.deployment(finished_at=NOON - timedelta(days=1))
    inside = builders.deployment(finished_at=NOON)
    running = builders.deployment(finished_at=None, started_at=NOON + timedelta(hours=1), status="running")
    builders.deployment(finished_at=NOON + timedelta(days=1))

    query: dict[str, Any] = {"from": "2026-11-10T12:00:00Z", "to": "2026-11-11T12:00:00Z"}

    assert ids(listed("deployments/", **query)) == [str(inside.pk), str(running.pk)]


def test_times_may_be_milliseconds_or_days_or_have_an_unescaped_plus() -> None:
    inside = builders.deployment(finished_at=NOON)
    builders.deployment(finished_at=NOON + timedelta(days=2))
    milliseconds = str(int(NOON.timestamp() * 1000))

    for start in (milliseconds, "2026-11-10", "2026-11-10T13:00:00 01:00"):
        query: dict[str, Any] = {"from": start, "to": "2026-11-11"}
        assert ids(listed("deployments/", **query)) == [str(inside.pk)], start


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"service": "ledger"}, {"ledger"}),
        ({"service": ["ledger", "map"]}, {"ledger", "map"}),
        ({"team": "housing"}, {"map"}),
        ({"environment": "staging"}, {"idle"}),
        ({"environment_class": ["staging", "production"]}, {"ledger", "map", "idle"}),
        ({"cluster": "aws-1"}, {"map"}),
        ({"status": "failure"}, {"idle"}),
        ({"failed": "true"}, {"map"}),
        ({"failed": ["false", "unknown"]}, {"ledger", "idle"}),
        ({"kind": "hotfix"}, {"map"}),
        ({"sha": "abc"}, {"map"}),
        ({"service": "nobody"}, set()),
    ],
)
def test_filters_narrow_the_list(query: dict[str, Any], expected: set[str]) -> None:
    builders.deployment("ledger", "payments", failed=False)
    builders.deployment("map", "housing", cluster="aws-1", failed=True, kind="hotfix", sha="abcdef")
    builders.deployment("idle", place="staging", status="failure")

    answer = listed("deployments/", **query)

    assert {row["service"] for row in answer["results"]} == expected


def test_rows_are_found_by_the_id_of_what_they_belong_to() -> None:
    row, change = builders.deployment(), builders.change()
    builders.deployment()
    link = builders.carried(row, change)
    builders.carried(row, builders.change())
    caused = builders.incident(caused_by=row)
    builders.incident()

    assert ids(listed("incidents/", caused_by=row.pk)) == [str(caused.pk)]
    assert ids(listed("deployments/", change=change.pk)) == [str(row.pk)]
    assert ids(listed("lead_times/", deployment=row.pk, change=change.pk)) == [str(link.pk)]


def test_the_count_is_over_all_pages() -> None:
    for _ in range(3):
        builders.deployment()

    answer = listed("deployments/", page_size=1, count=1)

    assert answer["count"] == 3
    assert len(answer["results"]) == 1


def test_an_incident_on_two_services_is_one_row() -> None:
    builders.incident("ledger", "map", owner="payments")

    (shown,) = listed("incidents/", team="payments", service=["ledger", "map"])["results"]

    assert shown["teams"] == "payments"


def test_every_list_answers_when_there_is_nothing() -> None:
    headers = reading()
    names = ("deployments", "changes", "incidents", "releases", "lead_times", "services", "teams", "environments")

    for name in (*names, "clusters"):
        answer = listed(f"{name}/", headers, count=1)
        assert (answer["results"], answer["count"], answer["next"]) == ([], 0, None), name


def test_names_from_outside_are_plain_text_in_json() -> None:
    builders.deployment("<img src=x onerror=alert(1)>", version="=cmd|' /C calc'!A0")

    (shown,) = listed("deployments/")["results"]

    assert shown["service"] == "<img src=x onerror=alert(1)>"
    assert shown["version"] == "=cmd|' /C calc'!A0"


def test_the_same_list_is_not_sent_twice() -> None:
    builders.deployment()
    headers = reading()
    first = Client().get("/api/v1/deployments/", headers=headers)

    again = Client().get("/api/v1/deployments/", headers={**headers, "If-None-Match": first["ETag"]})
    builders.deployment()
    changed = Client().get("/api/v1/deployments/", headers={**headers, "If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert changed.status_code == 200
    assert first["Cache-Control"] == "private, max-age=30"


def test_long_answers_are_compressed_when_the_client_likes_it() -> None:
    for _ in range(20):
        builders.deployment()
    clear = reading()

    response = Client().get("/api/v1/deployments/", headers={**clear, "Accept-Encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"


def test_a_change_belongs_to_the_service_that_was_deployed_from_its_repository() -> None:
    builders.deployment("ledger", "payments", repo="shop")
    mine = builders.change(repo="shop")
    builders.change(repo="other")

    assert ids(listed("changes/", service="ledger")) == [str(mine.pk)]
    assert ids(listed("changes/", team="payments")) == [str(mine.pk)]


def test_json_is_what_a_browser_gets() -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    response = Client().get("/api/v1/deployments/", headers={**reading(), "Accept": accept})

    assert response["Content-Type"] == "application/json"
    assert json.loads(response.content)["results"] == []


def test_bearer_is_read_in_any_case() -> None:
    clear = reading()["Authorization"].removeprefix("Bearer ")

    response = Client().get("/api/v1/deployments/", headers={"Authorization": f"bearer {clear}"})

    assert response.status_code == 200
