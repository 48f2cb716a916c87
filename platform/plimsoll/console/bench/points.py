"""Requests of `istio_requests_total` as a collector scrapes it from the proxies: cumulative sums of both reporters."""

import struct
import time
from collections.abc import Iterator, Mapping
from itertools import groupby

from plimsoll.console.bench import wire
from plimsoll.console.bench.mesh import CALLERS, NAMESPACE, SERVICES, Pod, host, pods

# Start, time and value (as_double) of a point: everything that changes.
_CHANGING = struct.Struct("<cQcQcd")
_CUMULATIVE_AND_MONOTONIC = b"\x10\x02\x18\x01"
_CODES = ("200", "503")
_PROTOCOLS = ("http", "grpc")


def requests(points: int, count: int, started_ns: int) -> Iterator[bytes]:
    """Yield `count` requests of `points` points: the series in turn, and each counts on whenever it comes again.

    Every call of this function stands for another start of all pods: series begin at `started_ns`.
    """
    series = [(pod, wire.attributes(7, labels)) for pod, labels in _series()]
    resources = {pod: wire.field(1, wire.attributes(1, pod.resource)) for pod, _ in series}
    at = 0
    for _ in range(count):
        now = time.time_ns()
        chosen = [((at + n) % len(series), (at + n) // len(series) + 1) for n in range(points)]
        at += points
        body = []
        for pod, run in groupby(chosen, lambda one: series[one[0]][0]):
            data = b"".join(wire.field(1, _changing(started_ns, now, turn) + series[n][1]) for n, turn in run)
            metric = wire.field(1, b"istio_requests_total") + wire.field(7, data + _CUMULATIVE_AND_MONOTONIC)
            body.append(wire.field(1, resources[pod] + wire.field(2, wire.field(2, metric))))
        yield b"".join(body)


def _changing(started_ns: int, now: int, turn: int) -> bytes:
    return _CHANGING.pack(b"\x11", started_ns, b"\x19", now + turn, b"\x21", 3.0 * turn)


def _series() -> Iterator[tuple[Pod, Mapping[str, str]]]:
    """Yield all label sets, those of one pod together."""
    for caller in pods(CALLERS):
        for callee in SERVICES:
            yield from ((caller, _labels(caller.service, callee, "source", *codes)) for codes in _codes())
    for pod in pods(SERVICES):
        for caller_name in CALLERS:
            yield from ((pod, _labels(caller_name, pod.service, "destination", *codes)) for codes in _codes())


def _codes() -> Iterator[tuple[str, str]]:
    return ((code, protocol) for code in _CODES for protocol in _PROTOCOLS)


def _labels(caller: str, callee: str, reporter: str, code: str, protocol: str) -> dict[str, str]:
    """Return Istio's standard labels."""
    ends: dict[str, str] = {}
    for end, service in (("source", caller), ("destination", callee)):
        ends |= {
            f"{end}_workload": f"{service}-v1",
            f"{end}_workload_namespace": NAMESPACE,
            f"{end}_principal": f"spiffe://cluster.local/ns/{NAMESPACE}/sa/{service}",
            f"{end}_app": service,
            f"{end}_version": "v1",
            f"{end}_canonical_service": service,
            f"{end}_canonical_revision": "v1",
            f"{end}_cluster": "west",
        }
    return ends | {
        "reporter": reporter,
        "destination_service": host(callee),
        "destination_service_name": callee,
        "destination_service_namespace": NAMESPACE,
        "request_protocol": protocol,
        "response_code": code,
        "grpc_response_status": "14" if protocol == "grpc" and code != "200" else "0" if protocol == "grpc" else "",
        "response_flags": "-" if code == "200" else "UF",
        "connection_security_policy": "mutual_tls" if reporter == "destination" else "unknown",
    }
