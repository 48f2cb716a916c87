"""A mesh in which proxies and applications both speak: one edge a call, one node a service (mesh-dialects, 8.3, 13)."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ingest.mesh.dialect import CLIENT, SERVER, Context
from ingest.otlp import sweep
from ingest.otlp.effect import traces
from ingest.otlp.writer import Writer
from plimsoll.insight.topology import edges
from tests.ingest.mesh.senders import HOUR, HTTP, INBOUND, app, proxy, request, sent, shown, shown_nodes, sidecar, to

pytestmark = pytest.mark.django_db(transaction=True)

DOUBLE = [
    request(app("frontend"), "http", [(CLIENT, 1, 0, HTTP | {"server.address": "reviews"})]),
    request(sidecar("frontend"), "envoy", [(CLIENT, 2, 1, proxy("frontend") | to("reviews"))]),
    request(sidecar("reviews"), "envoy", [(SERVER, 3, 2, proxy("reviews") | INBOUND)]),
    request(app("reviews"), "http", [(SERVER, 4, 3, HTTP)]),
]


def test_double_instrumentation_is_one_edge_and_one_node_a_service() -> None:
    sent(*DOUBLE)

    found = shown()

    assert list(found) == [("frontend", "reviews")]
    assert (found["frontend", "reviews"].requests, found["frontend", "reviews"].attempts) == (1, 1)
    assert set(shown_nodes()) == {"frontend", "reviews"}


def test_double_instrumentation_leaves_nothing_unattributed() -> None:
    sent(*DOUBLE)

    sweep.run(datetime.now(UTC) + timedelta(minutes=20))

    row = shown_nodes()["reviews"]
    assert (row.requests, row.unattributed) == (1, 0)


@pytest.mark.parametrize("is_child_first", [True, False])
def test_a_gateway_is_one_whichever_of_its_spans_comes_first(is_child_first: bool) -> None:
    resource = {
        "service.name": "edge.mesh",
        "telemetry.sdk.name": "envoy",
        "service.instance.id": "mesh.edge-1.istio-proxy",
    }
    tags = proxy("edge", "router", "mesh") | to("frontend")
    entry = (SERVER, 1, 0, tags)
    child = (CLIENT, 2, 1, {key: value for key, value in tags.items() if key != "node_id"})

    sent(request(resource, "envoy", [child, entry] if is_child_first else [entry, child]))

    rows = shown()
    assert (rows["user", "edge"].server_kind, rows["edge", "frontend"].client_kind) == ("gateway", "gateway")


def test_a_proxy_that_only_some_spans_name_is_one_whichever_comes_first() -> None:
    resource = {"telemetry.sdk.name": "envoy"}
    tags = {key: value for key, value in (proxy("edge") | to("frontend")).items() if not key.startswith("istio.")}
    child = (CLIENT, 2, 1, {key: value for key, value in tags.items() if key != "node_id"})

    sent(request(resource, "envoy", [child, (SERVER, 1, 0, tags)]))

    assert set(shown()) == {("user", "edge"), ("edge", "frontend")}


def test_a_call_between_two_instances_of_a_service_is_an_edge_to_itself() -> None:
    sent(
        request(app("reviews", "a"), "http", [(CLIENT, 1, 0, HTTP)]),
        request(app("reviews", "b"), "http", [(SERVER, 2, 1, HTTP)]),
    )

    row = shown()["reviews", "reviews"]

    assert (row.requests, row.evidence) == (1, "joined")


def test_a_call_within_one_instance_is_no_edge() -> None:
    sent(
        request(app("reviews", "a"), "http", [(CLIENT, 1, 0, HTTP | {"server.address": "reviews"})]),
        request(app("reviews", "a"), "http", [(SERVER, 2, 1, HTTP)]),
    )

    assert shown() == {}


def test_a_span_without_a_start_has_no_latency() -> None:
    sent(request(app("frontend"), "http", [(CLIENT, 1, 0, HTTP | {"server.address": "reviews"})], start_ns=0))

    row = shown()["frontend", "reviews"]

    assert (row.requests, row.p50_ms) == (1, None)


def test_blackholes_of_one_request_are_told_apart() -> None:
    hole = {
        "upstream_cluster": "BlackHoleCluster",
        "upstream_cluster.name": "BlackHoleCluster",
        "http.status_code": "502",
    }
    spans = [
        (CLIENT, n, 0, proxy("frontend") | hole | {"http.url": f"http://{host}.example/"})
        for n, host in enumerate("ab", 1)
    ]

    sent(request(sidecar("frontend"), "envoy", spans))

    now = datetime.now(UTC)
    assert {row.server: row.denied for row in edges(start=now - HOUR, end=now + HOUR, denied=True)} == {
        "a.example": 1,
        "b.example": 1,
    }


def test_a_cancelled_call_without_a_status_is_told_from_one_that_failed() -> None:
    silent = proxy("frontend") | to("reviews") | {"http.status_code": "0"}
    spans = [(CLIENT, 1, 0, silent | {"canceled": "true"}), (CLIENT, 2, 0, silent | {"error": "true"})]

    sent(request(sidecar("frontend"), "envoy", spans))

    row = shown()["frontend", "reviews"]
    assert (row.requests, row.aborted, row.failed) == (2, 1, 1)


def test_one_caller_and_two_services_are_two_edges() -> None:
    sent(
        request(app("frontend"), "http", [(CLIENT, 1, 0, HTTP)]),
        request(app("reviews"), "http", [(SERVER, 2, 1, HTTP)]),
        request(app("ratings"), "http", [(SERVER, 3, 1, HTTP)]),
    )

    assert {ends: (row.requests, row.attempts) for ends, row in shown().items()} == {
        ("frontend", "reviews"): (1, 1),
        ("frontend", "ratings"): (1, 1),
    }


def test_the_same_name_in_two_clusters_is_two_nodes_and_a_call_across_is_one_edge() -> None:
    near, far = app("frontend") | {"k8s.cluster.name": "eu"}, app("reviews") | {"k8s.cluster.name": "us"}
    sent(
        request(near, "http", [(CLIENT, 1, 0, HTTP | {"server.address": "reviews"})]),
        request(far, "http", [(SERVER, 2, 1, HTTP)]),
        request(app("reviews") | {"k8s.cluster.name": "ap"}, "http", [(SERVER, 5, 0, HTTP)], trace=2),
    )

    found = [(r.client, r.client_cluster, r.server, r.server_cluster, r.requests) for r in shown().values()]

    assert sorted(found) == [("frontend", "eu", "reviews", "us", 1), ("user", "", "reviews", "ap", 1)]


def test_a_parent_of_zeros_is_none() -> None:
    body = ExportTraceServiceRequest.FromString(request(app("frontend"), "http", [(SERVER, 2, 1, HTTP)]))
    body.resource_spans[0].scope_spans[0].spans[0].parent_span_id = bytes(8)

    sent(body.SerializeToString())

    assert set(shown()) == {("user", "frontend")}


def test_a_waypoint_that_has_no_parent_and_names_no_caller_is_an_orphan() -> None:
    waypoint = {"component": "proxy", "node_id": "waypoint~1~w-5c9.shop~shop.svc", "http.status_code": "200"}
    named = waypoint | {"istio.destination_canonical_service": "reviews", "istio.destination_namespace": "shop"}

    sent(request(sidecar("w"), "envoy", [(SERVER, 2, 0, named), (SERVER, 3, 7, named)]))

    assert shown() == {}


def test_spans_without_a_scope_are_told_apart_one_by_one() -> None:
    resource = {"service.name": "collector"}
    spans = [(CLIENT, n, 0, proxy(name) | to("reviews")) for n, name in enumerate(("frontend", "cart"), 1)]

    sent(request(resource, "", spans))

    assert set(shown()) == {("frontend", "reviews"), ("cart", "reviews")}


def test_two_tries_that_come_with_their_caller_are_one_request() -> None:
    spans = [(SERVER, 2, 1, HTTP), (SERVER, 3, 1, HTTP)]

    writer = Writer()
    writer.write(
        [
            traces(body, "open", Context("c1"), time.time_ns())
            for body in (
                request(app("frontend"), "http", [(CLIENT, 1, 0, HTTP)]),
                request(app("reviews"), "http", spans),
            )
        ]
    )
    writer.close()

    row = shown()["frontend", "reviews"]
    assert (row.requests, row.attempts) == (1, 2)


def test_the_same_bytes_from_two_sources_speak_for_two_clusters() -> None:
    writer = Writer()
    for cluster in ("eu", "us"):
        body = request({"service.name": "api"}, "http", [(SERVER, 1, 0, HTTP)])
        writer.write([traces(body, cluster, Context(cluster), time.time_ns())])
    writer.close()

    now = datetime.now(UTC)
    assert {row.server_cluster for row in edges(start=now - HOUR, end=now + HOUR)} == {"eu", "us"}


def test_calls_between_thousands_of_instances_meet_within_a_request_and_over_requests() -> None:
    def caller(n: int) -> ExportTraceServiceRequest:
        body = request(app("api", str(n)), "http", [(CLIENT, 1, 0, HTTP | {"server.address": "pay"})], trace=n + 1)
        return ExportTraceServiceRequest.FromString(body)

    def callee(n: int) -> ExportTraceServiceRequest:
        return ExportTraceServiceRequest.FromString(
            request(app("pay", str(n)), "http", [(SERVER, 2, 1, HTTP)], trace=n + 1)
        )

    def together(requests: list[ExportTraceServiceRequest]) -> bytes:
        whole = ExportTraceServiceRequest()
        for each in requests:
            whole.MergeFrom(each)
        return whole.SerializeToString()

    sent(
        together([caller(n) for n in range(1200)] + [callee(n) for n in range(600)]),
        together([callee(n) for n in range(600, 1200)] + [callee(n) for n in range(1200, 2400)]),
        together([caller(n) for n in range(1200, 2400)]),
    )

    row = shown()["api", "pay"]
    assert (row.requests, row.evidence) == (2400, "named")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM span_wait")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT sum(count) FROM ingest_health WHERE counter = 'joined'")
        assert cursor.fetchone() == (2400,)


def test_calls_that_only_urls_name_are_told_apart_by_the_hosts() -> None:
    urls = [f"http://{host}/items/{n}" for n, host in enumerate(("pay", "api.partner.example", "pay", "10.0.0.7:80"))]
    old = {"http.method": "GET", "http.status_code": "200"}

    sent(request(app("frontend"), "http", [(CLIENT, n, 0, old | {"http.url": url}) for n, url in enumerate(urls, 1)]))

    assert {ends: row.requests for ends, row in shown().items()} == {
        ("frontend", "pay"): 2,
        ("frontend", "api.partner.example"): 1,
    }


def test_calls_that_pass_through_are_told_apart_by_the_hosts_that_were_asked_for() -> None:
    through = proxy("frontend") | {
        "upstream_cluster": "PassthroughCluster",
        "upstream_cluster.name": "PassthroughCluster",
    }
    urls = [f"http://{host}.example:80/items/{n}" for n, host in enumerate("aba")]

    sent(
        request(
            sidecar("frontend"), "envoy", [(CLIENT, n, 0, through | {"http.url": url}) for n, url in enumerate(urls, 1)]
        )
    )

    assert {ends: row.requests for ends, row in shown().items()} == {
        ("frontend", "a.example"): 2,
        ("frontend", "b.example"): 1,
    }
