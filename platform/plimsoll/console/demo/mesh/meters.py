"""Istio's request metrics as a collector scrapes them from the proxies (mesh-dialects, section 5.1)."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)

from plimsoll.console.demo.mesh.pods import Pod, scrape_resource
from plimsoll.console.demo.mesh.requests import Exchange
from plimsoll.console.demo.mesh.spans import resource

# Istio's own bounds, in milliseconds.
BOUNDS_MS = (
    0.5,
    1,
    5,
    10,
    25,
    50,
    100,
    250,
    500,
    1000,
    2500,
    5000,
    10000,
    30000,
    60000,
    300000,
    600000,
    1800000,
    3600000,
)
Labels = tuple[tuple[str, str], ...]
_CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
_SCOPE = InstrumentationScope(
    name="github.com/open-telemetry/opentelemetry-collector-contrib/receiver/prometheusreceiver"
)


@dataclass(slots=True)
class _Series:
    """One label set: how many requests, and how long they took. `start_ns` is when it could first have counted."""

    start_ns: int
    count: int = 0
    sum_ms: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_MS) + 1))


class Meters:
    """What every proxy has counted since it started; both ends of a call count it, each in its own words."""

    def __init__(self, now_ns: int) -> None:
        self._scraped_ns = now_ns
        self._pods: defaultdict[Pod, dict[Labels, _Series]] = defaultdict(dict)

    def count(self, visit: Exchange) -> None:
        """Count a call and all that followed from it."""
        if visit.database:
            return
        self._add(visit.client, _labels(visit, "source"), visit.duration_us / 1000)
        if visit.server is not None:
            self._add(visit.server, _labels(visit, "destination"), visit.server_duration_us / 1000)
        for inner in visit.inner:
            self.count(inner)

    def _add(self, pod: Pod, labels: Labels, took_ms: float) -> None:
        series = self._pods[pod].get(labels)
        if series is None:
            series = self._pods[pod][labels] = _Series(self._scraped_ns)
        series.count += 1
        series.sum_ms += took_ms
        series.buckets[bisect_left(BOUNDS_MS, took_ms)] += 1

    def forget(self, pod: Pod) -> None:
        """Drop a pod that was stopped."""
        self._pods.pop(pod, None)

    def scrape(self, now_ns: int) -> dict[str, bytes]:
        """Return, for each cluster, the request its collector sends now."""
        requests: dict[str, ExportMetricsServiceRequest] = {}
        for pod, series in self._pods.items():
            request = requests.setdefault(pod.cluster, ExportMetricsServiceRequest())
            request.resource_metrics.append(_resource_metrics(pod, series, now_ns))
        self._scraped_ns = now_ns
        return {cluster: request.SerializeToString() for cluster, request in requests.items()}


def _resource_metrics(pod: Pod, series: dict[Labels, _Series], now_ns: int) -> ResourceMetrics:
    """Return both metrics of one proxy."""
    requests = Sum(aggregation_temporality=_CUMULATIVE, is_monotonic=True)
    durations = Histogram(aggregation_temporality=_CUMULATIVE)
    for labels, one in series.items():
        attributes = [KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in labels]
        requests.data_points.append(
            NumberDataPoint(
                attributes=attributes,
                start_time_unix_nano=one.start_ns,
                time_unix_nano=now_ns,
                as_double=one.count,
            )
        )
        durations.data_points.append(
            HistogramDataPoint(
                attributes=attributes,
                start_time_unix_nano=one.start_ns,
                time_unix_nano=now_ns,
                count=one.count,
                sum=one.sum_ms,
                bucket_counts=one.buckets,
                explicit_bounds=BOUNDS_MS,
            )
        )
    metrics = [
        Metric(name="istio_requests_total", sum=requests),
        Metric(name="istio_request_duration_milliseconds", histogram=durations),
    ]
    return ResourceMetrics(
        resource=resource(scrape_resource(pod)), scope_metrics=[ScopeMetrics(scope=_SCOPE, metrics=metrics)]
    )


def _labels(exchange: Exchange, reporter: str) -> Labels:
    """Return the labels that the proxy of one end writes."""
    return (
        ("reporter", reporter),
        *_workload("source", exchange.client),
        *(_workload("destination", exchange.server) if exchange.server else _UNKNOWN_DESTINATION),
        *_destination_service(exchange),
        ("request_protocol", "http" if exchange.grpc is None else "grpc"),
        ("response_code", str(exchange.status)),
        ("grpc_response_status", "" if exchange.grpc is None else str(exchange.grpc)),
        ("response_flags", exchange.flags),
        ("connection_security_policy", "mutual_tls" if reporter == "destination" else "unknown"),
    )


def _workload(end: str, pod: Pod) -> Labels:
    """Return what a proxy knows of a workload."""
    return (
        (f"{end}_workload", pod.service),
        (f"{end}_workload_namespace", pod.namespace),
        (f"{end}_principal", pod.principal),
        (f"{end}_app", pod.service),
        (f"{end}_version", pod.version),
        (f"{end}_canonical_service", pod.service),
        (f"{end}_canonical_revision", pod.version),
        (f"{end}_cluster", pod.cluster),
    )


_UNKNOWN_DESTINATION: Labels = tuple(
    (f"destination_{part}", "unknown")
    for part in (
        "workload", "workload_namespace", "principal", "app", "version",
        "canonical_service", "canonical_revision", "cluster",
    )
)  # fmt: skip


def _destination_service(exchange: Exchange) -> Labels:
    """Return the labels of the service that was asked for: inside the mesh, or a host that a ServiceEntry names."""
    name, _, rest = exchange.host.partition(".")
    is_inside = rest.endswith(".svc.cluster.local")
    return (
        ("destination_service", exchange.host),
        ("destination_service_name", name if is_inside else exchange.host),
        ("destination_service_namespace", rest.partition(".")[0] if is_inside else exchange.client.namespace),
    )
