"""Sends OTLP over gRPC as Envoy does: small batches of each proxy, and the same bytes again when told to wait."""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import uniform

import grpc
import grpc.aio
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from plimsoll.console.demo.mesh.spans import Reporter, resource_spans

TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
METRICS = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"

# Envoy's own defaults: a batch leaves after 5 spans or 5 seconds (mesh-dialects, section 4.1).
BATCH_SPANS, BATCH_AGE_S = 5, 5.0
# Requests that wait for a receiver that is away; the oldest give way.
_LONGEST_QUEUE = 4096
_AT_ONCE = 8
_AGAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.DEADLINE_EXCEEDED)


@dataclass(slots=True)
class _Batch:
    spans: list[Span] = field(default_factory=list)
    began: float = 0.0


class Batches:
    """Spans that wait to leave, by who reports them."""

    def __init__(self) -> None:
        self._waiting: dict[Reporter, _Batch] = {}

    def add(self, reporter: Reporter, span: Span, now: float) -> None:
        """Let a reporter have one span more; `now` is a monotonic time in seconds."""
        batch = self._waiting.setdefault(reporter, _Batch(began=now))
        batch.spans.append(span)

    def due(self, now: float) -> Iterator[tuple[str, bytes]]:
        """Yield the requests that are ready, each with its cluster."""
        for reporter, batch in list(self._waiting.items()):
            if len(batch.spans) >= BATCH_SPANS or now - batch.began >= BATCH_AGE_S:
                del self._waiting[reporter]
                request = ExportTraceServiceRequest(resource_spans=[resource_spans(reporter, batch.spans)])
                yield reporter[0].cluster, request.SerializeToString()


class Exporter:
    """One connection for each cluster, with the cluster's own token."""

    def __init__(self, target: str, tokens: Mapping[str, str]) -> None:
        self._channels = {cluster: grpc.aio.insecure_channel(target) for cluster in tokens}
        self._tokens = tokens
        self._queues: dict[str, deque[tuple[str, bytes]]] = {cluster: deque() for cluster in tokens}
        self._filled = {cluster: asyncio.Event() for cluster in tokens}
        self.dropped = 0
        self.refused = 0
        self.sent = 0
        self.last_refusal = ""

    def put(self, cluster: str, method: str, request: bytes) -> None:
        """Queue a request."""
        queue = self._queues[cluster]
        if len(queue) >= _LONGEST_QUEUE:
            queue.popleft()
            self.dropped += 1
        queue.append((method, request))
        self._filled[cluster].set()

    async def run(self) -> None:
        """Send what is queued until cancelled."""
        await asyncio.gather(*(self._work(cluster) for cluster in self._queues for _ in range(_AT_ONCE)))

    async def close(self) -> None:
        """Hang up."""
        for channel in self._channels.values():
            await channel.close(None)

    async def _work(self, cluster: str) -> None:
        queue, filled = self._queues[cluster], self._filled[cluster]
        while True:
            while not queue:
                filled.clear()
                await filled.wait()
            await self._send(cluster, *queue.popleft())

    async def _send(self, cluster: str, method: str, request: bytes) -> None:
        """Send the same bytes until they are taken or refused for good."""
        call = self._channels[cluster].unary_unary(method, request_serializer=bytes, response_deserializer=bytes)
        metadata = (("authorization", f"Bearer {self._tokens[cluster]}"),)
        pause_s = 0.2
        while True:
            try:
                await call(request, metadata=metadata, timeout=10)
            except grpc.aio.AioRpcError as error:
                if error.code() not in _AGAIN:
                    self.refused += 1
                    self.last_refusal = f"{error.code().name}: {error.details()}"
                    return
                await asyncio.sleep(uniform(0.5, 1.5) * pause_s)
                pause_s = min(pause_s * 2, 10.0)
            else:
                self.sent += 1
                return
