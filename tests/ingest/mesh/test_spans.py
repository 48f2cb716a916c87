"""Spans of applications and proxies become cells, in any order and split (mesh-dialects, sections 8 to 10)."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from ingest.mesh.dialect import Context
from ingest.otlp.effect import Effect, traces
from ingest.otlp.writer import Writer
from plimsoll.insight.topology import EdgeRow, edges
from tests.flush import empty_traffic

SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5
MINUTE_NS = 60_000_000_000


def span(
    service: str,
    kind: int,
    own: int,
    *,
    parent: int = 0,
    trace: int = 1,
    ms: float = 20,
    minutes_ago: int = 0,
    error: bool = False,
    links: tuple[int, ...] = (),
    trace_state: str = "",
    flags: int = 0,
    **attributes: str,
) -> bytes:
    """Return a request of one span of an application; `__` in the name of an attribute stands for a dot."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = service
    resource.resource.attributes.add(key="k8s.namespace.name").value.string_value = "shop"
    scope = resource.scope_spans.add()
    scope.scope.name = "test"
    end = time.time_ns() - minutes_ago * MINUTE_NS
    made = scope.spans.add(
        trace_id=trace.to_bytes(16, "big"), span_id=own.to_bytes(8, "big"), kind=kind, name="call", flags=flags,
        parent_span_id=parent.to_bytes(8, "big") if parent else b"", trace_state=trace_state,
        start_time_unix_nano=end - int(ms * 1e6), end_time_unix_nano=end,
    )  # fmt: skip
    made.status.code = Status.STATUS_CODE_ERROR if error else Status.STATUS_CODE_UNSET
    for link in links:
        made.links.add(trace_id=(99).to_bytes(16, "big"), span_id=link.to_bytes(8, "big"))
    for key, value in attributes.items():
        made.attributes.add(key=key.replace("__", ".")).value.string_value = value
    return request.SerializeToString()


def effect(body: bytes, salt: bytes = b"") -> Effect:
    found = traces(body, "open", Context(), time.time_ns())
    if salt:
        found.batch_id = salt
    return found


def shown(*bodies: bytes) -> dict[tuple[str, str], EdgeRow]:
    """Write each request in a transaction of its own, and return the edges by their ends."""
    writer = Writer()
    for body in bodies:
        writer.write([effect(body)])
    writer.close()
    now = datetime.now(UTC)
    rows = edges(start=now - timedelta(hours=2), end=now + timedelta(hours=1))
    return {(row.client, row.server): row for row in rows}


@pytest.mark.django_db(transaction=True)
def test_a_database_is_the_server_and_not_the_schema_in_it() -> None:
    old = span(
        "ledger", CLIENT, 1, db__system="postgresql", db__name="app", net__peer__name="db-1", net__peer__port="5432"
    )
    new = span("ledger", CLIENT, 2, db__system__name="postgresql", db__namespace="audit", server__address="db-1")

    found = shown(old, new)

    row = found["ledger", "db-1"]
    assert (row.server_kind, row.protocol, row.requests) == ("database", "db", 2)


@pytest.mark.django_db(transaction=True)
def test_a_topic_stands_between_its_producer_and_its_consumer_and_a_link_shows_the_way_through() -> None:
    topic: dict[str, Any] = {"messaging__system": "kafka", "messaging__destination__name": "orders"}
    sent = span("shop-api", PRODUCER, 7, trace=99, **topic)
    received = span("mailer", CONSUMER, 8, trace=5, links=(7,), **topic)

    found = shown(received, sent)

    assert {ends: row.requests for ends, row in found.items()} == {
        ("shop-api", "orders"): 1,
        ("orders", "mailer"): 1,
        ("shop-api", "mailer"): 1,
    }
    assert found["shop-api", "mailer"].evidence == "linked"


@pytest.mark.django_db(transaction=True)
def test_a_caller_that_names_nobody_is_joined_and_its_retry_is_one_request_and_two_attempts() -> None:
    call = span("frontend", CLIENT, 1, ms=50)
    first = span("reviews", SERVER, 2, parent=1, error=True)
    second = span("reviews", SERVER, 3, parent=1)

    row = shown(first, call, second)["frontend", "reviews"]

    assert (row.requests, row.attempts, row.failed, row.evidence) == (1, 2, 0, "joined")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", range(4))
def test_a_caller_that_names_nobody_makes_one_request_whichever_of_its_tries_came_before_it(before: int) -> None:
    tries = [span("reviews", SERVER, number, parent=1, error=number < 4) for number in (2, 3, 4)]
    call = span("frontend", CLIENT, 1, ms=50)

    row = shown(*tries[:before], call, *tries[before:])["frontend", "reviews"]

    assert (row.requests, row.attempts, row.failed, row.vantage) == (1, 3, 0, "span-client-app")


