"""What only spans tell: calls of stores, from the applications, and visitors at the gateways, from their proxies.

A handful of each minute is sent, and each says how many it stands for: a probability sampler's threshold in the
tracestate (mesh-dialects, section 9.3).
"""

import struct
from collections.abc import Sequence
from hashlib import blake2b

from plimsoll.console.bench import wire
from plimsoll.console.bench.meshes import latency, where
from plimsoll.console.bench.meshes.plan import Call, Place, Plan

_SERVER, _CLIENT, _PRODUCER = 2, 3, 4
_CHANGING = struct.Struct("<2s16s2s8scQcQ")
_FLAGS = b"\x85\x01" + struct.pack("<I", 0x101)
_FAILED = wire.field(15, b"\x18\x02")
_MINUTE_NS = 60_000_000_000
# A step through the interval that visits all of it evenly.
_GOLDEN = 0.6180339887498949
# A gateway is reached by so many more calls than a store that a few spans would say little of how many fail.
_VISITS = 6
_BROKER = "kafka.messaging.svc.cluster.local"


class Sampled:
    """Writes sampled spans, so many of a call in a minute."""

    def __init__(self, plan: Plan, environment: str, a_minute: int) -> None:
        self._plan, self._environment, self._a_minute = plan, environment, a_minute
        self._clusters = {name: where.cluster_of(plan, name) for name in plan.places}
        self._reached = plan.reached()
        self._fixed: dict[tuple[str, str, bool], bytes] = {}
        self._sent = 0
        # Calls told of, and those of them that failed, by pair.
        self._failed: dict[tuple[str, str], tuple[int, int]] = {}

    def stores(self, minute: int, calls: Sequence[Call]) -> bytes:
        """Return the request with the applications' spans of these calls of a minute."""
        return b"".join(self._spans(minute, self._plan.places[call.client], call, self._a_minute) for call in calls)

    def visits(self, minute: int) -> bytes:
        """Return the request with the gateways' spans of a minute's visitors."""
        parts = []
        for name, rate in self._reached.items():
            through = [call for call in self._plan.calls if call.client == name and call.life == "always"]
            worst = max((call.p95_ms for call in through), default=50.0)
            failed = sum(call.rate * call.error_rate for call in through) / rate if rate else 0.0
            visit = Call("", name, rate, failed, worst * 0.6)
            parts.append(self._spans(minute, self._plan.places[name], visit, _VISITS * self._a_minute))
        return b"".join(parts)

    def _spans(self, minute: int, speaker: Place, call: Call, most: int) -> bytes:
        """Return what one reporter sends of the calls of a minute."""
        made = where.calls_in(minute, call.rate)
        count = min(made, most)
        state = wire.field(3, f"ot=th:{threshold(made / count)}".encode())
        well, failed = (self._told(speaker, call, fails=fails) + state + _FLAGS for fails in (False, True))
        spans = []
        for n in range(count):
            self._sent += 1
            took = int(1e6 * latency.at(self._sent * _GOLDEN % 1, call.p95_ms))
            start = minute * _MINUTE_NS + (n + 1) * _MINUTE_NS // (count + 2)
            ids = blake2b(f"{call.client} {call.server} {minute} {n}".encode(), digest_size=24).digest()
            changing = _CHANGING.pack(
                b"\x0a\x10", ids[:16], b"\x12\x08", ids[16:], b"\x39", start, b"\x41", start + took
            )
            spans.append(wire.field(2, changing + (failed if self._fails(call) else well)))
        resource = wire.field(1, wire.attributes(1, self._resource(speaker)))
        return wire.field(1, resource + wire.field(2, b"".join(spans)))

    def _fails(self, call: Call) -> bool:
        """Whether the next call fails: as many of all as its error rate says."""
        told, failed = self._failed.get((call.client, call.server), (0, 0))
        fails = round((told + 1) * call.error_rate) > failed
        self._failed[call.client, call.server] = told + 1, failed + fails
        return fails

    def _resource(self, place: Place) -> dict[str, str]:
        return {
            "service.name": f"{place.name}.{place.namespace}" if place.kind == "gateway" else place.name,
            "k8s.namespace.name": place.namespace,
            "k8s.cluster.name": self._clusters[place.name],
            "deployment.environment.name": self._environment,
            "telemetry.sdk.name": "envoy" if place.kind == "gateway" else "opentelemetry",
        }

    def _told(self, speaker: Place, call: Call, *, fails: bool) -> bytes:
        """Return what does not change of the spans of a call."""
        key = call.client, call.server, fails
        if key not in self._fixed:
            server = self._plan.places[call.server]
            told = {"gateway": self._visit, "messaging": _message}.get(server.kind, _query)
            kind, (name, said) = told(server)
            said |= {"http.status_code": "503"} if fails and server.kind == "gateway" else {}
            self._fixed[key] = wire.field(5, name.encode()) + bytes((6 << 3, kind)) + wire.attributes(9, said)
            self._fixed[key] += _FAILED if fails else b""
        return self._fixed[key]

    def _visit(self, gateway: Place) -> tuple[int, tuple[str, dict[str, str]]]:
        pod = f"{gateway.name}-7d4b9c6f58-x2k4p.{gateway.namespace}"
        said = {
            "node_id": f"router~10.0.0.9~{pod}~{gateway.namespace}.svc.cluster.local",
            "component": "proxy",
            "istio.canonical_service": gateway.name,
            "istio.namespace": gateway.namespace,
            "istio.cluster_id": self._clusters[gateway.name],
            "upstream_cluster": "outbound|80||city.example",
            "upstream_cluster.name": "outbound|80||city.example",
            "http.status_code": "200",
            "response_flags": "-",
        }
        return _SERVER, ("city.example:443/*", said)


def _query(server: Place) -> tuple[int, tuple[str, dict[str, str]]]:
    systems = {"redis": "redis", "clickhouse": "clickhouse", "opensearch": "opensearch"}
    said = {
        "db.system.name": systems.get(server.name.partition("-")[0], "postgresql"),
        "server.address": server.name,
        "service.peer.namespace": server.namespace,
        "db.operation.name": "SELECT",
    }
    return _CLIENT, ("SELECT", said)


def _message(topic: Place) -> tuple[int, tuple[str, dict[str, str]]]:
    said = {
        "messaging.system": "kafka",
        "messaging.destination.name": topic.name,
        "messaging.operation.type": "send",
        "server.address": _BROKER,
    }
    return _PRODUCER, (f"send {topic.name}", said)


def threshold(weight: float) -> str:
    """Return a sampler's threshold with which a span stands for so many: 56 bits in hex, without trailing zeros."""
    return f"{min(round(2**56 * (1 - 1 / weight)), 2**56 - 1):014x}".rstrip("0") or "0"
