"""The OTLP receiver over gRPC: raw bytes in, an answer once their effect is durable."""

# gRPC's classes are generic in the type stubs only.
from __future__ import annotations

import asyncio
import gc
import logging
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import grpc
import psycopg
from grpc import StatusCode

from ingest.mesh.dialect import Context
from ingest.otlp import answers
from ingest.otlp.callers import Callers, Forbidden, Unauthenticated
from ingest.otlp.committer import Committer
from ingest.otlp.effect import Effect, Undecodable, traces
from ingest.otlp.metrics import metrics
from ingest.otlp.refusals import Refusals
from plimsoll.env import Address
from plimsoll.errors import BadSetting, Overloaded, Unavailable

logger = logging.getLogger(__name__)

LARGEST_REQUEST = 64 * 1024 * 1024
# reliability.md, section 4: beyond this many requests at a time the sender is asked to come again.
_MOST_IN_FLIGHT = 256
_MOST_BYTES_IN_FLIGHT = 256 * 1024 * 1024

_OPTIONS = (
    ("grpc.max_receive_message_length", LARGEST_REQUEST),
    # Senders may ping as often as their defaults say, and calls spread anew after a scale-out (reliability, section 3).
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_connection_age_ms", 30 * 60 * 1000),
    ("grpc.max_connection_age_grace_ms", 30_000),
    ("grpc.so_reuseport", 0),
)

Decode = Callable[[bytes, str, Context, int], Effect]
if TYPE_CHECKING:
    RequestContext = grpc.aio.ServicerContext[bytes, bytes]


class Receiver:
    """The two services, over one committer."""

    def __init__(self, committer: Committer) -> None:
        self.committer = committer
        self.callers = Callers()
        self.refusals = Refusals()
        self.in_flight = 0
        self.bytes_in_flight = 0
        self.draining = False

    def handlers(self) -> tuple[grpc.GenericRpcHandler[bytes, bytes], ...]:
        """Return the methods as gRPC knows them; bytes are neither parsed nor serialised by it."""
        return tuple(
            grpc.method_handlers_generic_handler(
                f"opentelemetry.proto.collector.{service}",
                {"Export": grpc.unary_unary_rpc_method_handler(self._method(decode, respond))},
            )
            for service, decode, respond in (
                ("trace.v1.TraceService", traces, answers.trace_response),
                ("metrics.v1.MetricsService", metrics, answers.metrics_response),
            )
        )

    def _method(self, decode: Decode, respond: Callable[[Effect], bytes]) -> Callable[..., object]:
        async def export(body: bytes, context: RequestContext) -> bytes:
            if self.draining:
                await _refuse(context, StatusCode.UNAVAILABLE, "The receiver is shutting down; send again.", retry_s=1)
            if self.in_flight >= _MOST_IN_FLIGHT or self.bytes_in_flight + len(body) > _MOST_BYTES_IN_FLIGHT:
                message = "Too many requests at a time; send again in a moment."
                await _refuse(context, StatusCode.RESOURCE_EXHAUSTED, message, retry=True)
            self.in_flight += 1
            self.bytes_in_flight += len(body)
            try:
                return await self._export(body, context, decode, respond)
            finally:
                self.in_flight -= 1
                self.bytes_in_flight -= len(body)

        return export

    async def _export(
        self, body: bytes, context: RequestContext, decode: Decode, respond: Callable[[Effect], bytes]
    ) -> bytes:
        try:
            caller = await self.callers.caller(_authorization(context))
            effect = decode(
                body, caller.source, caller.context(self.committer.writer.directory.namespaces), time.time_ns()
            )
            await self.committer.commit(effect)
        except Unauthenticated as error:
            self.refusals.count("token_unknown" if _authorization(context) else "no_token")
            await _refuse(context, StatusCode.UNAUTHENTICATED, str(error))
        except Forbidden as error:
            self.refusals.count("token_scope")
            await _refuse(context, StatusCode.PERMISSION_DENIED, str(error))
        except Undecodable as error:
            self.refusals.count("undecodable")
            await _refuse(context, StatusCode.INVALID_ARGUMENT, str(error))
        except Overloaded as error:
            await _refuse(context, StatusCode.RESOURCE_EXHAUSTED, str(error), retry=True)
        except Unavailable as error:
            await _refuse(context, StatusCode.UNAVAILABLE, str(error), retry=True)
        except grpc.aio.AbortError:
            raise
        except Exception:
            logger.exception("A request of %d bytes failed", len(body))
            await _refuse(context, StatusCode.INTERNAL, "The receiver failed on this request; its log says why.")
        return respond(effect)


def _authorization(context: RequestContext) -> str:
    for key, value in context.invocation_metadata() or ():
        if key == "authorization":
            return value if isinstance(value, str) else value.decode("utf-8", "replace")
    return ""


async def _refuse(
    context: RequestContext, code: StatusCode, message: str, *, retry: bool = False, retry_s: int | None = None
) -> None:
    """End the call with an error; with a hint when to send again, where that can help."""
    trailers = answers.retry_trailers(code, message, retry_s) if retry or retry_s else ()
    await context.abort(code, message, trailers)


async def serve(address: Address, ready: Callable[[int], None] | None = None) -> None:
    """Receive until SIGTERM or SIGINT; then take no new request, finish those under way, and return."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    committer = Committer(loop)
    receiver = Receiver(committer)
    server = grpc.aio.server(options=_OPTIONS)
    server.add_generic_rpc_handlers(receiver.handlers())
    try:
        port = server.add_insecure_port(str(address))
    except RuntimeError as error:
        raise BadSetting(f"PLIMSOLL_OTLP_GRPC={address} cannot be listened on: {error}") from error
    try:
        await asyncio.to_thread(committer.writer.prepare)
    except psycopg.OperationalError:
        logger.warning("The database does not answer yet; senders are asked to come again until it does")
    committer.start()
    await server.start()
    if ready is not None:
        ready(port)
    await stop.wait()
    receiver.draining = True
    await server.stop(grace=4)
    await receiver.refusals.written()
    await asyncio.to_thread(committer.end)


def run(address: Address) -> int:
    """Receive until told to stop; returns the exit code."""
    # A request makes thousands of objects and drops them all, none of them in a cycle: looking for cycles less often is
    # a tenth of the work on metric points.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    asyncio.run(serve(address))
    return 0
