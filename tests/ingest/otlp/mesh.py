"""A small real mesh on free ports of this machine: a gateway, two sidecars, and the workloads behind them."""

import http.client
import importlib.util
import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from tests.ingest.otlp.captures import PAYLOADS

_FORWARDED = ("traceparent", "tracestate", "x-request-id")
_LISTENERS = ("18000", "18101", "18103", "18104", "18201", "18090", "18091", "18092")
_CLOSED, _RECEIVER = "18399", "18900"
# Name of the bootstrap -> its admin port, and what its pod says of itself.
_PROXIES = {
    "gateway": ("18090", "istio-system", "v1", "istio-system.istio-ingressgateway-7d9c.istio-proxy"),
    "sidecar-frontend": ("18091", "shop", "v1", "shop.frontend-v1-6b7f.istio-proxy"),
    "sidecar-reviews": ("18092", "shop", "v2", "shop.reviews-v2-58c9.istio-proxy"),
}


def binary() -> Path | None:
    """Return Envoy's binary, or None where its package is not installed."""
    found = importlib.util.find_spec("envoy")
    for folder in (found.submodule_search_locations or []) if found else []:
        path = Path(folder) / "_bin" / "envoy"
        if path.is_file():
            return path
    return None


class _Leaf(BaseHTTPRequestHandler):
    """A workload that calls nobody: its path says how it answers; `/flaky` fails each first try."""

    tries: ClassVar[dict[str, int]] = {}

    def do_GET(self) -> None:
        self.answer({"/fail": 503, "/notfound": 404}.get(self.path) or self._flaky())

    def _flaky(self) -> int:
        if not self.path.startswith("/flaky"):
            return 200
        self.tries[self.path] = self.tries.get(self.path, 0) + 1
        return 503 if self.tries[self.path] % 2 else 200

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def _frontend(outbound: int) -> type[_Leaf]:
    """Return a workload that answers `/call/<host>/<path>` as that host does, asked through its sidecar."""

    class Frontend(_Leaf):
        def do_GET(self) -> None:
            host, _, path = self.path.removeprefix("/call/").partition("/")
            passed = {name: self.headers[name] for name in _FORWARDED if name in self.headers}
            self.answer(status(outbound, host, f"/{path}", passed))

    return Frontend


def status(port: int, host: str, path: str, headers: dict[str, str] | None = None) -> int:
    """Return the status that a host answers with, asked through a proxy's port."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host} | (headers or {}))
        return connection.getresponse().status
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Mesh:
    """The gateway's port; the mesh runs until its block ends."""

    gateway: int

    def call(self, host: str, path: str, headers: dict[str, str] | None = None) -> int:
        """Ask the frontend, through the gateway, to call a host; return the status that came back."""
        return status(self.gateway, "shop.example.com", f"/call/{host}{path}", headers)


@contextmanager
def running(envoy: Path, folder: Path, receiver: str, *, has_statistics: bool) -> Iterator[Mesh]:
    """Run the mesh; it exports to the receiver. Raises AssertionError when a proxy does not come up."""
    with ExitStack() as stack:
        # Bound and not listening: whoever connects is refused, and nobody else gets the port.
        closed = stack.enter_context(socket.socket())
        closed.bind(("127.0.0.1", 0))
        ports = _free_ports(_LISTENERS)
        _Leaf.tries.clear()
        handlers = {"18102": _frontend(ports["18103"]), "18202": _Leaf, "18302": _Leaf}
        ports |= {name: stack.enter_context(_serving(handler)) for name, handler in handlers.items()}
        ports |= {_CLOSED: closed.getsockname()[1], _RECEIVER: int(receiver.rpartition(":")[2])}
        for name in _PROXIES:
            stack.enter_context(_proxy(envoy, folder, name, ports, has_statistics=has_statistics))
        for admin, *_ in _PROXIES.values():
            _await_ready(ports[admin])
        yield Mesh(ports["18000"])


def _free_ports(names: tuple[str, ...]) -> dict[str, int]:
    with ExitStack() as stack:
        probes = {name: stack.enter_context(socket.socket()) for name in names}
        for probe in probes.values():
            probe.bind(("127.0.0.1", 0))
        return {name: probe.getsockname()[1] for name, probe in probes.items()}


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(10)


@contextmanager
def _proxy(envoy: Path, folder: Path, name: str, ports: dict[str, int], *, has_statistics: bool) -> Iterator[None]:
    _, namespace, version, instance = _PROXIES[name]
    text = (PAYLOADS / f"{name}.yaml").read_text()
    text = re.sub(r"\b18\d{3}\b", lambda found: str(ports[found[0]]), text)
    if not has_statistics:
        text = re.sub(r"^stats_sinks:\n.*?(?=^stats_config:)", "", text, flags=re.DOTALL | re.MULTILINE)
    bootstrap = folder / f"{name}.yaml"
    bootstrap.write_text(text)
    attributes = f"service.namespace={namespace},service.version={version},service.instance.id={instance}"
    command = [str(envoy), "-c", str(bootstrap), "--disable-hot-restart", "--concurrency", "1", "--log-level", "error"]
    process = subprocess.Popen(command, env=os.environ | {"OTEL_RESOURCE_ATTRIBUTES": attributes})
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _await_ready(admin: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if status(admin, "localhost", "/ready") == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("a proxy did not become ready")
