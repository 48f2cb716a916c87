"""The demo's mesh is a process that sends as soon as it runs, stops at once, and never outlives its parent."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent import futures
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from plimsoll.console.demo import state
from plimsoll.console.demo.mesh.exporter import TRACES
from plimsoll.console.demo.sender import Door
from plimsoll.postgres import lifeline

CLUSTERS = ("aws-1", "huawei-cn-2", "azure-3")


# Generic in the type stubs only.
class Receiver(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    """A real gRPC server that keeps what it gets."""

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        self.came = threading.Event()

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        is_trace = handler_call_details.method == TRACES
        return grpc.unary_unary_rpc_method_handler(self._trace if is_trace else lambda request, context: b"")

    def _trace(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        self.requests.append(ExportTraceServiceRequest.FromString(request))
        if len(self.requests) >= 40:
            self.came.set()
        return b""


@pytest.fixture
def receiver() -> Iterator[tuple[Receiver, str]]:
    handler = Receiver()
    server = grpc.server(futures.ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield handler, f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture
def command(tmp_path: Path, receiver: tuple[Receiver, str]) -> list[str]:
    """The mesh's command line; nobody listens for its webhooks."""
    now = datetime.now(UTC).replace(microsecond=0)
    doors = {provider: Door(f"/hooks/{provider}/x", "whsec_") for provider in ("github", "alertmanager", "generic")}
    memory = state.State(1, 7, "UTC", now, now, doors, {cluster: f"plm_{cluster}" for cluster in CLUSTERS})
    path = state.file_of(tmp_path)
    state.write(path, memory)
    where = ["--state", str(path), "--web", "127.0.0.1:9", "--otlp-grpc", receiver[1]]
    return [sys.executable, "-m", "plimsoll.console.demo.mesh", *where, "--rate", "400", "--canary-every", "0"]


def test_each_request_is_of_one_proxy_and_sigterm_ends_it_at_once(
    command: list[str], receiver: tuple[Receiver, str]
) -> None:
    with subprocess.Popen(command) as mesh:
        came = receiver[0].came.wait(20)
        began = time.monotonic()
        mesh.send_signal(signal.SIGTERM)
        code = mesh.wait(5)
        took = time.monotonic() - began

    assert came
    assert (code, took < 1.0) == (0, True)
    sizes = Counter(len(request.resource_spans) for request in receiver[0].requests)
    assert set(sizes) == {1}
    assert all(request.resource_spans[0].scope_spans[0].spans for request in receiver[0].requests)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_it_does_not_outlive_its_parent(command: list[str], receiver: tuple[Receiver, str], tmp_path: Path) -> None:
    script = (
        "import os, subprocess, sys, time\n"
        f"os.environ[{lifeline.PARENT!r}] = str(os.getpid())\n"
        "print(subprocess.Popen(sys.argv[1:]).pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, *command], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        mesh = int(parent.stdout.readline())
        came = receiver[0].came.wait(20)
        parent.kill()

    deadline = time.monotonic() + 5
    while is_running(mesh) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = is_running(mesh)
    if left:
        os.kill(mesh, signal.SIGKILL)
    assert (came, left) == (True, False)


def is_running(pid: int) -> bool:
    """Whether a process is there and not only waiting to be noticed as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