@pytest.mark.django_db(transaction=True)
def test_halves_that_ended_in_different_minutes_are_joined() -> None:
    call = span("frontend", CLIENT, 1, minutes_ago=7)
    answer = span("reviews", SERVER, 2, parent=1)

    assert shown(call, answer)["frontend", "reviews"].requests == 1


@pytest.mark.django_db(transaction=True)
def test_a_parent_in_the_same_process_is_nobody_to_wait_for() -> None:
    assert shown(span("reviews", SERVER, 2, parent=1, flags=0x100)) == {}


@pytest.mark.django_db(transaction=True)
def test_a_span_that_is_its_own_parent_and_a_circle_of_parents_make_no_edge() -> None:
    own = span("reviews", SERVER, 4, parent=4)
    circle = [span("a", SERVER, 5, parent=6), span("b", SERVER, 6, parent=5)]

    assert shown(own, *circle) == {}


@pytest.mark.django_db(transaction=True)
def test_the_same_span_twice_in_one_request_counts_once() -> None:
    request = ExportTraceServiceRequest.FromString(span("frontend", CLIENT, 1, server__address="reviews"))
    spans = request.resource_spans[0].scope_spans[0].spans
    spans.append(spans[0])

    assert shown(request.SerializeToString())["frontend", "reviews"].requests == 1


@pytest.mark.django_db(transaction=True)
def test_known_sampling_corrects_the_count_and_says_how_far_it_may_be_off() -> None:
    bodies = [span("frontend", CLIENT, n, server__address="reviews", trace_state="ot=th:c") for n in range(1, 4)]

    row = shown(*bodies)["frontend", "reviews"]

    # Three spans at one in four: 12 requests, and sqrt(3 * 4 * 3) = 6.
    assert (row.observed, row.requests, row.weight_known, row.standard_error) == (3, 12, True, 6)


@pytest.mark.django_db(transaction=True)
def test_local_hosts_addresses_and_exporters_are_no_nodes() -> None:
    bodies = [
        span("frontend", CLIENT, 1, server__address="localhost"),
        span("frontend", CLIENT, 2, server__address="10.0.0.7"),
        span(
            "frontend", CLIENT, 3, server__address="collector", rpc__service="opentelemetry.proto.collector.trace.v1.T"
        ),
    ]

    assert shown(*bodies) == {}


@pytest.mark.django_db(transaction=True)
def test_hostile_names_are_cleaned_and_cut() -> None:
    row = next(iter(shown(span("a\x00b" + "x" * 5000, CLIENT, 1, server__address="reviews")).values()))

    assert row.client.startswith("a\ufffdbx")
    assert len(row.client) == 256


@pytest.mark.django_db(transaction=True)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False), st.integers(1, 6), st.integers(1, 3))
def test_any_order_split_and_repetition_over_any_writers_gives_the_same_edges(
    random: "object", size: int, writers: int
) -> None:
    empty_traffic()
    bodies = [span("frontend", CLIENT, 10 + n, trace=n + 1) for n in range(4)]
    bodies += [span("reviews", SERVER, 20 + n, trace=n + 1, parent=10 + n, error=n == 0) for n in range(4)]
    bodies += [span("reviews", SERVER, 30, trace=1, parent=10)]
    sent = bodies * 2
    random.shuffle(sent)  # type: ignore[attr-defined]
    turns = [Writer() for _ in range(writers)]

    for n, at in enumerate(range(0, len(sent), size)):
        turns[n % writers].write([effect(body) for body in sent[at : at + size]])
    for writer in turns:
        writer.close()

    now = datetime.now(UTC)
    (row,) = edges(start=now - timedelta(hours=1), end=now + timedelta(hours=1))
    assert (row.client, row.server, row.requests, row.attempts, row.failed) == ("frontend", "reviews", 4, 5, 0)


def test_a_name_with_a_namespace_is_a_service_from_the_moment_that_the_namespace_is_known() -> None:
    body = span("api", CLIENT, 7, server__address="pay.money", http__status_code="200")
    namespaces: set[str] = set()
    context = Context(namespaces=namespaces)

    before = traces(body, "open", context, time.time_ns())
    namespaces.add("money")
    after = traces(body, "open", context, time.time_ns())

    lanes = [group.meaning.lane for found in (before, after) for group in found.groups]
    assert [lane and (lane.server.namespace, lane.server.name, lane.server.kind) for lane in lanes] == [
        ("", "pay.money", "external"),
        ("money", "pay", "service"),
    ]
