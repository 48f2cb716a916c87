"""A call is shown once, however many observers counted it (mesh-dialects, sections 4.3, 5.2, 9.2 and 10.3)."""

import pytest

from plimsoll.store.cells import (
    L4,
    METRIC_CLIENT,
    METRIC_PROXY,
    METRIC_SERVER,
    METRIC_WAYPOINT,
    SPAN_CLIENT_APP,
    SPAN_CLIENT_PROXY,
    SPAN_SERVER_PROXY,
    SPAN_WAYPOINT,
    Cells,
    Ref,
)
from tests.insight.traffic import FRONTEND, REVIEWS, calls, edge_rows, outside, requests_of

pytestmark = pytest.mark.django_db

PARTNER, ANYWHERE = outside("api.partner.example"), outside("PassthroughCluster")
WAYPOINT = Ref("c1", "shop", "waypoint", "service")
GATEWAY, USER = Ref("c1", "shop", "gate", "gateway"), Ref("", "", "user", "user")


def test_connections_that_ztunnel_counted_are_shown_when_nobody_saw_more() -> None:
    cells = Cells()
    calls(cells, L4, 7, protocol="tcp")

    assert requests_of(cells) == {("frontend", "reviews", "tcp"): 7}


@pytest.mark.parametrize("vantage", [METRIC_WAYPOINT, SPAN_WAYPOINT, SPAN_SERVER_PROXY])
@pytest.mark.parametrize("environment", ["", "production"])
def test_calls_that_somebody_understood_hide_the_connections_they_came_over(vantage: int, environment: str) -> None:
    cells = Cells()
    calls(cells, L4, 2, protocol="tcp")
    calls(cells, vantage, 5, environment=environment, weighted_requests=5)

    assert requests_of(cells) == {("frontend", "reviews", "http"): 5}


def test_connections_of_another_environment_or_to_another_service_are_not_hidden() -> None:
    cells = Cells()
    calls(cells, L4, 2, protocol="tcp", environment="staging")
    calls(cells, L4, 3, protocol="tcp", server=WAYPOINT)
    calls(cells, METRIC_WAYPOINT, 5, environment="production")

    assert requests_of(cells) == {
        ("frontend", "reviews", "tcp"): 2,
        ("frontend", "waypoint", "tcp"): 3,
        ("frontend", "reviews", "http"): 5,
    }


def test_a_port_that_speaks_tcp_stays_beside_one_that_speaks_http() -> None:
    cells = Cells()
    calls(cells, METRIC_CLIENT, 2, protocol="tcp")
    calls(cells, METRIC_CLIENT, 5)

    assert requests_of(cells) == {("frontend", "reviews", "tcp"): 2, ("frontend", "reviews", "http"): 5}


def test_a_waypoint_on_the_way_is_no_end_of_a_connection() -> None:
    cells = Cells()
    calls(cells, L4, 2, protocol="tcp", via="shop/waypoint")
    calls(cells, L4, 2, protocol="tcp", client=WAYPOINT)
    calls(cells, L4, 2, protocol="tcp", server=WAYPOINT)

    assert requests_of(cells) == {("frontend", "reviews", "tcp"): 2}


def test_tcp_in_the_statistics_and_in_istios_metrics_is_one_edge_counted_once() -> None:
    cells = Cells()
    calls(cells, METRIC_PROXY, 6, protocol="tcp")
    calls(cells, METRIC_CLIENT, 5, protocol="tcp")

    assert requests_of(cells) == {("frontend", "reviews", "tcp"): 5}


@pytest.mark.parametrize("vantage", [METRIC_CLIENT, METRIC_SERVER, SPAN_CLIENT_PROXY])
def test_grpc_that_the_statistics_took_for_http_is_shown_as_grpc_alone(vantage: int) -> None:
    cells = Cells()
    calls(cells, METRIC_PROXY, 6, attempts=8)
    calls(cells, vantage, 5, protocol="grpc", weighted_requests=5)

    assert requests_of(cells) == {("frontend", "reviews", "grpc"): 5}


