"""Requests as proxies and applications of a mesh send them, and the graph that is shown of them."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ingest.mesh.dialect import Context
from ingest.otlp.effect import traces
from ingest.otlp.writer import Writer
from plimsoll.insight.topology import EdgeRow, NodeRow, edges, nodes

HOUR = timedelta(hours=1)
REMOTE_FLAGS = 0x301


def request(
    resource: dict[str, str], scope: str, spans: Sequence[tuple[int, int, int, dict[str, str]]], *, trace: int = 1,
    start_ns: int | None = None,
) -> bytes:  # fmt: skip
    """Return a request of one sender: spans of (kind, own id, parent's id or 0, attributes)."""
    made = ExportTraceServiceRequest()
    resource_spans = made.resource_spans.add()
    for key, value in resource.items():
        resource_spans.resource.attributes.add(key=key).value.string_value = value
    scope_spans = resource_spans.scope_spans.add()
    scope_spans.scope.name = scope
    now = time.time_ns()
    for kind, own, parent, attributes in spans:
        span = scope_spans.spans.add(
            trace_id=trace.to_bytes(16, "big"), span_id=own.to_bytes(8, "big"), name="call", flags=REMOTE_FLAGS,
            parent_span_id=parent.to_bytes(8, "big") if parent else b"",
            start_time_unix_nano=now - 20_000_000 if start_ns is None else start_ns, end_time_unix_nano=now,
        )  # fmt: skip
        span.kind = kind  # type: ignore[assignment]
        for key, value in attributes.items():
            span.attributes.add(key=key).value.string_value = value
    return made.SerializeToString()


def proxy(name: str, role: str = "sidecar", namespace: str = "shop", pod: str = "1") -> dict[str, str]:
    """Return what a proxy's span says of its pod."""
    return {
        "component": "proxy", "istio.canonical_service": name, "istio.namespace": namespace,
        "node_id": f"{role}~10.0.0.1~{name}-{pod}.{namespace}~{namespace}.svc.cluster.local",
        "http.status_code": "200", "response_flags": "-",
    }  # fmt: skip


def to(name: str, namespace: str = "shop") -> dict[str, str]:
    upstream = f"outbound|80||{name}.{namespace}.svc.cluster.local"
    return {"upstream_cluster": upstream, "upstream_cluster.name": upstream}


INBOUND = {"upstream_cluster": "inbound|8080||", "upstream_cluster.name": "inbound|8080||"}
HTTP = {"http.request.method": "GET", "http.response.status_code": "200"}


def sidecar(name: str) -> dict[str, str]:
    return {
        "service.name": f"{name}.shop",
        "telemetry.sdk.name": "envoy",
        "service.instance.id": f"shop.{name}-1.istio-proxy",
    }


def app(name: str, pod: str = "1") -> dict[str, str]:
    return {"service.name": name, "k8s.namespace.name": "shop", "k8s.pod.name": f"{name}-{pod}"}


def sent(*bodies: bytes) -> None:
    writer = Writer()
    for body in bodies:
        writer.write([traces(body, "open", Context("c1"), time.time_ns())])
    writer.close()


def shown() -> dict[tuple[str, str], EdgeRow]:
    now = datetime.now(UTC)
    rows = edges(start=now - HOUR, end=now + HOUR)
    found = {(row.client, row.server): row for row in rows}
    assert len(found) == len(rows)
    return found


def shown_nodes() -> dict[str, NodeRow]:
    now = datetime.now(UTC)
    return {row.name: row for row in nodes(start=now - HOUR, end=now + HOUR)}
