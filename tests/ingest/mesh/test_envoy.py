"""What one span of a proxy says by itself (mesh-dialects, sections 2.1, 3, 4.1 to 4.3)."""

from collections.abc import Mapping

import pytest

from ingest.mesh import SPAN_DIALECTS
from ingest.mesh.dialect import CLIENT, LOCAL, PRODUCER, REMOTE, ROOT, SERVER, Context, SpanDialect, SpanFacts
from ingest.mesh.halves import Half, Meaning
from ingest.mesh.outcome import Outcome
from plimsoll.store.cells import Ref

NODE = "sidecar~10.0.0.2~frontend-v1-6f5d7c8b9f-x7k2p.shop~shop.svc.cluster.local"
ROUTER = "router~10.0.0.1~edge-1.mesh~mesh.svc.cluster.local"
OUTBOUND = {"upstream_cluster.name": "outbound|80||reviews.shop.svc.cluster.local", "http.status_code": "200"}
PARTNER = Ref("", "", "api.partner.example", "external")
REVIEWS = Ref("c1", "shop", "reviews", "service")
ENDS = {
    "component": "proxy",
    "node_id": "waypoint~10.0.0.4~waypoint-5c9.shop~shop.svc.cluster.local",
    "istio.source_canonical_service": "frontend",
    "istio.source_namespace": "shop",
    "istio.source_workload": "frontend-v1",
    "istio.source_canonical_revision": "v1",
    "istio.destination_canonical_service": "reviews",
    "istio.destination_namespace": "pay",
    "istio.destination_canonical_revision": "latest",
    "http.status_code": "200",
}


def dialect(span: Mapping[str, str], resource: Mapping[str, str] | None = None, scope: str = "envoy") -> SpanDialect:
    """Return the dialect that claims a span."""
    return next(row for row in SPAN_DIALECTS if row.claims(resource or {}, scope, span))


def said(
    kind: int, span: Mapping[str, str], resource: Mapping[str, str] | None = None, *, parent: int = REMOTE
) -> Meaning:
    """Return what a proxy's span says."""
    resource, context = resource or {"service.name": "frontend.shop"}, Context("c1", "test", {"shop"})
    row = dialect(span, resource)
    emitter = row.emitter(resource, span, context)
    return row.meaning(SpanFacts(kind, parent, span, False, "call"), emitter, resource, context)


def half_of(meaning: Meaning) -> Half:
    assert meaning.half is not None
    return meaning.half


@pytest.mark.parametrize(
    ("span", "resource", "scope", "name"),
    [
        ({"component": "proxy", "node_id": "waypoint~1~w.shop~shop.svc"}, {}, "envoy", "istio-waypoint"),
        ({"component": "proxy", "istio.source_workload": "a", "node_id": NODE}, {}, "envoy", "istio-waypoint"),
        ({"component": "proxy", "istio.downstream.workload": "a"}, {}, "envoy", "istio-waypoint"),
        ({"node_id": "router~1~edge-1.mesh~mesh.svc", "istio.canonical_service": "edge"}, {}, "envoy", "istio-gateway"),
        ({"node_id": NODE}, {}, "", "istio-sidecar"),
        ({"istio.canonical_service": "frontend"}, {}, "", "istio-sidecar"),
        ({}, {}, "envoy", "envoy"),
        ({}, {"telemetry.sdk.name": "envoy"}, "", "envoy"),
        ({"component": "proxy", "upstream_cluster": "reviews"}, {}, "", "envoy"),
        ({"component": "proxy"}, {}, "", "otel-sdk"),
        ({"upstream_cluster": "reviews"}, {}, "other", "otel-sdk"),
    ],
)
def test_the_first_row_that_claims_a_span_decides(
    span: dict[str, str], resource: dict[str, str], scope: str, name: str
) -> None:
    assert dialect(span, resource, scope).name == name


