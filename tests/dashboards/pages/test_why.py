"""Why this number: each answer names its events, and each link leads to as many."""

import ast
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from dashboards.figures.reasons import DEFINITIONS, LEFT_OUT, SUBSETS
from plimsoll.insight.dora import kept
from plimsoll.insight.metrics import METRICS
from plimsoll.store.models import Deployment
from tests.dashboards import builders
from tests.dashboards.pages.figuring import ago, rows, tell_a_month, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _viewer(settings: Settings) -> Iterator[None]:
    settings.VIEWER_ON_LOOPBACK = True
    kept.forget()
    yield
    kept.forget()


def test_a_failure_rate_is_worked_out_before_the_readers_eyes(client: Client) -> None:
    tell_a_month()

    page = text(client, "/why/change_failure_rate/")

    assert "2 failed ÷ 10 deployments = 20 %" in page
    assert "Counted 10 deployments" in page
    assert "1 rollbacks: they bring back what was there before" in page
    assert "1 not in an environment that counts" in page
    assert "UTC" in page


def test_a_frequency_is_divided_by_the_windows_days(client: Client) -> None:
    tell_a_month()
    builders.deployment("maps", finished_at=ago(days=3), failed=True)

    assert "11 deployments ÷ 28 days = 0.39 per day" in text(client, "/why/deployment_frequency/")
    assert "1 deployment ÷ 28 days = 0.04 per day" in text(client, "/why/deployment_frequency/?service=maps")
    assert "1 failed ÷ 1 deployment = 100 %" in text(client, "/why/change_failure_rate/?service=maps")


def test_percentiles_say_of_how_many_values_they_are(client: Client) -> None:
    tell_a_month()

    assert "P50 2.0 h · P75 2.0 h · P90 2.0 h of 10 values" in text(client, "/why/lead_time/")
    assert "P50 30 min · P90 30 min of 1 value " in text(client, "/why/recovery_time/")
    assert "1 failed without an incident" in text(client, "/why/recovery_time/")


def test_its_numbers_and_words_are_written_as_everywhere_else(client: Client) -> None:
    row = builders.deployment("ledger", place="staging", finished_at=ago(days=3))
    told = {"environment": row.environment, "service": row.service, "source": row.source, "status": row.status}
    Deployment.objects.bulk_create(
        Deployment(external_id=f"many-{n}", finished_at=row.finished_at, kind=row.kind, **told) for n in range(1_000)
    )

    page = text(client, "/why/change_failure_rate/")
    chinese = client.get("/why/change_failure_rate/", HTTP_ACCEPT_LANGUAGE="zh-CN").content.decode()

    assert "1,001 not in an environment that counts" in page
    assert "Definition standard" in page
    assert "<dd>标准</dd>" in chinese


def test_the_unknown_has_no_formula(client: Client) -> None:
    page = client.get("/why/lead_time/").content.decode()

    assert "formula" not in page
    assert "unknown" in page


def test_it_is_a_page_by_itself_and_a_bare_drawer_for_htmx(client: Client) -> None:
    assert "<h1>" in client.get("/why/lead_time/").content.decode()
    drawer = client.get("/why/lead_time/", headers={"HX-Request": "true"}).content.decode()

    assert "<h1>" not in drawer
    assert 'aria-label="Close"' in drawer


def test_there_is_an_answer_for_every_metric(client: Client) -> None:
    tell_a_month()

    for metric in METRICS:
        assert str(DEFINITIONS[metric])[:30] in text(client, f"/why/{metric}/")
    assert client.get("/why/guesses/").status_code == 404


@pytest.mark.parametrize("metric", METRICS)
def test_every_link_leads_to_as_many_events(client: Client, metric: str) -> None:
    tell_a_month()
    builders.deployment("ledger", finished_at=ago(hours=2), failed=False)
    builders.deployment("ledger", finished_at=ago(hours=30), status="failure", kind=None, failed=None)
    builders.incident("ledger", opened_at=ago(days=4))
    builders.deployment("ledger", finished_at=ago(days=4), failed=False, repo="ledger", commits=["cd" * 20, "ab" * 20])
    page = unescape(client.get(f"/why/{metric}/").content.decode())
    links = re.findall(r'<a class="link" href="(/[^"]*)">\D*(\d+)\D*</a>', page)

    assert links
    assert ("1</a> deployments with 2 commits" in page) == (metric == "lead_time")
    for href, n in links:
        assert rows(client, href) == int(n), href


def test_every_reason_and_part_has_words() -> None:
    folder = Path(__file__).parents[3] / "platform" / "plimsoll" / "insight" / "metrics"
    named = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) in ("tally.left_out", "tally.subsets"):
                named |= {each.value for each in ast.walk(node.slice) if isinstance(each, ast.Constant)}
    words = {name for name in named if isinstance(name, str)} - {"from_"}

    assert "unknown_commit" in words
    assert words <= set(LEFT_OUT) | set(SUBSETS)
