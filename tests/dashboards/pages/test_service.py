"""The page of one service: whose it is, what runs where, how it does, who calls it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from dashboards.figures import question
from dashboards.frame.page import visit_of
from dashboards.pages.service import own_question
from dashboards.readers import Reader
from plimsoll.store.models import Mark, Service
from plimsoll.store.queries.pages.services import items
from tests.dashboards import builders
from tests.dashboards.pages.looking import figures_of, looked_at, queries_of, rows_of, text_of, total_of
from tests.dashboards.pages.test_incident import signed_in

pytestmark = pytest.mark.django_db


def ago(minutes: float) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


def shown(name: str = "ledger", query: str = "") -> str:
    return text_of(looked_at(f"/services/{name}/{query}"))


def test_it_says_whose_it_is_and_what_runs_where() -> None:
    builders.deployment("ledger", "payments", version="v1", cluster="aws-1", finished_at=ago(600))
    builders.deployment("ledger", version="v2", cluster="aws-1", finished_at=ago(60))
    builders.deployment("ledger", version="v1", cluster="azure-3", finished_at=ago(500))
    builders.deployment("ledger", version="v3", cluster="azure-3", finished_at=ago(50), status="failure")
    builders.deployment("ledger", version="v4", finished_at=ago(40), place="staging")
    Service.objects.update(tier="1", description="Books every cent.")

    text = shown()

    assert "Owner Payments Tier 1" in text
    assert "production aws-1 v2 azure-3 v1 staging v4" in text
    assert "Books every cent." in text


def test_one_that_nobody_owns_can_be_claimed_by_who_may() -> None:
    builders.deployment("ledger")

    member = text_of(signed_in().get("/services/ledger/").content.decode())

    assert "Owner unowned Claim it" in member
    assert "Claim it" not in shown()


def test_of_two_with_one_name_the_namespace_says_which() -> None:
    for namespace, tier in (("a", "first"), ("b", "second")):
        Service.objects.create(name="ledger", namespace=namespace, tier=tier)

    page = looked_at("/services/ledger/")

    assert "first" in shown(query="?ns=a")
    assert "second" in shown(query="?ns=b")
    assert "Several services have this name; shown is the one in “a”." in page


@pytest.mark.parametrize("path", ["/services/nobody/", "/services/ledger/?ns=elsewhere"])
def test_one_that_is_not_there_is_not_found(path: str) -> None:
    builders.service("ledger")

    assert Client().get(path, headers=builders.reading()).status_code == 404


def test_each_figure_leads_to_a_list_of_this_service_with_the_same_count() -> None:
    for hours in (100, 90, 80):
        builders.deployment("ledger", "payments", failed=False, finished_at=ago(60 * hours))
        builders.deployment("tiles", "payments", failed=False, finished_at=ago(60 * hours))

    page = looked_at("/services/ledger/")
    links = {part.split('"')[0].replace("&amp;", "&") for part in page.split('href="/deployments/?')[1:]}
    counted = [link for link in links if "deployment_frequency" in link]

    assert "3 deployments" in text_of(page)
    assert counted
    assert {total_of(looked_at(f"/deployments/?{link}")) for link in counted} == {3}


@pytest.mark.parametrize("query", ["", "?env=staging", "?env=production&range=7d"])
def test_the_numbers_of_its_deployments_and_incidents_lead_to_as_many(query: str) -> None:
    for place in ("production", "production", "staging"):
        builders.deployment("ledger", place=place, finished_at=ago(60))
        builders.incident("ledger", title="Slow", opened_at=ago(60))
    before = ago(60 * 24 * 40)
    builders.deployment("ledger", finished_at=before, version="earlier")
    builders.incident("ledger", title="Earlier", opened_at=before, resolved_at=before, status="resolved")

    page = looked_at(f"/services/ledger/{query}")

    for panel, name in (("deployed", "Deployments"), ("hurt", "Incidents")):
        part = page.split(f'id="{panel}"')[1].split("</section>")[0]
        number, every = (link.split('"')[0].replace("&amp;", "&") for link in part.split('href="')[1:3])
        assert f"{name} 3 All of the range" in text_of(page)
        assert part.count('<th scope="row">') == 3
        assert total_of(looked_at(number)) == total_of(looked_at(every)) == 3


def test_a_range_without_a_deployment_says_when_the_last_one_was() -> None:
    builders.deployment("ledger", finished_at=datetime(2025, 10, 29, 12, tzinfo=UTC))

    assert "0 deployments of it in this range. The last one was on 29 Oct 2025." in shown()


def test_what_nobody_ever_told_of_is_not_told_as_none() -> None:
    builders.service("ledger")

    unconnected = shown()
    builders.deployment("tiles")
    builders.incident("tiles")
    connected = shown()

    assert "Deployments All of the range ○ No deployment was ever reported." in unconnected
    assert "Incidents All of the range ○ No incident source yet." in unconnected
    assert "0 deployments of it in this range." in connected
    assert "0 incidents of it in this range." in connected


def test_an_open_incident_lasts_so_far() -> None:
    builders.incident("ledger", opened_at=ago(120), title="Slow")

    (row,) = (row for row in rows_of(looked_at("/services/ledger/")) if "Slow" in row)

    assert row.endswith("so far 2.0 h")


def test_without_telemetry_it_says_how_to_connect() -> None:
    builders.deployment("ledger")

    assert "No telemetry yet: rate, errors and latency need your mesh. Connect your mesh" in shown()


@pytest.mark.usefixtures("traffic")
@pytest.mark.django_db(transaction=True)
class TestMeasured:
    @pytest.mark.parametrize(("of", "name"), [("service", "ledger"), ("team", "payments")])
    def test_callers_and_called_stand_with_their_figures(self, of: str, name: str) -> None:
        builders.deployment("ledger", "payments", finished_at=ago(20), started_at=ago(25), version="v8")
        Mark.objects.create(metric="error_rate", value=0.05, **{of: getattr(builders, of)(name)})
        for n in range(1, 30):
            builders.calls("portal", "ledger", requests=60, failed=6, at=ago(n))
            builders.calls("ledger", "documents", requests=30, at=ago(n))

        page = looked_at("/services/ledger/?window=15m")

        found = rows_of(page)
        assert any(row.startswith("▲ portal") and row.endswith("10 % 100 ms") for row in found)
        assert any(row.startswith("○ documents") for row in found)
        assert "Error rate 10 % ▲ over the mark 5.0 %" in text_of(page)
        assert "Which version serves how much is not computed yet." in text_of(page)
        assert 'class="figure-json"' in page
        # By its id an open table stays open when the panel is fetched again.
        assert page.count('<details class="as-table" id="chart-') == page.count('class="as-table"') == 3

    def test_a_deployment_of_the_window_is_in_the_charts(self) -> None:
        row = builders.deployment("ledger", finished_at=ago(20), started_at=ago(25), version="v8")
        for n in range(1, 30):
            builders.calls("portal", "ledger", at=ago(n))

        page = looked_at("/services/ledger/")

        assert f'<a class="tick unk" href="/deployments/{row.pk}/" aria-label="v8: undecided">' in page

    def test_one_that_failed_lies_on_the_rollback_that_ended_with_it(self) -> None:
        failed: dict[str, Any] = {"failed": True, "failed_reason": "rolled_back", "status": "failure"}
        undone: dict[str, Any] = {"failed": False, "kind": "rollback"}
        # Whichever was told of first.
        for at, kinds in ((ago(20), (failed, undone)), (ago(40), (undone, failed))):
            for kind in kinds:
                builders.deployment("ledger", finished_at=at, **kind)
        for n in range(1, 30):
            builders.calls("portal", "ledger", at=ago(n))

        page = looked_at("/services/ledger/")

        signs = [sign == "bad" for sign in re.findall(r'class="tick (\w+)"', page)]
        assert signs == [False, False, True, True] * 3
        assert figures_of(page)[0]["data"][-1]["marker"]["symbol"] == ["circle"] * 2 + ["triangle-up"] * 2

    @pytest.mark.parametrize(("environment", "said"), [("live-eu", False), ("staging", True)])
    def test_one_that_only_telemetry_knows_of_is_shown_where_it_is_heard(self, environment: str, said: bool) -> None:
        for n in range(1, 10):
            builders.calls("portal", "ledger", requests=60, environment=environment, at=ago(n))

        page = looked_at("/services/ledger/?window=15m")

        assert any(row.startswith("○ portal") for row in rows_of(page))
        assert ("so the calls of all environments are shown" in page) == said

    def test_a_minute_between_two_without_calls_is_a_dot_in_the_charts(self) -> None:
        for n in range(1, 9):
            builders.calls("portal", "else", at=ago(n))
        for n in (2, 5, 6):
            builders.calls("portal", "ledger", at=ago(n))

        page = looked_at("/services/ledger/?window=15m")

        p95 = figures_of(page)[-1]["data"][1]
        dots = [size for value, size in zip(p95["y"], p95["marker"]["size"], strict=True) if value is not None]
        assert dots == [0, 0, 5]

    def test_the_scale_of_what_was_always_zero_ends_at_a_round_number(self) -> None:
        builders.calls("portal", "ledger", requests=60, at=ago(3))

        errors = figures_of(looked_at("/services/ledger/?window=15m"))[1]

        assert errors["layout"]["yaxis"]["ticktext"] == ["0", "100 %"]

    def test_a_silent_service_is_said_to_be_silent(self) -> None:
        builders.deployment("ledger")
        builders.calls("other", "else", at=timezone.now())

        assert "○ Telemetry told nothing of this service in the last 60 minutes." in shown()

    def test_a_window_that_does_not_exist_is_told_once(self) -> None:
        builders.deployment("ledger")
        builders.calls("other", "ledger", at=timezone.now())

        assert looked_at("/services/ledger/?window=5y").count("There is no window “5y”.") == 1

    def test_more_neighbours_and_deployments_take_as_many_questions(self) -> None:
        headers = builders.reading()

        def grow(n: int) -> None:
            builders.deployment("ledger", finished_at=ago(20 + n), cluster=f"c{n}")
            builders.incident("ledger", opened_at=ago(30))
            builders.calls(f"portal-{n}", "ledger", at=ago(5))

        grow(0)
        looked_at("/services/ledger/", headers)
        few = queries_of(lambda: looked_at("/services/ledger/", headers))
        for n in range(1, 5):
            grow(n)
        # What is new is read once, and then kept.
        looked_at("/services/ledger/", headers)

        assert queries_of(lambda: looked_at("/services/ledger/", headers)) <= few + 1 <= 55


def test_its_figures_are_those_that_are_read_of_it_alone() -> None:
    for hours, name in ((100, "ledger"), (90, "tiles"), (60, "ledger"), (50, "ledger")):
        row = builders.deployment(name, "payments", failed=hours == 60, finished_at=ago(60 * hours))
        builders.carried(row, builders.change(authored_at=ago(60 * hours + hours)))
        if hours == 60:
            builders.incident(name, caused_by=row, opened_at=ago(3590), resolved_at=ago(3580), status="resolved")
    builders.deployment("ledger", failed=False, finished_at=ago(600), place="staging")
    now = timezone.now()
    visit = visit_of(RequestFactory().get("/services/ledger/"), Reader("somebody"), now)
    (item,) = items([builders.service("ledger").pk], since=visit.filters.start, until=visit.filters.end)
    own = replace(visit.filters, services=("ledger",))

    shown = own_question(visit, own, item)

    alone = question(own, now)
    assert shown.answers() == alone.answers()
    assert shown.before() == alone.before()
    assert shown.answers()["recovery_time"].value == pytest.approx(600, abs=1)
