"""Decoding of metric requests: each point is read once, and its series' meaning is looked up."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from google.protobuf.message import DecodeError

from ingest.mesh.dialect import Context
from ingest.mesh.envoy_stats import ENVOY_STATS
from ingest.mesh.istio_metrics import ISTIO_METRICS
from ingest.mesh.points import (
    CUMULATIVE,
    DELTA,
    MOST_COUNT,
    NO_MORE,
    Answer,
    Bounds,
    Buckets,
    Known,
    MetricDialect,
    Numbers,
    Point,
    repaired_start,
)
from ingest.otlp.effect import MOST_ITEMS, Effect, Undecodable, batch_id
from ingest.otlp.histograms import Unreadable, numbers_of
from ingest.otlp.known_series import KNOWN, Metric
from ingest.otlp.messages import ExportMetricsServiceRequest, NumberDataPoint
from ingest.otlp.raw_points import sum_point
from plimsoll.registry import plugins

METRIC_DIALECTS: Final[tuple[MetricDialect, ...]] = (
    *(row for row in plugins("plimsoll.mesh").values() if isinstance(row, MetricDialect)),
    ISTIO_METRICS,
    ENVOY_STATS,
)

# A sink may put one prefix before all names (mesh-dialects, section 3).
_PREFIX: Final = "envoy."
_MINUTE_NS: Final = 60_000_000_000
_OLDEST_NS: Final = 24 * 60 * _MINUTE_NS
_LEAD_NS: Final = 5 * _MINUTE_NS


def metrics(body: bytes, source: str, context: Context, received_ns: int) -> Effect:
    """Decode an ExportMetricsServiceRequest. Raises Undecodable."""
    request = ExportMetricsServiceRequest()
    try:
        request.ParseFromString(body)
    except (DecodeError, UnicodeDecodeError) as error:
        raise Undecodable(f"The body is not an ExportMetricsServiceRequest: {error}") from error
    KNOWN.renew(context.namespaces)
    effect = Effect(batch_id(source, "metrics", body), source)
    reader = PointReader(effect, context, received_ns)
    for resource_metrics in request.resource_metrics:
        reader.resource_metrics(resource_metrics)
    effect.cells.count("received", "points", effect.items)
    for reason, n in effect.rejected.items():
        effect.cells.count("rejected", reason, n)
    return effect


class PointReader:
    """Reads the points of one request into its effect."""

    def __init__(self, effect: Effect, context: Context, received_ns: int) -> None:
        self.effect = effect
        self.context = context
        self.received_ns = received_ns
        self.answer = Answer(effect.rejected, effect.cells.health)
        self.clamped = 0

    def resource_metrics(self, resource_metrics: Any) -> None:
        """Read what one resource sent."""
        for scope_metrics in resource_metrics.scope_metrics:
            for metric in scope_metrics.metrics:
                self._metric(metric, resource_metrics.resource, scope_metrics.scope.name)

    def _metric(self, metric: Any, resource: bytes, scope: str) -> None:
        kind, data = _data(metric)
        if data is None or not data.data_points:
            return
        points = data.data_points
        self.effect.items += len(points)
        name = metric.name.removeprefix(_PREFIX)
        dialect = _dialect(name)
        drop = _unread(kind, data, dialect)
        if drop or dialect is None:
            self.effect.cells.count("dropped", drop, len(points))
            return
        room = MOST_ITEMS - len(self.effect.points)
        if len(points) > room:
            self._reject("too many points in one request", len(points) - room)
            points = points[:room]
        described = Metric(
            self.effect.source, resource, scope, metric.name, name, metric.unit, data.aggregation_temporality, dialect
        )
        if kind == "sum":
            self._sums(points, described)
        else:
            self._histograms(points, described, kind)

    def _sums(self, points: Iterable[bytes], metric: Metric) -> None:
        known = KNOWN.of_metric(metric, self.context)
        for raw in points:
            try:
                start, time, value, rest = sum_point(raw)
                series = known.get(rest)
                if series is None:
                    series = known[rest] = KNOWN.learnt(metric, self.context, NumberDataPoint.FromString(rest))
            except (DecodeError, UnicodeDecodeError):
                self._reject("attributes cannot be read")
                continue
            if series.meaning.drop:
                self.effect.cells.count("dropped", series.meaning.drop)
            elif 0.0 <= value <= MOST_COUNT:
                self._point(series, start, time, (value,))
            else:
                self._reject("value of a monotonic sum is negative, not finite or above 2^53")

    def _histograms(self, points: Iterable[Any], metric: Metric, kind: str) -> None:
        known = KNOWN.of_metric(metric, self.context)
        factor = 1000.0 if metric.unit == "s" else 1.0
        for point in points:
            labels = point.flags, *point.attributes
            try:
                series = known.get(labels)
                if series is None:
                    series = known[labels] = KNOWN.learnt(metric, self.context, point)
                if series.meaning.drop:
                    self.effect.cells.count("dropped", series.meaning.drop)
                    continue
                read = numbers_of(point, kind, factor)
            except (DecodeError, UnicodeDecodeError):
                self._reject("attributes cannot be read")
            except Unreadable as error:
                self._reject(str(error))
            else:
                self._point(series, point.start_time_unix_nano, point.time_unix_nano, *read)

    def _point(
        self, series: Known, start: int, time_ns: int, numbers: Numbers, bounds: Bounds = (), more: Buckets = NO_MORE
    ) -> None:
        """Take a point whose series means something."""
        if time_ns < self.received_ns - _OLDEST_NS:
            self._reject("point is more than 24 h old, or has no time")
            return
        start_ns = repaired_start(start, time_ns)
        clamped = time_ns
        if time_ns > self.received_ns + _LEAD_NS:
            # In the order in which they came: a point of a series' time that is known adds nothing.
            self.clamped += 1
            clamped = self.received_ns + self.clamped
            self.effect.cells.count("clamped", "point more than 5 min in the future")
            if series.temporality == CUMULATIVE:
                time_ns = clamped
        minute = clamped // _MINUTE_NS
        self.effect.points.append(Point(series, start_ns, time_ns, minute, numbers, bounds, more, self.answer))

    def _reject(self, reason: str, n: int = 1) -> None:
        self.effect.rejected[reason] = self.effect.rejected.get(reason, 0) + n


def _data(metric: Any) -> tuple[str, Any]:
    """Return the kind of a metric and its data; summaries are not read."""
    for kind in ("sum", "histogram", "gauge", "exponential_histogram"):
        if metric.HasField(kind):
            return kind, getattr(metric, kind)
    return "", None


def _unread(kind: str, data: Any, dialect: MetricDialect | None) -> str:
    """Return why a metric is not read, or nothing."""
    if dialect is None:
        return "no dialect reads this metric"
    if kind == "gauge":
        return "a gauge is no count"
    if kind == "sum" and not data.is_monotonic:
        return "a sum that may fall is no count"
    return "" if data.aggregation_temporality in (DELTA, CUMULATIVE) else "temporality is not known"


@lru_cache(maxsize=16_384)
def _dialect(name: str) -> MetricDialect | None:
    """Return the first dialect that claims a name."""
    return next((row for row in METRIC_DIALECTS if row.claims(name)), None)
