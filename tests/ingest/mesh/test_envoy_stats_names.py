"""Envoy's statistics: which proxy they are of, where their requests went, and which of them count."""

import pytest

from ingest.mesh.envoy_stats import ENVOY_STATS, proxy
from ingest.mesh.points import Meaning, Series
from plimsoll.store.cells import METRIC_PROXY, Ref
from tests.ingest.mesh.metric_builders import CONTEXT

FRONTEND, REVIEWS = Ref("c1", "shop", "frontend", "service"), Ref("c1", "shop", "reviews", "service")
RESOURCE = {"telemetry.sdk.name": "envoy", "service.instance.id": "shop.frontend-v1-7d9c8b6f54-x2x4z.app"}
TO_REVIEWS = {"cluster_name": "outbound|80||reviews.shop.svc.cluster.local"}


def _meaning(name: str, tags: dict[str, str], resource: dict[str, str] | None = None) -> Meaning:
    return ENVOY_STATS.meaning(Series(name, "", tags, resource or RESOURCE), CONTEXT)


def _server(found: Meaning) -> Ref:
    assert found.lane is not None
    return found.lane.server


@pytest.mark.parametrize(
    ("resource", "client"),
    [
        ({"service.instance.id": "shop.frontend-v1-7d9c8b6f54-x2x4z.app"}, FRONTEND),
        ({"service.instance.id": "shop.frontend-v1-6f5d.istio-proxy"}, FRONTEND),
        ({"k8s.pod.name": "frontend-7d9c8b6f54-x2x4z", "k8s.namespace.name": "shop"}, FRONTEND),
        ({"k8s.pod.name": "frontend-0", "service.namespace": "shop"}, FRONTEND),
        ({"service.name": "frontend.shop", "service.namespace": "shop"}, FRONTEND),
        (
            {"service.instance.id": "router~10.0.0.1~ingress-7d9c8b6f54-x2x4z.istio-system~istio-system.svc.local"},
            Ref("c1", "istio-system", "ingress", "gateway"),
        ),
        (
            {"k8s.cluster.name": "west", "service.instance.id": "shop.frontend-7d9c8b6f54-x2x4z.app"},
            FRONTEND._replace(cluster="west"),
        ),
    ],
)
def test_a_proxy_is_known_by_what_its_resource_tells(resource: dict[str, str], client: Ref) -> None:
    emitter = proxy(resource, CONTEXT)

    assert emitter is not None
    assert emitter.ref == client


@pytest.mark.parametrize("instance", ["", "unknown", "10.0.3.7:15020", "627cc493-f310-47de-96bd-71410b7dec09"])
def test_a_proxy_that_says_nothing_is_counted_as_unknown(instance: str) -> None:
    found = _meaning("cluster.upstream_rq", {**TO_REVIEWS, "response_code": "200"}, {"service.instance.id": instance})

    assert (found.lane, found.drop) == (None, "envoy: proxy is not known")


def test_the_job_of_a_prometheus_scrape_is_no_service() -> None:
    job = {"service.name": "kubernetes-pods", "service.instance.id": "10.0.3.7:15020"}
    tags = {**TO_REVIEWS, "response_code": "200"}

    by_resource = _meaning("envoy_cluster_upstream_rq", tags, {**job, "k8s.pod.name": "frontend-0"})
    by_labels = _meaning("envoy_cluster_upstream_rq", {**tags, "pod": "frontend-0", "namespace": "shop"}, job)
    by_nothing = _meaning("envoy_cluster_upstream_rq", tags, job)

    assert by_resource.lane is not None
    assert by_labels.lane is not None
    assert by_resource.lane.client.name == "frontend"
    assert by_labels.lane.client == FRONTEND
    assert by_nothing.drop == "envoy: proxy is not known"


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        ("cluster.shop.svc.cluster.local.upstream_rq", {"envoy.cluster_name": "outbound|80||reviews"}),
        ("cluster.upstream_rq", {"cluster_name": "outbound|80||reviews.shop.svc.cluster.local"}),
        ("cluster.upstream_rq", {"cluster_name": "outbound|80||reviews.shop.svc.cluster.local;"}),
        ("cluster.outbound|80||reviews.shop.svc.cluster.local.upstream_rq", {}),
        ("envoy_cluster_upstream_rq_total", TO_REVIEWS),
    ],
)
def test_the_upstream_is_put_together_again_from_tag_and_name(name: str, tags: dict[str, str]) -> None:
    resource = {**RESOURCE, "k8s.pod.name": "frontend-0", "k8s.namespace.name": "shop"}

    found = _meaning(name, {**tags, "envoy.response_code": "200"}, resource)

    assert found.lane is not None
    assert (found.lane.client, found.lane.server, found.lane.vantage) == (FRONTEND, REVIEWS, METRIC_PROXY)
    assert (found.counters, found.shows) == (("requests",), "http")


