"""A stream is bounded in number and patience, and never outlives the process."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboards.live.asgi import Message, Receive, Scope, Send, hub, live
from dashboards.live.stream import Stream
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


def test_who_takes_nothing_is_let_go_and_nothing_piles_up(monkeypatch: pytest.MonkeyPatch) -> None:
    without_a_database(monkeypatch)

    async def stuck(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.get_running_loop().create_future()

    async def opened() -> float:
        began = time.monotonic()
        await asyncio.wait_for(live(_admits, slow_s=0.2)(SCOPE, _never, stuck), 5)
        assert not hub().streams
        return time.monotonic() - began

    assert 0.2 <= asyncio.run(opened()) < 3


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