@pytest.mark.parametrize(
    ("span", "resource", "expected"),
    [
        # service.name carries the namespace; nothing else is known.
        ({}, {"service.name": "frontend.shop"}, Ref("c1", "shop", "frontend", "service")),
        ({}, {"service.name": "frontend.shop", "service.namespace": "shop"}, Ref("c1", "shop", "frontend", "service")),
        ({}, {"service.name": "frontend"}, Ref("c1", "", "frontend", "service")),
        ({"node_id": NODE}, {}, Ref("c1", "shop", "frontend-v1", "service")),
        ({"node_id": NODE}, {"service.name": "frontend.shop"}, Ref("c1", "shop", "frontend", "service")),
        (
            {"node_id": NODE, "istio.canonical_service": "front", "istio.namespace": "tags"},
            {"service.name": "frontend.shop"},
            Ref("c1", "tags", "front", "service"),
        ),
        (
            {"istio.canonical_service": "front", "istio.namespace": "tags"},
            {"k8s.namespace.name": "k8s", "service.namespace": "label"},
            Ref("c1", "k8s", "front", "service"),
        ),
        ({"node_id": NODE, "istio.cluster_id": "eu"}, {}, Ref("eu", "shop", "frontend-v1", "service")),
        ({"node_id": NODE, "istio.cluster_id": "Kubernetes"}, {}, Ref("c1", "shop", "frontend-v1", "service")),
        (
            {"node_id": NODE, "istio.cluster_id": "eu"},
            {"k8s.cluster.name": "us"},
            Ref("us", "shop", "frontend-v1", "service"),
        ),
        (
            {"node_id": "router~10.0.0.1~edge-6d4cf56db6-x7k2p.mesh~mesh.svc.cluster.local"},
            {},
            Ref("c1", "mesh", "edge", "gateway"),
        ),
        ({}, {"service.name": "unknown_service:envoy"}, Ref("c1", "", "unknown_service", "service")),
    ],
)
def test_a_proxy_speaks_for_its_workload(span: dict[str, str], resource: dict[str, str], expected: Ref) -> None:
    assert half_of(said(CLIENT, OUTBOUND | span, {"telemetry.sdk.name": "envoy"} | resource)).ref == expected


@pytest.mark.parametrize(
    ("span", "resource", "version"),
    [
        ({"istio.canonical_revision": "v1"}, {"service.version": "1.40"}, "1.40"),
        ({"istio.canonical_revision": "v1"}, {}, "v1"),
        ({"istio.canonical_revision": "latest"}, {}, ""),
    ],
)
def test_a_version_is_the_resource_s_else_the_revision(
    span: dict[str, str], resource: dict[str, str], version: str
) -> None:
    assert half_of(said(CLIENT, OUTBOUND | span, resource)).version == version


@pytest.mark.parametrize(
    ("span", "resource", "instance"),
    [
        ({"node_id": NODE}, {"service.instance.id": "a", "k8s.pod.uid": "b"}, "a"),
        ({"node_id": NODE}, {"k8s.pod.uid": "b", "k8s.pod.name": "c"}, "b"),
        ({"node_id": NODE}, {"k8s.pod.name": "c"}, "c"),
        ({"node_id": NODE}, {}, NODE),
    ],
)
def test_an_instance_is_the_pod(span: dict[str, str], resource: dict[str, str], instance: str) -> None:
    assert half_of(said(CLIENT, OUTBOUND | span, resource)).instance == instance


