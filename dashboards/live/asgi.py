"""`GET /live`: the stream itself, straight from the web server, because a thread for each open page would be too many.

Whether it may open is Django's answer at the same address (`access.admitted`), behind all middleware; once it is open,
it costs no query and no thread.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, Final
from weakref import WeakKeyDictionary

from dashboards.live.hub import Hub
from dashboards.live.stream import Stream, event

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

PATH: Final = "/live"
# Of one process. Each takes some 40 KB here and a file descriptor.
MOST_STREAMS: Final = 5_000
# As many threads and database connections at most, also when a thousand pages come back at once.
OPENING: Final = 4

_HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # nginx would wait until it has a buffer full.
    (b"x-accel-buffering", b"no"),
)
_OURS: Final = frozenset({b"content-type", b"cache-control", b"content-length"})

# One event loop is one process, but in tests.
_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """Return the hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def live(application: Application, *, most: int = MOST_STREAMS) -> Application:
    """Return an ASGI application that keeps event streams open itself and leaves the rest to `application`."""
    opening: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await application(scope, receive, send)
            return
        async with opening.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(OPENING)):
            start, bodies = await _asked(application, scope)
        if start["status"] != HTTPStatus.NO_CONTENT:
            for message in (start, *bodies):
                await send(message)
        elif hub().is_over or len(hub().streams) >= most:
            await _full(send)
        else:
            kept = [(name, value) for name, value in start["headers"] if name.lower() not in _OURS]
            await send({"type": "http.response.start", "status": 200, "headers": [*kept, *_HEADERS]})
            if scope["method"] == "HEAD":
                await send({"type": "http.response.body", "body": b""})
            else:
                await _streamed(scope, receive, send)

    return routed


async def _asked(application: Application, scope: Scope) -> tuple[Message, list[Message]]:
    """Return Django's answer to the request for a stream."""
    sent: list[Message] = []
    asked: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if not asked:
            # Nobody has left: it is asked on behalf of the client, who is looked after later.
            await asyncio.get_running_loop().create_future()
        return asked.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    await application(scope, receive, send)
    return sent[0], sent[1:]


async def _full(send: Send) -> None:
    # A page whose stream is refused asks every so often instead.
    headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store"), (b"retry-after", b"60")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b"Too many pages listen already.\n"})


async def _streamed(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell until the client leaves, or the process ends; who takes nothing any more is cut off below (`ports`)."""
    from dashboards.live.access import topics

    stream = Stream(topics(scope["query_string"].decode("latin-1")))
    telling = asyncio.ensure_future(_told(stream, send))
    leaving = asyncio.ensure_future(_left(receive))
    hub().join(stream)
    try:
        await asyncio.wait((telling, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        hub().leave(stream)
        for task in (telling, leaving):
            task.cancel()
        await asyncio.gather(telling, leaving, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _told(stream: Stream, send: Send) -> None:
    from dashboards.live.release import release
    from plimsoll import __version__

    # Not all at one moment when the server comes back.
    retry = f"retry: {random.randrange(2_000, 5_000)}\n".encode()
    said = retry + event("hello", {"version": __version__, "release": release()})
    while said:
        await send({"type": "http.response.body", "body": said, "more_body": True})
        said = await stream.next()
    await send({"type": "http.response.body", "body": b""})
