"""Applications with OpenTelemetry's own SDK and exporter, and the edges that the API shows."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from tests.ingest.otlp.rest import Counts, counts, edges_shown
from tests.ingest.otlp.test_server import Running, end, start

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE_NS = 60_000_000_000
PROPAGATOR = TraceContextTextMapPropagator()


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a version of the semantic conventions names what these tests use."""

    method: str
    status: str
    host: str
    port: str
    database: str
    topic: str
    operation: str
    sends: str
    receives: str


OLD = Spelling(
    "http.method", "http.status_code", "net.peer.name", "net.peer.port", "db.system", "messaging.destination",
    "messaging.operation", "publish", "process",
)  # fmt: skip
NEW = Spelling(
    "http.request.method", "http.response.status_code", "server.address", "server.port", "db.system.name",
    "messaging.destination.name", "messaging.operation.type", "send", "process",
)  # fmt: skip


class Application:
    """A service with an SDK of its own that exports to the receiver."""

    def __init__(self, name: str, receiver: Running) -> None:
        resource = Resource.create({"service.name": name, "service.namespace": "shop", "service.instance.id": name})
        self.provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=receiver.address, insecure=True)
        self.provider.add_span_processor(BatchSpanProcessor(exporter))
        self.tracer = self.provider.get_tracer("tests")

    def span(self, kind: SpanKind, *, parent: Mapping[str, str] | Span | None = None, at_ns: int | None = None) -> Span:
        """Start a span below one of this process, or below the one that a carrier from elsewhere names."""
        context = set_span_in_context(parent) if isinstance(parent, Span) else PROPAGATOR.extract(dict(parent or {}))
        return self.tracer.start_span(kind.name, context, kind, start_time=at_ns)

    def flush(self) -> None:
        assert self.provider.force_flush(20_000)


def carrier(span: Span) -> dict[str, str]:
    """Return the headers that a call carries to the other process."""
    headers: dict[str, str] = {}
    PROPAGATOR.inject(headers, set_span_in_context(span))
    return headers


def finish(span: Span, status: int, spelling: Spelling, *, end_ns: int | None = None) -> None:
    """End a span of an HTTP call as the instrumentations do: a caller's span is an error from 400 on."""
    span.set_attributes({spelling.method: "GET", spelling.status: status})
    if status >= 500 or (isinstance(span, ReadableSpan) and span.kind is SpanKind.CLIENT and status >= 400):
        span.set_status(Status(StatusCode.ERROR))
    span.end(end_ns)


@dataclass
class Shop:
    """The two applications and the receiver they export to."""

    receiver: Running
    frontend: Application = field(init=False)
    reviews: Application = field(init=False)

    def __post_init__(self) -> None:
        self.frontend = Application("frontend", self.receiver)
        self.reviews = Application("reviews", self.receiver)


@pytest.fixture
def shop() -> Iterator[Shop]:
    running = start()
    applications = Shop(running)
    yield applications
    applications.frontend.provider.shutdown()
    applications.reviews.provider.shutdown()
    assert end(running) == 0


def visit(shop: Shop, spelling: Spelling, status: int) -> None:
    """A user's request to the frontend, which asks reviews, which asks its database."""
    entry = shop.frontend.span(SpanKind.SERVER)
    call = shop.frontend.span(SpanKind.CLIENT, parent=entry)
    call.set_attributes({spelling.host: "reviews", spelling.port: 8080})
    served = shop.reviews.span(SpanKind.SERVER, parent=carrier(call))
    query = shop.reviews.span(SpanKind.CLIENT, parent=served)
    query.set_attributes({spelling.database: "postgresql", spelling.host: "reviews-db", spelling.port: 5432})
    query.end()
    finish(served, status, spelling)
    finish(call, status, spelling)
    finish(entry, status, spelling)


def publish(shop: Shop, spelling: Spelling) -> None:
    """The frontend sends a message, and reviews works on it."""
    about = {"messaging.system": "kafka", spelling.topic: "ratings-given"}
    sent = shop.frontend.span(SpanKind.PRODUCER)
    sent.set_attributes(about | {spelling.operation: spelling.sends})
    received = shop.reviews.span(SpanKind.CONSUMER, parent=carrier(sent))
    received.set_attributes(about | {spelling.operation: spelling.receives})
    sent.end()
    received.end()


@pytest.mark.parametrize("spelling", [OLD, NEW], ids=["old", "new"])
def test_two_hundred_calls_are_exactly_their_edges_in_both_spellings(shop: Shop, spelling: Spelling) -> None:
    for status in [200] * 182 + [500] * 10 + [404] * 8:
        visit(shop, spelling, status)
    for _ in range(20):
        publish(shop, spelling)

    shop.reviews.flush()
    shop.frontend.flush()

    expected: dict[tuple[str, str, str], Counts] = {
        ("user", "frontend", "http"): (200, 200, 10),
        ("frontend", "reviews", "http"): (200, 200, 10),
        ("reviews", "reviews-db", "db"): (200, None, 0),
        ("frontend", "ratings-given", "messaging"): (20, None, 0),
        ("ratings-given", "reviews", "messaging"): (20, None, 0),
        ("frontend", "reviews", "messaging"): (20, 20, 0),
    }
    assert counts() == expected
    rows = {(row["client"], row["server"], row["protocol"]): row for row in edges_shown()}
    assert rows["frontend", "reviews", "http"]["client_errors"] == 8
    assert rows["frontend", "reviews", "http"]["vantage"] == "span-client-app"
    assert rows["reviews", "reviews-db", "db"]["server_kind"] == "database"
    assert rows["frontend", "ratings-given", "messaging"]["server_kind"] == "messaging"


@pytest.mark.parametrize("spelling", [OLD, NEW], ids=["old", "new"])
@pytest.mark.parametrize("caller_first", [True, False], ids=["caller-first", "callee-first"])
def test_a_retried_call_that_names_no_peer_is_one_request_and_two_attempts(
    shop: Shop, spelling: Spelling, caller_first: bool
) -> None:
    call = shop.frontend.span(SpanKind.CLIENT)
    for status in (503, 200):
        finish(shop.reviews.span(SpanKind.SERVER, parent=carrier(call)), status, spelling)
    finish(call, 200, spelling)

    for application in (shop.frontend, shop.reviews) if caller_first else (shop.reviews, shop.frontend):
        application.flush()

    assert counts() == {("frontend", "reviews", "http"): (1, 2, 0)}
    assert [row["evidence"] for row in edges_shown()] == ["joined"]


@pytest.mark.parametrize("peer", [{}, {"server.address": "reviews"}], ids=["unnamed", "named"])
@pytest.mark.parametrize("caller_first", [True, False], ids=["caller-first", "callee-first"])
def test_sides_that_come_apart_and_ended_minutes_apart_are_one_call(
    shop: Shop, peer: dict[str, str], caller_first: bool
) -> None:
    began_ns = time.time_ns() - 9 * MINUTE_NS
    call = shop.frontend.span(SpanKind.CLIENT, at_ns=began_ns)
    call.set_attributes(peer)
    served = shop.reviews.span(SpanKind.SERVER, parent=carrier(call), at_ns=began_ns)
    sides = [
        (shop.frontend, call, began_ns + 7 * MINUTE_NS),
        (shop.reviews, served, began_ns + 3 * MINUTE_NS),
    ]

    for application, span, end_ns in sides if caller_first else sides[::-1]:
        finish(span, 500, NEW, end_ns=end_ns)
        application.flush()

    assert counts() == {("frontend", "reviews", "http"): (1, 1, 1)}
