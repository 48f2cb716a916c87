"""Whoever writes tells: the door, the worker and the receiver, each with the topics whose pages it changes."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from django.db import connection

from ingest.mesh.dialect import Context
from ingest.otlp.committer import Committer
from ingest.otlp.effect import traces
from plimsoll.store.connections import opened
from tests.ingest.otlp.captures import trace_request
from tests.ingest.webhooks.builders import normalised, sender

pytestmark = pytest.mark.django_db(transaction=True)

Ear = Callable[[], set[str]]
DEPLOYMENT = {
    "kind": "deployment",
    "external_id": "d-1",
    "service": "ledger",
    "environment": "production",
    "status": "success",
}
INCIDENT = {"kind": "incident", "external_id": "i-1", "service": "ledger", "title": "It broke", "status": "open"}

RELEASE = {"kind": "release", "repo": "acme/ledger", "version": "1.2.0"}


@pytest.fixture
def heard() -> Iterator[Ear]:
    """Returns the topics that were told since it was last asked."""
    with closing(opened()) as own:
        own.execute("LISTEN plimsoll")

        def topics() -> set[str]:
            return {name for notice in own.notifies(timeout=0.2) for name in notice.payload.split()}

        yield topics


def test_the_door_tells_of_a_delivery_and_of_a_refusal(heard: Ear) -> None:
    ci = sender("generic")

    assert ci.send(DEPLOYMENT).status == 202
    assert heard() == {"deliveries"}
    assert ci.post(b"{}", {"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,no"}).status == 401
    assert heard() == {"deliveries"}


@pytest.mark.parametrize(
    ("body", "topics"),
    [
        (DEPLOYMENT, {"deliveries", "deployments", "incidents", "metrics"}),
        (INCIDENT, {"deliveries", "deployments", "incidents", "metrics"}),
        (RELEASE, {"deliveries", "deployments"}),
    ],
)
def test_the_worker_tells_what_a_record_shows_on(heard: Ear, body: dict[str, Any], topics: set[str]) -> None:
    sender("generic").send(body)
    heard()

    normalised()

    assert heard() == topics


def test_a_worker_without_work_tells_nothing(heard: Ear) -> None:
    normalised()

    assert heard() == set()


def committed(requests: int, every_s: float) -> list[float]:
    """When the receiver's thread told of so many requests, in seconds from the first one."""
    request = trace_request("traces-sidecar-gateway.json")
    told: list[float] = []

    async def sent() -> None:
        committer = Committer(asyncio.get_running_loop())
        tell = committer.writer.tell
        began = time.monotonic()

        def noted() -> None:
            told.append(time.monotonic() - began)
            tell()

        committer.writer.tell = noted  # type: ignore[method-assign]
        committer.start()
        try:
            for number in range(requests):
                request.resource_spans[0].scope_spans[0].spans[0].name = f"request {number}"
                effect = traces(request.SerializeToString(), "", Context(), time.time_ns())
                await committer.commit(effect)
                await asyncio.sleep(every_s)
            await asyncio.sleep(3.3)
        finally:
            await asyncio.to_thread(committer.end)

    asyncio.run(sent())
    return told


def test_the_receiver_tells_of_traffic_now_and_then_and_of_the_last_of_it(heard: Ear) -> None:
    told = committed(requests=8, every_s=0.05)

    # At once, and when the three seconds were over.
    assert len(told) == 2
    assert 2.9 < told[1] - told[0] < 4.5
    assert heard() == {"topology"}


def batches() -> int:
    """How many requests the receiver has committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ingest_batch")
        (number,) = cursor.fetchone()
    assert isinstance(number, int)
    return number


def test_a_receiver_that_cannot_tell_goes_on_receiving() -> None:
    tries: list[str] = []

    async def sent() -> None:
        committer = Committer(asyncio.get_running_loop())

        def broken() -> None:
            tries.append("tell")
            raise psycopg.OperationalError("gone")

        committer.writer.tell = broken  # type: ignore[method-assign]
        committer.start()
        try:
            for _ in range(2):
                body = trace_request("traces-sidecar-gateway.json").SerializeToString()
                await committer.commit(traces(body, "", Context(), time.time_ns()))
        finally:
            await asyncio.to_thread(committer.end)

    asyncio.run(sent())

    assert tries
    # Both requests are committed all the same.
    assert batches() == 2
