"""Tells a story to the real doors: a receiver in a process of its own, and webhooks posted to a running server.

A story has its own time. The doors believe the machine's clock, so the tests set it for them: the receiver's process is
started with its clock moved, and in the test's own process the clocks of webhooks and pages are replaced.
"""

import base64
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo

import grpc
import pytest
from django.utils import timezone

from ingest.webhooks import normalise
from plimsoll.store.catalog_file import applying
from plimsoll.store.catalog_file.reading import read
from plimsoll.store.sources import add_source
from tests.ingest.otlp.test_server import database_url
from tests.stories.stand_up import StandUp

SECRET = "whsec_" + base64.b64encode(b"a secret of the story, 24 b").decode()
METRICS = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
_RECEIVE = """
import os, sys, time
real, moved = time.time_ns, int(os.environ["STORY_MOVED_NS"])
time.time_ns = lambda: real() + moved
import django
django.setup()
from ingest.otlp.server import run
from plimsoll.env import Address
sys.exit(run(Address("127.0.0.1", int(os.environ["STORY_PORT"]))))
"""


def set_clocks(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Make it `now` for the pages and the webhooks of this process."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Stopped":
            return cls.fromtimestamp(now.timestamp(), tz)

    monkeypatch.setattr(timezone, "now", lambda: now.astimezone(UTC))
    monkeypatch.setattr("ingest.webhooks.views.datetime", Stopped)


def told(story: StandUp, address: str, *, until: datetime | None = None) -> None:
    """Tell everything: the catalog file, then what the mesh, the CI and the incident tool send."""
    applying.apply(read(story.catalog().encode(), "catalog.yaml"), path="catalog.yaml", digest="story")
    with receiver(story.at("12:05", -2)) as export:
        export(story.traffic_before())
    with receiver(story.now) as export:
        export(story.traffic(until))
    source = add_source("generic", "story", secret=SECRET)
    for body in story.events():
        assert posted(f"{address}/hooks/generic/{source.public_id}", body) == 202
    while normalise.run():
        pass


def posted(url: str, body: object) -> int:
    """Post a signed body; return the status that came back."""
    raw, stamp = json.dumps(body).encode(), str(int(time.time()))
    identity = f"msg_{hash(raw)}"
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"{identity}.{stamp}.".encode() + raw, "sha256")).decode()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }
    with urllib.request.urlopen(urllib.request.Request(url, raw, headers), timeout=30) as answer:
        return int(answer.status)


class _Export:
    """Sends requests to a receiver, and insists on an answer without a refusal."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __call__(self, bodies: Iterable[bytes]) -> None:
        with grpc.insecure_channel(self.address) as channel:
            for body in bodies:
                answer = channel.unary_unary(METRICS, None, None)(body, timeout=30)
                assert answer == b"", answer


@contextmanager
def receiver(now: datetime) -> Iterator[_Export]:
    """Run a receiver whose clock says `now`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "PLIMSOLL_DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "plimsoll.settings",
        "STORY_PORT": str(port),
        "STORY_MOVED_NS": str(int(now.timestamp() * 1e9) - time.time_ns()),
    }
    process = subprocess.Popen([sys.executable, "-c", _RECEIVE], env=os.environ | settings)
    try:
        _await(process, port)
        yield _Export(f"127.0.0.1:{port}")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def _await(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "the receiver ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the receiver did not listen")
