"""Sends requests as a collector does, and says when one was not taken whole."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import grpc
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from plimsoll.console.bench.client import METHODS
from plimsoll.env import Address
from plimsoll.errors import PlimsollError

_IN_FLIGHT = 8
_WAIT_S = 120


@dataclass(frozen=True, slots=True)
class Request:
    """What goes to one of the two services: "spans" or "points"."""

    signal: str
    body: bytes


def send(address: Address, requests: Iterable[Request]) -> int:
    """Send all requests and return how many there were. Raises PlimsollError when one is refused, or part of one."""
    return asyncio.run(_send(address, iter(requests)))


async def _send(address: Address, requests: Iterable[Request]) -> int:
    waiting = iter(requests)
    sent = 0
    async with grpc.aio.insecure_channel(str(address)) as channel:
        exports = {
            signal: channel.unary_unary(method, request_serializer=None, response_deserializer=None)
            for signal, method in METHODS.items()
        }

        async def sender() -> None:
            nonlocal sent
            for request in waiting:
                answer = await exports[request.signal](request.body, timeout=_WAIT_S)
                _check(request.signal, answer)
                sent += 1

        try:
            await asyncio.gather(*(sender() for _ in range(_IN_FLIGHT)))
        except grpc.aio.AioRpcError as error:
            raise PlimsollError(f"The receiver at {address} refused: {error.code().name}, {error.details()}") from error
    return sent


def _check(signal: str, answer: bytes) -> None:
    """Raise when something of a request was refused (OTLP: a partial success is still status OK)."""
    if signal == "points":
        of_points = ExportMetricsServiceResponse.FromString(answer).partial_success
        refused, why = of_points.rejected_data_points, of_points.error_message
    else:
        of_spans = ExportTraceServiceResponse.FromString(answer).partial_success
        refused, why = of_spans.rejected_spans, of_spans.error_message
    if refused:
        raise PlimsollError(f"The receiver refused {refused} {signal}: {why}")