@pytest.mark.parametrize(
    ("upstream", "server"),
    [
        ({"upstream_cluster.name": "outbound|80|v2|reviews.shop.svc.cluster.local;"}, REVIEWS),
        ({"upstream_cluster": "outbound|80||reviews.shop.svc.cluster.local"}, REVIEWS),
        ({"upstream_cluster.name": "inbound-vip|80|http|reviews.shop.svc.cluster.local"}, REVIEWS),
        ({"upstream_cluster.name": "reviews"}, REVIEWS),
        ({"upstream_cluster.name": "outbound|443||api.partner.example"}, PARTNER),
        (
            {"upstream_cluster.name": "reviews.shop.dc2.internal.77.consul"},
            Ref("dc2", "shop", "reviews", "service"),
        ),
        (
            {"upstream_cluster.name": "PassthroughCluster", "http.url": "http://u:p@API.partner.example:80/x?t=1"},
            PARTNER,
        ),
        (
            {"upstream_cluster.name": "PassthroughCluster", "url.full": "https://a.example/", "grpc.authority": "b"},
            Ref("", "", "a.example", "external"),
        ),
        (
            {"upstream_cluster.name": "PassthroughCluster", "grpc.authority": "b.example:443"},
            Ref("", "", "b.example", "external"),
        ),
        ({"upstream_cluster.name": "PassthroughCluster", "http.url": "http://10.0.0.7/"}, None),
        ({"upstream_cluster.name": "PassthroughCluster", "http.url": "http://localhost/"}, None),
        ({"upstream_cluster.name": "inbound|8080||"}, None),
        ({"upstream_cluster.name": "inbound|8080|http|frontend.shop.svc.cluster.local"}, None),
        ({"upstream_cluster.name": "outbound|80||10.0.0.7"}, None),
        ({}, None),
    ],
)
def test_a_client_span_goes_to_its_upstream(upstream: dict[str, str], server: Ref | None) -> None:
    meaning = said(CLIENT, {"http.status_code": "200"} | upstream)

    assert (meaning.lane.server if meaning.lane else None) == server
    assert half_of(meaning).peer == server
    assert meaning.owns
    assert not meaning.denied


@pytest.mark.parametrize(("host", "drop"), [("http://blocked.example/", ""), ("", "denied without host")])
def test_a_denied_call_names_the_host_that_was_asked_for_and_calls_nobody(host: str, drop: str) -> None:
    meaning = said(CLIENT, {"upstream_cluster.name": "BlackHoleCluster", "http.status_code": "502", "http.url": host})

    assert meaning.denied
    assert (meaning.half, meaning.drop) == (None, drop)
    assert (meaning.lane.server.name if meaning.lane else "") == ("" if drop else "blocked.example")


@pytest.mark.parametrize(
    ("parent", "client", "waits", "drop"),
    [(ROOT, "user", False, ""), (REMOTE, "", True, ""), (LOCAL, "", False, "parent in the same process")],
)
def test_a_server_span_is_an_entry_or_waits_for_its_caller(parent: int, client: str, waits: bool, drop: str) -> None:
    meaning = said(SERVER, {"http.status_code": "200"}, parent=parent)

    assert (meaning.lane.client.name if meaning.lane else "") == client
    assert (meaning.half is not None, meaning.owns, meaning.drop) == (waits, False, drop)


@pytest.mark.parametrize(
    ("node_id", "parent", "enters"),
    [(ROUTER, ROOT, True), (ROUTER, REMOTE, False), (NODE, ROOT, False)],
)
def test_a_gateway_s_only_span_is_an_entry_too(node_id: str, parent: int, enters: bool) -> None:
    meaning = said(CLIENT, OUTBOUND | {"node_id": node_id}, parent=parent)

    assert (meaning.entry is not None) == enters
    assert meaning.lane is not None


def test_a_proxy_sends_no_messages() -> None:
    assert said(PRODUCER, OUTBOUND).drop == "kind"


@pytest.mark.parametrize(
    ("span", "protocol", "outcome"),
    [
        ({"http.status_code": "503"}, "http", Outcome(failed=1)),
        ({"http.response.status_code": "503"}, "http", Outcome(failed=1)),
        ({"http.status_code": "200", "grpc.status_code": "14"}, "grpc", Outcome(failed=1)),
        ({"http.status_code": "200", "grpc.content_type": "application/grpc"}, "grpc", Outcome()),
        ({"http.status_code": "0", "response_flags": "UF"}, "http", Outcome(failed=1, unreached=1)),
        ({"canceled": "true"}, "http", Outcome(aborted=1)),
        ({"error": "true"}, "http", Outcome(failed=1)),
    ],
)
def test_a_proxy_s_span_tells_its_protocol_and_its_end(span: dict[str, str], protocol: str, outcome: Outcome) -> None:
    meaning = said(SERVER, span)

    assert (half_of(meaning).protocol, meaning.outcome) == (protocol, outcome)


