"""Who may ask for what."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from pytest_django import Settings

from dashboards.api.limits import REQUESTS, Windows, windows
from plimsoll.store.access import new_token
from plimsoll.store.models import Team, Token
from tests.dashboards import builders
from tests.dashboards.builders import administrating, basic, bearer, reading

pytestmark = pytest.mark.django_db

LISTS = "/api/v1/deployments/"


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert (body["status"], body["code"]) == (status, code)
    return body


def test_without_a_token_nothing_is_shown() -> None:
    response = Client().get(LISTS)

    assert_problem(response, 401, "unauthenticated")
    assert response["WWW-Authenticate"].startswith("Basic")


def test_being_at_this_machine_is_not_enough_unless_it_is_configured(settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = True

    assert Client().get(LISTS).status_code == 200
    assert Client(REMOTE_ADDR="192.0.2.7").get(LISTS).status_code == 401
    assert Client().get(LISTS, headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401


def test_a_viewer_at_this_machine_may_only_read(settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = True
    failed = builders.delivery()

    assert_problem(Client().get("/api/v1/deliveries/"), 403, "forbidden")
    assert_problem(Client().post(f"/api/v1/deliveries/{failed.pk}/replay/"), 403, "forbidden")


def test_a_wrong_token_is_refused_even_at_this_machine(settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = True

    assert_problem(Client().get(LISTS, headers=bearer("plm_00000000_wrong")), 401, "unauthenticated")
    assert_problem(Client().get("/api/v1/", headers=bearer("plm_00000000_wrong")), 401, "unauthenticated")


def test_a_token_may_be_the_password_of_basic() -> None:
    clear = new_token("excel", ["read"])

    assert Client().get(LISTS, headers=basic(clear)).status_code == 200
    assert Client().get(LISTS, headers=basic("wrong")).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Basic", "Basic !!!", "Basic cGxtXw==", "Digest x", "Bearer \x00", "x"])
def test_a_broken_header_is_refused(header: str) -> None:
    assert_problem(Client().get(LISTS, headers={"Authorization": header}), 401, "unauthenticated")


@pytest.mark.parametrize("name", ["token", "access_token", "api_key", "k", "service"])
def test_a_token_in_the_address_is_refused(name: str) -> None:
    clear = new_token("careless", ["read"])

    body = assert_problem(Client().get(LISTS, {name: clear}, headers=bearer(clear)), 401, "unauthenticated")

    assert "addresses" in body["detail"]
    assert clear not in str(body)


@pytest.mark.parametrize("scope", ["ingest", "write"])
def test_a_token_that_may_not_read_is_told_so(scope: str) -> None:
    clear = new_token("other", [scope])

    body = assert_problem(Client().get(LISTS, headers=bearer(clear)), 403, "forbidden")

    assert body["detail"] == "The token lacks the scope read."


def test_expired_and_revoked_tokens_are_refused() -> None:
    old = new_token("old", ["read"], expires_at=timezone.now() - timedelta(seconds=1))
    lost = new_token("lost", ["read"])
    Token.objects.filter(name="lost").update(revoked_at=timezone.now())

    for clear in (old, lost):
        assert_problem(Client().get(LISTS, headers=bearer(clear)), 401, "unauthenticated")


def test_what_holds_no_data_needs_no_token() -> None:
    for path in ("/api/v1/", "/api/v1/schema/"):
        assert Client().get(path).status_code == 200, path


def test_every_other_address_needs_a_token() -> None:
    patterns = get_resolver("dashboards.api.urls").url_patterns
    routes = [str(pattern.pattern).replace("<int:pk>", "1") for pattern in patterns if getattr(pattern, "name", None)]
    closed = [route for route in routes if route not in ("", "schema/", "schema/events/")]

    answers = {
        route: (Client().post if "replay" in route else Client().get)(f"/api/v1/{route}").status_code
        for route in closed
    }

    assert len(closed) >= 13
    assert set(answers.values()) == {401}, answers


def test_a_team_sees_its_own_rows_only() -> None:
    mine = builders.deployment("ledger", "payments", repo="shop")
    theirs = builders.deployment("map", "housing", repo="maps")
    kept, hidden = builders.change(repo="shop"), builders.change(repo="maps")
    builders.carried(mine, kept)
    builders.carried(theirs, hidden)
    broke, other = builders.incident("ledger"), builders.incident("map")
    headers = reading(Team.objects.get(slug="payments"))
    expected = {
        "deployments": [str(mine.pk)],
        "changes": [str(kept.pk)],
        "incidents": [str(broke.pk)],
        "services": [str(builders.service("ledger").pk)],
        "teams": [str(builders.team("payments").pk)],
    }

    for name, ids in expected.items():
        answer = Client().get(f"/api/v1/{name}/?count=1", headers=headers).json()
        assert [row["id"] for row in answer["results"]] == ids, name
        assert answer["count"] == 1, name
        exported = Client().get(f"/api/v1/{name}/?format=ndjson", headers=headers)
        assert len(exported.getvalue().splitlines()) == 1, name
    shown = Client().get("/api/v1/lead_times/", headers=headers).json()["results"]
    assert [row["change"] for row in shown] == [str(kept.pk)]
    for path in (f"deployments/{theirs.pk}", f"changes/{hidden.pk}", f"incidents/{other.pk}"):
        assert_problem(Client().get(f"/api/v1/{path}/", headers=headers), 404, "not_found")


def test_another_teams_name_is_as_unknown_as_no_teams() -> None:
    builders.service("ledger", "payments")
    builders.service("map", "housing")
    headers = reading(Team.objects.get(slug="payments"))

    for name in ("housing", "nobody"):
        assert_problem(Client().get(LISTS, {"team": name}, headers=headers), 404, "unknown_team")


def test_what_stands_behind_a_shared_incident_stays_with_its_team() -> None:
    theirs = builders.deployment("map", "housing")
    builders.service("ledger", "payments")
    shared = builders.incident("ledger", "map", caused_by=theirs)
    headers = reading(Team.objects.get(slug="payments"))

    shown = Client().get(f"/api/v1/incidents/{shared.pk}/", headers=headers).json()

    assert shown["caused_by_deployment"] == []
    assert [service["name"] for service in shown["affected_services"]] == ["ledger"]


def test_ids_that_no_row_has_are_not_found() -> None:
    headers = reading()

    for pk in ("0", "999999", str(2**63), "9" * 40, "abc", "-1"):
        assert_problem(Client().get(f"/api/v1/deployments/{pk}/", headers=headers), 404, "not_found")


def test_a_page_of_another_site_may_not_change_anything() -> None:
    failed = builders.delivery()

    response = Client().post(
        f"/api/v1/deliveries/{failed.pk}/replay/", headers={**administrating(), "Sec-Fetch-Site": "cross-site"}
    )

    assert_problem(response, 403, "forbidden")


def test_after_600_requests_in_a_minute_a_token_waits() -> None:
    headers = reading()
    first = Client().get("/api/v1/teams/", headers=headers)
    token = Token.objects.get(name="reader")
    for _ in range(REQUESTS - 1):
        windows.take(f"token {token.pk}")

    refused = Client().get("/api/v1/teams/", headers=headers)

    assert (first["RateLimit-Limit"], first["RateLimit-Remaining"]) == ("600", "599")
    assert_problem(refused, 429, "rate_limited")
    assert refused["RateLimit-Remaining"] == "0"
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert Client().get("/api/v1/teams/", headers=reading()).status_code == 200


def test_the_count_begins_anew_with_each_minute() -> None:
    counts = Windows()

    taken = [counts.take("a", 59.0) for _ in range(601)]

    assert [taken[0].remaining, taken[599].remaining] == [599, 0]
    assert [taken[599].allowed, taken[600].allowed] == [True, False]
    assert taken[600].reset_s == 1
    assert counts.take("b", 59.0).allowed
    assert counts.take("a", 60.0).remaining == 599
