"""The demo's exporter keeps what a receiver could not take, and sends the same bytes again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import grpc.aio
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from plimsoll.console.demo.mesh.exporter import TRACES, Batches, Exporter
from plimsoll.console.demo.mesh.pods import Pod
from plimsoll.console.demo.mesh.spans import PROXY

POD = Pod("identity", "identity", "aws-1", "v2.0.0")


# Generic in the type stubs only.
class Receiver(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    """A real gRPC server that answers with what it is told to, then OK."""

    def __init__(self, *answers: grpc.StatusCode) -> None:
        self.answers, self.got, self.tokens = list(answers), list[bytes](), set[str]()

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        return grpc.unary_unary_rpc_method_handler(self._take)

    async def _take(self, request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        self.got.append(request)
        self.tokens |= {str(value) for key, value in context.invocation_metadata() or () if key == "authorization"}
        if self.answers:
            await context.abort(self.answers.pop(0), "not now")
        return b""


@asynccontextmanager
async def listening(receiver: Receiver) -> AsyncIterator[str]:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((receiver,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


async def _export(receiver: Receiver, requests: list[bytes], times: int) -> Exporter:
    """Let an exporter send the requests until the receiver was called so many times."""
    async with listening(receiver) as target:
        exporter = Exporter(target, {"aws-1": "plm_token"})
        for request in requests:
            exporter.put("aws-1", TRACES, request)
        sending = asyncio.create_task(exporter.run())
        async with asyncio.timeout(10):
            while len(receiver.got) < times or exporter.sent + exporter.refused < len(requests):
                await asyncio.sleep(0.01)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await exporter.close()
    return exporter


def test_what_a_busy_receiver_did_not_take_is_sent_again_byte_for_byte() -> None:
    receiver = Receiver(grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)

    exporter = asyncio.run(_export(receiver, [b"\x0a\x00"], 3))

    assert receiver.got == [b"\x0a\x00"] * 3
    assert (exporter.sent, exporter.refused) == (1, 0)


def test_what_a_receiver_refuses_is_not_sent_again() -> None:
    receiver = Receiver(grpc.StatusCode.INVALID_ARGUMENT)

    exporter = asyncio.run(_export(receiver, [b"\x0a\x00"], 1))

    assert receiver.got == [b"\x0a\x00"]
    assert (exporter.sent, exporter.refused, exporter.last_refusal) == (0, 1, "INVALID_ARGUMENT: not now")


def test_each_cluster_shows_its_token() -> None:
    receiver = Receiver()

    asyncio.run(_export(receiver, [b"", b""], 2))

    assert receiver.tokens == {"Bearer plm_token"}


def test_a_batch_leaves_after_five_spans_or_five_seconds() -> None:
    batches = Batches()
    for second in range(4):
        batches.add((POD, PROXY), Span(name=str(second)), float(second))

    assert list(batches.due(4.9)) == []
    assert len(list(batches.due(5.0))) == 1
    for _ in range(5):
        batches.add((POD, PROXY), Span(), 6.0)
    assert [cluster for cluster, _ in batches.due(6.0)] == ["aws-1"]
