"""Requests of spans as Istio's sidecars send them: about 20 attributes and 820 bytes a span.

Callers' and callees' spans are in different requests, so every call has to be joined across requests.
"""

import struct
import time
from collections.abc import Iterator
from itertools import cycle
from random import Random

from plimsoll.console.bench import wire
from plimsoll.console.bench.mesh import CALLERS, NAMESPACE, SERVICES, Pod, host, pods

_SERVER, _CLIENT = 2, 3
# Trace id, span id, parent's span id, start and end: everything in a span that changes, 73 bytes.
_CHANGING = struct.Struct("<2s16s2s8s2s8scQcQ")
_SCOPE = wire.field(1, wire.field(1, b"envoy") + wire.field(2, b"1.40.0/Clean/RELEASE/BoringSSL"))
_MOST_RESOURCES = 16
_SPANS_A_RESOURCE = 64
_VARIANTS = 50  # of which one in fifty failed


def requests(spans: int, count: int, seed: int) -> Iterator[bytes]:
    """Yield `count` requests of `spans` spans, in pairs: callers' spans, then those of their callees."""
    random = Random(seed)
    callers, callees = cycle(pods(CALLERS)), cycle(pods(SERVICES))
    templates = _Templates()
    resources = min(_MOST_RESOURCES, max(1, spans // _SPANS_A_RESOURCE))
    shares = [spans // resources + (n < spans % resources) for n in range(resources)]
    for _ in range((count + 1) // 2):
        sides: tuple[list[bytes], list[bytes]] = [], []
        for share in shares:
            caller, callee = next(callers), next(callees)
            calls = _calls(random, share)
            sides[0].append(_resource_spans(templates, caller, callee, _CLIENT, calls))
            sides[1].append(_resource_spans(templates, callee, caller, _SERVER, calls))
        for side in sides:
            yield b"".join(side)


_Call = tuple[bytes, bytes, bytes, bytes, int, int, int]


def _calls(random: Random, count: int) -> list[_Call]:
    """Return calls: trace, the span before, the caller's span, the callee's, start, duration in ns, variant."""
    ids = random.randbytes(40 * count)
    start = time.time_ns() - 2_000_000_000
    return [
        (
            ids[at : at + 16], ids[at + 16 : at + 24], ids[at + 24 : at + 32], ids[at + 32 : at + 40], start,
            int(random.lognormvariate(16.5, 0.8)), random.randrange(_VARIANTS),
        )
        for at in range(0, 40 * count, 40)
    ]  # fmt: skip


def _resource_spans(templates: "_Templates", pod: Pod, other: Pod, kind: int, calls: list[_Call]) -> bytes:
    """Return what one proxy sends."""
    bodies = templates.of(pod, other, kind)
    pack, spans = _CHANGING.pack, []
    for trace, before, caller, callee, start, duration, variant in calls:
        own, parent = (caller, before) if kind == _CLIENT else (callee, caller)
        took = duration if kind == _CLIENT else duration * 9 // 10
        changing = pack(
            b"\x0a\x10", trace, b"\x12\x08", own, b"\x22\x08", parent, b"\x39", start, b"\x41", start + took
        )
        spans.append(wire.field(2, changing + bodies[variant]))
    resource = wire.field(1, wire.attributes(1, pod.resource))
    return wire.field(1, resource + wire.field(2, _SCOPE + b"".join(spans)))


class _Templates:
    """The parts of spans that do not change, by who says them of whom."""

    def __init__(self) -> None:
        self._made: dict[tuple[Pod, Pod, int], list[bytes]] = {}

    def of(self, pod: Pod, other: Pod, kind: int) -> list[bytes]:
        """Return the variants of a span's fixed part; the first is a failed call."""
        key = pod, other, kind
        if key not in self._made:
            failed = _fixed(pod, other, kind, "503", "UF" if kind == _CLIENT else "-")
            well = _fixed(pod, other, kind, "200", "-")
            self._made[key] = [failed] + [well] * (_VARIANTS - 1)
        return self._made[key]


def _fixed(pod: Pod, other: Pod, kind: int, status: str, flags: str) -> bytes:
    """Return name, kind, attributes, flags and status of a span."""
    asked = host((other if kind == _CLIENT else pod).service)
    upstream = f"outbound|8080||{asked}" if kind == _CLIENT else "inbound|8080||"
    said = {
        "node_id": f"sidecar~{pod.address}~{pod.name}.{NAMESPACE}~{NAMESPACE}.svc.cluster.local",
        "zone": "west-a",
        "guid:x-request-id": "4b3fd7a5-6a0f-9c0e-8a3f-1d2c3b4a5968",
        "http.url": f"http://{asked}:8080/api/v1/items/1842",
        "http.method": "GET",
        "http.protocol": "HTTP/1.1",
        "http.status_code": status,
        "downstream_cluster": "-",
        "user_agent": "city-services/1.0",
        "peer.address": other.address,
        "request_size": "0",
        "response_size": "512",
        "component": "proxy",
        "upstream_cluster": upstream,
        "upstream_cluster.name": upstream,
        "response_flags": flags,
        "istio.mesh_id": "city",
        "istio.canonical_service": pod.service,
        "istio.canonical_revision": "v1",
        "istio.cluster_id": "west",
        "istio.namespace": NAMESPACE,
    } | ({"error": "true"} if status != "200" else {})
    name = f"{asked}:8080/*".encode()
    # Flags: sampled, and the parent is known to be elsewhere (0x301), a fixed32 of field 16.
    ended = wire.field(15, b"\x18\x02") if status != "200" else b""
    return (
        wire.field(5, name)
        + bytes((6 << 3, kind))
        + wire.attributes(9, said)
        + ended
        + b"\x85\x01"
        + struct.pack("<I", 0x301)
    )
