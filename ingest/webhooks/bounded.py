"""A bound on what the web process reads for a webhook, before Django spools the body to disk.

The view knows each provider's own limit; this is the largest of them, for everybody.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ingest.webhooks.provider import MIB

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

LARGEST = 25 * MIB


def bounded(application: Application, *, prefix: str = "/hooks/", limit: int = LARGEST) -> Application:
    """Return an ASGI application that answers 413 as soon as a body below the prefix exceeds the limit."""

    async def guarded(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(prefix):
            await application(scope, receive, send)
        elif _announced(scope) > limit:
            await _refuse(send)
        else:
            await application(scope, _counting(receive, send, limit), send)

    return guarded


def _announced(scope: MutableMapping[str, Any]) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


def _counting(receive: Receive, send: Send, limit: int) -> Receive:
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total <= limit:
            return message
        await _refuse(send)
        # What comes after the answer is for nobody: Django drops a request that was broken off.
        return {"type": "http.disconnect"}

    return counted


async def _refuse(send: Send) -> None:
    body = b'{"type": "about:blank", "status": 413, "code": "too_large", "detail": "The body is too large."}'
    headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
