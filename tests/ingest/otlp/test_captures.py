"""What real Envoys sent gives exactly the edges that were there (mesh-dialects, section 13)."""

import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from ingest.mesh.dialect import Context
from ingest.otlp import sweep
from ingest.otlp.effect import Effect, traces
from ingest.otlp.writer import Writer
from plimsoll.insight.topology import EdgeRow, edges, nodes
from tests.ingest.otlp.captures import one_by_one, trace_request

pytestmark = pytest.mark.django_db(transaction=True)

SIDECARS = "traces-sidecar-gateway.json"
WAYPOINT = "traces-waypoint-grpc-sampled.json"
HOUR = timedelta(hours=1)


def effects(bodies: Sequence[bytes]) -> list[Effect]:
    return [traces(body, "open", Context(), time.time_ns()) for body in bodies]


def write(groups: Sequence[Sequence[bytes]], writers: int = 1) -> None:
    """Write groups of requests, taking turns among the writers, as several receivers would."""
    turns = [Writer() for _ in range(writers)]
    for n, group in enumerate(groups):
        turns[n % writers].write(effects(group))
    for writer in turns:
        writer.close()


def shown(*, denied: bool = False) -> list[EdgeRow]:
    now = datetime.now(UTC)
    return edges(start=now - HOUR, end=now + HOUR, denied=denied)


def totals(rows: Sequence[EdgeRow]) -> dict[tuple[str, str], tuple[float, float | None, float]]:
    """Return client and server -> (requests, attempts, failed), protocols added."""
    found: dict[tuple[str, str], tuple[float, float | None, float]] = {}
    for row in rows:
        server = f"external:{row.server}" if row.server_kind == "external" else f"{row.server_namespace}/{row.server}"
        client = "user" if row.client_kind == "user" else f"{row.client_namespace}/{row.client}"
        before = found.get((client, server), (0.0, None, 0.0))
        attempts = None if before[1] is None and row.attempts is None else (before[1] or 0.0) + (row.attempts or 0.0)
        found[client, server] = (before[0] + row.requests, attempts, before[2] + row.failed)
    return found


SIDECAR_EDGES = {
    ("istio-system/istio-ingressgateway", "shop/frontend"): (9, 9, 3),
    ("shop/frontend", "shop/reviews"): (7, 8, 2),
    ("shop/frontend", "shop/ratings"): (1, 0, 1),
    ("shop/frontend", "external:api.partner.example"): (1, None, 0),
    ("user", "istio-system/istio-ingressgateway"): (8, 8, 3),
}


def test_the_sidecar_capture_gives_its_edges() -> None:
    write([[trace_request(SIDECARS).SerializeToString()]])

    assert totals(shown()) == SIDECAR_EDGES


def test_a_denied_call_is_listed_apart_and_is_no_dependency() -> None:
    write([[trace_request(SIDECARS).SerializeToString()]])

    denied = [(row.client, row.server, row.denied, row.requests) for row in shown(denied=True)]

    assert denied == [("frontend", "blackhole.example.com", 1, 0)]


@pytest.mark.parametrize("seed", range(4))
def test_any_order_and_split_over_three_receivers_sent_twice_gives_the_same_edges(seed: int) -> None:
    spans = one_by_one(trace_request(SIDECARS)) * 2
    random.Random(seed).shuffle(spans)
    size = (1, 3, 7, 90)[seed]
    groups = [spans[n : n + size] for n in range(0, len(spans), size)]

    write(groups, writers=3)

    assert totals(shown()) == SIDECAR_EDGES


def test_a_caller_that_never_shows_up_is_unattributed_and_no_user() -> None:
    write([[trace_request(SIDECARS).SerializeToString()]])
    now = datetime.now(UTC)

    orphans = sweep.run(now + timedelta(minutes=16))

    gateway = next(row for row in nodes(start=now - HOUR, end=now + HOUR) if row.name == "istio-ingressgateway")
    assert orphans == 1
    assert (gateway.kind, gateway.requests, gateway.unattributed) == ("gateway", 9, 1)


@pytest.mark.parametrize("seed", range(2))
def test_the_waypoint_capture_gives_its_edges_in_any_order(seed: int) -> None:
    spans = one_by_one(trace_request(WAYPOINT))
    random.Random(seed).shuffle(spans)

    write([spans[:9], spans[9:], spans], writers=2)

    rows = shown()
    assert {(row.client, row.server, row.requests, row.failed) for row in rows} == {
        ("user", "istio-ingressgateway", 3, 0),
        ("istio-ingressgateway", "frontend", 3, 0),
        ("frontend", "reviews", 4, 0),
        ("frontend", "grpc", 2, 1),
    }
    assert {row.via for row in rows if row.server == "reviews"} == {"shop/waypoint"}
    assert not any(row.weight_known for row in rows)
