"""The web process stops reading a webhook that is too large, before it is spooled to disk."""

import asyncio
from collections.abc import Sequence
from typing import Any

from ingest.webhooks.bounded import Message, Receive, Send, bounded


async def _reads_everything(scope: Any, receive: Receive, send: Send) -> None:
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 202, "headers": []})
    await send({"type": "http.response.body", "body": str(len(body)).encode()})


def answered(pieces: Sequence[bytes], *, path: str = "/hooks/github/x", length: bytes = b"") -> list[Message]:
    """Return what is sent for a request of these pieces, with a limit of ten bytes."""
    sent: list[Message] = []
    waiting = [
        {"type": "http.request", "body": piece, "more_body": index < len(pieces) - 1}
        for index, piece in enumerate(pieces)
    ]

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    async def requested() -> None:
        headers = [(b"content-length", length)] if length else []
        await bounded(_reads_everything, limit=10)({"type": "http", "path": path, "headers": headers}, receive, send)

    asyncio.run(requested())
    return sent


def test_a_body_within_the_limit_passes() -> None:
    start, body = answered([b"12345", b"67890"])

    assert (start["status"], body["body"]) == (202, b"10")


def test_a_body_that_grows_too_large_is_refused_while_it_comes() -> None:
    start, _ = answered([b"12345", b"678901", b"never read"])

    assert start["status"] == 413


def test_a_body_that_is_announced_too_large_is_not_read_at_all() -> None:
    start, _ = answered([], length=b"11")

    assert start["status"] == 413


def test_other_paths_are_not_limited() -> None:
    start, _ = answered([b"x" * 50], path="/api/v1/exports/", length=b"50")

    assert start["status"] == 202
