"""The demo's mesh speaks as Istio's proxies do, and both its languages tell of the same calls."""

from collections import Counter
from random import Random

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from plimsoll.console.demo.company import found
from plimsoll.console.demo.mesh.canary import CANDIDATES
from plimsoll.console.demo.mesh.meters import BOUNDS_MS, Meters
from plimsoll.console.demo.mesh.pods import Canary, Fleet, Pod
from plimsoll.console.demo.mesh.requests import Exchange, visit
from plimsoll.console.demo.mesh.spans import APPLICATION, PROXY, Reporter, resource_spans, spans_of

COMPANY = found(1)
END_NS = 1_795_500_000_000_000_000
FRONT = Pod("citizen-portal", "identity", "aws-1", "v1.2.3")
BACK = Pod("identity", "identity", "aws-1", "v2.0.0")


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(COMPANY, dict.fromkeys(COMPANY.services, "v1.0.0"))


def attributes(span: Span) -> dict[str, str]:
    return {pair.key: pair.value.string_value for pair in span.attributes}


def spans(fleet: Fleet, visits: int) -> list[tuple[Reporter, Span]]:
    random = Random(7)
    return [pair for _ in range(visits) for pair in spans_of(visit(fleet, random), END_NS, random)]


def calls_of(exchange: Exchange) -> list[Exchange]:
    return [exchange, *(call for inner in exchange.inner for call in calls_of(inner))]


def points(request: bytes, name: str) -> list[dict[str, str]]:
    message = ExportMetricsServiceRequest.FromString(request)
    metrics = [m for r in message.resource_metrics for s in r.scope_metrics for m in s.metrics if m.name == name]
    return [{p.key: p.value.string_value for p in d.attributes} for m in metrics for d in m.sum.data_points]


def test_a_request_enters_at_a_gateway_and_its_spans_form_one_tree(fleet: Fleet) -> None:
    random = Random(3)
    found_spans = [span for _, span in spans_of(visit(fleet, random), END_NS, random)]

    ids = {span.span_id for span in found_spans}
    assert len({span.trace_id for span in found_spans}) == 1
    assert [span.parent_span_id for span in found_spans if span.parent_span_id not in ids] == [b""]
    assert attributes(found_spans[0])["node_id"].startswith("router~")


def test_a_call_inside_the_mesh_has_a_span_of_each_end(fleet: Fleet) -> None:
    seen = spans(fleet, 200)
    by_id = {span.span_id: (reporter, span) for reporter, span in seen}
    served = [(r, s) for r, s in seen if s.kind == Span.SPAN_KIND_SERVER and s.parent_span_id]

    for (server, _), span in served:
        (client, container), calling = by_id[span.parent_span_id]
        assert (calling.kind, container) == (Span.SPAN_KIND_CLIENT, PROXY)
        wanted = f"outbound|80||{server.service}.{server.namespace}.svc.cluster.local"
        assert attributes(calling)["upstream_cluster"] == wanted
        assert client.cluster == server.cluster
        assert calling.start_time_unix_nano <= span.start_time_unix_nano
        assert span.end_time_unix_nano <= calling.end_time_unix_nano


@pytest.mark.parametrize("seed", range(6))
def test_every_span_lies_within_its_parent_whoever_the_company_is_and_however_bad_its_canary(seed: int) -> None:
    company, random = found(seed), Random(seed)
    fleet = Fleet(company, dict.fromkeys(company.services, "v1.0.0"))
    fleet.canary = Canary(random.choice(CANDIDATES), "v9.9.9", 0.25, 0.35, 5.0)

    for _ in range(100):
        by_id = {span.span_id: span for _, span in spans_of(visit(fleet, random), END_NS, random)}
        for span in by_id.values():
            around = by_id.get(span.parent_span_id, span)
            assert around.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
            assert span.end_time_unix_nano <= around.end_time_unix_nano <= END_NS


def test_no_span_is_over_in_the_future(fleet: Fleet) -> None:
    assert max(span.end_time_unix_nano for _, span in spans(fleet, 200)) <= END_NS


def test_databases_are_told_of_by_the_application_and_hosts_outside_by_its_proxy(fleet: Fleet) -> None:
    seen = spans(fleet, 300)
    queries = [attributes(span) for (_, container), span in seen if container == APPLICATION]
    clusters = {attributes(span).get("upstream_cluster", "") for (_, container), span in seen if container == PROXY}

    assert {query["db.system.name"] for query in queries} == {"postgresql", "redis", "opensearch"}
    assert "outbound|443||api.bank-gateway.example" in clusters


def test_every_service_that_calls_lead_to_is_seen_in_its_cluster(fleet: Fleet) -> None:
    seen = {(pod.service, pod.cluster) for (pod, _), _ in spans(fleet, 1200)}

    assert seen - {("istio-ingressgateway", cluster) for _, cluster in seen} == reached()


def reached() -> set[tuple[str, str]]:
    """The services that a gateway's calls lead to, with their cluster."""
    found_there: set[tuple[str, str]] = set()
    waiting = [(s.name, cluster) for s in COMPANY.services.values() for cluster in s.clusters if s.layer == "entry"]
    while waiting:
        name, cluster = waiting.pop()
        if (name, cluster) not in found_there:
            found_there.add((name, cluster))
            waiting += [(call.server, cluster) for call in COMPANY.calls(COMPANY.services[name], cluster)]
    return found_there


