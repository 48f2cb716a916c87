"""Calls as the spans that Istio's proxies and an instrumented application report (mesh-dialects, section 4.1)."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import TYPE_CHECKING

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from plimsoll.console.demo.mesh.pods import Pod, application_resource, proxy_resource
from plimsoll.console.demo.mesh.requests import Exchange

if TYPE_CHECKING:
    from google.protobuf.internal.containers import RepeatedCompositeFieldContainer

PROXY, APPLICATION = "proxy", "application"
Reporter = tuple[Pod, str]
"""A pod, and which of its two containers speaks."""

# Bits of a span's flags: sampled, whether "the parent is elsewhere" is known, and that it is.
_HERE, _ELSEWHERE = 0x101, 0x301
_SCOPES = {
    PROXY: InstrumentationScope(name="envoy", version="1.40.0/Clean/RELEASE/BoringSSL"),
    APPLICATION: InstrumentationScope(name="opentelemetry.instrumentation.dbapi", version="0.66b0"),
}
_PORTS = {"postgresql": 5432, "redis": 6379, "opensearch": 9200}
_SDK_FLAGS = 0x101


def spans_of(visit: Exchange, end_ns: int, random: Random) -> Iterator[tuple[Reporter, Span]]:
    """Yield the spans of a visitor's request that was over at `end_ns`, each with who reports it."""
    total_us = visit.start_us + visit.duration_us + 200
    story = _Story(random.randbytes(16), end_ns - total_us * 1000, f"{random.getrandbits(64):016x}", random)
    root = story.span(Span.SPAN_KIND_SERVER, f"{visit.host}:80/*", b"", 0, total_us, _HERE)
    _proxy(root, visit, visit.client, story, f"outbound|80||{visit.host}")
    yield (visit.client, PROXY), root
    out = story.span(
        Span.SPAN_KIND_CLIENT,
        f"router outbound|80||{visit.host} egress",
        root.span_id,
        visit.start_us,
        visit.duration_us,
        _HERE,
    )
    _upstream(out, visit)
    yield (visit.client, PROXY), out
    yield from _served(visit, out.span_id, story)


class _Story:
    """What all spans of one request share."""

    def __init__(self, trace_id: bytes, start_ns: int, request_id: str, random: Random) -> None:
        self.trace_id, self.start_ns, self.request_id, self.random = trace_id, start_ns, request_id, random

    def span(
        self, kind: "Span.SpanKind.ValueType", name: str, parent: bytes, start_us: int, duration_us: int, flags: int
    ) -> Span:
        start = self.start_ns + start_us * 1000
        return Span(
            trace_id=self.trace_id,
            span_id=self.random.randbytes(8),
            parent_span_id=parent,
            name=name,
            kind=kind,
            start_time_unix_nano=start,
            end_time_unix_nano=start + duration_us * 1000,
            flags=flags,
        )


def _served(exchange: Exchange, caller: bytes, story: _Story) -> Iterator[tuple[Reporter, Span]]:
    """Yield what the server's proxy saw, and what follows from it."""
    if exchange.server is None:
        return
    span = story.span(
        Span.SPAN_KIND_SERVER,
        f"{exchange.host}:80/*",
        caller,
        exchange.server_start_us,
        exchange.server_duration_us,
        _ELSEWHERE,
    )
    _proxy(span, exchange, exchange.server, story, "inbound|8080||")
    yield (exchange.server, PROXY), span
    for inner in exchange.inner:
        yield from _called(inner, span.span_id, story)


def _called(exchange: Exchange, parent: bytes, story: _Story) -> Iterator[tuple[Reporter, Span]]:
    """Yield what the caller's side saw of a call, and what follows from it."""
    if exchange.database:
        yield (exchange.client, APPLICATION), _query(exchange, parent, story)
        return
    port = 80 if exchange.host.endswith(".cluster.local") else 443
    span = story.span(
        Span.SPAN_KIND_CLIENT,
        f"{exchange.host}:{port}/*",
        parent,
        exchange.start_us,
        exchange.duration_us,
        _ELSEWHERE,
    )
    _proxy(span, exchange, exchange.client, story, f"outbound|{port}||{exchange.host}")
    yield (exchange.client, PROXY), span
    yield from _served(exchange, span.span_id, story)


