"""Istio's standard metrics where labels name something else than a service: waypoints, proxies' clusters, addresses."""

from ingest.mesh.istio_metrics import ISTIO_METRICS, meaning
from ingest.mesh.points import Meaning, Series
from plimsoll.store.cells import L4, METRIC_CLIENT, METRIC_SERVER, Ref
from tests.ingest.mesh.metric_builders import CONTEXT

REVIEWS = Ref("c1", "shop", "reviews", "service")
ANYWHERE = Ref("", "", "PassthroughCluster", "external")

LABELS = {
    "reporter": "source",
    "source_workload": "frontend-v1",
    "source_workload_namespace": "shop",
    "source_canonical_service": "frontend",
    "source_cluster": "c1",
    "destination_workload": "reviews-v2",
    "destination_workload_namespace": "shop",
    "destination_service": "reviews.shop.svc.cluster.local",
    "destination_service_name": "reviews",
    "destination_service_namespace": "shop",
    "destination_canonical_service": "reviews",
    "destination_cluster": "c1",
    "request_protocol": "http",
    "response_code": "200",
}
WAYPOINT = {
    "destination_workload": "waypoint",
    "destination_canonical_service": "waypoint",
    "destination_canonical_revision": "latest",
}


def _meaning(name: str = "istio_requests_total", **labels: str) -> Meaning:
    return meaning(Series(name, "", {**LABELS, **labels}, {}), CONTEXT)


def _server(found: Meaning) -> Ref:
    assert found.lane is not None
    return found.lane.server


def test_ztunnel_s_connection_to_a_waypoint_leads_to_the_service_behind_it() -> None:
    found = _meaning("istio_tcp_connections_opened_total", app="ztunnel", request_protocol="tcp", **WAYPOINT)

    assert found.lane is not None
    assert (found.lane.server, found.lane.via) == (REVIEWS, "shop/waypoint")
    assert (found.lane.vantage, found.lane.protocol) == (L4, "tcp")
    assert found.alias is None


def test_ztunnel_s_connection_to_the_service_itself_crosses_nothing() -> None:
    found = _meaning("istio_tcp_connections_opened_total", app="ztunnel", request_protocol="tcp")

    assert found.lane is not None
    assert (found.lane.server, found.lane.via) == (REVIEWS, "")


def test_a_source_that_connected_to_a_waypoint_teaches_no_alias() -> None:
    assert _meaning(**WAYPOINT).alias is None


def test_the_callee_s_side_teaches_the_alias_of_its_service() -> None:
    found = _meaning(reporter="destination", destination_service_name="ratings")

    assert found.alias == REVIEWS._replace(name="ratings")


def test_the_inbound_passthrough_is_no_name_of_a_service() -> None:
    inbound = {"reporter": "destination", "destination_service_name": "InboundPassthroughClusterIpv4"}

    known = _meaning(**inbound)
    by_workload = _meaning(**inbound, destination_canonical_service="unknown")

    assert (_server(known), known.alias) == (REVIEWS, None)
    assert _server(by_workload) == REVIEWS._replace(name="reviews-v2")
    assert known.lane is not None
    assert known.lane.vantage == METRIC_SERVER


def test_passthrough_to_an_address_or_to_nothing_known_is_one_outside_node() -> None:
    passed = {"destination_service_name": "PassthroughCluster", "destination_canonical_service": "unknown"}

    asked = [
        _meaning(**passed, destination_service=host) for host in ("93.184.216.34", "unknown", "PassthroughCluster")
    ]

    assert [_server(found) for found in asked] == [ANYWHERE] * 3
    assert {found.counters for found in asked} == {("requests",)}


def test_passthrough_to_a_workload_of_the_mesh_leads_to_it() -> None:
    assert _server(_meaning(destination_service_name="PassthroughCluster")) == REVIEWS


def test_a_black_hole_without_a_host_still_counts_what_it_denied() -> None:
    found = _meaning(
        destination_service_name="BlackHoleCluster", destination_service="BlackHoleCluster", response_code="502"
    )

    assert (_server(found), found.counters) == (ANYWHERE, ("denied",))


def test_a_service_s_own_name_is_enough_where_its_host_is_left_out() -> None:
    unknown = {key: "unknown" for key in LABELS if key.startswith("destination_")}

    found = _meaning(**{**unknown, "destination_service_name": "ratings", "destination_service_namespace": "shop"})

    assert _server(found) == REVIEWS._replace(name="ratings")


def test_a_workload_loses_its_version_and_no_more() -> None:
    names = ("orders-v2", "orders-v1-20-3", "orders-v1.4", "orders-v2beta1", "orders-v2-api", "orders-vat")

    clients = [_meaning(source_canonical_service="", source_workload=name).lane for name in names]

    assert [lane.client.name for lane in clients if lane] == ["orders"] * 4 + ["orders-v2-api", "orders-vat"]


def test_no_route_is_a_failure_though_its_code_is_404() -> None:
    found = _meaning(response_code="404", response_flags="NR")

    assert "failed" in found.counters
    assert found.lane is not None
    assert found.lane.vantage == METRIC_CLIENT


def test_durations_are_claimed_under_each_of_their_names() -> None:
    names = (
        "istio_request_duration_milliseconds",
        "istio_request_duration_milliseconds_bucket",
        "istio_request_duration",
    )

    assert all(ISTIO_METRICS.claims(name) for name in names)
    assert all(_meaning(name).is_latency for name in names)
