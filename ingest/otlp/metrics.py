"""Decoding of metric requests: each point is read once, and its series' meaning is looked up."""

from collections.abc import Container, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from google.protobuf.message import DecodeError

from ingest.mesh.dialect import Context
from ingest.mesh.envoy_stats import ENVOY_STATS
from ingest.mesh.istio_metrics import ISTIO_METRICS
from ingest.mesh.points import CUMULATIVE, DELTA, Meaning, MetricDialect, Point, Series, repaired_start
from ingest.otlp.effect import MOST_ITEMS, Effect, Undecodable, batch_id
from ingest.otlp.histograms import Unreadable, values_of
from ingest.otlp.messages import ExportMetricsServiceRequest
from ingest.otlp.values import attributes_of, text, texts
from plimsoll.registry import plugins

METRIC_DIALECTS: Final[tuple[MetricDialect, ...]] = (
    *(row for row in plugins("plimsoll.mesh").values() if isinstance(row, MetricDialect)),
    ISTIO_METRICS,
    ENVOY_STATS,
)

# A sink may put one prefix before all names (mesh-dialects, section 3).
_PREFIX: Final = "envoy."
# Which of several collectors sent a point is no part of its series (mesh-dialects, section 6.7).
_REPLICA: Final = {"prometheus_replica", "collector.instance.id", "otelcol.instance.id"}
# What tells one sender from another where it says which instance it is: a collector may add the rest while the sender
# runs, and its counts must not begin anew then (mesh-dialects, sections 2.1 and 6.1).
_INSTANCE: Final = "service.instance.id"
_IDENTITY: Final = {"k8s.cluster.name", "service.namespace", "service.name", _INSTANCE}
_MINUTE_NS: Final = 60_000_000_000
_OLDEST_NS: Final = 24 * 60 * _MINUTE_NS
_LEAD_NS: Final = 5 * _MINUTE_NS
_NO_VALUE: Final = 1
_NOTHING: Final = Meaning(drop="no dialect reads this metric")

# What series mean, by all that tells them apart. Namespaces that become known may change a meaning: begin anew at
# times.
_MOST_KNOWN: Final = 50_000
_KNOWN_FOR_NS: Final = 5 * _MINUTE_NS
_known: dict[tuple[object, ...], tuple[bytes, bytes, Meaning]] = {}
_known_since: list[int] = [0]


