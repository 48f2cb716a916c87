"""Where telemetry ended, pages show its last figures as past, and when it ended: they do not say that nobody called."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from tests.dashboards import builders
from tests.dashboards.pages.figuring import ago


@pytest.fixture(autouse=True)
def _viewer(settings: Settings, traffic: None) -> None:
    settings.VIEWER_ON_LOOPBACK = True


def address(page: str) -> str:
    broken = builders.incident("ledger", owner="payments", opened_at=ago(minutes=40))
    return {"services": "/services/", "team": "/teams/payments/", "incident": f"/incidents/{broken.pk}/"}[page]


@pytest.mark.parametrize("page", ["services", "team", "incident"])
def test_the_last_figures_before_telemetry_ended_are_shown_as_past(client: Client, page: str) -> None:
    path = address(page)
    for minute in range(12, 20):
        # Those of the very last minute are 5 % of those of the last five.
        builders.calls("portal", "ledger", requests=100, failed=25 if minute == 12 else 0, at=ago(minutes=minute))

    shown = client.get(path).content.decode()

    assert re.search(r"Telemetry ends at [\w :]+ \(1[12] min ago\): errors and P95 below are from then\.", shown)
    assert re.search(r'<td class="figure[^"]* past" data-label="Errors"><a [^>]*>5\.0 %</a>', shown)


@pytest.mark.parametrize("page", ["services", "team", "incident"])
def test_figures_of_now_are_not_past(client: Client, page: str) -> None:
    path = address(page)
    for minute in range(1, 8):
        builders.calls("portal", "ledger", requests=100, failed=5, at=ago(minutes=minute))

    shown = client.get(path).content.decode()

    assert "Telemetry ends" not in shown
    assert re.search(r'<td class="figure[^"]*(?<!past)" data-label="Errors"><a [^>]*>5\.0 %</a>', shown)