@pytest.mark.parametrize(
    ("code", "counters"),
    [
        ("200", ("requests",)),
        ("404", ("requests", "client_errors")),
        ("429", ("requests", "client_errors", "throttled")),
        ("503", ("requests", "failed")),
    ],
)
def test_answers_count_requests_by_their_code(code: str, counters: tuple[str, ...]) -> None:
    assert _meaning("cluster.upstream_rq", {**TO_REVIEWS, "response_code": code}).counters == counters


@pytest.mark.parametrize(
    ("name", "counters"),
    [("cluster.upstream_rq_total", ("attempts",)), ("cluster.upstream_cx_connect_fail", ("unreached",))],
)
def test_tries_and_failed_connections_wait_for_the_protocol(name: str, counters: tuple[str, ...]) -> None:
    found = _meaning(name, TO_REVIEWS)

    assert (found.counters, found.shows) == (counters, "")
    assert found.cluster == TO_REVIEWS["cluster_name"]


@pytest.mark.parametrize(
    "name",
    [
        "cluster.external.upstream_rq",
        "cluster.shop.svc.cluster.local.external.upstream_rq",
        "cluster.internal.upstream_rq",
        "cluster.canary.upstream_rq",
        "cluster.retry.upstream_rq",
        "cluster.zone.eu-1a.eu-1b.upstream_rq",
        "cluster.upstream_rq_xx",
        "cluster.external.upstream_rq_time",
        "envoy_cluster_external_upstream_rq",
        "http.downstream_rq_total",
        "listener.downstream_cx_total",
        "http.server.request.duration",
    ],
)
def test_statistics_that_repeat_others_are_not_claimed(name: str) -> None:
    assert not ENVOY_STATS.claims(name)


@pytest.mark.parametrize(
    ("cluster", "drop"),
    [
        ("inbound|18102||", "envoy: the proxy's own side"),
        ("inbound-vip|80|http|reviews.shop.svc.cluster.local", "envoy: waypoint repeats what was counted"),
        ("BlackHoleCluster", "denied without host"),
        ("xds-grpc", "envoy: the proxy's own calls"),
        ("otlp", "envoy: the proxy's own calls"),
        ("outbound|80||10.0.0.9", "envoy: upstream is not a host"),
        ("outbound|80||frontend.shop.svc.cluster.local", "envoy: a service's calls to itself"),
    ],
)
def test_upstreams_that_are_no_dependency_are_dropped_and_counted(cluster: str, drop: str) -> None:
    found = _meaning("cluster.upstream_rq", {"cluster_name": cluster, "response_code": "200"})

    assert (found.lane, found.drop) == (None, drop)


def test_consul_s_tags_name_both_ends() -> None:
    tags = {
        "cluster_name": "reviews.default.dc2.internal.ab12.consul",
        "consul.source.service": "frontend",
        "consul.source.namespace": "default",
        "consul.source.datacenter": "dc1",
        "consul.destination.service": "reviews",
        "consul.destination.namespace": "default",
        "consul.destination.datacenter": "dc2",
        "response_code": "200",
    }

    found = _meaning("cluster.upstream_rq", tags)

    assert found.lane is not None
    assert found.lane.client == Ref("dc1", "default", "frontend", "service")
    assert _server(found) == Ref("dc2", "default", "reviews", "service")


def test_hosts_outside_and_plain_names_are_told_apart() -> None:
    clusters = ("outbound|443||api.partner.example", "PassthroughCluster", "reviews")

    servers = [
        _server(_meaning("cluster.upstream_rq", {"cluster_name": name, "response_code": "200"})) for name in clusters
    ]

    assert servers == [
        Ref("", "", "api.partner.example", "external"),
        Ref("", "", "PassthroughCluster", "external"),
        REVIEWS,
    ]
