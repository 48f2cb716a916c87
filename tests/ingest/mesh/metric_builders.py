"""Metric requests for tests, and what they add up to."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from ingest.mesh.dialect import Context
from ingest.mesh.points import Point, apply
from ingest.mesh.stored import advanced
from ingest.otlp.metrics import metrics
from plimsoll.store.cells import Cells, Lane

SECOND_NS = 1_000_000_000
CAPTURED_NS = 1_795_409_600 * SECOND_NS
CONTEXT = Context("c1", "test", {"shop", "istio-system"})
_CAPTURES = Path(__file__).parents[2] / "payloads" / "envoy"


def capture(name: str) -> ExportMetricsServiceRequest:
    """Return a captured request."""
    return ParseDict(json.loads((_CAPTURES / name).read_text()), ExportMetricsServiceRequest())


def expected(name: str) -> list[dict[str, Any]]:
    """Return the edges that a capture must give."""
    edges: list[dict[str, Any]] = json.loads((_CAPTURES / "expected-edges.json").read_text())[name]["edges"]
    return edges


def single_points(request: ExportMetricsServiceRequest) -> list[bytes]:
    """Return requests of one point each that together say what a request says."""
    bodies = []
    for resource in request.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                kind = str(metric.WhichOneof("data"))
                for point in getattr(metric, kind).data_points:
                    alone = ExportMetricsServiceRequest()
                    resource_alone = alone.resource_metrics.add()
                    resource_alone.resource.CopyFrom(resource.resource)
                    scope_alone = resource_alone.scope_metrics.add()
                    scope_alone.scope.CopyFrom(scope.scope)
                    metric_alone = scope_alone.metrics.add()
                    metric_alone.CopyFrom(metric)
                    points = getattr(metric_alone, kind).data_points
                    del points[:]
                    points.add().CopyFrom(point)
                    bodies.append(alone.SerializeToString())
    return bodies


def sums(
    name: str,
    rows: Iterable[tuple[dict[str, str], int, int, float]],
    *,
    temporality: int = 2,
    resource: dict[str, str] | None = None,
) -> bytes:
    """Return a request of one monotonic sum: rows of (labels, start in ns, time in ns, value)."""
    request = ExportMetricsServiceRequest()
    resource_metrics = request.resource_metrics.add()
    for key, text in (resource or {"service.instance.id": "10.0.0.7:15020"}).items():
        resource_metrics.resource.attributes.add(key=key).value.string_value = text
    metric = resource_metrics.scope_metrics.add().metrics.add(name=name)
    metric.sum.aggregation_temporality = temporality  # type: ignore[assignment]
    metric.sum.is_monotonic = True
    for labels, start_ns, time_ns, value in rows:
        point = metric.sum.data_points.add(start_time_unix_nano=start_ns, time_unix_nano=time_ns, as_double=value)
        for key, label in labels.items():
            point.attributes.add(key=key).value.string_value = label
    return request.SerializeToString()


def durations(
    name: str, labels: dict[str, str], start_ns: int, time_ns: int, bounds: Sequence[float], counts: Sequence[int]
) -> bytes:
    """Return a request of one cumulative histogram point with explicit bounds."""
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name=name, unit="ms")
    metric.histogram.aggregation_temporality = 2  # type: ignore[assignment]
    point = metric.histogram.data_points.add(
        start_time_unix_nano=start_ns,
        time_unix_nano=time_ns,
        count=sum(counts),
        sum=100.0,
        bucket_counts=counts,
        explicit_bounds=bounds,
    )
    for key, label in labels.items():
        point.attributes.add(key=key).value.string_value = label
    return request.SerializeToString()


def counted(bodies: Iterable[bytes], received_ns: int = CAPTURED_NS, context: Context = CONTEXT) -> Cells:
    """Return what requests add, each written after the other, without a database: for series that need no upstream."""
    states: dict[bytes, bytes] = {}
    cells = Cells()
    for body in bodies:
        effect = metrics(body, "test", context, received_ns)
        cells.health.update(effect.cells.health)
        for point in effect.points:
            _advance(states, point, cells)
    return cells


def _advance(states: dict[bytes, bytes], point: Point, cells: Cells) -> None:
    states[point.known.key], increments = advanced(states.get(point.known.key, b""), [point])
    for increment in increments:
        apply(increment, point.known.meaning, cells)


def totals(cells: Cells) -> dict[Lane, dict[str, float]]:
    """Return the counters of each lane that are not zero, over all minutes."""
    found: dict[Lane, dict[str, float]] = {}
    for (lane, _, _), cell in cells.edges.items():
        counters = found.setdefault(lane, {})
        for name in ("requests", "attempts", "failed", "client_errors", "throttled", "unreached", "denied"):
            if n := getattr(cell, name):
                counters[name] = counters.get(name, 0.0) + n
        if cell.latency:
            counters["latencies"] = counters.get("latencies", 0.0) + sum(cell.latency.values())
    return found
