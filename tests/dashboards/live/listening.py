"""A page that listens, as a browser would: over HTTP, event by event."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

Event = tuple[str, str]


@dataclass
class Page:
    """What a stream has said so far."""

    events: list[Event] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    retry_ms: int | None = None
    is_over: bool = False

    def told(self, name: str) -> list[str]:
        """The data of all events of a name, in order."""
        return [data for event, data in list(self.events) if event == name]

    def topics(self) -> set[str]:
        """All topics that were told as changed."""
        return {topic for data in self.told("changed") for topic in data.split()}

    def beats(self) -> list[dict[str, Any]]:
        """All beats."""
        return [json.loads(data) for data in self.told("beat")]

    def settle(self) -> None:
        """Wait for what the opening itself tells, and forget it."""
        assert within(10, lambda: bool(self.told("beat")) and bool(self.told("changed")))
        time.sleep(1.2)
        self.events.clear()


def within(seconds: float, is_so: Callable[[], bool]) -> bool:
    """Wait until something is so; False when it is not within the time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def listening(address: str, topics: str = "", **headers: str) -> Iterator[Page]:
    """Open a stream and read it in a thread for as long as the block runs."""
    page = Page()
    with (
        httpx.Client(timeout=httpx.Timeout(5, read=60)) as client,
        client.stream("GET", f"{address}/live", params={"topics": topics} if topics else {}, headers=headers) as said,
    ):
        assert said.status_code == 200, said.read()
        page.headers = {name.lower(): value for name, value in said.headers.items()}
        reader = threading.Thread(target=_read, args=(said, page))
        reader.start()
        try:
            yield page
        finally:
            _hang_up(said)
            reader.join(10)


def _hang_up(said: httpx.Response) -> None:
    """Wake the reading thread: closing alone would wait for it."""
    import socket

    own = said.extensions["network_stream"].get_extra_info("socket")
    with suppress(OSError):
        own.shutdown(socket.SHUT_RDWR)


def _read(said: httpx.Response, page: Page) -> None:
    name = ""
    try:
        for line in said.iter_lines():
            field_name, _, value = line.partition(": ")
            if field_name == "event":
                name = value
            elif field_name == "retry":
                page.retry_ms = int(value)
            elif field_name == "data":
                page.events.append((name, value))
    except httpx.HTTPError:
        pass
    page.is_over = True
