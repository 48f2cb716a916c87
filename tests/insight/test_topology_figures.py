"""Counts as they are shown: by one vantage, beside like ones, corrected for sampling where it is known (section 9)."""

import pytest

from plimsoll.store.cells import (
    METRIC_CLIENT,
    METRIC_PROXY,
    METRIC_SERVER,
    SPAN_CLIENT_PROXY,
    SPAN_SERVER_PROXY,
    Cells,
    Ref,
)
from tests.insight.traffic import FRONTEND, REVIEWS, calls, edge_rows, node_rows, outside

pytestmark = pytest.mark.django_db

CART = Ref("c1", "shop", "cart", "service")


def test_tries_are_those_of_the_servers_side_or_else_of_the_callers_proxy() -> None:
    cells = Cells()
    calls(cells, METRIC_CLIENT, 10)
    calls(cells, METRIC_PROXY, 10, attempts=13)
    calls(cells, METRIC_CLIENT, 10, server=CART)
    calls(cells, METRIC_PROXY, 10, server=CART, attempts=13)
    calls(cells, METRIC_SERVER, 12, server=CART)

    assert {row.server: row.attempts for row in edge_rows(cells)} == {"reviews": 13, "cart": 12}


def test_every_count_of_a_known_sample_is_corrected_alike() -> None:
    cells = Cells()
    cell = calls(cells, SPAN_CLIENT_PROXY, 10, failed=2, client_errors=3)
    cell.weighted_requests, cell.weighted_failed, cell.weight_spread = 40.0, 8.0, 120.0
    calls(cells, SPAN_SERVER_PROXY, 11, weighted_requests=44)

    (row,) = edge_rows(cells)

    assert (row.requests, row.failed, row.error_rate, row.client_errors, row.attempts) == (40, 8, 0.2, 12, 44)
    assert (row.observed, row.weight_known) == (10, True)
    assert row.standard_error == pytest.approx(120**0.5)


def test_a_corrected_count_is_not_put_beside_one_as_observed() -> None:
    cells = Cells()
    calls(cells, SPAN_CLIENT_PROXY, 10, weighted_requests=40)
    calls(cells, SPAN_SERVER_PROXY, 11, weight_unknown=11)

    (row,) = edge_rows(cells)

    assert (row.requests, row.attempts) == (40, None)


def test_a_node_served_what_its_edges_show() -> None:
    cells = Cells()
    calls(cells, SPAN_CLIENT_PROXY, 10, failed=2, weighted_requests=40, weighted_failed=8)
    calls(cells, METRIC_CLIENT, 5, client=CART)

    row = node_rows(cells)["reviews"]

    assert (row.requests, row.failed, row.error_rate) == (45, 8, 8 / 45)


def test_a_span_without_a_caller_is_not_added_to_metrics_that_counted_it() -> None:
    cells = Cells()
    minute = next(iter(_one_call(cells).edges))[1]
    cells.add_node(REVIEWS, "", SPAN_SERVER_PROXY, minute, unattributed=3)

    row = node_rows(cells)["reviews"]

    assert (row.requests, row.unattributed) == (10, 0)


def test_calls_from_outside_the_mesh_are_added_to_those_that_metrics_name() -> None:
    cells = Cells()
    minute = next(iter(_one_call(cells).edges))[1]
    cells.add_node(REVIEWS, "", METRIC_SERVER, minute, unattributed=3, internal=2)
    cells.add_node(REVIEWS, "", SPAN_SERVER_PROXY, minute, unattributed=7)

    row = node_rows(cells)["reviews"]

    assert (row.requests, row.unattributed, row.internal) == (13, 3, 2)


def test_requests_under_another_name_of_a_node_are_that_nodes() -> None:
    cells = Cells()
    minute = next(iter(_one_call(cells).edges))[1]
    host = Ref("c1", "shop", "reviews-http", "service")
    cells.alias(host, REVIEWS)
    cells.add_node(host, "", METRIC_SERVER, minute, unattributed=3)

    rows = node_rows(cells)

    assert {name: row.requests for name, row in rows.items()} == {"reviews": 13, "frontend": 0}


@pytest.mark.parametrize(("hosts", "shown"), [(50, 50), (51, 1)])
def test_hosts_outside_collapse_to_their_domain_when_there_are_more_than_fifty(hosts: int, shown: int) -> None:
    cells = Cells()
    for n in range(hosts):
        calls(cells, server=outside(f"b{n}.s3.cloud.example"), requests=2)
        calls(cells, server=outside(f"10.0.0.{n}"))
    calls(cells, server=outside("cloud.test"))

    rows = [row for row in edge_rows(cells) if row.server.endswith("cloud.example")]

    assert (len(rows), sum(row.requests for row in rows)) == (shown, 2 * hosts)
    assert ({row.server for row in rows} == {"cloud.example"}) == (shown == 1)


def _one_call(cells: Cells) -> Cells:
    calls(cells, METRIC_CLIENT, 10, client=FRONTEND)
    return cells
