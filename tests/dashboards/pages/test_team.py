"""A team's page: its charts and what stands behind them; and the list of all teams."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from pytest_django import Settings

from plimsoll.insight.dora import kept
from plimsoll.store.models import Mark, Service
from tests.dashboards import builders
from tests.dashboards.pages.figuring import ago, rows, tell_a_month, text
from tests.dashboards.pages.looking import queries_of, rows_of, text_of, total_of

pytestmark = pytest.mark.django_db
TEAM = "/teams/payments/"


@pytest.fixture(autouse=True)
def _viewer(settings: Settings) -> Iterator[None]:
    settings.VIEWER_ON_LOOPBACK = True
    kept.forget()
    yield
    kept.forget()


def figure(client: Client, metric: str, address: str = TEAM) -> dict[str, list[dict[str, list[object]]]]:
    """What plotly.js is given to draw for a metric."""
    page = client.get(address).content.decode()
    chart = page[page.index(f'id="chart-{metric}"') :]
    found = re.search(r'<script type="application/json" class="figure-json">(.*?)</script>', chart, re.DOTALL)
    assert found is not None
    drawn: dict[str, list[dict[str, list[object]]]] = json.loads(found[1])
    return drawn


def day(ago_days: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=ago_days):%Y-%m-%d}"


def test_a_bar_stands_for_a_day_and_today_is_hatched(client: Client) -> None:
    tell_a_month()
    builders.deployment("ledger", finished_at=ago(seconds=1), failed=False)

    bars = figure(client, "deployment_frequency")["data"][0]
    heights = dict(zip(bars["x"], bars["y"], strict=True))

    assert len(heights) == 29
    assert heights[day(3)] == 1
    assert heights[day(15)] is None
    assert bars["x"][-1] == day(0)
    patterns = bars["marker"]["pattern"]["shape"]  # type: ignore[call-overload]
    assert (patterns[-1], set(patterns[:-1])) == ("/", {""})


def test_a_quiet_day_after_the_first_report_is_zero(client: Client) -> None:
    builders.deployment("ledger", "payments", finished_at=ago(days=20), failed=False)

    bars = figure(client, "deployment_frequency")["data"][0]

    assert dict(zip(bars["x"], bars["y"], strict=True))[day(5)] == 0


def test_failures_are_events_as_high_as_they_lasted(client: Client) -> None:
    tell_a_month()

    events = figure(client, "recovery_time")["data"][2]

    assert events["y"] == [1800]
    assert events["text"] == ["ledger v7 recovered in 30 min"]


def test_names_from_outside_are_no_markup_in_a_chart(client: Client) -> None:
    builders.deployment("ledger", "payments", version="<b>&", finished_at=ago(days=3), failed=True)

    page = client.get(TEAM).content.decode()

    assert figure(client, "change_failure_rate")["data"][2]["text"] == ["ledger &lt;b&gt;&amp; failed"]
    assert "<b>" not in page


def test_a_mark_is_a_line_with_its_value(client: Client) -> None:
    tell_a_month()
    Mark.objects.create(metric="lead_time", value=3600)

    drawn = figure(client, "lead_time")

    assert drawn["layout"]["shapes"][0]["y0"] == 3600  # type: ignore[call-overload]
    assert "mark ≤ 1.0 h" in text(client, TEAM)


def test_a_year_is_drawn_by_weeks(client: Client) -> None:
    tell_a_month()

    bars = figure(client, "deployment_frequency", TEAM + "?range=1y")["data"][0]

    assert len(bars["x"]) in (53, 54)
    assert all(datetime.fromisoformat(str(each)).weekday() == 0 for each in bars["x"])
    assert sum(float(str(n)) for n in bars["y"] if n) == 10


def test_a_day_narrows_the_lists_and_works_without_a_script(client: Client) -> None:
    tell_a_month()
    page = client.get(TEAM).content.decode()
    links = [unescape(href) for href in re.findall(r'<th scope="row"><a href="(\?on=[^"]+)"', page)]

    assert f"?on={day(3)}#events" in links
    narrowed = text(client, TEAM + f"?on={day(3)}")
    assert "ledger v3" in narrowed
    assert "ledger v7" not in narrowed
    assert "All deployments on" in narrowed


def test_what_is_more_than_a_page_shows_is_told_and_listed(client: Client) -> None:
    for minute in range(52):
        at = ago(days=3).replace(hour=12, minute=minute)
        builders.deployment("ledger", "payments", version=f"v{minute}", finished_at=at, failed=True)

    page = client.get(TEAM + f"?on={day(3)}").content.decode()
    links = [unescape(href) for href in re.findall(r'<a class="link" href="([^"]+)">and 2 more</a>', page)]

    assert page.count("and 2 more") == 2
    assert ["1 to 50 of 52" in text(client, link) for link in links] == [True, True]


@pytest.mark.parametrize("path", [TEAM, "/deployments/"])
@pytest.mark.parametrize("said", ["yesterday", "9999-12-31", "0001-01-01"])
def test_what_is_no_day_is_said(client: Client, path: str, said: str) -> None:
    tell_a_month()

    page = text(client, f"{path}?on={said}&metric=change_failure_rate&tz=Pacific/Auckland")

    assert f"“{said}” is no day" in page


@pytest.mark.parametrize("span", ["28d", "1y"])
def test_a_bar_leads_to_the_list_of_what_it_counts(client: Client, span: str) -> None:
    tell_a_month()
    bars = figure(client, "deployment_frequency", TEAM + f"?range={span}")["data"][0]
    lists = []

    counts = [int(float(str(n))) for n in bars["y"] if n]
    for bar in (bar for bar, n in zip(bars["customdata"], bars["y"], strict=True) if n):
        page = client.get(TEAM + str(bar).partition("#")[0]).content.decode()
        (href, n) = re.findall(r'<a class="link small" href="(/deployments/[^"]+)">The (\d+) that count', page)[0]
        lists.append((int(n), rows(client, unescape(href))))

    assert lists == [(n, n) for n in counts]
    assert sum(counts) == 10


def test_a_cell_of_the_week_leads_to_the_deployments_that_it_counts(client: Client) -> None:
    # In Berlin both end on a Tuesday at half past nine, one in summer time and one in winter time; the third is at ten.
    for at in ("2025-10-21T07:30", "2025-11-04T08:30", "2025-11-04T09:05"):
        builders.deployment("ledger", "payments", finished_at=datetime.fromisoformat(f"{at}Z"), failed=False)
    builders.deployment("tiles", "maps", finished_at=datetime.fromisoformat("2025-11-04T08:40Z"), failed=False)
    # A deployment ends with its last rollout, here a day after the first; of the other nobody knows when that ended.
    for first in (datetime.fromisoformat("2025-11-04T07:10Z"), None):
        head = builders.deployment("ledger", "payments", finished_at=first, failed=False)
        last = datetime.fromisoformat("2025-11-05T08:10Z")
        builders.deployment("ledger", "payments", finished_at=last, failed=False, rollout_of=head, cluster="b")
    page = client.get(TEAM + "?from=2025-10-01&to=2025-11-15&tz=Europe/Berlin").content.decode()
    grid = page[page.index('<svg class="hours"') :].partition("</svg>")[0]
    cells = re.findall(r'<a href="([^"]+)"><title>([^<]+): (\d+)</title>', grid)

    assert [(when, int(n)) for _href, when, n in cells] == [
        ("Tuesday 09:00", 2),
        ("Tuesday 10:00", 1),
        ("Wednesday 09:00", 2),
    ]
    assert f'href="{cells[0][0]}">Most on Tuesday from 09:00: 2 of 5.</a>' in page
    for href, _when, n in cells:
        shown = client.get(unescape(href)).content.decode()
        table = client.get(unescape(href).replace("/?", "/rows.csv?"))
        assert total_of(shown) == int(n)
        assert len(b"".join(table).splitlines()) == int(n) + 1
    told = text(client, unescape(cells[0][0]))
    assert "2 of the 5 events that Deployment frequency was computed from." in told
    assert "weekday Tuesday × Take this away hour 09:00–09:59 ×" in told


def test_any_day_of_a_week_chooses_its_bar(client: Client) -> None:
    tell_a_month()

    address = TEAM + "?range=1y&on=2026-11-18"

    assert "All deployments on the week of 16 Nov" in text(client, address)
    assert "week of 16 Nov 2026" in text(client, "/deployments/?range=1y&on=2026-11-18")


def test_a_failure_without_an_incident_has_an_unknown_recovery(client: Client) -> None:
    tell_a_month()

    page = text(client, TEAM)

    assert re.search(r"ledger v3 unknown 2.0 h no incident", page)
    assert re.search(r"ledger v7 unknown 2.0 h 30 min", page)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("revert", "a change it carried was reverted"),
        ("explicit", "an incident names it as its cause"),
        (None, "unknown"),
    ],
)
def test_a_failure_says_how_it_is_known(client: Client, reason: str | None, said: str) -> None:
    builders.deployment("ledger", "payments", version="v1", finished_at=ago(days=3), failed=True, failed_reason=reason)

    assert f"ledger v1 {said} " in text(client, TEAM)


def test_stages_say_of_how_many_changes_they_are_known(client: Client) -> None:
    made = ago(days=3)
    row = builders.deployment(
        "ledger", "payments", finished_at=made, started_at=made - timedelta(minutes=10), failed=False
    )
    for number in range(2):
        one = builders.change(authored_at=made - timedelta(hours=5))
        builders.carried(row, one, 5 * 3600.0)
        if number == 0:
            builders.change(
                grain="pull_request", sha=None, authored_at=None, head_sha=one.sha,
                opened_at=made - timedelta(hours=4), merged_at=made - timedelta(hours=1),
            )  # fmt: skip

    page = text(client, TEAM)

    assert "Commit to pull request 1.0 h 1 of 2 changes" in page
    assert "Pull request to merge 3.0 h 1 of 2 changes" in page
    assert "Merge to rollout 50 min 1 of 2 changes" in page
    assert "Rollout to live 10 min 2 of 2 changes" in page
    known = re.findall(r'<a class="link small" href="([^"]+)">(\d+) of 2', client.get(TEAM).content.decode())
    lists = [client.get(unescape(href)).content.decode() for href, _n in known]
    assert [total_of(each) for each in lists] == [int(n) for _href, n in known] == [1, 1, 1, 2]
    tables = [client.get(unescape(href).replace("/?", "/rows.csv?")) for href, _n in known]
    assert [len(b"".join(each).splitlines()) for each in tables] == [2, 2, 2, 3]
    assert "stage Pull request to merge ×" in text_of(lists[1])
    assert "1 of the 2 events that Lead time was computed from." in text_of(lists[1])
    assert text_of(lists[1]).startswith("Known 1 Not known 1 stage")
    others = client.get(unescape(known[1][0]) + "&known=no").content.decode()
    assert total_of(others) == 1
    elsewhere = builders.deployment("tiles", finished_at=ago(days=2))
    of_none = client.get(unescape(known[1][0]) + f"&deployment={elsewhere.pk}").content.decode()
    assert text_of(of_none).startswith("Known 0 Not known 0 ")
    assert [row.endswith("ledger unknown 5.0 h") for row in rows_of(others)] == [True]
    assert [row.endswith("ledger 3.0 h 5.0 h") for row in rows_of(lists[1])] == [True]


def test_a_stage_that_nobody_told_is_unknown(client: Client) -> None:
    tell_a_month()

    assert "Pull request to merge unknown 0 of 10 changes" in text(client, TEAM)


def test_services_of_the_team_are_counted_and_lead_to_as_many(client: Client) -> None:
    tell_a_month()
    builders.service("idle", "payments")

    page = text(client, TEAM)

    assert re.search(r"ledger – 10 2 ", page)
    assert re.search(r"idle – 0 0 ", page)
    links = re.findall(r'<a href="([^"]*service=ledger[^"]*)">(\d+)</a>', client.get(TEAM).content.decode())
    assert [(int(n), total_of(client.get(unescape(href)).content.decode())) for href, n in links] == [(10, 10), (2, 2)]


def test_a_service_leads_to_its_own_page_where_another_has_its_name(client: Client) -> None:
    for namespace, owner in (("a", "permits"), ("b", "payments")):
        Service.objects.create(name="ledger", namespace=namespace, team=builders.team(owner))

    (href,) = re.findall(r'<a href="(/services/ledger/[^"]*)"', client.get(TEAM).content.decode())

    assert "Owner Payments" in text(client, unescape(href))


def test_a_team_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get("/teams/nobody/").status_code == 404


def test_another_team_in_the_address_of_one_is_told(client: Client) -> None:
    builders.deployment("ledger", "payments")
    builders.team("health")
    builders.team("permits")

    told = [client.get(TEAM + query).content.decode() for query in ("?team=payments", "?team=health&team=permits")]

    said = "This is the page of one team; “health, permits” was left out."
    assert [said in page for page in told] == [False, True]
    assert "This is the page of one team" not in told[0]


def test_another_teams_page_is_as_unknown_to_a_teams_reader(client: Client, settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = False
    builders.service("maps", "others")
    own = builders.reading(builders.team("payments"))

    assert client.get("/teams/payments/", headers=own).status_code == 200
    assert client.get("/teams/others/", headers=own).status_code == 404
    assert "Others" not in client.get("/teams/", headers=own).content.decode()


def test_all_teams_are_listed_with_what_they_lack(client: Client) -> None:
    tell_a_month()
    builders.service("maps", "others")

    page = text(client, "/teams/")

    assert "Payments 0.36 2.0 h 20 %" in page
    assert "Others" in page


def test_plotly_comes_with_the_page_of_a_team_alone(client: Client) -> None:
    tell_a_month()

    assert "plotly" in client.get(TEAM).content.decode()
    assert "plotly" not in client.get("/teams/").content.decode()
    assert "plotly" not in client.get("/").content.decode()


def test_questions_do_not_grow_with_rows(client: Client) -> None:
    def asked() -> int:
        return queries_of(lambda: client.get(TEAM))

    tell_a_month()
    few = asked()
    for number in range(9):
        builders.deployment(f"s{number}", "payments", finished_at=ago(days=4, hours=number), failed=number % 2 == 0)

    assert asked() == few
