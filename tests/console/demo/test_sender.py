"""The demo's webhooks prove who sent them, wait for a busy server, and stop at a refusal."""

import hmac
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from plimsoll.console.demo.hooks import Hook
from plimsoll.console.demo.sender import Door, Doors, headers_of, send_all
from plimsoll.errors import PlimsollError

AT = datetime(2026, 11, 24, tzinfo=UTC)


def github(key: str) -> Hook:
    return Hook(AT, "github", "push", key, b"{}")


@contextmanager
def web(*answers: int) -> Iterator[tuple[Doors, list[dict[str, str]]]]:
    """A real web server that answers with these statuses, then 202."""
    waiting, got = list(answers), list[dict[str, str]]()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            got.append({name.lower(): value for name, value in self.headers.items()} | {"path": self.path})
            self.send_response(waiting.pop(0) if waiting else 202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    doors = {"github": Door("/hooks/github/abc", "secret")}
    try:
        yield Doors("127.0.0.1", server.server_address[1], doors), got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_github_webhooks_are_signed_over_their_bytes() -> None:
    headers = headers_of(github("key"), "secret", 0)

    assert headers["X-Hub-Signature-256"] == "sha256=" + hmac.new(b"secret", b"{}", sha256).hexdigest()
    assert (headers["X-GitHub-Event"], headers["X-GitHub-Delivery"]) == ("push", "key")


def test_generic_webhooks_are_signed_with_their_id_and_time() -> None:
    secret = "whsec_" + b64encode(b"k" * 32).decode()
    headers = headers_of(Hook(AT, "generic", "incident", "msg_1", b"{}"), secret, 1700000000.9)

    digest = hmac.new(b"k" * 32, b"msg_1.1700000000.{}", sha256).digest()
    assert headers["webhook-signature"] == "v1," + b64encode(digest).decode()
    assert headers["webhook-timestamp"] == "1700000000"


def test_alertmanager_shows_its_token() -> None:
    headers = headers_of(Hook(AT, "alertmanager", "alert", "", b"{}"), "secret", 0)

    assert headers["Authorization"] == "Bearer secret"


def test_every_webhook_is_sent_once() -> None:
    with web() as (doors, got):
        send_all(doors, [github(str(number)) for number in range(50)])

    assert sorted(int(headers["x-github-delivery"]) for headers in got) == list(range(50))
    assert {headers["path"] for headers in got} == {"/hooks/github/abc"}


def test_a_busy_server_is_asked_again_and_a_duplicate_is_fine() -> None:
    with web(503, 429, 200) as (doors, got):
        send_all(doors, [github("one")])

    assert [headers["x-github-delivery"] for headers in got] == ["one"] * 3


def test_a_refusal_ends_the_sending_with_a_sentence() -> None:
    with web(401) as (doors, _), pytest.raises(PlimsollError, match="github webhook was not taken: 401"):
        send_all(doors, [github("one")])
