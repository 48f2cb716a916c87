"""The wallboard's page: visitors, what the address asks for, states, and names that are only text."""

import html
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from dashboards.policy import CONTENT_SECURITY_POLICY
from plimsoll.store.access import new_token
from plimsoll.store.models import Screen, Team
from plimsoll.store.screens import new_screen, revoke_screen
from tests.dashboards import builders
from tests.dashboards.builders import basic, bearer, reading
from tests.dashboards.pages.looking import queries_of

pytestmark = pytest.mark.django_db


def shown(path: str = "/wall/all/", headers: dict[str, str] | None = None, status: int = 200) -> str:
    response = Client().get(path, headers=reading() if headers is None else headers)
    assert response.status_code == status
    return response.content.decode()


def test_an_empty_board_says_what_to_do_in_every_panel() -> None:
    page = shown()

    assert page.count("<h1") == 1
    assert page.count("Not connected: no deployment was reported yet.") == 5
    assert "Not connected: no incident was reported yet." in page
    assert "No deployment is under way." in page
    assert "No telemetry has arrived yet." in page
    assert "Put shifts into the catalog file." in page
    assert "No telemetry yet" in page
    assert 'class="alert" role' not in page


# What each region is computed by, and what is seen of it.
REGIONS = {
    "_cards": "Deployments per day",
    "_yesterday": "There was none yesterday.",
    "_incidents": "Payments are late",
    "_rolling_out": "No deployment is under way.",
    "_news": "No telemetry has arrived yet.",
    "_on_call": "Put shifts into the catalog file.",
    "strip": '<span translate="no">Payments</span>',
}


