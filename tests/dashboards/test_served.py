"""What only shows behind the real server: streams, compression, style sheets, and visitors who leave."""

import json
import re
import time

import httpx
import pytest
from django.db import connection
from django.templatetags.static import static
from pytest_django import Settings

from plimsoll.store.models import Deployment
from tests.dashboards import builders
from tests.dashboards.builders import NOON, reading

pytestmark = pytest.mark.django_db(transaction=True)


def many(number: int) -> None:
    service, environment = builders.service(), builders.environment()
    Deployment.objects.bulk_create(
        Deployment(external_id=f"many-{index}", service=service, environment=environment, finished_at=NOON)
        for index in range(number)
    )


def idle_in_transaction() -> int:
    """How many sessions hold a transaction open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
        )
        (number,) = cursor.fetchone()
    assert isinstance(number, int)
    return number


def test_a_long_export_arrives_whole(address: str) -> None:
    many(3000)
    headers = reading()

    with httpx.stream("GET", f"{address}/api/v1/deployments/?format=ndjson", headers=headers) as response:
        lines = list(response.iter_lines())

    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert len({json.loads(line)["id"] for line in lines}) == 3000
    assert idle_in_transaction() == 0


def test_a_visitor_who_leaves_in_the_middle_leaves_no_transaction_behind(address: str) -> None:
    many(6000)
    headers = {**reading(), "Accept-Encoding": "identity"}

    with httpx.stream("GET", f"{address}/api/v1/deployments/?format=ndjson", headers=headers) as response:
        next(response.iter_bytes(1000))
    deadline = time.monotonic() + 30
    while idle_in_transaction() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert idle_in_transaction() == 0
    assert httpx.get(f"{address}/api/v1/teams/", headers=headers).status_code == 200


def test_windows_are_kept_apart_over_https_where_browsers_heed_that(address: str) -> None:
    plain, secure = (httpx.get(f"{address}/healthz", headers={"X-Forwarded-Proto": each}) for each in ("http", "https"))

    assert "Cross-Origin-Opener-Policy" not in plain.headers
    assert secure.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_every_answer_carries_the_policy(address: str, settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = True
    tokens = static("plimsoll/tokens.css")
    paths = ("/api/v1/", "/api/v1/teams/", "/api/v1/nothing/", "/wall/all/", "/nothing", tokens)

    answers = {path: httpx.get(address + path) for path in paths}

    assert {answer.headers.get("Content-Security-Policy", "")[:18] for answer in answers.values()} == {
        "default-src 'none'"
    }
    assert answers[tokens].headers["Content-Type"].startswith("text/css")
    assert answers[tokens].status_code == 200
    assert re.fullmatch(r"/static/plimsoll/tokens\.[0-9a-f]{12}\.css", tokens)
    assert answers[tokens].headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert answers[tokens].headers["Content-Encoding"] in ("br", "gzip")
    assert {answer.headers["X-Content-Type-Options"] for answer in answers.values()} == {"nosniff"}