def test_a_proxy_introduces_itself_with_service_and_namespace() -> None:
    said = {pair.key: pair.value.string_value for pair in resource_spans((BACK, PROXY), []).resource.attributes}

    assert said["service.name"] == "identity.identity"
    assert said["k8s.cluster.name"] == "aws-1"


def test_both_ends_count_a_call(fleet: Fleet) -> None:
    meters = Meters(0)
    meters.count(Exchange(FRONT, "identity.identity.svc.cluster.local", "/identity", 0, 4000, BACK, 300, 3000))

    requests = points(meters.scrape(END_NS)["aws-1"], "istio_requests_total")

    assert [point["reporter"] for point in requests] == ["source", "destination"]
    assert {point["destination_canonical_service"] for point in requests} == {"identity"}


def test_a_call_that_never_arrived_is_counted_by_the_caller_alone() -> None:
    meters = Meters(0)
    lost = Exchange(FRONT, "identity.identity.svc.cluster.local", "/identity", 0, 400, status=503, flags="UF")
    meters.count(lost)

    [point] = points(meters.scrape(END_NS)["aws-1"], "istio_requests_total")

    assert (point["reporter"], point["destination_workload"], point["response_flags"]) == ("source", "unknown", "UF")
    assert point["destination_service_name"] == "identity"


def test_a_call_that_never_arrived_fails_in_the_words_of_its_protocol(fleet: Fleet) -> None:
    """Envoy answers a gRPC client in gRPC, so the call is one more of the same edge and not of an HTTP one."""
    random = Random(2)
    calls = [call for _ in range(3000) for call in calls_of(visit(fleet, random)) if call.flags == "UF"]

    is_grpc = {service.host: service.protocol == "grpc" for service in COMPANY.services.values()}
    assert {(is_grpc[call.host], call.status, call.grpc) for call in calls} == {(True, 200, 14), (False, 503, None)}


def test_counters_only_grow_and_begin_where_they_were_last_scraped() -> None:
    meters = Meters(100)
    call = Exchange(FRONT, "identity.identity.svc.cluster.local", "/identity", 0, 4000, BACK, 300, 3000)
    meters.count(call)
    first = ExportMetricsServiceRequest.FromString(meters.scrape(200)["aws-1"])
    meters.count(call)
    second = ExportMetricsServiceRequest.FromString(meters.scrape(300)["aws-1"])

    counted = [
        (point.start_time_unix_nano, point.time_unix_nano, point.as_double)
        for request in (first, second)
        for point in request.resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points
    ]
    assert counted == [(100, 200, 1.0), (100, 300, 2.0)]


def test_histograms_have_a_bucket_for_each_bound_and_one_above() -> None:
    meters = Meters(0)
    meters.count(Exchange(FRONT, "identity.identity.svc.cluster.local", "/identity", 0, 5000, BACK, 300, 5001))

    request = ExportMetricsServiceRequest.FromString(meters.scrape(END_NS)["aws-1"])

    source, destination = (r.scope_metrics[0].metrics[1].histogram.data_points[0] for r in request.resource_metrics)
    # 5.0 ms is in the bucket that ends at 5, 5.001 ms in the next one.
    assert (source.bucket_counts[2], destination.bucket_counts[3]) == (1, 1)
    assert len(source.bucket_counts) == len(BOUNDS_MS) + 1


def test_spans_and_metrics_tell_of_the_same_calls(fleet: Fleet) -> None:
    meters, random, served = Meters(0), Random(5), Counter[str]()
    for _ in range(300):
        exchange = visit(fleet, random)
        meters.count(exchange)
        for (pod, container), span in spans_of(exchange, END_NS, random):
            if container == PROXY and span.kind == Span.SPAN_KIND_SERVER and pod.role == "sidecar":
                served[pod.service] += 1

    counted = Counter[str]()
    for request in meters.scrape(END_NS).values():
        message = ExportMetricsServiceRequest.FromString(request)
        for resource in message.resource_metrics:
            for point in resource.scope_metrics[0].metrics[0].sum.data_points:
                labels = {pair.key: pair.value.string_value for pair in point.attributes}
                if labels["reporter"] == "destination":
                    counted[labels["destination_canonical_service"]] += int(point.as_double)
    assert counted == served


def test_a_canary_takes_its_share_and_fails_more_often(fleet: Fleet) -> None:
    fleet.canary = Canary("permits-api", "v9.9.9", 0.2, 0.5, 3.0)
    random = Random(11)

    calls = [call for _ in range(4000) for call in calls_of(visit(fleet, random)) if call.server]
    permits = [call for call in calls if call.server and call.server.service == "permits-api"]
    canaries = [call for call in permits if call.server and call.server.version == "v9.9.9"]

    assert 0.15 < len(canaries) / len(permits) < 0.25
    assert sum(call.failed for call in canaries) / len(canaries) > 0.4
    assert sum(call.failed for call in permits if call not in canaries) / len(permits) < 0.1
