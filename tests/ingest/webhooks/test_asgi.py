"""The way from the web server to the door: bounded in size and time, and the same answers as everywhere."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import closing

import pytest
from psycopg import sql

from ingest.webhooks.asgi import Message, Receive, Scope, Send, hooks
from plimsoll.store.connections import opened
from tests.ingest.webhooks.builders import github, normalised, outcomes, sender

RELEASE = {
    "action": "published",
    "release": {"tag_name": "v1", "published_at": "2026-03-02T08:00:00Z"},
    "repository": {"full_name": "acme/checkout"},
}


async def _pages(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands for the pages: reads nothing, answers 204."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def answered(
    pieces: Sequence[bytes | None],
    *,
    path: str = "/hooks/github/x",
    headers: Sequence[tuple[bytes, bytes]] = (),
    method: str = "POST",
    limit: int = 1000,
    answer_s: float = 8.0,
) -> list[Message]:
    """Return what is sent for a request of these pieces; None is a sender that left, no pieces one that waits."""
    sent: list[Message] = []
    waiting: list[Message] = [
        {"type": "http.disconnect"}
        if piece is None
        else {"type": "http.request", "body": piece, "more_body": index < len(pieces) - 1}
        for index, piece in enumerate(pieces)
    ]

    async def receive() -> Message:
        if not waiting:
            await asyncio.sleep(5)
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    async def requested() -> None:
        scope = {"type": "http", "method": method, "path": path, "headers": list(headers), "query_string": b""}
        await hooks(_pages, limit=limit, patience_s=0.05, answer_s=answer_s)(scope, receive, send)

    asyncio.run(requested())
    return sent


@pytest.mark.django_db(transaction=True)
def test_a_delivery_in_pieces_is_accepted() -> None:
    ci = sender("github")
    raw = json.dumps(RELEASE).encode()
    signed = ci.signed(raw, github("release"))
    headers = [(name.lower().encode(), value.encode()) for name, value in signed.items()]

    start, body = answered([raw[:20], raw[20:]], path=ci.path, headers=headers)
    normalised()

    assert (start["status"], json.loads(body["body"])["status"]) == (202, "accepted")
    assert outcomes() == [("applied", "")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["source", "webhook_delivery"])
def test_a_database_that_does_not_answer_in_time_is_told_and_counts_once(table: str) -> None:
    ci = sender("github")
    raw = json.dumps(RELEASE).encode()
    headers = [(name.lower().encode(), value.encode()) for name, value in ci.signed(raw, github("release")).items()]

    with closing(opened()) as other, other.transaction():
        other.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table)))
        start, body = answered([raw], path=ci.path, headers=headers, answer_s=0.1)
    again, _ = answered([raw], path=ci.path, headers=headers)
    normalised()

    assert (start["status"], json.loads(body["body"])["code"]) == (503, "unavailable")
    assert (b"retry-after", b"5") in start["headers"]
    # The first try may have been stored after all, once the database was back.
    assert again["status"] in (200, 202)
    assert outcomes() == [("applied", "")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/hooks/github/unknown", "POST", 404),
        ("/hooks/github/a/b", "POST", 404),
        ("/hooks/", "POST", 404),
        ("/hooks/github/x", "GET", 405),
    ],
)
def test_other_requests_get_the_views_answers(path: str, method: str, status: int) -> None:
    start, _ = answered([b""], path=path, method=method)

    assert start["status"] == status


def test_a_body_that_grows_too_large_is_refused_while_it_comes() -> None:
    start, _ = answered([b"12345", b"678901", b"never read"], limit=10)

    assert start["status"] == 413
    assert (b"connection", b"close") in start["headers"]


def test_a_body_that_is_announced_too_large_is_not_read_at_all() -> None:
    start, _ = answered([], headers=[(b"content-length", b"1001")])

    assert start["status"] == 413


def test_a_sender_that_never_finishes_is_dropped() -> None:
    start, _ = answered([])

    assert start["status"] == 408


def test_a_sender_that_goes_away_gets_no_answer() -> None:
    assert answered([b"12345", None]) == []


def test_other_paths_are_left_to_the_pages() -> None:
    start, _ = answered([b"x" * 5000], path="/api/v1/exports/")

    assert start["status"] == 204
