"""Requests as nobody should send them: refused or counted, never a defect of ours (reliability, section 3)."""

import random
import time
from collections import Counter
from collections.abc import Iterator

import grpc
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.ingest.otlp.captures import trace_request
from tests.ingest.otlp.test_captures import effects, shown, totals, write
from tests.ingest.otlp.test_server import TRACES, Running, end, requests_shown, start

CAPTURES = ("traces-sidecar-gateway.json", "traces-waypoint-grpc-sampled.json")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receiver() -> Iterator[Running]:
    running = start()
    yield running
    assert end(running) == 0


def codes(receiver: Running, bodies: list[bytes], compression: grpc.Compression | None = None) -> Counter[str]:
    """Send requests, eight at a time, and count the answers by their code."""
    found: Counter[str] = Counter()
    with grpc.insecure_channel(
        receiver.address, options=[("grpc.max_send_message_length", -1)], compression=compression
    ) as channel:
        export = channel.unary_unary(TRACES, None, None)
        for at in range(0, len(bodies), 8):
            calls = [export.future(body, timeout=60) for body in bodies[at : at + 8]]
            found.update(call.code().name for call in calls)
    return found


def mutated(body: bytes, chance: random.Random) -> bytes:
    """Return bytes with some of them flipped, cut out, doubled or replaced."""
    data = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(data) or 1)
        data = data or bytearray(1)
        match chance.randrange(5):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
            case 2:
                del data[at : at + chance.randrange(1, 40)]
            case 3:
                data[at:at] = data[at : at + chance.randrange(1, 40)]
            case _:
                del data[at + 1 :]
    return bytes(data)


def test_bytes_changed_under_way_are_taken_or_refused_and_break_nothing(receiver: Running) -> None:
    chance = random.Random(7)
    captures = [trace_request(name).SerializeToString() for name in CAPTURES]

    found = codes(receiver, [mutated(chance.choice(captures), chance) for _ in range(200)])

    assert set(found) == {"OK", "INVALID_ARGUMENT"}
    assert codes(receiver, captures) == {"OK": 2}


def test_compressed_requests_are_taken(receiver: Running) -> None:
    body = trace_request(CAPTURES[0]).SerializeToString()

    assert codes(receiver, [body], grpc.Compression.Gzip) == {"OK": 1}
    assert requests_shown()["frontend", "reviews"] == 7


def test_the_limit_holds_for_what_is_decompressed(receiver: Running) -> None:
    bodies = [bytes(64 * 1024 * 1024 + 1)]

    assert codes(receiver, bodies, grpc.Compression.Gzip) == {"RESOURCE_EXHAUSTED": 1}


def test_a_request_of_just_64_mib_is_taken(receiver: Running) -> None:
    request = trace_request(CAPTURES[0])
    span = request.resource_spans[0].scope_spans[0].spans[0]
    # A length of 64 MiB takes four bytes in the value, its field and each message around it: 40 are enough.
    span.events.add(name="x" * (64 * 1024 * 1024 - request.ByteSize() - 40))

    assert 0 <= 64 * 1024 * 1024 - request.ByteSize() < 40
    assert codes(receiver, [request.SerializeToString()]) == {"OK": 1}


def test_a_great_many_attributes_and_huge_values_are_cut() -> None:
    request = trace_request(CAPTURES[0])
    first = request.resource_spans[0]
    for n in range(10_000):
        first.scope_spans[0].spans[0].attributes.add(key=f"key-{n}").value.string_value = "x" * 100
    first.scope_spans[0].spans[0].attributes.add(key="huge").value.string_value = "x" * 5_000_000
    first.resource.attributes.add(key="huge").value.array_value.values.add().string_value = "x" * 5_000_000
    write([[request.SerializeToString()]])

    assert totals(shown())["shop/frontend", "shop/reviews"] == (7, 8, 2)


def test_a_key_that_comes_twice_does_no_harm() -> None:
    request = trace_request(CAPTURES[0])
    for resource_spans in request.resource_spans:
        resource_spans.resource.attributes.add(key="service.version").value.string_value = "twice"
    write([[request.SerializeToString()]])

    assert totals(shown())["shop/frontend", "shop/reviews"] == (7, 8, 2)