def metrics(body: bytes, source: str, context: Context, received_ns: int) -> Effect:
    """Decode an ExportMetricsServiceRequest. Raises Undecodable."""
    request = ExportMetricsServiceRequest()
    try:
        request.ParseFromString(body)
    except (DecodeError, UnicodeDecodeError) as error:
        raise Undecodable(f"The body is not an ExportMetricsServiceRequest: {error}") from error
    if len(_known) > _MOST_KNOWN or abs(received_ns - _known_since[0]) > _KNOWN_FOR_NS:
        _known.clear()
        _known_since[0] = received_ns
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

    def resource_metrics(self, resource_metrics: Any) -> None:
        """Read what one resource sent."""
        attributes = resource_metrics.resource.attributes
        sender = _digest(
            self.effect.source, self.context.cluster, self.context.environment, *_parts(attributes, attributes)
        )
        for scope_metrics in resource_metrics.scope_metrics:
            scope = scope_metrics.scope.name
            for metric in scope_metrics.metrics:
                self._metric(metric, (sender, scope), attributes)

    def _metric(self, metric: Any, sender: tuple[bytes, str], resource: Mapping[str, bytes]) -> None:
        kind, data = _data(metric)
        if data is None:
            return
        points = data.data_points
        self.effect.items += len(points)
        dialect = _dialect(metric.name.removeprefix(_PREFIX))
        drop = _unread(kind, data, dialect)
        if drop or dialect is None:
            self.effect.cells.count("dropped", drop, len(points))
            return
        for point in points:
            if len(self.effect.points) >= MOST_ITEMS:
                self._reject("too many points in one request")
                continue
            labels = tuple(point.attributes)
            known = _known.get((*sender, metric.name, data.aggregation_temporality, labels))
            if known is None:
                try:
                    attributes = attributes_of(labels)
                except (DecodeError, UnicodeDecodeError):
                    self._reject("attributes cannot be read")
                    continue
                known = self._meaning(metric, data.aggregation_temporality, dialect, sender, resource, attributes)
                _known[(*sender, metric.name, data.aggregation_temporality, labels)] = known
            if known[2].drop:
                self.effect.cells.count("dropped", known[2].drop)
            elif point.flags & _NO_VALUE:
                self.effect.cells.count("dropped", "point without a value")
            else:
                self._point(point, kind, data.aggregation_temporality, 1000.0 if metric.unit == "s" else 1.0, known)

    def _meaning(
        self,
        metric: Any,
        temporality: int,
        dialect: MetricDialect,
        sender: tuple[bytes, str],
        resource: Mapping[str, bytes],
        attributes: Mapping[str, bytes],
    ) -> tuple[bytes, bytes, Meaning]:
        """Work out what a series means, once."""
        series = Series(metric.name.removeprefix(_PREFIX), metric.unit, texts(attributes), texts(resource))
        meaning = dialect.meaning(series, self.context)
        labels = _parts(attributes, attributes)
        identity = _IDENTITY if text(resource.get(_INSTANCE)) else resource
        instance = _digest(self.effect.source, *_parts(resource, identity))
        key = _digest(instance, sender[1], metric.name, str(temporality), *labels)
        upstream = _digest(instance, "upstream", meaning.cluster) if meaning.cluster else b""
        return key, upstream, meaning

    def _point(
        self, point: Any, kind: str, temporality: int, factor: float, known: tuple[bytes, bytes, Meaning]
    ) -> None:
        """Read a point whose series means something."""
        time_ns = point.time_unix_nano
        if time_ns < self.received_ns - _OLDEST_NS:
            self._reject("point is more than 24 h old, or has no time")
            return
        try:
            values, bounds = values_of(point, kind, factor)
        except Unreadable as error:
            self._reject(str(error))
            return
        start_ns = repaired_start(point.start_time_unix_nano, time_ns)
        clamped = time_ns
        if time_ns > self.received_ns + _LEAD_NS:
            clamped = self.received_ns
            self.effect.cells.count("clamped", "point more than 5 min in the future")
        key, upstream, meaning = known
        self.effect.points.append(
            Point(
                key, temporality, start_ns, time_ns if temporality == DELTA else clamped, clamped // _MINUTE_NS,
                values, bounds, meaning, upstream,
            )
        )  # fmt: skip

    def _reject(self, reason: str) -> None:
        self.effect.rejected[reason] = self.effect.rejected.get(reason, 0) + 1


def _parts(attributes: Mapping[str, bytes], kept: Container[str]) -> Iterator[str | bytes]:
    """Return the keys and values of attributes that are kept, in order, without which collector sent them."""
    for key in sorted(attributes):
        if key in kept and key not in _REPLICA:
            yield key
            yield attributes[key]


def _data(metric: Any) -> tuple[str, Any]:
    """Return the kind of a metric and its data; summaries are not read."""
    for kind in ("sum", "histogram", "gauge", "exponential_histogram"):
        if metric.HasField(kind):
            return kind, getattr(metric, kind)
    return "", None


def _unread(kind: str, data: Any, dialect: MetricDialect | None) -> str:
    """Return why a metric is not read, or nothing."""
    if dialect is None:
        return _NOTHING.drop
    if kind == "gauge":
        return "a gauge is no count"
    if kind == "sum" and not data.is_monotonic:
        return "a sum that may fall is no count"
    return "" if data.aggregation_temporality in (DELTA, CUMULATIVE) else "temporality is not known"


@lru_cache(maxsize=16_384)
def _dialect(name: str) -> MetricDialect | None:
    """Return the first dialect that claims a name."""
    return next((row for row in METRIC_DIALECTS if row.claims(name)), None)


def _digest(*parts: str | bytes) -> bytes:
    """Return a key of 16 bytes from parts, none of which can run into the next."""
    digest = blake2b(digest_size=16)
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(4))
        digest.update(raw)
    return digest.digest()
