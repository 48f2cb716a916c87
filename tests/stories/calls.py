"""Calls between services as Istio's proxies count them: one OTLP request a minute of calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric

from plimsoll.console.demo.mesh.meters import BOUNDS_MS

_DELTA: Final = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
_NAMESPACE: Final = "city"
# The buckets of (100, 250], (250, 500] and (500, 1000] ms.
_FAST, _SLOW, _SLOWEST = (BOUNDS_MS.index(bound) for bound in (250, 500, 1000))


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls that ended in one moment: `failed` of the slowest were answered 503."""

    client: str
    server: str
    cluster: str
    at: datetime
    fast: int = 0
    slow: int = 0
    slowest: int = 0
    failed: int = 0
    version: str = "v1"

    def request(self) -> bytes:
        """Return the request of the collector that scraped the caller's proxy."""
        request = ExportMetricsServiceRequest()
        scope = request.resource_metrics.add().scope_metrics.add()
        scope.scope.name = "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/prometheusreceiver"
        requests, durations = scope.metrics.add(name="istio_requests_total"), scope.metrics.add(unit="ms")
        durations.name = "istio_request_duration_milliseconds"
        requests.sum.aggregation_temporality, requests.sum.is_monotonic = _DELTA, True
        durations.histogram.aggregation_temporality = _DELTA
        self._count(requests, durations, "200", (self.fast, self.slow, self.slowest - self.failed))
        if self.failed:
            self._count(requests, durations, "503", (0, 0, self.failed))
        return request.SerializeToString()

    def _count(self, requests: Metric, durations: Metric, code: str, counts: tuple[int, int, int]) -> None:
        end = int(self.at.timestamp()) * 1_000_000_000
        start = end - 15 * 1_000_000_000
        n = sum(counts)
        point = requests.sum.data_points.add(start_time_unix_nano=start, time_unix_nano=end, as_double=n)
        buckets = [0] * (len(BOUNDS_MS) + 1)
        buckets[_FAST], buckets[_SLOW], buckets[_SLOWEST] = counts
        timed = durations.histogram.data_points.add(
            start_time_unix_nano=start, time_unix_nano=end, count=n, sum=200.0 * n, bucket_counts=buckets,
            explicit_bounds=BOUNDS_MS,
        )  # fmt: skip
        for key, text in self._labels(code).items():
            for each in (point, timed):
                each.attributes.add(key=key).value.string_value = text

    def _labels(self, code: str) -> Mapping[str, str]:
        ends = {"source": (self.client, "v1"), "destination": (self.server, self.version)}
        labels = {"reporter": "source", "request_protocol": "http", "response_code": code, "response_flags": "-"}
        for end, (name, version) in ends.items():
            labels |= {
                f"{end}_workload": name,
                f"{end}_workload_namespace": _NAMESPACE,
                f"{end}_canonical_service": name,
                f"{end}_canonical_revision": version,
                f"{end}_version": version,
                f"{end}_cluster": self.cluster,
            }
        return labels | {
            "destination_service": f"{self.server}.{_NAMESPACE}.svc.cluster.local",
            "destination_service_name": self.server,
            "destination_service_namespace": _NAMESPACE,
        }
