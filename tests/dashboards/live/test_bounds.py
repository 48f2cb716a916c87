"""A stream is bounded in number and patience, and never outlives the process."""

import asyncio
import contextlib
import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from dashboards.live.asgi import Message, Receive, Scope, Send, hub, live
from dashboards.live.stream import Stream
from plimsoll.console import ports
from plimsoll.console.parts import answer
from plimsoll.env import Address
from tests.console.installation import command_environment, within
from tests.console.test_single_parts import free_port
from tests.dashboards.live.listening import listening

SCOPE: Scope = {"type": "http", "method": "GET", "path": "/live", "headers": [], "query_string": b"topics=catalog"}


async def _admits(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands for the pages: lets everybody listen."""
    await receive()
    await send({"type": "http.response.start", "status": 204, "headers": [(b"x-frame-options", b"DENY")]})
    await send({"type": "http.response.body", "body": b""})


async def _never() -> Message:
    await asyncio.get_running_loop().create_future()
    raise AssertionError


def without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody listen to the database: what is told here is told by hand."""

    async def silent(self: object) -> None:
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr("dashboards.live.hub.Hub._listen", silent)


def test_one_stream_too_many_is_refused_and_the_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    without_a_database(monkeypatch)
    sent: list[Message] = []

    async def note(message: Message) -> None:
        sent.append(message)

    async def ignore(message: Message) -> None:
        pass

    async def opened() -> int:
        application = live(_admits, most=2)
        held = [asyncio.ensure_future(application(SCOPE, _never, ignore)) for _ in range(2)]
        while len(hub().streams) < 2:
            await asyncio.sleep(0.01)
        await application(SCOPE, _never, note)
        left = len(hub().streams)
        hub().end()
        await asyncio.gather(*held)
        return left

    assert asyncio.run(opened()) == 2
    assert (sent[0]["status"], dict(sent[0]["headers"])[b"retry-after"]) == (503, b"60")


def test_who_takes_nothing_is_let_go_without_a_word(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    without_a_database(monkeypatch)
    monkeypatch.setattr(ports, "STUCK_S", 1.0)

    async def opened() -> bool:
        listeners = ports.listening("PLIMSOLL_WEB", Address("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(live(_admits), lifespan="off", log_config=None))
        serving = asyncio.ensure_future(server.serve(listeners))
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(listeners[0].getsockname())
            client.sendall(b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
            is_full = await eventually(lambda: bool(hub().streams))
            for _ in range(20):
                await hub()._tell((), bytes(1_000_000))
                await asyncio.sleep(0.02)
            is_empty = await eventually(lambda: not hub().streams)
        server.should_exit = True
        await serving
        return is_full and is_empty

    assert asyncio.run(opened())
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


async def eventually(is_so: Callable[[], bool]) -> bool:
    """Wait until something is so, while others go on; False when it is not within ten seconds."""
    deadline = time.monotonic() + 10
    while not is_so() and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    return is_so()


def test_what_a_busy_page_has_not_taken_is_told_once() -> None:
    async def told() -> bytes:
        stream = Stream(["catalog", "metrics"])
        for number in range(1000):
            stream.tell(["catalog", "incidents"], f"event: beat\ndata: {number}\n\n".encode())
        stream.tell(["metrics"])
        return await stream.next()

    assert asyncio.run(told()) == b"event: beat\ndata: 999\n\nevent: changed\ndata: catalog metrics\n\n"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_web_process_ends_its_streams_at_once(tmp_path: Path, how: signal.Signals) -> None:
    address = Address("127.0.0.1", free_port())
    environment = command_environment(tmp_path, PLIMSOLL_WEB=str(address), PLIMSOLL_VIEWER="loopback")
    said = tmp_path / "said"
    with said.open("wb") as file:
        web = subprocess.Popen([sys.executable, "-m", "plimsoll", "web"], env=environment, stderr=file)
    try:
        assert within(30, lambda: answer(address, "/healthz") == b"ok")
        with contextlib.ExitStack() as stack:
            pages = [stack.enter_context(listening(f"http://{address}")) for _ in range(20)]
            assert within(10, lambda: all(page.beats() for page in pages))
            began = time.monotonic()
            web.send_signal(how)
            assert within(2, lambda: all(page.is_over for page in pages))
            ended_s = time.monotonic() - began
            code = web.wait(10)
    finally:
        web.kill()
        web.wait()

    assert code == 0
    assert ended_s < 2
    # Without a word: nobody was cut off.
    assert said.read_text() == ""


def test_the_web_process_may_open_as_many_files_as_the_system_allows(tmp_path: Path) -> None:
    address = Address("127.0.0.1", free_port())
    environment = command_environment(tmp_path, PLIMSOLL_WEB=str(address), PLIMSOLL_VIEWER="loopback")
    script = "ulimit -S -n 64; exec " + f"{sys.executable} -m plimsoll web"
    web: subprocess.Popen[Any] = subprocess.Popen(["sh", "-c", script], env=environment)
    try:
        assert within(30, lambda: answer(address, "/healthz") == b"ok")
        with contextlib.ExitStack() as stack:
            for _ in range(80):
                stack.enter_context(listening(f"http://{address}"))

            assert httpx.get(f"http://{address}/healthz").status_code == 200
    finally:
        web.terminate()
        assert web.wait(10) == 0