@pytest.mark.parametrize("broken", REGIONS)
def test_a_region_that_fails_says_so_with_a_number_and_the_others_stand(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    builders.deployment("ledger", "payments", finished_at=timezone.now() - timedelta(days=3))
    builders.incident("ledger", title="Payments are late")
    assert [name for name, text in REGIONS.items() if text not in shown()] == []
    monkeypatch.setattr(f"dashboards.wallboard.board.{broken}", fail)

    page = shown()

    assert [name for name, text in REGIONS.items() if text not in page] == [broken]
    (number,) = re.findall(r"Ask about it as (\w+)\.", page)
    assert f"Request {number} of GET /wall/all/: a panel failed." in caplog.text
    caplog.clear()
    # What is not known is not none: no incident is new when it is seen again.
    assert ("data-alarming" in page) is (broken != "_incidents")


@pytest.mark.parametrize(
    ("broken", "regions", "turns"),
    [("reading", 3, ["all", "payments"]), ("stored.own_teams", 1, []),
     ("stored.organisation_name", 0, ["all", "payments"])],
)  # fmt: skip
def test_what_several_regions_are_computed_from_fails_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: str, regions: int, turns: list[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ArithmeticError("as arranged")

    builders.deployment("ledger", "payments", finished_at=timezone.now() - timedelta(days=3))
    monkeypatch.setattr(f"dashboards.wallboard.board.{broken}", fail)

    page = shown()

    assert page.count("Ask about it as ") == regions
    assert caplog.text.count("a panel failed.") == 1
    caplog.clear()
    # Boards take turns all the same, as far as they are known.
    assert re.findall('<i[^>]* data-slug="([^"]*)"', page) == turns


def test_the_page_obeys_its_policy_and_has_its_own_bare_frame() -> None:
    response = Client().get("/wall/all/", headers=reading())
    page = response.content.decode()

    assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert re.findall(r"<script[^>]*>", page) == re.findall(r'<script src="/static/plimsoll/wall[^"]*" defer>', page)
    assert page.count("<script") == 1
    assert "style=" not in page
    assert "<style" not in page
    assert not re.search(r"\son\w+=", page)
    assert not re.findall(r'(?:src|href)="(?!/|#)[^"]*"', page)
    assert '<noscript><meta http-equiv="refresh" content="15"></noscript>' in page
    assert "htmx" not in page


def test_names_from_outside_are_text() -> None:
    evil = "<img src=x onerror=alert(1)></title><script>"
    builders.incident(evil, title=evil, severity=evil, assignees=[evil])
    yesterday = timezone.now() - timedelta(days=1)
    builders.deployment(evil, version=evil, failed=True, failed_reason=evil, finished_at=yesterday)
    now = timezone.now()
    builders.deployment(evil, version=evil, status="running", started_at=now, finished_at=None, kind=None)

    page = shown()

    assert evil not in page
    assert "<img src=x" not in page
    assert page.count("<script") == 1
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


@pytest.mark.usefixtures("traffic")
@pytest.mark.django_db(transaction=True)
def test_a_rollout_is_judged_by_the_calls_of_its_own_environment() -> None:
    now = timezone.now()
    builders.deployment("ledger", version="v9", status="running", started_at=now, finished_at=None, kind=None)
    builders.calls("portal", "ledger", requests=60, at=now)
    builders.calls("portal", "ledger", requests=60, failed=30, environment="staging", at=now)

    assert "P95 100 ms · errors 0.0 %" in shown()


def test_a_board_needs_a_token_and_a_browser_asks_for_it() -> None:
    response = Client().get("/wall/all/")

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Basic")
    assert "This board needs a token." in response.content.decode()


def test_a_token_is_taken_as_bearer_or_as_a_password() -> None:
    clear = new_token("screen", ["read"])

    for headers in (bearer(clear), basic(clear)):
        assert Client().get("/wall/all/", headers=headers).status_code == 200


def test_a_token_of_the_api_in_the_address_is_refused() -> None:
    response = Client().get("/wall/all/", {"k": new_token("screen", ["read"])})

    assert response.status_code == 401
    assert "Tokens in addresses are refused." in response.content.decode()


def test_a_screens_token_opens_every_board_and_its_contact_is_noted() -> None:
    builders.team("permits")
    clear = new_screen("Hall")

    for slug in ("all", "permits"):
        shown(f"/wall/{slug}/?k={clear}", {})

    assert Screen.objects.get().last_seen_at is not None


def test_a_screens_token_opens_nothing_but_boards() -> None:
    clear = new_screen("Hall")

    for path in ("/api/v1/deployments/", "/api/v1/wallboard/summary/", "/deployments/", "/topology/"):
        assert Client().get(path, {"k": clear}).status_code in (401, 302), path
        assert Client().get(path, headers=bearer(clear)).status_code in (401, 302), path
    assert Client().get("/wall/all/", headers=bearer(clear)).status_code == 401


def test_the_screen_of_a_team_shows_its_team_alone_and_does_not_turn() -> None:
    permits = builders.team("permits")
    builders.team("housing")
    clear = new_screen("Desk", permits)

    page = shown(f"/wall/permits/?k={clear}", {})

    assert "Permits" in page
    assert "Housing" not in page
    assert 'class="dots"' not in page
    assert "There is no such board." in shown(f"/wall/housing/?k={clear}", {}, 404)
    assert "Yours is permits." in shown(f"/wall/all/?k={clear}", {}, 404)


def test_a_revoked_or_mistyped_screen_is_told_so_and_no_password_is_asked_for(settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = True
    clear = new_screen("Hall")
    revoke_screen(Screen.objects.get().pk)

    for wrong in (clear, "plw_nothing", ""):
        response = Client().get("/wall/all/", {"k": wrong})
        assert response.status_code == 401
        assert "WWW-Authenticate" not in response
        assert "opens nothing" in response.content.decode()


def test_a_token_that_may_not_read_sees_no_board() -> None:
    page = shown(headers=bearer(new_token("mesh", ["ingest"])), status=403)

    assert "The token may not read." in page
    assert "Yesterday" not in page


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
    assert '<h1 translate="no">Payments</h1>' in page


def test_a_board_of_no_team_is_not_found() -> None:
    assert "There is no such board." in shown("/wall/nobody/", status=404)


def test_a_message_has_the_theme_of_the_screen_it_is_shown_on() -> None:
    assert 'data-theme="light"' in shown("/wall/nobody/?theme=light", status=404)
    assert 'data-theme="dark"' in shown("/wall/nobody/", status=404)


def test_a_teams_token_opens_its_own_board_only() -> None:
    builders.service("ledger", "payments")
    builders.service("map", "housing")
    headers = reading(Team.objects.get(slug="payments"))

    assert "Payments" in shown("/wall/payments/", headers)
    assert "There is no such board." in shown("/wall/housing/", headers, 404)
    assert "Yours is payments." in shown("/wall/all/", headers, 404)


def test_every_figure_leads_to_a_list_of_as_many() -> None:
    now = timezone.now()
    yesterday = now - timedelta(days=1)
    builders.deployment("ledger", "payments", failed=False, finished_at=yesterday)
    caused = builders.deployment("ledger", "payments", failed=True, finished_at=yesterday)
    builders.incident("ledger", owner="payments", title="Trouble", opened_at=now - timedelta(days=90))
    builders.incident(
        "ledger", opened_at=yesterday, status="resolved", resolved_at=now, caused_by=caused, environment=None
    )

    for board in ("all", "payments"):
        lists = [html.unescape(each) for each in re.findall(r'href="(/[^"]*[?][^"]*)"', shown(f"/wall/{board}/"))]
        assert [counted(each) for each in lists] == [2, 2, 1, 2, 1, 1], lists


def counted(address: str) -> int:
    """How many rows the list of an address has in all."""
    response = Client().get(address.replace("/?", "/rows.csv?"), headers=reading())
    return len(b"".join(response).decode().strip().splitlines()) - 1


def test_an_answer_that_is_the_same_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    minute = timezone.now().replace(second=0)
    moments = iter(minute.replace(second=second) for second in (1, 2, 3))
    monkeypatch.setattr("dashboards.wallboard.page.timezone", SimpleNamespace(now=lambda: next(moments)))
    headers = reading() | {"X-Wallboard": "1"}
    answer = Client().get("/wall/all/", headers=headers)

    again = Client().get("/wall/all/", headers=headers | {"If-None-Match": answer["ETag"]})
    builders.incident("ledger", title="Trouble")
    other = Client().get("/wall/all/", headers=headers | {"If-None-Match": answer["ETag"]})

    assert "<html" not in answer.content.decode()
    assert answer.content.decode().startswith("<div")
    assert other.status_code == 200
    assert again.status_code == 304
    assert "X-Wallboard" in answer["Vary"]


@pytest.mark.parametrize("away", ["dashboards.wallboard.page.visitor_of", "dashboards.wallboard.page.board"])
def test_a_database_that_is_away_is_said_and_asked_again(monkeypatch: pytest.MonkeyPatch, away: str) -> None:
    from django.db import OperationalError

    def gone(*_: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(away, gone)

    page = shown("/wall/all/?theme=light", status=503)

    assert "The database is away." in page
    assert '<meta http-equiv="refresh" content="15">' in page
    assert 'data-theme="light"' in page


def test_the_summary_is_the_same_board_as_an_object() -> None:
    opened = timezone.now().replace(microsecond=0)
    builders.incident("ledger", title="Trouble", severity="SEV 2", opened_at=opened, assignees=["Lin Yue"])

    answer = Client().get("/api/v1/wallboard/summary/", headers=reading()).json()

    (incident,) = answer["open_incidents"]
    assert [number["metric"] for number in answer["numbers"]] == [
        "deployment_frequency",
        "lead_time",
        "change_failure_rate",
        "recovery_time",
    ]
    assert (incident["services"], incident["assignees"]) == ("ledger", "Lin Yue")
    assert incident["opened_at"] == opened.isoformat().replace("+00:00", "Z")
    assert isinstance(incident["id"], str)
    assert answer["open_incident_count"] == 1
    assert answer["busiest_edges"] == []
    assert answer["data_through"]["telemetry"] is None


def test_the_summary_of_a_team_that_is_not_known_is_not_found() -> None:
    response = Client().get("/api/v1/wallboard/summary/?team=nobody", headers=reading())

    assert response.status_code == 404
    assert response.json()["code"] == "unknown_team"


def test_a_screen_may_listen_until_its_token_is_taken_back() -> None:
    clear = new_screen("Hall")

    assert Client().get("/live", {"k": clear, "topics": "metrics,incidents"}).status_code == 204
    revoke_screen(Screen.objects.get().pk)
    assert Client().get("/live", {"k": clear}).status_code == 403
    assert Client().get("/live", {"k": ""}).status_code == 403


def test_more_teams_and_incidents_cost_no_more_questions() -> None:
    def questions() -> int:
        return queries_of(lambda: shown(headers=headers))

    headers = reading()
    yesterday = timezone.now() - timedelta(days=1)
    builders.deployment("ledger", "payments", failed=False, finished_at=yesterday)
    builders.incident("ledger", title="Trouble")
    few = questions()
    for number in range(9):
        builders.deployment(f"s-{number}", f"team-{number}", failed=False, finished_at=yesterday)
        builders.incident(f"s-{number}", title="Trouble")

    assert questions() == few
