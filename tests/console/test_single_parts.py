"""Parts that run alone, as in containers: on their own folder they bring their database up and down with them."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from plimsoll.console.parts import accepts, answer
from plimsoll.env import Address
from plimsoll.postgres import leftover
from tests.console.installation import command_environment, plimsoll, within


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("command", "setting", "how"),
    [
        ("web", "PLIMSOLL_WEB", signal.SIGTERM),
        ("web", "PLIMSOLL_WEB", signal.SIGINT),
        ("receive", "PLIMSOLL_OTLP_GRPC", signal.SIGTERM),
    ],
)
def test_a_part_serves_alone_and_ends_in_order(tmp_path: Path, command: str, setting: str, how: signal.Signals) -> None:
    address = Address("127.0.0.1", free_port())
    environment = command_environment(tmp_path, **{setting: str(address)})
    part = subprocess.Popen([sys.executable, "-m", "plimsoll", command], env=environment)
    try:
        assert within(30, lambda: accepts(address) or part.poll() is not None)

        part.send_signal(how)
        code = part.wait(10)
    finally:
        part.kill()
        part.wait()

    assert code == 0
    assert leftover.servers(tmp_path / "postgres") == []


@pytest.mark.parametrize(
    ("command", "setting", "flag"),
    [("web", "PLIMSOLL_WEB", "--web"), ("receive", "PLIMSOLL_OTLP_GRPC", "--otlp-grpc")],
)
def test_a_part_whose_port_is_busy_says_so_in_one_line(tmp_path: Path, command: str, setting: str, flag: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        address = f"127.0.0.1:{busy.getsockname()[1]}"

        said = plimsoll(tmp_path, command, **{setting: address})

    assert said.returncode == 2
    assert said.stderr == (
        f"plimsoll: {address} is in use; free it, or choose another address with {flag} or {setting}.\n"
    )
    assert leftover.servers(tmp_path / "postgres") == []


def test_others_may_use_the_database_of_a_part_that_runs_alone(tmp_path: Path) -> None:
    address = Address("127.0.0.1", free_port())
    web = subprocess.Popen(
        [sys.executable, "-m", "plimsoll", "web"], env=command_environment(tmp_path, PLIMSOLL_WEB=str(address))
    )
    try:
        assert within(30, lambda: answer(address, "/healthz") == b"ok")

        said = plimsoll(tmp_path, "token", "new", "ci", "--scope", "read")

        assert said.returncode == 0, said.stderr
        assert answer(address, "/healthz") == b"ok"
    finally:
        web.terminate()
        assert web.wait(10) == 0
