"""Requests as nobody should send them: refused or counted, never a defect of ours (reliability, section 3)."""

import random
from collections import Counter
from collections.abc import Iterator

import grpc
import pytest

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
    assert all(row.p99_ms is None or row.p99_ms < 0.1 for row in rows)
