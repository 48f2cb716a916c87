"""A real `plimsoll up` in a process of its own, and all that belongs to it."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil


def command_environment(data: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a command for a data folder: nothing of the suite's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLIMSOLL_", "DJANGO_"))}
    return kept | {"PLIMSOLL_DATA": str(data)} | settings


# Whatever ports are free.
ANY_PORTS = {"PLIMSOLL_WEB": "127.0.0.1:0", "PLIMSOLL_OTLP_GRPC": "127.0.0.1:0"}


def fixed_ports() -> dict[str, str]:
    """Return free ports that nobody else is given while they are free for a moment, as those of a real installation.

    The system hands out ports from 32768 on, to whoever asks for any and to each connection that goes out.
    """
    found: list[str] = []
    while len(found) < len(ANY_PORTS):
        address = ("127.0.0.1", random.randrange(20_000, 32_000))
        with contextlib.suppress(OSError), socket.create_server(address):
            found.append(f"{address[0]}:{address[1]}")
    return dict(zip(ANY_PORTS, found, strict=True))


def plimsoll(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "plimsoll", *arguments],
        env=command_environment(data, **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def within(seconds: float, is_so: Callable[[], bool]) -> bool:
    """Wait until something is so; False when it is not within the time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Installation:
    """`plimsoll up` on a data folder; every line it prints is kept."""

    def __init__(self, data: Path, arguments: Sequence[str] = ("up",), **settings: str) -> None:
        self.data = data
        self.ports = {name: settings.get(name, address) for name, address in ANY_PORTS.items()}
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "plimsoll", *arguments],
            env=command_environment(data, **{**settings, **self.ports}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(line.rstrip("\n") for line in iter(self.process.stdout.readline, ""))

    def wait_ready(self, seconds: float = 60) -> "Installation":
        """Return once `ready` was printed."""
        assert within(seconds, lambda: "ready" in self.lines or self.process.poll() is not None), self.lines
        assert self.process.poll() is None, self.lines
        return self

    def shown(self, words: str) -> bool:
        """Whether a line with these words was printed."""
        return any(words in line for line in self.lines)

    def address(self, part: str) -> str:
        """Return HOST:PORT of a part, as printed."""
        line = next(line for line in self.lines if f" {part} " in line and "://" in line)
        return line.split("://")[1].split()[0].replace("localhost", "127.0.0.1")

    def readiness(self) -> dict[str, str]:
        """Return the state of each part, as /readyz says."""
        try:
            with urllib.request.urlopen(f"http://{self.address('web')}/readyz", timeout=5) as answer:
                said = json.load(answer)
        except urllib.error.HTTPError as error:
            said = json.load(error)
            error.close()
        except OSError:
            return {}
        return {part: state["state"] for part, state in said["parts"].items()}

    def is_well(self) -> bool:
        """Whether every part is up."""
        return set(self.readiness().values()) == {"up"}

    def part(self, command: str) -> psutil.Process:
        """Return the process of a part, such as `web`."""
        found = [
            each
            for each in self.members()
            if each.info["cmdline"][-1:] == [command] and each.info["ppid"] == self.process.pid
        ]
        assert len(found) == 1, (command, found)
        return found[0]

    def members(self) -> list[psutil.Process]:
        """Return all living processes of this installation but the supervisor, as they were just now in `info`.

        What is asked of them later may fail: a connection's server process ends at any moment.
        """
        everything = psutil.process_iter(["status", "name", "ppid", "cmdline", "cwd", "environ"])
        return [each for each in everything if each.pid != self.process.pid and self._is_member(each.info)]

    def _is_member(self, info: dict[str, Any]) -> bool:
        if info["status"] == psutil.STATUS_ZOMBIE:
            return False
        is_server = info["name"].startswith("postgres") and info["cwd"] == str(self.data / "postgres")
        return is_server or (info["environ"] or {}).get("PLIMSOLL_DATA") == str(self.data)

    def signal(self, how: signal.Signals) -> None:
        """Send the supervisor a signal."""
        self.process.send_signal(how)

    def end(self) -> int:
        """End it in order and return its exit code."""
        self.signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        finally:
            self._reader.join(5)

    def clean_up(self) -> None:
        """Leave nothing behind, whatever a test has done."""
        for process in (psutil.Process(self.process.pid), *self.members()) if self.process.poll() is None else ():
            with contextlib.suppress(psutil.Error):
                process.kill()
        self.process.wait(10)
        self._reader.join(5)
        if self.process.stdout is not None:
            self.process.stdout.close()
        # Shown when the test fails.
        print(f"up ended with {self.process.returncode} and had printed:", *self.lines, sep="\n  ")
