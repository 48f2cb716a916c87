"""Counts that nobody can have: refused or kept within bounds, and the map is shown all the same."""

import time
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from django.db import connection
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from ingest.mesh.points import Increment, Meaning, apply
from ingest.otlp.metrics import metrics
from ingest.otlp.writer import Writer
from plimsoll.insight.topology import EdgeRow, edges, nodes
from plimsoll.store.cells import METRIC_CLIENT, Cells, Lane, Ref
from tests.ingest.mesh.metric_builders import CONTEXT, SECOND_NS, durations, sums
from tests.ingest.mesh.test_istio_metrics import LABELS
from tests.ingest.otlp.test_server import end, start

METRICS = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
MINUTE_NS = 60 * SECOND_NS
MOST = 2**53
BOUNDS = (10.0, 100.0)
ENDS = Ref("c1", "shop", "a", "service"), Ref("c1", "shop", "b", "service")
LATENCY = Meaning(lane=Lane("test", *ENDS, "http", METRIC_CLIENT), is_latency=True)


def _written(*bodies: bytes) -> None:
    """Write each request in a transaction of its own."""
    writer = Writer()
    for body in bodies:
        effect = metrics(body, "test", CONTEXT, time.time_ns())
        assert effect.rejected == {}
        writer.write([effect])
    writer.close()


def _shown() -> EdgeRow:
    """Return the edge of the last hour; nodes can be asked for too."""
    now = datetime.now(UTC)
    start, end = now - timedelta(hours=1), now + timedelta(hours=1)
    (row,) = edges(start=start, end=end)
    assert len(nodes(start=start, end=end)) == 2
    return row


def _deltas(value: float) -> list[bytes]:
    """Return requests of one series that grew by a value in each of four minutes."""
    now = time.time_ns()
    return [
        sums("istio_requests_total", [(LABELS, at - MINUTE_NS, at, value)], temporality=1)
        for at in range(now - 3 * MINUTE_NS, now + 1, MINUTE_NS)
    ]


@pytest.mark.django_db(transaction=True)
def test_the_largest_counts_of_several_minutes_are_shown() -> None:
    _written(*_deltas(MOST))

    row = _shown()
    assert (row.requests, row.observed) == (4 * MOST, 4 * 2**28)


@pytest.mark.django_db(transaction=True)
def test_minutes_that_are_full_are_shown() -> None:
    _written(*_deltas(5))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE edge_minute SET observed = 9223372036854775807, weight_unknown = 9223372036854775807")

    row = _shown()
    assert (row.requests, row.observed) == (20, 2**63 - 1)


@pytest.mark.django_db(transaction=True)
def test_the_largest_histograms_of_several_minutes_have_a_latency() -> None:
    now = time.time_ns()
    name = "istio_request_duration_milliseconds"
    bodies = [
        durations(name, LABELS, now - 5 * MINUTE_NS, at, BOUNDS, (n, 0, 0))
        for at, n in ((now - 2 * MINUTE_NS, MOST // 2), (now - MINUTE_NS, MOST))
    ]
    _written(*_deltas(5), *bodies)
    with connection.cursor() as cursor:
        # Bucket 0 with all that its 40 bits hold.
        cursor.execute("UPDATE edge_minute SET latency = ARRAY[(1::bigint << 40) - 1] WHERE cardinality(latency) > 0")

    row = _shown()
    assert row.p50_ms is not None
    assert row.p50_ms <= 10


def test_the_buckets_of_many_series_together_stay_within_bounds() -> None:
    cells = Cells()
    for _ in range(300):
        apply(Increment(0, {0: 5.0, 1: float(MOST)}, BOUNDS), LATENCY, cells)

    (cell,) = cells.edges.values()
    assert cell.latency == {0: 1500, 1: 2**28}


@pytest.mark.django_db(transaction=True)
def test_the_sender_of_counts_that_nobody_has_is_told_and_others_are_taken() -> None:
    receiver = start()
    try:
        with grpc.insecure_channel(receiver.address) as channel:
            export = channel.unary_unary(METRICS, None, ExportMetricsServiceResponse.FromString)
            answers = [export(_deltas(value)[-1], timeout=30) for value in (2.0**62, 2.0**63, 1e300, 7)]
    finally:
        assert end(receiver) == 0

    assert [answer.partial_success.rejected_data_points for answer in answers] == [1, 1, 1, 0]
    assert "above 2^53" in answers[0].partial_success.error_message
    assert _shown().requests == 7
