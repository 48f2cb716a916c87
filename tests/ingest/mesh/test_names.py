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
        ("ledger.Shop:8080", Ref("c1", "shop", "ledger", "service")),
        ("billing.default.dc1.internal.1f2e-77.consul", Ref("dc1", "default", "billing", "service")),
        ("v2.billing.default.dc1.internal.1f2e-77.consul", Ref("dc1", "default", "billing", "service")),
        ("9ab1~v2.billing.default.dc1.external.1f2e-77.consul", Ref("dc1", "default", "billing", "service")),
        ("9ab1~billing.default.dc1.internal.1f2e-77.consul", Ref("dc1", "default", "billing", "service")),
        ("consul", Ref("c1", "shop", "consul", "service")),
        ("billing.service.consul", Ref("", "", "billing.service.consul", "external")),
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


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:secret@api.partner.example:443/path?token=1#x", "api.partner.example"),
        ("http://api.partner.example?token=1", "api.partner.example"),
        ("http://api.partner.example#x", "api.partner.example"),
        ("http://api.partner.example:8080/", "api.partner.example:8080"),
        ("api.partner.example:80", "api.partner.example"),
        ("http://[2001:db8::1]:80/", "[2001:db8::1]"),
        ("", ""),
    ],
)
def test_of_a_url_only_the_authority_is_kept(url: str, expected: str) -> None:
    assert authority(url) == expected


def test_a_node_id_names_the_role_the_pod_and_its_namespace() -> None:
    node = parse_node_id("router~10.0.0.1~istio-ingressgateway-7d9c.istio-system~istio-system.svc.cluster.local")

    assert node is not None
    assert (node.role, node.pod, node.namespace) == ("router", "istio-ingressgateway-7d9c", "istio-system")


@pytest.mark.parametrize(
    "node_id", ["", "reviews", "sidecar~10.0.0.1~reviews.shop", "agent~10.0.0.1~reviews.shop~shop.svc.cluster.local"]
)
def test_another_form_of_node_id_says_nothing(node_id: str) -> None:
    assert parse_node_id(node_id) is None


@pytest.mark.parametrize(
    ("pod", "workload"),
    [
        ("reviews-v2-58c9f7d6b8-x7k2p", "reviews-v2"),
        ("agent-x7k2p", "agent"),
        ("web-0", "web"),
        ("web-12", "web"),
        ("reviews", "reviews"),
        ("", ""),
    ],
)
def test_a_pod_belongs_to_its_workload(pod: str, workload: str) -> None:
    assert workload_of_pod(pod) == workload
