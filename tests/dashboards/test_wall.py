"""The wallboard's page: states, visitors, and names that are only text."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from dashboards.policy import CONTENT_SECURITY_POLICY
from dashboards.wall import freshness
from plimsoll.store.access import new_token
from plimsoll.store.models import Service, Team
from tests.dashboards import builders
from tests.dashboards.builders import basic, bearer, reading

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def shown(path: str = "/wall/all/", headers: dict[str, str] | None = None, status: int = 200) -> str:
    response = Client().get(path, headers=headers or reading())
    assert response.status_code == status
    return response.content.decode()


def test_an_empty_board_says_what_to_do() -> None:
    page = shown()

    assert page.count("<h1>") == 1
    assert page.count("Not connected: no deployment was reported yet.") == 5
    assert "Not connected: no telemetry has arrived yet." in page
    assert "plimsoll source add" in page
    assert "No telemetry yet" in page


def test_the_page_obeys_its_policy() -> None:
    response = Client().get("/wall/all/", headers=reading())
    page = response.content.decode()

    assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "<script" not in page
    assert "style=" not in page
    assert "<style" not in page
    assert not re.search(r"\son\w+=", page)
    assert not re.findall(r'(?:src|href)="(?!/|#)[^"]*"', page)
    assert '<meta http-equiv="refresh" content="15">' in page
    assert response["Cache-Control"] == "private, no-store"


def test_names_from_outside_are_text() -> None:
    evil = "<img src=x onerror=alert(1)></title><script>"
    builders.incident(evil, title=evil, severity=evil)
    yesterday = timezone.now() - timedelta(days=1)
    builders.deployment(evil, version=evil, failed=True, failed_reason=evil, finished_at=yesterday)

    page = shown()

    assert evil not in page
    assert "<img src=x" not in page
    assert "<script" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


@pytest.mark.usefixtures("traffic")
def test_the_busiest_edges_come_first_and_their_names_are_text() -> None:
    now = timezone.now()
    for index in range(9):
        builders.calls(f"caller-{index}", "<i>called</i>", requests=3600 * (index + 1), failed=36, at=now)

    page = shown()

    names = re.findall(r"caller-\d", re.sub(r'title="[^"]*"', "", page))
    assert names == [f"caller-{index}" for index in range(8, 0, -1)]
    assert "<i>called" not in page
    assert ">32,400<" in page
    assert "0.1 %" in page
    assert "100 ms" in page
    assert "Live, data through" in page


@pytest.mark.usefixtures("traffic")
def test_names_that_take_two_lines_leave_room_for_fewer_edges() -> None:
    now = timezone.now()
    for index in range(8):
        builders.calls(f"caller-{index}", "a-name-that-is-about-as-long-as-kubernetes-lets-it", at=now)

    page = shown()

    assert page.count('<th scope="row"') == 5


@pytest.mark.usefixtures("traffic")
def test_edges_of_the_same_names_are_told_apart_by_their_cluster() -> None:
    now = timezone.now()
    for cluster in ("aws-1", "huawei-cn-2"):
        builders.calls("user-portal", "ledger", at=now, cluster=cluster)
    builders.calls("user-portal", "map", at=now)

    page = shown()

    assert page.count(">aws-1<") == 1
    assert page.count(">huawei-cn-2<") == 1
    assert page.count(">http<") == 1


@pytest.mark.usefixtures("traffic")
def test_a_teams_board_shows_no_namesakes_of_its_services() -> None:
    now = timezone.now()
    builders.calls("user-portal", "ledger", at=now)
    builders.calls("stranger", "ledger", at=now, namespace="games")
    team = builders.team("payments")
    Service.objects.filter(name="ledger", namespace="shop").update(team=team)

    page = shown("/wall/payments/")

    assert "user-portal" in page
    assert "stranger" not in page


def test_a_failure_says_why_in_words() -> None:
    yesterday = timezone.now() - timedelta(days=1)
    builders.deployment("ledger", version="v2", failed=True, failed_reason="rollback", finished_at=yesterday)

    page = shown()

    assert "ledger v2" in page
    assert "rolled back" in page
    assert "1 failed" in page


def test_failures_of_canaries_are_not_taken_off_what_went_live() -> None:
    yesterday = timezone.now() - timedelta(days=1)
    builders.deployment("map", finished_at=yesterday)
    for number in range(5):
        builders.deployment("ledger", version=f"v2-rc.{number}", status="failure", failed=True, finished_at=yesterday)

    page = shown()

    assert ">1 went live<" in page
    assert "5 failed" in page
    assert "and 3 more" in page


def test_a_day_without_a_failure_says_so() -> None:
    builders.deployment("map", finished_at=timezone.now() - timedelta(days=1))

    assert "none failed" in shown()


def test_every_figure_leads_to_a_list_of_as_many() -> None:
    now = timezone.now()
    yesterday = now - timedelta(days=1)
    builders.deployment("ledger", "payments", finished_at=yesterday)
    builders.deployment("ledger", "payments", failed=True, finished_at=yesterday)
    builders.incident("ledger", owner="payments", title="Trouble", opened_at=now)

    for board in ("all", "payments"):
        lists = [html.unescape(each) for each in re.findall(r'href="(/api/[^"]*)"', shown(f"/wall/{board}/"))]
        answers = [Client().get(each, headers=reading()).json() for each in lists]
        assert [answer["count"] for answer in answers[-3:]] == [2, 1, 1]


def test_open_incidents_are_named_and_the_rest_counted() -> None:
    for index in range(4):
        builders.incident("ledger", title=f"Trouble {index}", opened_at=timezone.now() - timedelta(minutes=index))
    builders.incident("ledger", title="Over", status="resolved")

    page = shown()

    assert "Trouble 0" in page
    assert "Trouble 1" in page
    assert "and 2 more" in page
    assert "Over" not in page


def test_a_board_needs_a_token_and_a_browser_asks_for_it() -> None:
    response = Client().get("/wall/all/")

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Basic")
    assert "This board needs a token." in response.content.decode()


def test_a_token_is_taken_as_bearer_or_as_a_password() -> None:
    clear = new_token("screen", ["read"])

    for headers in (bearer(clear), basic(clear)):
        assert Client().get("/wall/all/", headers=headers).status_code == 200


def test_a_token_in_the_address_is_refused() -> None:
    response = Client().get("/wall/all/", {"k": new_token("screen", ["read"])})

    assert response.status_code == 401
    assert "Tokens in addresses are refused." in response.content.decode()


def test_a_token_that_may_not_read_sees_no_board() -> None:
    page = shown(headers=bearer(new_token("mesh", ["ingest"])), status=403)

    assert "The token may not read." in page
    assert "Busiest edges" not in page


def test_the_board_is_open_at_this_machine_when_it_is_configured(settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = True

    assert Client().get("/wall/all/").status_code == 200
    assert Client(REMOTE_ADDR="192.0.2.7").get("/wall/all/").status_code == 401


def test_a_teams_board_shows_its_own_incidents() -> None:
    builders.incident("ledger", owner="payments", title="Mine")
    builders.incident("map", owner="housing", title="Theirs")

    page = shown("/wall/payments/")

    assert "Mine" in page
    assert "Theirs" not in page
    assert "<h1>payments</h1>" in page


def test_a_board_of_no_team_is_not_found() -> None:
    assert "There is no such board." in shown("/wall/nobody/", status=404)


def test_a_message_has_the_theme_of_the_screen_it_is_shown_on() -> None:
    assert 'data-theme="light"' in shown("/wall/nobody/?theme=light", status=404)


def test_a_teams_token_opens_its_own_board_only() -> None:
    builders.service("ledger", "payments")
    builders.service("map", "housing")
    headers = reading(Team.objects.get(slug="payments"))

    assert "<h1>payments</h1>" in shown("/wall/payments/", headers)
    assert "There is no such board." in shown("/wall/housing/", headers, 404)
    assert "Its board is payments." in shown("/wall/all/", headers, 404)


@pytest.mark.parametrize(
    ("query", "theme", "notice"),
    [
        ("", "dark", ""),
        ("?theme=light", "light", ""),
        ("?theme=pink", "dark", "There is no theme pink"),
        ("?colour=red", "dark", "Not understood and left out: colour."),
    ],
)
def test_the_address_chooses_the_theme_and_what_it_cannot_choose_is_said(query: str, theme: str, notice: str) -> None:
    page = shown(f"/wall/all/{query}")

    assert f'data-theme="{theme}"' in page
    assert notice in page
    assert ('class="notice"' in page) is bool(notice)


@pytest.mark.parametrize(
    ("behind", "state", "text"),
    [
        (timedelta(seconds=30), "ok", "Live, data through 10:29"),
        (timedelta(minutes=3), "warn", "3 min behind"),
        (timedelta(minutes=12), "bad", "Stale, data ends 10:18"),
        (timedelta(days=2), "bad", "Stale, data ends 22 Nov 10:30"),
        (None, "unknown", "No telemetry yet"),
    ],
)
def test_freshness_is_a_shape_and_words(behind: timedelta | None, state: str, text: str) -> None:
    through = None if behind is None else NINE - behind

    fresh = freshness(through, NINE, ZoneInfo("Europe/Berlin"))

    assert (fresh.state, fresh.text) == (state, text)


def test_the_summary_is_the_same_board_as_an_object() -> None:
    builders.incident("ledger", title="Trouble", severity="SEV 2", opened_at=NINE)

    answer: dict[str, Any] = Client().get("/api/v1/wallboard/summary/", headers=reading()).json()

    (incident,) = answer["open_incidents"]
    assert [number["metric"] for number in answer["numbers"]] == [
        "deployment_frequency",
        "lead_time",
        "change_failure_rate",
        "recovery_time",
    ]
    assert incident["services"] == "ledger"
    assert incident["opened_at"] == "2026-11-24T09:30:00Z"
    assert isinstance(incident["id"], str)
    assert answer["open_incident_count"] == 1
    assert answer["busiest_edges"] == []
    assert answer["data_through"]["telemetry"] is None


def test_the_summary_of_a_team_that_is_not_known_is_not_found() -> None:
    response = Client().get("/api/v1/wallboard/summary/?team=nobody", headers=reading())

    assert response.status_code == 404
    assert response.json()["code"] == "unknown_team"