def _proxy(span: Span, exchange: Exchange, pod: Pod, story: _Story, cluster: str) -> None:
    """Write the attributes that Envoy adds; all values are strings, numbers too."""
    is_grpc = exchange.grpc is not None
    said = _shared(exchange, pod, cluster) | {
        "node_id": pod.node_id,
        "zone": f"{pod.cluster}-a",
        "guid:x-request-id": story.request_id,
        "http.url": f"http://{exchange.host}{exchange.path}",
        "http.method": "POST" if is_grpc else "GET",
        "downstream_cluster": "-",
        "user_agent": "grpc-python/1.85.1" if is_grpc else "city-services/1.0",
        "peer.address": exchange.client.address,
        "request_size": "0",
        "response_size": "512",
    }
    if is_grpc:
        said |= {"grpc.path": exchange.path, "grpc.authority": exchange.host, "grpc.content_type": "application/grpc"}
    _finish(span, exchange, said)


def _upstream(span: Span, exchange: Exchange) -> None:
    """Write the attributes of a gateway's outgoing span, which has neither node id nor address of the request."""
    address = f"{exchange.server.address}:8080" if exchange.server else "-"
    said = _shared(exchange, exchange.client, f"outbound|80||{exchange.host}")
    _finish(span, exchange, said | {"upstream_address": address, "peer.address": address})


def _shared(exchange: Exchange, pod: Pod, cluster: str) -> dict[str, str]:
    """Return the attributes of every span of a proxy."""
    said = {
        "http.protocol": "HTTP/1.1" if exchange.grpc is None else "HTTP/2",
        "component": "proxy",
        "upstream_cluster": cluster,
        "upstream_cluster.name": cluster,
        "http.status_code": str(exchange.status),
        "response_flags": exchange.flags,
        "istio.mesh_id": "city",
        "istio.canonical_service": pod.service,
        "istio.canonical_revision": pod.version,
        "istio.cluster_id": pod.cluster,
        "istio.namespace": pod.namespace,
    }
    return said if exchange.grpc is None else said | {"grpc.status_code": str(exchange.grpc)}


def _finish(span: Span, exchange: Exchange, said: dict[str, str]) -> None:
    """Write attributes and, when the call failed, that it did. Envoy calls a client's 4xx an error too."""
    if exchange.failed:
        said["error"] = "true"
    if exchange.failed or (span.kind == Span.SPAN_KIND_CLIENT and exchange.status >= 400):
        span.status.code = Status.STATUS_CODE_ERROR
    _write(span.attributes, said)


def _query(exchange: Exchange, parent: bytes, story: _Story) -> Span:
    """Return the span of a database query, from the application's own instrumentation."""
    span = story.span(Span.SPAN_KIND_CLIENT, exchange.path, parent, exchange.start_us, exchange.duration_us, _SDK_FLAGS)
    _write(
        span.attributes,
        {
            "db.system.name": exchange.database,
            "db.namespace": exchange.client.namespace,
            "db.operation.name": exchange.path,
            "server.address": exchange.host,
        },
    )
    span.attributes.append(KeyValue(key="server.port", value=AnyValue(int_value=_PORTS[exchange.database])))
    return span


def resource_spans(reporter: Reporter, spans: list[Span]) -> ResourceSpans:
    """Return what one reporter sends together."""
    pod, container = reporter
    said = proxy_resource(pod) if container == PROXY else application_resource(pod)
    return ResourceSpans(resource=resource(said), scope_spans=[ScopeSpans(scope=_SCOPES[container], spans=spans)])


def resource(said: Mapping[str, str]) -> Resource:
    """Return a resource with these attributes."""
    found = Resource()
    _write(found.attributes, said)
    return found


def _write(attributes: "RepeatedCompositeFieldContainer[KeyValue]", said: Mapping[str, str]) -> None:
    """Append text attributes."""
    attributes.extend(KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in said.items())
