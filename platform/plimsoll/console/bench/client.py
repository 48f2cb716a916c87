"""The sender: up to 17 requests in flight, and how long each waited for its answer."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import grpc

from plimsoll.env import Address

# As the figures in the design were measured (architecture, section 3).
IN_FLIGHT = 17
METHODS = {
    "spans": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "points": "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
}


@dataclass(slots=True)
class Sent:
    """What was acknowledged: how many requests, within which time, and each one's wait in seconds."""

    requests: int = 0
    seconds: float = 0.0
    waits_s: list[float] = field(default_factory=list)


def send(address: Address, signal: str, bodies: Sequence[bytes], seconds: float) -> Sent:
    """Send requests for so long, or until all are sent; an even number of them, because calls have two sides.

    Raises grpc.RpcError when one is refused.
    """
    return asyncio.run(_send(address, signal, bodies, seconds))


async def _send(address: Address, signal: str, bodies: Sequence[bytes], seconds: float) -> Sent:
    sent = Sent()
    indices = itertools.count()
    stopping = False
    async with grpc.aio.insecure_channel(str(address)) as channel:
        export = channel.unary_unary(METHODS[signal], request_serializer=None, response_deserializer=None)
        began = time.perf_counter()

        async def sender() -> None:
            nonlocal stopping
            while True:
                # Between two sides of the same calls nobody stops.
                index = next(indices)
                if index % 2 == 0 and (index >= len(bodies) or time.perf_counter() - began > seconds):
                    stopping = True
                if stopping:
                    return
                asked = time.perf_counter()
                await export(bodies[index], timeout=60, wait_for_ready=True)
                sent.waits_s.append(time.perf_counter() - asked)
                sent.requests += 1

        await asyncio.gather(*(sender() for _ in range(IN_FLIGHT)))
        sent.seconds = time.perf_counter() - began
    return sent
