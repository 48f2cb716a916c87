"""Pages hear what changed: once it is committed, by name alone, and over one connection to the database."""

import json
import time
from datetime import timedelta

import httpx
import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from plimsoll.store import notices
from plimsoll.store.access import new_token
from tests.dashboards import builders
from tests.dashboards.live.listening import listening, within

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _viewers(settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = True


def listeners() -> list[tuple[int, str]]:
    """The sessions of the database that listen for live pages, with what each ran last."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid, query FROM pg_stat_activity WHERE application_name = 'plimsoll live'")
        return list(cursor.fetchall())


def test_a_stream_says_who_it_is_and_how_fresh_the_figures_are(address: str) -> None:
    with listening(address) as page:
        assert within(5, lambda: bool(page.beats()))

    hello = json.loads(page.told("hello")[0])
    assert (hello["version"], len(hello["release"])) == ("0.1.0", 12)
    assert page.beats()[0]["telemetry"] is None
    assert page.beats()[0]["deliveries"] is None
    assert page.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-accel-buffering"] == "no"
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert page.retry_ms is not None
    assert 2000 <= page.retry_ms < 5000


def test_a_page_hears_of_its_topics_and_of_no_others(address: str) -> None:
    with listening(address, "deployments,metrics") as page:
        page.settle()
        notices.changed("incidents", "deployments")
        assert within(5, lambda: bool(page.told("changed")))

    assert page.told("changed") == ["deployments"]


def test_nothing_is_told_before_it_is_committed(address: str) -> None:
    with listening(address, "catalog") as page:
        page.settle()
        with transaction.atomic():
            notices.changed("catalog")
            time.sleep(0.5)
            early = page.told("changed")
        assert within(5, lambda: bool(page.told("changed")))

    assert early == []


def test_what_is_undone_is_never_told(address: str) -> None:
    with listening(address, "catalog,incidents") as page:
        page.settle()
        with transaction.atomic():
            notices.changed("catalog")
            transaction.set_rollback(True)
        notices.changed("incidents")
        assert within(5, lambda: bool(page.told("changed")))

    assert page.topics() == {"incidents"}


def test_a_storm_is_told_once_a_second(address: str) -> None:
    with listening(address, "deliveries") as page:
        page.settle()
        began = time.monotonic()
        for _ in range(50):
            notices.changed("deliveries")
            time.sleep(0.04)
        seconds = time.monotonic() - began
        # The last one is told, too.
        assert within(5, lambda: len(page.told("changed")) >= 2)
        time.sleep(1.5)

    assert 2 <= len(page.told("changed")) <= 2 + seconds


def test_a_page_that_opens_a_moment_after_a_change_hears_of_it(address: str) -> None:
    with listening(address) as first:
        first.settle()
        notices.changed("incidents")
        assert within(5, lambda: bool(first.told("changed")))
        with listening(address, "incidents") as second:
            assert within(5, lambda: bool(second.told("changed")))

    assert second.told("changed") == ["incidents"]


def test_the_beat_says_until_when_deliveries_are_in_the_figures(address: str) -> None:
    done = timezone.now() - timedelta(hours=2)
    builders.delivery(status="applied", received_at=done)
    waiting = timezone.now() - timedelta(hours=1)
    builders.delivery(status="pending", received_at=waiting)

    with listening(address) as page:
        assert within(5, lambda: bool(page.beats()))

    assert page.beats()[0]["deliveries"] == waiting.isoformat().replace("+00:00", "Z")


@pytest.mark.usefixtures("traffic")
def test_the_beat_says_until_when_telemetry_is_in_the_figures(address: str) -> None:
    minute = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=10)
    builders.calls(at=minute)

    with listening(address) as page:
        assert within(5, lambda: bool(page.beats()))

    assert page.beats()[0]["telemetry"] == (minute + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")


def test_all_pages_of_a_process_share_one_connection(address: str) -> None:
    with listening(address) as one, listening(address) as two, listening(address) as three:
        for page in (one, two, three):
            assert within(5, lambda page=page: bool(page.beats()))  # type: ignore[misc]

        assert len(listeners()) == 1


def test_pages_are_told_when_the_database_is_away_and_that_anything_may_have_changed_since(address: str) -> None:
    with listening(address, "topology,catalog") as page:
        page.settle()
        ((pid, _),) = listeners()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        assert within(10, lambda: page.topics() == {"topology", "catalog"})

    beats = page.beats()
    assert beats[0]["database"] == "away"
    assert "database" not in beats[-1]


def test_who_may_not_read_hears_nothing(address: str, settings: Settings) -> None:
    settings.VIEWER_ON_LOOPBACK = False
    reading = builders.bearer(new_token("reader", ["read"]))
    sending = builders.bearer(new_token("sender", ["ingest"]))

    assert httpx.get(f"{address}/live").status_code == 401
    assert httpx.get(f"{address}/live", headers=builders.bearer("plm_wrong")).status_code == 401
    assert httpx.get(f"{address}/live", headers=sending).status_code == 403
    with listening(address, **reading) as page:
        assert within(5, lambda: bool(page.told("hello")))


def test_whoever_lost_the_right_is_let_go_within_a_moment(address: str) -> None:
    with listening(address) as page:
        page.settle()
        notices.access_changed()

        assert within(5, lambda: page.is_over)


def test_a_topic_that_does_not_exist_is_named(address: str) -> None:
    answer = httpx.get(f"{address}/live?topics=deployments,tides")

    assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")
    assert answer.text.startswith("There is no topic 'tides'; there are metrics, deployments,")


def test_only_reading_is_possible(address: str) -> None:
    assert httpx.post(f"{address}/live").status_code == 405
    head = httpx.head(f"{address}/live")
    assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")


def test_nothing_is_told_of_what_is_no_topic() -> None:
    with pytest.raises(ValueError, match="tides is not a topic"):
        notices.changed("tides")
