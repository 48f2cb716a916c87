"""Which of several counts of one edge is shown, and which names are one node (mesh-dialects, sections 2.4 and 9.2)."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from plimsoll.insight.topology import EdgeRow, edges
from plimsoll.store import partitions, traffic
from plimsoll.store.cells import METRIC_CLIENT, METRIC_PROXY, METRIC_SERVER, SPAN_CLIENT_PROXY, Cells, Lane, Ref
from plimsoll.store.directory import Directory

pytestmark = pytest.mark.django_db

FRONTEND, REVIEWS = Ref("c1", "shop", "frontend", "service"), Ref("c1", "shop", "reviews", "service")
CANARY, HOST = Ref("c1", "shop", "reviews-canary", "service"), Ref("c1", "shop", "reviews-http", "service")


def shown(cells: Cells) -> dict[tuple[str, str], EdgeRow]:
    """Write cells and return the edges of the last hour by their ends."""
    connection.ensure_connection()
    own, now = connection.connection, datetime.now(UTC)
    partitions.ensure_for_minutes(own, [now])
    traffic.add_cells(own, Directory(), cells)
    rows = edges(start=now - timedelta(hours=1), end=now + timedelta(minutes=1))
    return {(row.client, row.server): row for row in rows}


def calls(cells: Cells, server: Ref, vantage: int, requests: float) -> None:
    lane = Lane("", FRONTEND, server, "http", vantage)
    cells.add(lane, int(time.time()) // 60, observed=requests, requests=requests)


def test_counts_of_several_vantages_are_never_added_and_the_best_is_shown() -> None:
    cells = Cells()
    for vantage, requests in ((METRIC_PROXY, 11), (METRIC_CLIENT, 10), (SPAN_CLIENT_PROXY, 3), (METRIC_SERVER, 12)):
        calls(cells, REVIEWS, vantage, requests)

    row = shown(cells)["frontend", "reviews"]

    assert (row.vantage, row.requests, row.attempts) == ("metric-client", 10, 12)


def test_attempts_that_nobody_counted_are_unknown_and_not_zero() -> None:
    cells = Cells()
    calls(cells, REVIEWS, METRIC_CLIENT, 10)

    assert shown(cells)["frontend", "reviews"].attempts is None


def test_a_name_that_one_record_shows_to_be_a_service_is_that_service() -> None:
    cells = Cells()
    calls(cells, HOST, METRIC_CLIENT, 4)
    cells.alias(HOST, REVIEWS)

    assert {ends: row.requests for ends, row in shown(cells).items()} == {("frontend", "reviews"): 4}


def test_a_name_that_leads_to_two_services_stays_unmerged() -> None:
    cells = Cells()
    calls(cells, REVIEWS, METRIC_CLIENT, 4)
    cells.alias(REVIEWS, REVIEWS)
    cells.alias(REVIEWS, CANARY)

    assert {ends: row.requests for ends, row in shown(cells).items()} == {("frontend", "reviews"): 4}


@pytest.mark.parametrize(("pairs", "name"), [(19, "reviews-http"), (20, "reviews")])
def test_joined_pairs_make_a_name_the_service_once_there_are_twenty(pairs: int, name: str) -> None:
    cells = Cells()
    calls(cells, HOST, METRIC_CLIENT, 4)
    cells.alias(HOST, REVIEWS, "joined", pairs)

    assert set(shown(cells)) == {("frontend", name)}
