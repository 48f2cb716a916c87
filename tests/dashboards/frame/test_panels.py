"""A panel that cannot be computed says so in its place; the rest of the page works, and the log has the reason."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from plimsoll.store.models import Deployment, Incident
from tests.dashboards import builders
from tests.dashboards.frame.specimen import out_of_time

pytestmark = pytest.mark.django_db

# The page, what a panel of it is computed by, how many panels that is, and what the page says in spite of it.
PANELS = [
    ("overview", "overview.figures", 2, "Last deployments"),
    ("overview", "overview.lately", 2, "Last deployments"),
    ("overview", "overview.looks", 1, "per day"),
    ("overview", "overview.rolling_out", 1, "per day"),
    ("overview", "overview.latest", 1, "per day"),
    ("overview", "overview.team_rows", 1, "per day"),
    ("team", "team.figures", 1, "Failures and recoveries"),
    ("team", "team.points", 1, "per day"),
    ("team", "team.stage_bars", 1, "per day"),
    ("team", "team.hours", 1, "per day"),
    ("team", "team._failures", 1, "per day"),
    ("team", "team.services_of_team", 1, "per day"),
    ("service", "service.figures", 1, "Rate, errors, latency"),
    ("service", "service.measured", 1, "per day"),
    ("service", "service.latest", 1, "per day"),
    ("service", "service._incidents", 1, "per day"),
    ("deployment", "deployment.rollout", 1, "Timeline"),
    ("deployment", "deployment.facts_around", 1, "Timeline"),
    ("deployment", "deployment.story", 1, "Raw events"),
    ("deployment", "deployment.raw_events", 1, "Timeline"),
    ("incident", "incident.suspects", 1, "Timeline"),
    ("incident", "incident.lately", 1, "Timeline"),
    ("incident", "incident._blast", 1, "Timeline"),
    ("incident", "incident.story", 1, "Blast radius"),
]


@pytest.fixture
def paths(settings: Settings) -> dict[str, str]:
    """Where pages are that have something in each panel."""
    settings.VIEWER_ON_LOOPBACK = True
    now = timezone.now()
    builders.deployment("ledger", "payments", failed=True, finished_at=now - timedelta(days=1))
    builders.incident("ledger", opened_at=now)
    deployment, incident = Deployment.objects.values_list("pk").get(), Incident.objects.values_list("pk").get()
    return {
        "overview": "/",
        "team": "/teams/payments/",
        "service": "/services/ledger/",
        "deployment": f"/deployments/{deployment[0]}/",
        "incident": f"/incidents/{incident[0]}/",
    }


def broken(*_: object, **__: object) -> None:
    """Fail in the database, which then answers nothing more in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


@pytest.mark.parametrize(("page", "breaks", "panels", "rest"), PANELS)
def test_a_panel_that_cannot_be_computed_leaves_the_rest_of_the_page(
    client: Client,
    paths: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    page: str, breaks: str, panels: int, rest: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(f"dashboards.pages.{breaks}", broken)

    response = client.get(paths[page])
    text = response.content.decode()
    logged = [each for each in caplog.records if each.name == "dashboards.frame.panels"]
    caplog.clear()

    assert response.status_code == 200
    assert text.count("This could not be computed. The rest of the page works.") == panels
    assert rest in text
    assert (logged[0].levelno, logged[0].exc_info is not None) == (logging.ERROR, True)
    assert f"Ask about it as {logged[0].getMessage().split()[1]}." in text


def failing(client: Client, path: str, monkeypatch: pytest.MonkeyPatch, fail: Callable[..., None]) -> tuple[int, str]:
    """Return how a page answers whose last deployments fail in some way."""
    monkeypatch.setattr("dashboards.pages.overview.latest", fail)
    response = client.get(path)
    return response.status_code, response.content.decode()


def test_a_panel_that_takes_too_long_says_so(
    client: Client, paths: dict[str, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    status, text = failing(client, paths["overview"], monkeypatch, lambda *_: out_of_time())
    assert "statement timeout" in caplog.text
    caplog.clear()

    assert status == 200
    assert "This took the database too long." in text


def test_a_panel_without_a_database_is_a_page_without_one(
    client: Client, paths: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("gone")

    status, text = failing(client, paths["overview"], monkeypatch, gone)

    assert status == 503
    assert "The database is away." in text


def test_a_defect_is_told_with_the_number_that_the_log_has_and_nothing_of_it(
    client: Client, paths: dict[str, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def defect(*_: object) -> None:
        raise KeyError("inner words")

    status, text = failing(client, paths["overview"], monkeypatch, defect)
    assert "KeyError: 'inner words'" in caplog.text
    caplog.clear()

    assert status == 200
    assert "inner words" not in text
