"""Names found on the other end of a call (mesh-dialects, section 2.2)."""

import pytest

from ingest.mesh.names import Upstream, authority, host_ref, parse_node_id, parse_upstream, workload_of_pod
from plimsoll.store.cells import Ref


def ref_of(host: str) -> Ref | None:
    return host_ref(host, cluster="c1", namespace="shop", namespaces={"pay"})


@pytest.mark.parametrize(
    ("cluster", "expected"),
    [
        (
            "outbound|80|v2|reviews.shop.svc.cluster.local",
            Upstream("outbound", "reviews.shop.svc.cluster.local", "80", "v2"),
        ),
        ("outbound|80||reviews.shop.svc.cluster.local;", Upstream("outbound", "reviews.shop.svc.cluster.local", "80")),
        ("inbound|18202||", Upstream("inbound", "", "18202")),
        ("inbound-vip|80|http|reviews.shop.svc.cluster.local", Upstream("vip", "reviews.shop.svc.cluster.local", "80")),
        ("PassthroughCluster", Upstream("passthrough")),
        ("BlackHoleCluster", Upstream("blackhole")),
        ("InboundPassthroughClusterIpv4", Upstream("inbound")),
    ],
)
def test_an_istio_cluster_name_says_where_a_request_went(cluster: str, expected: Upstream) -> None:
    assert parse_upstream(cluster) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("reviews.shop.svc.cluster.local:80", Ref("c1", "shop", "reviews", "service")),
        ("reviews.pay.svc", Ref("c1", "pay", "reviews", "service")),
        ("web-0.web.pay.svc.cluster.local", Ref("c1", "pay", "web", "service")),
        ("reviews", Ref("c1", "shop", "reviews", "service")),
        ("ledger.pay", Ref("c1", "pay", "ledger", "service")),
        ("example.com", Ref("", "", "example.com", "external")),
        ("API.partner.example:443", Ref("", "", "api.partner.example", "external")),
        ("10.0.3.7:8080", None),
        ("[::1]:80", None),
        ("localhost:8080", None),
        ("169.254.169.254", None),
        ("unknown", None),
        ("-", None),
    ],
)
def test_a_host_is_a_service_an_outside_host_or_nothing(host: str, expected: Ref | None) -> None:
    assert ref_of(host) == expected


def test_of_a_url_only_the_authority_is_kept() -> None:
    assert authority("https://user:secret@api.partner.example:443/path?token=1#x") == "api.partner.example"


def test_a_node_id_names_the_role_the_pod_and_its_namespace() -> None:
    node = parse_node_id("router~10.0.0.1~istio-ingressgateway-7d9c.istio-system~istio-system.svc.cluster.local")

    assert node is not None
    assert (node.role, node.pod, node.namespace) == ("router", "istio-ingressgateway-7d9c", "istio-system")


@pytest.mark.parametrize(
    ("pod", "workload"),
    [("reviews-v2-58c9f7d6b8-x7k2p", "reviews-v2"), ("web-0", "web"), ("reviews", "reviews")],
)
def test_a_pod_belongs_to_its_workload(pod: str, workload: str) -> None:
    assert workload_of_pod(pod) == workload
