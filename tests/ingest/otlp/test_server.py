"""The receiver as senders meet it: a real process, real gRPC, real answers (reliability, section 3)."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import grpc
import psycopg
import pytest
from django.db import connection
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from psycopg import sql

from plimsoll.insight.topology import edges
from plimsoll.store.access import new_token
from plimsoll.store.connections import parameters
from tests.databases import refusing
from tests.ingest.otlp.captures import trace_request

pytestmark = pytest.mark.django_db(transaction=True)

TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


@dataclass(frozen=True, slots=True)
class Running:
    """A receiver's process and its address."""

    process: subprocess.Popen[bytes]
    address: str

    def export(self, body: bytes, method: str = TRACES, token: str = "") -> ExportTraceServiceResponse:
        options = [("grpc.max_send_message_length", -1)]
        metadata = (("authorization", f"Bearer {token}"),) if token else ()
        with grpc.insecure_channel(self.address, options=options) as channel:
            answer = channel.unary_unary(method, None, None)(body, timeout=30, metadata=metadata)
        return ExportTraceServiceResponse.FromString(answer)

    def refusal(self, body: bytes, method: str = TRACES, token: str = "") -> grpc.RpcError:
        with pytest.raises(grpc.RpcError) as caught:
            self.export(body, method, token)
        return caught.value


def database_url() -> str:
    """Return the address of the test's database."""
    known = parameters()
    user = quote(known.get("user") or "postgres", safe="")
    password = f":{quote(known['password'], safe='')}" if known.get("password") else ""
    port = f"&port={known['port']}" if known.get("port") else ""
    return f"postgresql://{user}{password}@/{known['dbname']}?host={known['host']}{port}"


def start(**settings: str) -> Running:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"PLIMSOLL_DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "plimsoll.settings"}
    code = (
        "import django, sys; django.setup(); from ingest.otlp.server import run; from plimsoll.env import Address; "
        f"sys.exit(run(Address('127.0.0.1', {port})))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], env=environment | settings)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "the receiver ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return Running(process, f"127.0.0.1:{port}")
        time.sleep(0.05)
    process.kill()
    raise AssertionError("the receiver did not listen")


def end(running: Running) -> int:
    running.process.send_signal(signal.SIGTERM)
    return running.process.wait(10)


@pytest.fixture
def receiver() -> Iterator[Running]:
    running = start()
    yield running
    if running.process.poll() is None:
        assert end(running) == 0


def requests_shown() -> dict[tuple[str, str], float]:
    now = datetime.now(UTC)
    rows = edges(start=now - timedelta(hours=1), end=now + timedelta(hours=1))
    found: dict[tuple[str, str], float] = {}
    for row in rows:
        found[row.client, row.server] = found.get((row.client, row.server), 0) + row.requests
    return found


def test_what_was_acknowledged_is_visible_at_once_and_a_repetition_changes_nothing(receiver: Running) -> None:
    body = trace_request("traces-sidecar-gateway.json").SerializeToString()

    answers = [receiver.export(body) for _ in range(3)]

    assert not any(answer.HasField("partial_success") for answer in answers)
    assert requests_shown()["frontend", "reviews"] == 7


def test_bytes_that_are_no_request_are_an_invalid_argument(receiver: Running) -> None:
    assert receiver.refusal(b"\xff\xff\xff\xff").code() is grpc.StatusCode.INVALID_ARGUMENT


def test_more_than_64_mib_is_resource_exhausted_without_a_hint_to_try_again(receiver: Running) -> None:
    refusal = receiver.refusal(bytes(64 * 1024 * 1024 + 1))

    assert refusal.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert not refusal.trailing_metadata()


def test_bad_spans_are_a_partial_success_with_their_count_and_reasons(receiver: Running) -> None:
    request = trace_request("traces-sidecar-gateway.json")
    spans = [s for rs in request.resource_spans for ss in rs.scope_spans for s in ss.spans]
    spans[0].trace_id = b"short"
    spans[1].span_id = bytes(8)
    spans[2].end_time_unix_nano = 0

    answer = receiver.export(request.SerializeToString())

    assert answer.partial_success.rejected_spans == 3
    assert "trace id is not 16 bytes" in answer.partial_success.error_message


def test_an_empty_request_is_fine(receiver: Running) -> None:
    assert receiver.export(ExportTraceServiceRequest().SerializeToString()) == ExportTraceServiceResponse()


def test_a_signal_that_is_not_taken_is_unimplemented(receiver: Running) -> None:
    method = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"

    assert receiver.refusal(b"", method).code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_token_is_needed_where_the_receiver_is_not_open_and_must_have_the_scope() -> None:
    running = start(PLIMSOLL_OTLP_AUTH="token")
    body = trace_request("traces-sidecar-gateway.json").SerializeToString()
    ingest, read = new_token("mesh", ["ingest"]), new_token("reader", ["read"])

    missing, wrong, lacking = running.refusal(body), running.refusal(body, token="x"), running.refusal(body, token=read)
    answer = running.export(body, token=ingest)

    assert (missing.code(), wrong.code()) == (grpc.StatusCode.UNAUTHENTICATED,) * 2
    assert lacking.code() is grpc.StatusCode.PERMISSION_DENIED
    assert not answer.HasField("partial_success")
    assert end(running) == 0


def test_while_the_database_refuses_senders_are_asked_to_come_again_and_then_counted_once(receiver: Running) -> None:
    body = trace_request("traces-sidecar-gateway.json").SerializeToString()
    receiver.export(ExportTraceServiceRequest().SerializeToString())
    with refusing("plimsoll receive"):
        refusal = receiver.refusal(body)
    receiver.export(body)

    assert refusal.code() is grpc.StatusCode.UNAVAILABLE
    assert {item.key for item in refusal.trailing_metadata()} == {"grpc-status-details-bin", "google.rpc.retryinfo-bin"}
    assert requests_shown()["frontend", "reviews"] == 7


def test_killed_in_the_middle_nothing_acknowledged_is_lost_and_nothing_counts_twice() -> None:
    request = trace_request("traces-sidecar-gateway.json")
    running = start()
    acknowledged = running.export(request.SerializeToString())
    running.process.kill()
    running.process.wait(10)
    again = start()

    again.export(request.SerializeToString())

    assert acknowledged == ExportTraceServiceResponse()
    assert requests_shown()["istio-ingressgateway", "frontend"] == 9
    assert end(again) == 0


def test_a_database_that_only_reads_asks_senders_to_come_again(receiver: Running) -> None:
    body = trace_request("traces-sidecar-gateway.json").SerializeToString()
    name = sql.Identifier(connection.settings_dict["NAME"])
    # As after a fail-over: what was connected is cut off, and the next connection may write nothing.
    with psycopg.connect(**parameters(), autocommit=True) as operator:
        operator.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
        operator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND application_name = %s",
            [connection.settings_dict["NAME"], "plimsoll receive"],
        )
        try:
            # The first finds that it was cut off.
            receiver.refusal(body)
            refusal = receiver.refusal(body)
        finally:
            with operator.transaction():
                operator.execute("SET TRANSACTION READ WRITE")
                operator.execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))
    taken = receiver.export(body)

    assert refusal.code() is grpc.StatusCode.UNAVAILABLE
    assert not taken.HasField("partial_success")
    assert requests_shown()["frontend", "reviews"] == 7
