"""Decoding of metric requests: what is no count, and what makes a series."""

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from ingest.mesh.points import Point
from ingest.otlp import messages
from ingest.otlp.effect import Undecodable
from ingest.otlp.metrics import metrics
from ingest.otlp.raw_points import sum_point
from tests.ingest.mesh.metric_builders import CAPTURED_NS, CONTEXT, SECOND_NS, sums
from tests.ingest.mesh.test_istio_metrics import LABELS

NAME = "istio_requests_total"


def _request() -> ExportMetricsServiceRequest:
    """Return a request of one point that would count."""
    body = sums(NAME, [(LABELS, CAPTURED_NS - SECOND_NS, CAPTURED_NS, 5.0)])
    return ExportMetricsServiceRequest.FromString(body)


def _key(source: str = "test", **resource: str) -> bytes:
    """Return the key of a series."""
    body = sums(NAME, [(LABELS, 0, CAPTURED_NS, 5.0)], resource={"service.instance.id": "a", **resource})
    (point,) = metrics(body, source, CONTEXT, CAPTURED_NS).points
    assert isinstance(point, Point)
    key: bytes = point.known.key
    return key


def test_bytes_that_are_no_request_are_undecodable() -> None:
    with pytest.raises(Undecodable, match="not an ExportMetricsServiceRequest"):
        metrics(b"\x0a\xff", "test", CONTEXT, CAPTURED_NS)


def test_a_point_without_a_recorded_value_does_not_count() -> None:
    request = _request()
    request.resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[0].flags = 1

    effect = metrics(request.SerializeToString(), "test", CONTEXT, CAPTURED_NS)

    assert (effect.points, effect.rejected) == ([], {})
    assert effect.cells.health["dropped", "point without a value"] == 1


def test_a_sum_that_may_fall_does_not_count() -> None:
    request = _request()
    request.resource_metrics[0].scope_metrics[0].metrics[0].sum.is_monotonic = False

    effect = metrics(request.SerializeToString(), "test", CONTEXT, CAPTURED_NS)

    assert effect.points == []
    assert effect.cells.health["dropped", "a sum that may fall is no count"] == 1


def test_a_gauge_does_not_count() -> None:
    request = _request()
    metric = request.resource_metrics[0].scope_metrics[0].metrics[0]
    points = list(metric.sum.data_points)
    metric.gauge.data_points.extend(points)

    effect = metrics(request.SerializeToString(), "test", CONTEXT, CAPTURED_NS)

    assert effect.points == []
    assert effect.cells.health["dropped", "a gauge is no count"] == 1


def test_source_and_resource_make_the_series_and_the_collector_does_not() -> None:
    assert _key(prometheus_replica="one") == _key(prometheus_replica="two") == _key()
    assert len({_key(), _key(source="other"), _key(**{"service.name": "b"})}) == 3


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf"), 2.0**53 + 2, 2.0**62, 1e300])
def test_a_sum_that_is_no_count_is_refused(value: float) -> None:
    effect = metrics(sums(NAME, [(LABELS, 0, CAPTURED_NS, value)]), "test", CONTEXT, CAPTURED_NS)

    assert effect.points == []
    assert effect.rejected == {"value of a monotonic sum is negative, not finite or above 2^53": 1}


def test_the_largest_count_that_is_exact_is_taken() -> None:
    effect = metrics(sums(NAME, [(LABELS, 0, CAPTURED_NS, 2.0**53)]), "test", CONTEXT, CAPTURED_NS)

    assert (len(effect.points), effect.rejected) == (1, {})


def test_an_integer_that_is_no_count_is_refused() -> None:
    request = _request()
    request.resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[0].as_int = 2**62

    effect = metrics(request.SerializeToString(), "test", CONTEXT, CAPTURED_NS)

    assert effect.rejected == {"value of a monotonic sum is negative, not finite or above 2^53": 1}


def test_a_point_reads_the_same_in_any_form_on_the_wire() -> None:
    request = _request()
    point = request.resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[0]
    double = point.SerializeToString()
    point.as_int = 5
    integer = point.SerializeToString()
    point.exemplars.add(as_int=7)
    with_exemplar = point.SerializeToString()
    point.as_double = 5.0
    head, rest = double[:27], double[27:]
    forms = [double, integer, with_exemplar, point.SerializeToString(), rest + head]

    read = [sum_point(form) for form in forms]

    assert len(set(forms)) == 5
    assert len(set(read)) == 1
    assert read[0][:3] == (CAPTURED_NS - SECOND_NS, CAPTURED_NS, 5.0)


def test_a_point_without_a_start_is_read() -> None:
    body = sums(NAME, [(LABELS, 0, CAPTURED_NS, 5.0)])

    (point,) = metrics(body, "test", CONTEXT, CAPTURED_NS).points

    assert (point.start_ns, point.time_ns, point.numbers) == (0, CAPTURED_NS, (5.0,))


def test_a_point_whose_labels_cannot_be_read_is_refused_alone() -> None:
    request = messages.ExportMetricsServiceRequest.FromString(_request().SerializeToString())
    points = request.resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points
    points.append(points[0] + b"\x3a\x7f")

    effect = metrics(request.SerializeToString(), "test", CONTEXT, CAPTURED_NS)

    assert (len(effect.points), effect.rejected) == (1, {"attributes cannot be read": 1})
