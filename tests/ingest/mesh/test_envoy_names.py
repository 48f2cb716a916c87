"""Envoy's statistics: whose proxy speaks, which upstream it means, and what is left out."""

from typing import Any

import pytest

from ingest.mesh.envoy_stats import proxy
from plimsoll.store.cells import Cells, Ref
from tests.ingest.mesh.metric_builders import CAPTURED_NS, CONTEXT, SECOND_NS, counted, sums, totals

START_NS = CAPTURED_NS - 60 * SECOND_NS
PROXY = {"service.name": "frontend.shop", "service.namespace": "shop", "telemetry.sdk.name": "envoy"}


def _cells(name: str, tags: dict[str, str], resource: dict[str, str] | None = None) -> Cells:
    return counted([sums(name, [(tags, START_NS, CAPTURED_NS, 3.0)], resource=resource or PROXY)])


def _answers(cluster: str, **tags: str) -> Cells:
    """Return what three answers of an upstream give."""
    return _cells("cluster.upstream_rq", {"cluster_name": cluster, "response_code": "200", **tags})


def _ends(cells: Cells) -> Any:
    ((lane, counters),) = totals(cells).items()
    assert counters == {"requests": 3}
    return lane.client, lane.server


@pytest.mark.parametrize(
    ("resource", "namespace", "name", "kind"),
    [
        ({"service.name": "frontend.shop", "service.namespace": "shop"}, "shop", "frontend", "service"),
        ({"service.instance.id": "shop.frontend-6d4cf56db6-x7k2p.istio-proxy"}, "shop", "frontend", "service"),
        ({"service.instance.id": "shop.reviews-v2-58c9.app"}, "shop", "reviews", "service"),
        ({"k8s.pod.name": "cache-0", "k8s.namespace.name": "data"}, "data", "cache", "service"),
        (
            {"service.instance.id": "router~10.0.0.4~edge-6d4cf56db6-x7k2p.mesh~mesh.svc.local"},
            "mesh",
            "edge",
            "gateway",
        ),
    ],
)
def test_a_proxy_is_known_by_what_its_resource_says(
    resource: dict[str, str], namespace: str, name: str, kind: str
) -> None:
    emitter = proxy(resource, CONTEXT)

    assert emitter is not None
    assert emitter.ref == Ref("c1", namespace, name, kind)


def test_an_address_names_no_proxy() -> None:
    assert proxy({"service.instance.id": "10.0.0.4:15090"}, CONTEXT) is None
    assert proxy({"service.instance.id": "10.0.0.4"}, CONTEXT) is None


def test_statistics_of_an_unknown_proxy_are_counted_as_dropped() -> None:
    cells = _cells("cluster.upstream_rq", {"cluster_name": "reviews", "response_code": "200"}, {"host.name": ""})

    assert totals(cells) == {}
    assert cells.health["dropped", "envoy: proxy is not known"] == 1


@pytest.mark.parametrize(
    ("cluster", "server"),
    [
        ("outbound|80||reviews.shop.svc.cluster.local", Ref("c1", "shop", "reviews", "service")),
        ("outbound|80|v2|reviews.shop.svc.cluster.local;", Ref("c1", "shop", "reviews", "service")),
        ("outbound|443||api.partner.example", Ref("", "", "api.partner.example", "external")),
        ("PassthroughCluster", Ref("", "", "PassthroughCluster", "external")),
        ("ratings", Ref("c1", "shop", "ratings", "service")),
    ],
)
def test_an_upstream_names_the_callee(cluster: str, server: Ref) -> None:
    assert _ends(_answers(cluster)) == (Ref("c1", "shop", "frontend", "service"), server)


def test_consul_s_tags_name_both_ends() -> None:
    tags = {"consul.source.service": "web", "consul.source.namespace": "default", "consul.source.datacenter": "dc1"}
    tags |= {key.replace("source", "destination"): value for key, value in tags.items()}
    tags["consul.destination.service"] = "billing"

    ends = _ends(_answers("billing.default.dc1.internal.11.consul", **tags))

    assert ends == (Ref("dc1", "default", "web", "service"), Ref("dc1", "default", "billing", "service"))


@pytest.mark.parametrize(
    "cluster",
    [
        "inbound|8080||",
        "inbound-vip|80|http|reviews.shop.svc.cluster.local",
        "BlackHoleCluster",
        "xds-grpc",
        "otel_collector",
    ],
)
def test_what_is_no_call_of_the_workload_gives_no_edge(cluster: str) -> None:
    cells = _answers(cluster)

    assert totals(cells) == {}
    assert [counter for counter, _ in cells.health] == ["dropped", "received"]


@pytest.mark.parametrize("family", ["external", "internal", "canary", "retry", "zone.a.b"])
def test_the_same_requests_in_another_family_are_not_counted_again(family: str) -> None:
    tags = {"cluster_name": "reviews", "response_code": "200"}

    assert totals(_cells(f"cluster.{family}.upstream_rq", tags)) == {}


def test_scraped_statistics_belong_to_the_pod_and_not_to_the_scrape_job() -> None:
    tags = {
        "envoy_cluster_name": "outbound|80||reviews.shop.svc.cluster.local",
        "envoy_response_code": "200",
        "pod": "frontend-6d4cf56db6-x7k2p",
        "namespace": "shop",
    }
    scraped = {"service.name": "envoy-stats", "service.instance.id": "10.0.0.4:15090"}

    ends = _ends(_cells("envoy_cluster_upstream_rq", tags, scraped))

    assert ends[0] == Ref("c1", "shop", "frontend", "service")
