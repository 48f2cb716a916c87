"""Calls between services as Istio counts them: deltas of a minute, as the callers' proxies tell their collector."""

import struct
from collections.abc import Sequence

from ingest.otlp.wire import varint
from plimsoll.console.bench import wire
from plimsoll.console.bench.meshes import latency, where
from plimsoll.console.bench.meshes.plan import Call, Plan

# Start and time, and the value of a sum or the count of a histogram.
_SUM, _COUNT = struct.Struct("<cQcQcd"), struct.Struct("<cQcQcQ")
_DELTA, _MONOTONIC, _SCALE_5 = b"\x10\x01", b"\x18\x01", b"\x30\x0a"
_MINUTE_NS = 60_000_000_000


class Counters:
    """Writes what proxies counted; the labels of a call are written once."""

    def __init__(self, plan: Plan, environment: str) -> None:
        self._clusters = {name: where.cluster_of(plan, name) for name in plan.places}
        self._plan = plan
        self._labels: dict[tuple[str, str, int, str], bytes] = {}
        self._resource = wire.field(
            1, wire.attributes(1, {"deployment.environment.name": environment, "service.name": "istio-proxies"})
        )

    def request(self, minute: int, calls: Sequence[Call]) -> bytes:
        """Return the request that tells of these calls of a minute."""
        sums, durations = [], []
        times = b"\x11", minute * _MINUTE_NS, b"\x19", minute * _MINUTE_NS + _MINUTE_NS - 1
        for call in calls:
            made = where.calls_in(minute, call.rate)
            failed = round(made * call.error_rate)
            for n, code in ((made - failed, "200"), (failed, "503")):
                if n:
                    point = _SUM.pack(*times, b"\x21", n) + self._attributes(call, 7, code)
                    sums.append(wire.field(1, point))
            point = _COUNT.pack(*times, b"\x21", made) + _histogram(made, call.p95_ms)
            durations.append(wire.field(1, point + self._attributes(call, 1, "200")))
        metrics = (
            wire.field(1, b"istio_requests_total") + wire.field(7, b"".join(sums) + _DELTA + _MONOTONIC),
            wire.field(1, b"istio_request_duration_milliseconds") + wire.field(10, b"".join(durations) + _DELTA),
        )
        scope = b"".join(wire.field(2, metric) for metric in metrics)
        return wire.field(1, self._resource + wire.field(2, scope))

    def _attributes(self, call: Call, number: int, code: str) -> bytes:
        key = call.client, call.server, number, code
        if key not in self._labels:
            self._labels[key] = wire.attributes(number, self._said(call, code))
        return self._labels[key]

    def _said(self, call: Call, code: str) -> dict[str, str]:
        """Return the labels that Istio's caller side writes, without those that say nothing new."""
        client, server = self._plan.places[call.client], self._plan.places[call.server]
        said = {
            "reporter": "source",
            "source_workload": client.name,
            "source_canonical_service": client.name,
            "source_workload_namespace": client.namespace,
            "source_cluster": self._clusters[client.name],
            "request_protocol": call.protocol,
            "response_code": code,
            "grpc_response_status": ("0" if code == "200" else "14") if call.protocol == "grpc" else "",
            "response_flags": "-",
        }
        if server.kind == "external":
            return said | {"destination_service": server.name, "destination_service_name": server.name}
        return said | {
            "destination_workload": server.name,
            "destination_canonical_service": server.name,
            "destination_workload_namespace": server.namespace,
            "destination_cluster": self._clusters[server.name],
            "destination_service": f"{server.name}.{server.namespace}.svc.cluster.local",
            "destination_service_name": server.name,
            "destination_service_namespace": server.namespace,
        }


def _histogram(calls: int, p95_ms: float) -> bytes:
    """Return the sum, the scale and the buckets of an exponential histogram."""
    found = latency.buckets(calls, p95_ms)
    first, last = min(found), max(found)
    counts = b"".join(varint(found.get(bucket, 0)) for bucket in range(first, last + 1))
    offset = 2 * first if first >= 0 else -2 * first - 1
    total = struct.pack("<cd", b"\x29", calls * p95_ms / 2.4)
    return total + _SCALE_5 + wire.field(8, b"\x08" + varint(offset) + wire.field(2, counts))