def test_http_beside_grpc_is_shown_by_whoever_can_tell_them_apart() -> None:
    cells = Cells()
    calls(cells, METRIC_PROXY, 9)
    calls(cells, METRIC_CLIENT, 4)
    calls(cells, METRIC_CLIENT, 5, protocol="grpc")

    assert requests_of(cells) == {("frontend", "reviews", "http"): 4, ("frontend", "reviews", "grpc"): 5}


@pytest.mark.parametrize("vantage", [METRIC_CLIENT, SPAN_CLIENT_PROXY, SPAN_CLIENT_APP])
def test_a_host_with_a_name_is_shown_in_place_of_where_the_proxy_let_it_pass_through_to(vantage: int) -> None:
    cells = Cells()
    calls(cells, METRIC_PROXY, 4, server=ANYWHERE, attempts=4)
    calls(cells, vantage, 4, server=PARTNER, weighted_requests=4)

    assert requests_of(cells) == {("frontend", "api.partner.example", "http"): 4}


def test_calls_that_passed_through_and_that_nobody_could_name_stay() -> None:
    cells = Cells()
    calls(cells, METRIC_PROXY, 4, server=ANYWHERE)
    calls(cells, SPAN_CLIENT_PROXY, 3, server=PARTNER, client=REVIEWS, weighted_requests=3)

    assert requests_of(cells) == {
        ("frontend", "PassthroughCluster", "http"): 4,
        ("reviews", "api.partner.example", "http"): 3,
    }


def test_calls_that_passed_through_stay_beside_a_host_that_the_same_observer_named() -> None:
    cells = Cells()
    calls(cells, METRIC_PROXY, 4, server=ANYWHERE)
    calls(cells, METRIC_PROXY, 3, server=PARTNER)

    assert requests_of(cells) == {
        ("frontend", "PassthroughCluster", "http"): 4,
        ("frontend", "api.partner.example", "http"): 3,
    }


def test_what_istio_could_not_name_stays_when_only_the_statistics_repeat_what_it_could() -> None:
    cells = Cells()
    calls(cells, METRIC_PROXY, 7, server=ANYWHERE)
    calls(cells, METRIC_CLIENT, 3, server=ANYWHERE)
    calls(cells, METRIC_CLIENT, 4, server=PARTNER)

    assert requests_of(cells) == {
        ("frontend", "PassthroughCluster", "http"): 3,
        ("frontend", "api.partner.example", "http"): 4,
    }


def test_an_encrypted_connection_that_passed_through_is_the_call_that_the_application_named() -> None:
    cells = Cells()
    calls(cells, METRIC_PROXY, 2, server=ANYWHERE, protocol="tcp")
    calls(cells, SPAN_CLIENT_APP, 40, server=PARTNER, weighted_requests=40)

    assert requests_of(cells) == {("frontend", "api.partner.example", "http"): 40}


def test_users_are_left_out_before_a_service_that_a_gateway_calls() -> None:
    cells = Cells()
    calls(cells, SPAN_SERVER_PROXY, 2, client=USER, server=FRONTEND, weighted_requests=2)
    calls(cells, SPAN_CLIENT_PROXY, 3, client=GATEWAY, server=FRONTEND, weighted_requests=3)
    calls(cells, SPAN_SERVER_PROXY, 3, client=USER, server=GATEWAY, weighted_requests=3)

    assert requests_of(cells) == {("gate", "frontend", "http"): 3, ("user", "gate", "http"): 3}


def test_what_repeats_what_does_not_depend_on_the_question() -> None:
    cells = Cells()
    calls(cells, L4, 2, protocol="tcp")
    calls(cells, METRIC_WAYPOINT, 5, environment="production")

    assert edge_rows(cells, environments=("",)) == []