@pytest.mark.parametrize(
    ("span", "is_kept"),
    [
        (OUTBOUND, True),
        ({**OUTBOUND, "http.status_code": "0"}, False),
        ({"upstream_cluster.name": OUTBOUND["upstream_cluster.name"]}, False),
        ({"upstream_cluster": "reviews", "http.status_code": "200"}, False),
        ({"upstream_cluster.name": "PassthroughCluster", "http.status_code": "200"}, True),
        ({"upstream_cluster.name": "PassthroughCluster;", "http.status_code": "200"}, False),
        ({"upstream_cluster.name": "-", "upstream_cluster": "reviews", "http.status_code": "200"}, False),
    ],
)
def test_a_meaning_is_kept_only_where_the_keys_tell_all_of_it(span: dict[str, str], is_kept: bool) -> None:
    assert said(CLIENT, span).kept == is_kept


def test_a_waypoint_names_both_ends_and_itself_as_the_way() -> None:
    meaning = said(SERVER, ENDS, {"service.name": "waypoint.shop", "deployment.environment": "prod"})

    lane = meaning.lane
    assert lane is not None
    assert (lane.client, lane.client_version) == (Ref("c1", "shop", "frontend", "service"), "v1")
    assert (lane.server, lane.server_version) == (Ref("c1", "pay", "reviews", "service"), "")
    assert (lane.via, lane.environment, lane.evidence) == ("shop/waypoint", "prod", "named")
    # Whoever is called has this span as parent.
    assert meaning.owns
    assert (half_of(meaning).ref, half_of(meaning).peer) == (lane.client, lane.server)


@pytest.mark.parametrize(
    ("tags", "client"),
    [
        ({"istio.source_app": "front", "istio.source_workload": "frontend-v1"}, "front"),
        ({"istio.source_workload": "frontend-v1"}, "frontend-v1"),
        ({"istio.downstream.workload": "old", "istio.downstream.namespace": "shop"}, "old"),
    ],
)
def test_a_waypoint_s_source_has_a_name_in_every_build(tags: dict[str, str], client: str) -> None:
    rest = {key: value for key, value in ENDS.items() if "source" not in key}

    lane = said(SERVER, rest | tags, {"service.name": "waypoint.shop"}).lane

    assert lane is not None
    assert lane.client.name == client


def test_a_waypoint_without_source_waits_for_the_caller_of_the_service_behind_it() -> None:
    bare = {"component": "proxy", "node_id": ENDS["node_id"], "http.status_code": "200"}
    behind = {"upstream_cluster.name": "inbound-vip|80|http|reviews.shop.svc.cluster.local;"}

    meaning = said(SERVER, bare | behind, {"service.name": "waypoint.shop"})

    assert meaning.lane is None
    assert (half_of(meaning).ref, meaning.owns, half_of(meaning).via) == (REVIEWS, False, "shop/waypoint")


@pytest.mark.parametrize("upstream", ["inbound|80||", "outbound|80||reviews.shop.svc.cluster.local"])
def test_a_waypoint_that_names_nobody_behind_it_says_nothing(upstream: str) -> None:
    bare = {"component": "proxy", "node_id": ENDS["node_id"], "upstream_cluster.name": upstream}

    meaning = said(SERVER, bare, {"service.name": "waypoint.shop"})

    assert (meaning.lane, meaning.half, meaning.drop) == (None, None, "waypoint without destination")


def test_a_waypoint_s_own_hop_is_no_call() -> None:
    assert said(CLIENT, ENDS | OUTBOUND).drop == "a waypoint's own hop"
