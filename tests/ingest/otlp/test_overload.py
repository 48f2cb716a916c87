"""More than the receiver can hold is refused with a hint when to come again (reliability, section 4)."""

import time
from typing import Any

import grpc
import psycopg
import pytest
from django.db import connection

from plimsoll.store.connections import parameters
from tests.ingest.otlp.captures import trace_request
from tests.ingest.otlp.test_server import TRACES, Running, receiver, requests_shown

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db(transaction=True)

BYTES = 60 * 1024 * 1024
HINTS = {"grpc-status-details-bin", "google.rpc.retryinfo-bin"}


def padded(body: bytes) -> bytes:
    """Return a request with an unknown field of 60 MiB, which readers skip."""
    length, varint = BYTES, bytearray()
    while length > 0x7F:
        varint.append(length & 0x7F | 0x80)
        length >>= 7
    varint.append(length)
    return body + b"\x7a" + varint + bytes(BYTES)


def refusals(receiver: Running, bodies: list[bytes], expected: int) -> list[grpc.RpcError]:
    """Send requests at once while the database waits, until so many are refused; return all refusals."""
    options = [("grpc.max_send_message_length", -1)]
    with (
        psycopg.connect(**parameters()) as busy,
        grpc.insecure_channel(receiver.address, options=options) as channel,
    ):
        busy.execute("LOCK TABLE ingest_batch IN ACCESS EXCLUSIVE MODE")
        sent = [channel.unary_unary(TRACES, None, None).future(body, timeout=30) for body in bodies]
        deadline = time.monotonic() + 20
        while sum(call.done() for call in sent) < expected:
            assert time.monotonic() < deadline, "not enough was refused"
            time.sleep(0.01)
        busy.rollback()
        ended = [call.exception() for call in sent]
    return [error for error in ended if isinstance(error, grpc.RpcError)]


def test_more_than_256_mib_under_way_are_refused_with_a_hint_and_nothing_else_is(receiver: Running) -> None:
    body = padded(trace_request("traces-sidecar-gateway.json").SerializeToString())

    refused = refusals(receiver, [body] * 5, 1)

    assert [error.code() for error in refused] == [grpc.StatusCode.RESOURCE_EXHAUSTED]
    assert {item.key for item in refused[0].trailing_metadata()} == HINTS
    assert requests_shown()["frontend", "reviews"] == 7


def test_more_than_256_requests_under_way_are_refused_with_a_hint_and_nothing_else_is(receiver: Running) -> None:
    body = trace_request("traces-sidecar-gateway.json").SerializeToString()

    refused = refusals(receiver, [body] * 258, 2)

    assert [error.code() for error in refused] == [grpc.StatusCode.RESOURCE_EXHAUSTED] * 2
    assert all({item.key for item in error.trailing_metadata()} == HINTS for error in refused)
    assert requests_shown()["frontend", "reviews"] == 7


def test_what_senders_stopped_waiting_for_is_let_go_before_it_is_written(receiver: Running) -> None:
    body = trace_request("traces-sidecar-gateway.json").SerializeToString()
    with psycopg.connect(**parameters()) as busy, grpc.insecure_channel(receiver.address) as channel:
        export = channel.unary_unary(TRACES, None, None)
        busy.execute("LOCK TABLE ingest_batch IN ACCESS EXCLUSIVE MODE")
        under_way = export.future(body, timeout=30)
        await_blocked(busy)
        given_up = [export.future(body, timeout=0.5) for _ in range(200)]
        ended = [call.exception() for call in given_up]
        busy.rollback()
        under_way.result()
        export(body, timeout=30)

    codes = {error.code() for error in ended if isinstance(error, grpc.RpcError)}
    assert codes == {grpc.StatusCode.DEADLINE_EXCEEDED}
    assert requests_shown()["frontend", "reviews"] == 7
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(count) FROM ingest_health WHERE counter = 'duplicate'")
        # The last one; the two hundred were let go.
        assert cursor.fetchone() == (1,)


def await_blocked(busy: psycopg.Connection[Any]) -> None:
    """Wait until a writer waits for a lock."""
    deadline = time.monotonic() + 10
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    while busy.execute(waiting).fetchone() == (0,):
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.02)