def test_times_of_another_century_are_refused_with_their_reasons() -> None:
    request = trace_request(CAPTURES[0])
    spans = [s for rs in request.resource_spans for ss in rs.scope_spans for s in ss.spans]
    spans[0].end_time_unix_nano = 1_000_000_000
    spans[1].end_time_unix_nano = 4_102_444_800_000_000_000
    spans[2].end_time_unix_nano = 2**64 - 1

    (effect,) = effects([request.SerializeToString()])

    assert effect.rejected == {
        "span ended more than 24 h ago, or has no end": 1,
        "span ends more than 10 min in the future": 2,
    }


def test_a_span_that_ends_before_it_starts_counts_and_takes_no_time() -> None:
    request = trace_request(CAPTURES[0])
    for resource_spans in request.resource_spans:
        for span in resource_spans.scope_spans[0].spans:
            span.start_time_unix_nano = span.end_time_unix_nano + 10**9
    write([[request.SerializeToString()]])

    rows = shown()
    assert totals(rows)["shop/frontend", "shop/reviews"] == (7, 8, 2)
    assert {row.p99_ms is not None and row.p99_ms < 0.1 for row in rows} == {True}


IDS = (b"", b"\x00" * 8, b"\x00" * 16, b"\x01", b"\xff" * 8, b"\xff" * 16, b"\x01" * 24, b"\x02" * 300)
TIMES = (0, 1, -1, 2**63 - 1, 2**64 - 1, 4_102_444_800_000_000_000, 1_000_000_000)
TEXTS = (
    "",
    "\x00",
    "²",
    "-",
    "x" * 70_000,
    "a\x00b",
    "\ud7ff\U0010ffff",
    "200",
    "0",
    "-1",
    "1e400",
    "{}",
    "'; --",
    "10.0.0.1",
    "[::1",
    "a.b",
    "outbound|80|",
    "outbound|80||",
    "|||",
    "a" * 300 + ".svc",
    "http://[",
    "http://u@:80/",
    "%00",
    "router~a~b~c",
)


def odd(chance: random.Random) -> bytes:
    """Return a request that a parser takes, with values that nobody means."""
    request = trace_request(chance.choice(CAPTURES))
    for resource_spans in request.resource_spans:
        for attribute in resource_spans.resource.attributes:
            if chance.random() < 0.1:
                attribute.value.string_value = chance.choice(TEXTS)
        for scope_spans in resource_spans.scope_spans:
            if chance.random() < 0.2:
                scope_spans.scope.name = chance.choice(("", "other"))
            for span in scope_spans.spans:
                _spoil(span, chance)
    return request.SerializeToString()


def _spoil(span: Span, chance: random.Random) -> None:
    now = time.time_ns()
    for name in ("trace_id", "span_id", "parent_span_id"):
        if chance.random() < 0.05:
            setattr(span, name, chance.choice(IDS))
    for name in ("start_time_unix_nano", "end_time_unix_nano"):
        if chance.random() < 0.1:
            setattr(
                span,
                name,
                (now + chance.choice(TIMES)) % 2**64 if chance.random() < 0.5 else chance.choice(TIMES) % 2**64,
            )
    if chance.random() < 0.2:
        span.kind = chance.choice((0, 1, 2, 3, 4, 5))  # type: ignore[assignment]
    if chance.random() < 0.1:
        span.flags = chance.randrange(2**32)
    if chance.random() < 0.1:
        span.trace_state = chance.choice((*TEXTS, "ot=th:", "ot=th:g", "ot", "ot=th:0;th:1", "=,;:"))
    for _ in range(chance.choice((0, 0, 0, 1, 200))):
        span.links.add(trace_id=chance.choice(IDS), span_id=chance.choice(IDS))
    for attribute in span.attributes:
        match chance.randrange(30):
            case 0:
                attribute.value.string_value = chance.choice(TEXTS)
            case 1:
                attribute.value.int_value = chance.choice((0, -1, 2**63 - 1, -(2**63)))
            case 2:
                attribute.value.double_value = chance.choice((float("nan"), float("inf"), 1e308, -0.0, 503.0))
            case 3:
                attribute.value.array_value.values.add().string_value = chance.choice(TEXTS)
            case 4:
                attribute.key = chance.choice(
                    (
                        "messaging.system",
                        "db.system",
                        "http.status_code",
                        "grpc.status_code",
                        "server.address",
                        "http.url",
                        "",
                        "\x00",
                    )
                )


def test_values_that_nobody_means_are_counted_or_refused_and_break_nothing(receiver: Running) -> None:
    chance = random.Random(7)

    assert codes(receiver, [odd(chance) for _ in range(100)]) == {"OK": 100}
