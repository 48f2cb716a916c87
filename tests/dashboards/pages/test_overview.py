"""The first page: the four metrics, what needs a look, and what is under way."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from pytest_django import Settings

from dashboards.figures import measured
from plimsoll.insight.dora import kept
from plimsoll.insight.dora.reading import Answer
from plimsoll.insight.metrics.windows import Window
from plimsoll.store.models import Mark
from tests.dashboards import builders
from tests.dashboards.pages.figuring import ago, rows, tell_a_month, text
from tests.dashboards.pages.looking import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _viewer(settings: Settings) -> Iterator[None]:
    settings.VIEWER_ON_LOOPBACK = True
    kept.forget()
    yield
    kept.forget()


def test_an_empty_installation_is_led_to_setup(client: Client) -> None:
    page = client.get("/").content.decode()

    assert 'href="/setup/"' in page
    assert "Deployments per day" not in page


def test_the_four_numbers_are_those_of_the_last_28_days(client: Client) -> None:
    for day in range(1, 8):
        shipped = builders.deployment("ledger", "payments", finished_at=ago(days=day + 1), failed=day == 3)
        builders.carried(shipped, builders.change(authored_at=ago(days=day + 1, hours=2)))
    builders.incident(
        "ledger",
        opened_at=ago(days=4),
        resolved_at=ago(days=4) + timedelta(minutes=30),
        status="resolved",
        caused_by=builders.deployment("ledger", finished_at=ago(days=4, hours=1), failed=True),
    )

    page = text(client, "/")

    # Eight deployments in 28 days, two of them failed.
    assert "0.29 per day" in page
    assert "2.0 h" in page
    assert "25 %" in page
    assert "of 8 deployments" in page


@pytest.mark.parametrize("address", ["/", "/teams/payments/"])
def test_what_is_narrowed_to_a_service_says_so_and_what_is_not_does_not(client: Client, address: str) -> None:
    tell_a_month()
    builders.deployment("tiles", "payments", finished_at=ago(days=3), failed=False)

    narrowed, unknown = text(client, f"{address}?service=tiles"), text(client, f"{address}?service=nope")

    assert "service tiles × Take this away" in narrowed
    assert "0.04 per day" in narrowed
    assert "There is no service “nope”; it was left out." in unknown
    assert "Take this away" not in unknown
    assert "0.39 per day" in unknown


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ("from=2026-11-10T11:55:00Z&to=2026-11-10T12:04:00Z", "1 deployment in 9.0 min"),
        ("from=2026-11-10T12:01:00Z&to=2026-11-11T02:01:00Z", "0 deployments in 14 h"),
    ],
)
def test_what_is_counted_in_less_than_a_day_is_no_rate_per_day(client: Client, window: str, said: str) -> None:
    for hours in (0, 30):
        builders.deployment("ledger", "payments", finished_at=builders.NOON - timedelta(hours=hours))

    for path in ("/", "/teams/payments/", "/services/ledger/", "/why/deployment_frequency/"):
        page = text(client, f"{path}?tz=UTC&{window}")
        assert f"{said} (a rate per day needs a day)." in page
        assert not re.search(r"\d per day|Elite|Low", page)
    assert f"n = {said[0]}" in text(client, f"/teams/?tz=UTC&{window}")


def test_a_day_has_a_rate_however_long_the_clocks_make_it() -> None:
    zone = ZoneInfo("Europe/Berlin")
    # All of a day of 23 hours, 24 hours that end on a day of 25, and an hour less.
    begins = [
        (datetime(2026, 3, 28, 23, tzinfo=UTC), 23),
        *((datetime(2026, 10, 24, 10, tzinfo=UTC), n) for n in (24, 23)),
    ]
    windows = [Window(start, start + timedelta(hours=hours), zone) for start, hours in begins]

    found = [measured(Answer("deployment_frequency", each, 1.0, 1, {}, {}, {}, True)).value for each in windows]

    assert found == [1.0, 1.0, None]


def test_a_failure_of_unknown_length_is_not_told_as_none(client: Client) -> None:
    builders.deployment("ledger", finished_at=ago(days=3), failed=True)
    builders.incident("maps", opened_at=ago(days=2))

    page = text(client, "/")

    assert "1 failure, and no incident says how long it lasted." in page
    assert "No deployment failed in this range." not in page


def test_fewer_than_five_events_are_said_and_earn_no_level(client: Client) -> None:
    builders.deployment(finished_at=ago(days=3), failed=False)

    page = text(client, "/")

    assert "n = 1" in page
    assert "5 needed for a level" in page
    assert "Elite" not in page


def test_what_is_missing_is_said_on_its_card(client: Client) -> None:
    builders.deployment(finished_at=ago(days=3), failed=True)

    page = text(client, "/")

    assert "Recovery needs an incident source." in page
    assert "No change with a known start went live in this range." in page


def test_nothing_needs_a_look_and_what_was_looked_at_is_said(client: Client) -> None:
    builders.deployment(finished_at=ago(days=3), failed=False)

    page = text(client, "/")

    assert "Nothing needs a look." in page
    assert "open incidents" in page


def test_looks_are_ordered_by_harm_and_five_at_most(client: Client) -> None:
    for number in range(4):
        builders.incident(title=f"Grave {number}", severity="critical", opened_at=ago(hours=number + 1))
    builders.incident(title="Slight", severity="warning", opened_at=ago(hours=1))
    builders.deployment("permits", version="v2", finished_at=ago(hours=3), failed=True)
    builders.delivery(received_at=ago(minutes=30))

    found = re.findall(r'<strong translate="no">(.*?)</strong>', client.get("/").content.decode())

    assert found == ["permits v2", "Grave 3", "Grave 2", "Grave 1", "Grave 0"]
    assert "and 1 more" in text(client, "/")


def test_what_needs_a_look_is_over_no_mark_unless_its_words_say_so(client: Client) -> None:
    builders.deployment("permits", "payments", version="v2", finished_at=ago(hours=3), failed=True)

    for path in ("/", "/teams/payments/"):
        page = client.get(path).content.decode()
        assert "▲" in page
        assert "over the mark" not in page


def test_all_that_need_a_look_are_counted(client: Client) -> None:
    for number in range(9):
        builders.deployment(f"service-{number}", finished_at=ago(hours=number + 1), failed=True)

    assert "and 4 more" in text(client, "/")
    everything = text(client, "/?looks=all")
    assert all(f"service-{number}" in everything for number in range(9))
    assert "Show fewer" in everything


def test_of_a_service_that_is_chosen_only_its_own_things_need_a_look(client: Client, traffic: None) -> None:
    Mark.objects.create(metric="error_rate", value=0.01)
    for name in ("ledger", "maps"):
        builders.deployment(name, "payments", version="v2", finished_at=ago(hours=3), failed=True)
        builders.incident(name, title=f"{name} is down", severity="critical", opened_at=ago(hours=1))
        builders.calls("portal", name, failed=30, at=ago(minutes=2))

    page = client.get("/?service=ledger&looks=all").content.decode().split('id="looks-title"')[1].split("</section>")[0]

    assert re.findall(r'<strong translate="no">(.*?)</strong>', page) == ["ledger v2", "ledger is down", "ledger"]


def test_what_was_looked_at_is_what_the_page_is_about(client: Client, traffic: None) -> None:
    builders.deployment("ledger", "payments", finished_at=ago(days=2), failed=False)
    for name in ("ledger", "maps"):
        builders.calls("portal", name, at=ago(minutes=2))

    assert "the marks of 0 of 3 services with traffic" in text(client, "/")
    assert "the marks of 0 of 1 service with traffic" in text(client, "/?team=payments")


def test_a_failure_that_was_mended_needs_no_look(client: Client) -> None:
    builders.deployment("permits", version="v2", finished_at=ago(hours=3), failed=True)
    builders.deployment("permits", version="v1", finished_at=ago(hours=2), failed=False, kind="rollback")
    first = builders.deployment("maps", finished_at=ago(hours=3), failed=True, failed_reason="rolled_back")
    builders.deployment("maps", finished_at=ago(hours=2), status="failure", rolled_back=True, rollout_of=first)

    builders.incident(title="Slight", severity="warning", opened_at=ago(hours=1))

    assert "Nothing needs a look." in (page := text(client, "/"))
    assert "open incidents of SEV 1 and 2" in page


def test_a_service_over_its_mark_needs_a_look(client: Client, traffic: None) -> None:
    Mark.objects.create(metric="error_rate", value=0.01)
    builders.environment()
    builders.deployment("ledger", finished_at=ago(days=2), failed=False)
    for minute in range(1, 6):
        builders.calls("ledger", "identity", requests=100, failed=5, at=ago(minutes=minute))

    page = text(client, "/")

    assert "identity errors 5.0 %, mark 1.0 %" in page


def test_what_telemetry_told_before_it_ended_is_past(client: Client, traffic: None) -> None:
    Mark.objects.create(metric="error_rate", value=0.01)
    builders.environment()
    for number in range(6):
        builders.deployment(f"service-{number}", finished_at=ago(days=2), failed=True)
    builders.deployment("identity", status="running", started_at=ago(minutes=25), finished_at=None, failed=None)
    for minute in range(12, 20):
        builders.calls("ledger", "identity", requests=100, failed=5, at=ago(minutes=minute))

    page, everything = client.get("/").content.decode(), client.get("/?looks=all").content.decode()
    looks = [part.split("</li>")[0] for part in everything.split('id="looks-title"')[1].split("<li")[1:]]
    (past,) = (look for look in looks if "identity" in look)

    # Whatever else needs a look, who is silent is never among "and 3 more".
    assert '<strong translate="no">aws-1</strong> <span>this cluster is silent</span>' in page
    assert "Telemetry ends at" in page
    assert past.startswith(' class="past"')
    assert "errors 5.0 %, mark 1.0 %" in past
    assert "data ends" in past
    assert re.search(r'class="panel rolling".*, data ends .*class="figure past"[^>]*>.*5\.0 %', page, re.DOTALL)


def test_what_is_rolling_out_is_shown_with_its_share_and_its_health(client: Client, traffic: None) -> None:
    Mark.objects.create(metric="p95_ms", value=90)
    builders.environment()
    for minute in range(1, 6):
        builders.calls("ledger", "identity", requests=100, at=ago(minutes=minute))
    builders.deployment(
        "identity", version="v8", status="running", started_at=ago(minutes=9), finished_at=None, kind=None, failed=None,
        traffic_percent=25.0,
    )  # fmt: skip

    page = client.get("/").content.decode()
    p95, errors = re.findall(r'<td class="figure" data-label="(?:P95|Errors)">(.*?)</td>', page)

    assert "identity v8" in text(client, "/")
    assert "25 %" in text(client, "/")
    assert 'aria-label="over the mark"' in p95
    assert "100 ms" in p95
    assert "/ 90 ms" in p95
    # Without a mark there is nothing to say of a value but the value.
    assert re.sub(r"</?a[^>]*>", "", errors) == "0.0 %"


@pytest.mark.parametrize("path", ["/", "/teams/", "/teams/payments/", "/services/ledger/"])
def test_a_choice_of_clusters_is_told_not_to_narrow_deployments(client: Client, path: str, traffic: None) -> None:
    builders.deployment("ledger", "payments", finished_at=ago(days=2))
    builders.calls("portal", "ledger", at=ago(minutes=2))

    page = text(client, path + "?cluster=aws-1")

    assert "Deployments are counted over all clusters" in page


def test_the_last_deployments_say_what_became_of_them(client: Client) -> None:
    builders.deployment("old", version="v1", finished_at=ago(days=3), failed=False)
    builders.deployment("bad", version="v2", finished_at=ago(days=2), failed=True)
    builders.deployment("young", version="v3", finished_at=ago(minutes=50), failed=False)
    builders.deployment("elsewhere", version="v4", finished_at=ago(hours=2), failed=False, place="staging")

    page = text(client, "/")

    assert re.search(r"young v3 ○ watched .* bad v2 ▲ failed .* old v1 ● held", page)
    assert "elsewhere" not in page


def test_teams_are_ordered_by_how_they_stand_to_their_marks(client: Client) -> None:
    for owner in ("well", "rarely"):
        Mark.objects.create(metric="deployment_frequency", value=0.1, team=builders.team(owner))
    for day in range(2, 9):
        builders.deployment("ledger", "well", finished_at=ago(days=day), failed=False)
    builders.deployment("maps", "rarely", finished_at=ago(days=5), failed=False)

    page = client.get("/").content.decode()

    assert page.index('href="/teams/rarely/') < page.index('href="/teams/well/')


def test_a_team_sees_its_own_alone(client: Client, settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = False
    builders.deployment("ledger", "payments", finished_at=ago(days=2), failed=False)
    builders.deployment("secret", "others", finished_at=ago(days=2), failed=False)
    headers = builders.reading(builders.team("payments"))

    page = client.get("/", headers=headers).content.decode()

    assert "ledger" in page
    assert "secret" not in page
    assert "Others" not in page


def test_questions_do_not_grow_with_rows(client: Client) -> None:
    def asked() -> int:
        return queries_of(lambda: client.get("/"))

    builders.deployment("ledger", "payments", finished_at=ago(days=2), failed=False)
    few = asked()
    for number in range(12):
        builders.deployment(f"s{number}", f"t{number}", finished_at=ago(days=2), failed=number % 2 == 0)

    assert asked() == few


def test_what_all_deploy_together_is_no_goal_for_one_team(client: Client) -> None:
    Mark.objects.create(metric="deployment_frequency", value=10)
    builders.deployment("ledger", "payments", finished_at=ago(days=2), failed=False)

    row = re.search(r"<tr>.*?Payments.*?</tr>", client.get("/").content.decode(), re.DOTALL)

    assert row is not None
    assert "no marks" in row[0]


def test_what_all_deploy_together_is_no_goal_for_some_of_them(client: Client) -> None:
    Mark.objects.create(metric="deployment_frequency", value=10)
    Mark.objects.create(metric="deployment_frequency", value=7, team=builders.team("payments"))
    for name, owner in (("ledger", "payments"), ("bills", "payments"), ("maps", "transport")):
        builders.deployment(name, owner, finished_at=ago(days=2), failed=False)
    some = (
        "?team=payments&team=transport",
        "?service=ledger&service=maps",
        "?team=payments&service=ledger&service=bills",
    )

    for page in (*(f"/{each}" for each in some), *(f"/why/deployment_frequency/{each}" for each in some)):
        assert "≥" not in text(client, page), page
    assert "≥ 7" not in text(client, "/teams/payments/?service=ledger&service=bills")
    assert "≥ 10" in text(client, "/")
    assert "≥ 7" in text(client, "/?team=payments")


@pytest.mark.parametrize("address", ["/", "/?range=7d", "/?team=payments", "/teams/payments/"])
def test_every_number_leads_to_as_many_events(client: Client, address: str) -> None:
    tell_a_month()
    builders.deployment("maps", "others", finished_at=ago(days=3), failed=False)
    page = unescape(client.get(address).content.decode())
    cards = re.findall(r'<p class="measure-basis"><a href="([^"]+)">\D*(\d+)\D*</a>', page)

    assert len(cards) == 4
    for href, n in cards:
        assert rows(client, href) == int(n), href


def test_a_teams_numbers_lead_to_its_own_events(client: Client) -> None:
    tell_a_month()
    builders.deployment("maps", "others", finished_at=ago(days=3), failed=False)
    page = unescape(client.get("/teams/").content.decode())
    row = re.search(r"<tr>(?:(?!</tr>).)*Others.*?</tr>", page, re.DOTALL)

    assert row is not None
    (frequency,) = re.findall(r'href="(/deployments/\?[^"]*metric=deployment_frequency[^"]*)"', row[0])
    assert rows(client, frequency) == 1


def test_a_long_range_has_a_point_a_week(client: Client) -> None:
    tell_a_month()

    page = client.get("/?range=1y").content.decode()

    points = re.findall(r'<svg class="spark " [^>]*aria-label="(\d+) points', page)
    assert points == ["53"] * 4


@pytest.mark.parametrize("address", ["/", "/?range=7d", "/?range=1y", "/teams/payments/"])
def test_a_line_ends_where_its_figure_is(client: Client, address: str) -> None:
    tell_a_month()
    # Of today, which no whole day has.
    builders.deployment("ledger", "payments", finished_at=ago(minutes=1), failed=True)

    page = unescape(client.get(address).content.decode())

    figures = re.findall(r'<span class="big">([^<]+)</span> <span class="unit">([^<]*)</span>', page)
    ends = re.findall(r'<svg class="spark " [^>]*aria-label="[^"]*at last ([^"]+)"', page)
    assert len(ends) >= 3
    assert ends == [f"{number} {unit}".strip() for number, unit in figures]


def test_a_range_that_begins_before_anything_was_known_says_so(client: Client) -> None:
    builders.deployment("ledger", "payments", finished_at=ago(days=20), failed=False)

    assert "known since" in text(client, "/")
    assert "known since" not in text(client, "/?range=7d")


def test_a_change_is_told_only_since_a_window_that_is_wholly_known(client: Client) -> None:
    for day in (2, 9, 10, 20):
        builders.deployment("ledger", "payments", finished_at=ago(days=day), failed=False)

    # One in the last seven days, two in the seven before; nothing is known of the 28 before the last 28.
    assert "0.14 per day" in text(client, "/?range=7d")
    assert "▼ 0.14 worse than before" in text(client, "/?range=7d")
    assert "than before" not in text(client, "/")


def test_the_gravest_open_incident_is_looked_at_first(client: Client) -> None:
    builders.deployment("ledger", finished_at=ago(days=3), failed=False)
    builders.incident("ledger", title="Slow", severity="SEV2", opened_at=ago(hours=5))
    builders.incident("ledger", title="Down", severity="SEV1", opened_at=ago(hours=1))

    page = text(client, "/")

    assert page.index("Down") < page.index("Slow")
