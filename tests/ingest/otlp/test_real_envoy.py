"""A real gateway and two real sidecars export over gRPC, and the API shows exactly what was called."""

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from plimsoll.store.models import Edge
from tests.ingest.otlp import mesh
from tests.ingest.otlp.rest import Counts, await_counts, counts, edges_shown
from tests.ingest.otlp.test_server import Running, end, start

ENVOY = mesh.binary() if (platform.system(), platform.machine()) == ("Linux", "x86_64") else None

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(ENVOY is None, reason="no Envoy for this machine"),
]

REVIEWS, FLAKY = "reviews.shop.svc.cluster.local", "flaky.shop.svc.cluster.local"
RATINGS, PARTNER, BLOCKED = "ratings.shop.svc.cluster.local", "api.partner.example", "blackhole.example.com"
# Host, path, how often, and the answer. The sidecar tries a flaky call twice; it never reaches ratings.
CALLS = [
    (REVIEWS, "/reviews/1", 5, 200),
    (REVIEWS, "/notfound", 3, 404),
    (REVIEWS, "/fail", 2, 503),
    (FLAKY, "/flaky", 2, 200),
    (RATINGS, "/", 2, 503),
    (PARTNER, "/", 4, 200),
    (BLOCKED, "/", 2, 503),
]
# 5 + 3 + 2 + 2 + 2 + 4 + 2 = 20 calls; 2 + 2 + 2 = 6 fail.
BY_SPANS: dict[tuple[str, str, str], Counts] = {
    ("user", "istio-ingressgateway", "http"): (20, 20, 6),
    ("istio-ingressgateway", "frontend", "http"): (20, 20, 6),
    ("frontend", "reviews", "http"): (12, 14, 2),
    ("frontend", "ratings", "http"): (2, 0, 2),
    ("frontend", PARTNER, "http"): (4, None, 0),
}


@pytest.fixture
def receiver() -> Iterator[Running]:
    running = start()
    yield running
    assert end(running) == 0


def called(receiver: Running, folder: Path, *, statistics: bool) -> None:
    """Make the calls, and end the proxies once the figures stand: nothing can come after that."""
    assert ENVOY is not None
    with mesh.running(ENVOY, folder, receiver.address, has_statistics=statistics) as shop:
        for host, path, times, answer in CALLS:
            assert [shop.call(host, path) for _ in range(times)] == [answer] * times
        await_counts(BY_SPANS, counts_with_statistics if statistics else counts)


def counts_with_statistics() -> dict[tuple[str, str, str], Counts] | None:
    """Return the figures once statistics stand behind them: the proxies send them every so often."""
    metrics = {row["server"] for row in edges_shown() if row["vantage"].startswith("metric-")}
    passed = Edge.objects.filter(server__name="passthroughcluster")
    return counts() if passed.exists() and {"frontend", "reviews", "ratings"} <= metrics else None


def test_spans_of_real_proxies_give_exactly_the_calls_that_were_made(receiver: Running, tmp_path: Path) -> None:
    called(receiver, tmp_path, statistics=False)

    assert counts() == BY_SPANS
    rows = {row["server"]: row for row in edges_shown()}
    assert {row["vantage"] for row in rows.values()} == {"span-client-proxy", "span-server-proxy"}
    assert (rows["reviews"]["client_errors"], rows["ratings"]["unreached"]) == (3, 2)
    assert (rows[PARTNER]["server_kind"], rows["istio-ingressgateway"]["server_kind"]) == ("external", "gateway")
    assert [(r["client"], r["server"], r["denied"], r["requests"]) for r in edges_shown(denied="1")] == [
        ("frontend", BLOCKED, 2, 0)
    ]


def test_statistics_beside_the_spans_are_shown_in_their_place_and_never_added(
    receiver: Running, tmp_path: Path
) -> None:
    called(receiver, tmp_path, statistics=True)

    # The statistics know no host behind the passthrough cluster; the spans do, and that call is shown once.
    assert counts_with_statistics() == BY_SPANS
    vantages = {(row["client"], row["server"]): row["vantage"] for row in edges_shown()}
    assert vantages["istio-ingressgateway", "frontend"] == vantages["frontend", "reviews"] == "metric-client-proxy"
    assert vantages["frontend", PARTNER] == "span-client-proxy"
