"""Messages between producers and consumers: joined by parents or by links (mesh-dialects, sections 8.5 and 10.2)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ingest.mesh.dialect import CONSUMER, PRODUCER, SERVER
from ingest.otlp import sweep
from tests.ingest.mesh.senders import HTTP, app, request, sent, shown, shown_nodes

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = {"messaging.system": "kafka", "messaging.destination.name": "orders"}


def linked_to(body: bytes, links: Sequence[tuple[int, int]]) -> bytes:
    """Return a request whose spans are linked to spans of (trace, id)."""
    request = ExportTraceServiceRequest.FromString(body)
    for span in request.resource_spans[0].scope_spans[0].spans:
        for trace, own in links:
            span.links.add(trace_id=trace.to_bytes(16, "big"), span_id=own.to_bytes(8, "big"))
    return request.SerializeToString()


def test_a_consumer_whose_parent_is_the_producer_is_joined_by_it_and_not_by_a_link_besides() -> None:
    taken = request(app("mailer"), "kafka", [(CONSUMER, 2, 1, ORDERS)])

    sent(request(app("api"), "kafka", [(PRODUCER, 1, 0, ORDERS)]), linked_to(taken, [(1, 1)]))

    row = shown()["api", "mailer"]
    assert (row.requests, row.evidence) == (1, "joined")


def test_of_the_links_of_a_batch_the_first_128_are_followed() -> None:
    taken = request(app("mailer"), "kafka", [(CONSUMER, 500, 0, ORDERS)], trace=999)

    sent(
        request(app("api"), "kafka", [(PRODUCER, n, 0, ORDERS) for n in range(1, 131)]),
        linked_to(taken, [(1, n) for n in range(1, 131)]),
    )

    found = shown()
    assert (found["api", "mailer"].requests, found["api", "mailer"].evidence) == (128, "linked")
    assert (found["api", "orders"].requests, found["orders", "mailer"].requests) == (130, 1)


def test_a_message_without_a_parent_whose_links_lead_nowhere_is_still_one() -> None:
    topic = {"messaging.system": "kafka", "messaging.destination.name": "orders"}
    body = ExportTraceServiceRequest.FromString(request(app("mailer"), "kafka", [(CONSUMER, 2, 0, topic)]))
    body.resource_spans[0].scope_spans[0].spans[0].links.add(trace_id=b"1", span_id=b"2")

    sent(body.SerializeToString(), request(app("other"), "http", [(SERVER, 5, 4, HTTP)]))

    assert shown()["orders", "mailer"].requests == 1


def test_a_consumer_whose_parent_is_in_its_own_process_waits_for_nobody() -> None:
    body = ExportTraceServiceRequest.FromString(request(app("mailer"), "kafka", [(CONSUMER, 2, 1, ORDERS)]))
    body.resource_spans[0].scope_spans[0].spans[0].flags = 0x101

    sent(body.SerializeToString())
    sweep.run(datetime.now(UTC) + timedelta(minutes=20))

    assert set(shown()) == {("orders", "mailer")}
    assert shown_nodes()["mailer"].unattributed == 0


def test_the_same_link_twice_is_one_message() -> None:
    taken = request(app("mailer"), "kafka", [(CONSUMER, 500, 0, ORDERS)], trace=999)

    sent(request(app("api"), "kafka", [(PRODUCER, 1, 0, ORDERS)]), linked_to(taken, [(1, 1), (1, 1)]))

    assert shown()["api", "mailer"].requests == 1


def test_a_consumer_whose_parent_is_zeros_follows_a_link_within_its_trace() -> None:
    taken = request(app("mailer"), "kafka", [(CONSUMER, 2, 0, ORDERS)])
    body = ExportTraceServiceRequest.FromString(linked_to(taken, [(1, 1)]))
    body.resource_spans[0].scope_spans[0].spans[0].parent_span_id = bytes(8)

    sent(request(app("api"), "kafka", [(PRODUCER, 1, 0, ORDERS)]), body.SerializeToString())

    row = shown()["api", "mailer"]
    assert (row.requests, row.evidence) == (1, "linked")
