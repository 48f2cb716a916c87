"""What one span of an application says by itself (mesh-dialects, sections 2.3, 4.4, 7 and 10)."""

from collections.abc import Mapping

import pytest

from ingest.mesh.dialect import CLIENT, CONSUMER, PRODUCER, REMOTE, ROOT, SERVER, Context, SpanFacts
from ingest.mesh.halves import Meaning
from ingest.mesh.otel_sdk import OTEL_SDK
from ingest.mesh.outcome import Outcome
from plimsoll.store.cells import Ref

RESOURCE = {"service.name": "api", "k8s.namespace.name": "shop", "service.version": "7"}
API = Ref("c1", "shop", "api", "service")
PAY = Ref("c1", "shop", "pay", "service")


def meaning(
    kind: int,
    attributes: Mapping[str, str],
    *,
    parent: int = REMOTE,
    error: bool = False,
    linked: bool = False,
    resource: Mapping[str, str] = RESOURCE,
) -> Meaning:
    """Return what a span says; the namespaces shop and pay are known."""
    context = Context("c1", "test", {"shop", "pay"})
    emitter = OTEL_SDK.emitter(resource, attributes, context)
    return OTEL_SDK.meaning(SpanFacts(kind, parent, attributes, error, "call", linked), emitter, resource, context)


def callee(attributes: Mapping[str, str], kind: int = CLIENT) -> Ref | None:
    """Return the server of the edge that a span names by itself."""
    said = meaning(kind, attributes)
    assert said.lane is None or said.lane.client == API
    return said.lane.server if said.lane else None


@pytest.mark.parametrize(
    ("attributes", "server"),
    [
        ({"service.peer.name": "pay", "peer.service": "x", "server.address": "y"}, PAY),
        ({"service.peer.name": "pay", "service.peer.namespace": "money"}, Ref("c1", "money", "pay", "service")),
        ({"peer.service": "pay", "server.address": "y"}, PAY),
        ({"server.address": "pay", "net.peer.name": "x"}, PAY),
        ({"net.peer.name": "pay", "net.sock.peer.name": "x"}, PAY),
        ({"net.sock.peer.name": "pay", "http.host": "x"}, PAY),
        ({"http.host": "pay.pay:8080", "url.full": "http://x/"}, Ref("c1", "pay", "pay", "service")),
        ({"url.full": "http://pay/?a=b", "http.url": "http://x/"}, PAY),
        ({"http.url": "https://u:p@api.partner.example:443/x"}, Ref("", "", "api.partner.example", "external")),
        ({"rpc.system": "grpc", "rpc.service": "shop.Pay"}, None),
        ({"rpc.system": "grpc", "rpc.service": "shop.Pay", "server.address": "pay"}, PAY),
        ({"network.peer.address": "10.0.0.7"}, None),
        ({"server.address": "unknown", "net.peer.name": "pay"}, PAY),
    ],
)
def test_a_client_s_peer_is_the_first_name_that_says_something(attributes: dict[str, str], server: Ref | None) -> None:
    assert callee(attributes) == server


@pytest.mark.parametrize(
    ("attributes", "server"),
    [
        ({"db.system.name": "postgresql", "server.address": "db-1"}, Ref("c1", "shop", "db-1", "database")),
        (
            {"db.system": "postgresql", "net.peer.name": "db-1", "net.peer.port": "6432"},
            Ref("c1", "shop", "db-1:6432", "database"),
        ),
        (
            {"db.system": "mysql", "server.address": "db.partner.example", "server.port": "3306"},
            Ref("", "", "db.partner.example", "database"),
        ),
        ({"db.system": "redis", "peer.service": "sessions"}, Ref("c1", "shop", "sessions", "database")),
        (
            {"db.system": "redis", "service.peer.name": "sessions", "service.peer.namespace": "data"},
            Ref("c1", "data", "sessions", "database"),
        ),
        ({"db.system": "redis", "network.peer.address": "cache-0"}, Ref("c1", "shop", "cache-0", "database")),
        ({"db.system": "redis", "server.address": "10.0.0.9"}, Ref("c1", "shop", "redis", "database")),
        ({"db.system": "redis", "db.name": "1"}, Ref("c1", "shop", "redis", "database")),
    ],
)
def test_a_database_is_named_by_its_server(attributes: dict[str, str], server: Ref) -> None:
    assert callee(attributes) == server


@pytest.mark.parametrize(
    ("attributes", "topic"),
    [
        ({"messaging.destination.name": "orders"}, Ref("c1", "kafka", "orders", "messaging")),
        ({"messaging.destination": "orders"}, Ref("c1", "kafka", "orders", "messaging")),
        (
            {"messaging.destination.name": "orders-7", "messaging.destination.template": "orders-{n}"},
            Ref("c1", "kafka", "orders-{n}", "messaging"),
        ),
        (
            {"messaging.destination.name": "orders", "server.address": "broker"},
            Ref("c1", "kafka/broker", "orders", "messaging"),
        ),
        (
            {"messaging.destination.name": "orders", "server.address": "broker.partner.example"},
            Ref("", "kafka/broker.partner.example", "orders", "messaging"),
        ),
        (
            {"messaging.destination.name": "orders", "messaging.kafka.cluster.id": "k1", "server.address": "b"},
            Ref("", "kafka/k1", "orders", "messaging"),
        ),
        (
            {"messaging.destination.name": "q-81723", "messaging.destination.temporary": "true", "server.address": "b"},
            Ref("c1", "kafka", "(kafka temporary)", "messaging"),
        ),
        ({"messaging.rabbitmq.destination.routing_key": "mail"}, Ref("c1", "kafka", "mail", "messaging")),
        ({}, None),
    ],
)
def test_a_topic_is_broker_and_destination_and_temporary_ones_are_one(
    attributes: dict[str, str], topic: Ref | None
) -> None:
    sent = meaning(PRODUCER, attributes | {"messaging.system": "kafka"})
    taken = meaning(CONSUMER, attributes | {"messaging.system": "kafka"})

    assert (sent.lane.server if sent.lane else None) == topic
    assert (taken.lane.client if taken.lane else None) == topic
    assert sent.half is not None
    assert sent.owns
    assert taken.half is not None
    assert not taken.owns


@pytest.mark.parametrize(
    ("kind", "operation", "is_sent"),
    [
        (PRODUCER, "", True),
        (CLIENT, "send", True),
        (CLIENT, "create", True),
        (CLIENT, "publish", True),
        (CONSUMER, "process", False),
        (CONSUMER, "receive", False),
        (CLIENT, "receive", False),
    ],
)
def test_the_operation_says_which_way_a_message_went(kind: int, operation: str, is_sent: bool) -> None:
    attributes = {
        "messaging.system": "sqs",
        "messaging.destination.name": "jobs",
        "messaging.operation.type": operation,
    }

    lane = meaning(kind, attributes).lane

    assert lane is not None
    assert (lane.client.name, lane.server.name) == (("api", "jobs") if is_sent else ("jobs", "api"))


def test_a_broker_call_that_moves_no_message_is_dropped() -> None:
    said = meaning(CLIENT, {"messaging.system": "sqs", "messaging.operation.type": "settle"})

    assert (said.lane, said.half, said.drop) == (None, None, "a broker call that moves no message")


@pytest.mark.parametrize("attributes", [{}, {"messaging.system": "kafka", "messaging.destination.name": "orders"}])
def test_a_consumer_without_parent_and_link_waits_for_nobody(attributes: dict[str, str]) -> None:
    assert meaning(CONSUMER, attributes, parent=ROOT).half is None


def test_whether_a_consumer_without_parent_waits_is_looked_into_span_by_span() -> None:
    kafka = {"messaging.system": "kafka", "messaging.destination.name": "orders"}

    linked, alone = meaning(CONSUMER, kafka, parent=ROOT, linked=True), meaning(CONSUMER, kafka, parent=ROOT)

    assert linked.half is not None
    assert alone.half is None
    assert not linked.kept
    assert not alone.kept


@pytest.mark.parametrize("kind", [CLIENT, SERVER])
@pytest.mark.parametrize("parent", [ROOT, REMOTE])
def test_what_a_method_outside_the_keys_says_holds_for_one_span_only(kind: int, parent: int) -> None:
    by_method = meaning(kind, {"server.address": "pay", "http.request.method": "GET"}, parent=parent)
    by_status = meaning(kind, {"server.address": "pay", "http.response.status_code": "200"}, parent=parent)

    assert not by_method.kept
    assert by_status.kept


@pytest.mark.parametrize(
    ("attributes", "error", "expected"),
    [
        ({"http.response.status_code": "404"}, True, Outcome(client_error=1)),
        ({"http.status_code": "503"}, False, Outcome(failed=1)),
        ({"http.response.status_code": "200", "http.status_code": "503"}, False, Outcome()),
        ({"http.request.method": "GET"}, True, Outcome(failed=1)),
        ({"http.request.method": "GET", "error.type": "timeout"}, False, Outcome(failed=1)),
        ({"rpc.system": "grpc", "rpc.grpc.status_code": "5"}, True, Outcome(client_error=1)),
        ({"rpc.system": "grpc", "rpc.response.status_code": "UNAVAILABLE"}, False, Outcome(failed=1)),
        ({"rpc.system": "grpc", "rpc.grpc.status_code": "0"}, False, Outcome()),
        ({"db.system": "elasticsearch", "http.response.status_code": "404"}, True, Outcome(failed=1)),
        ({"db.system": "elasticsearch", "http.response.status_code": "503"}, False, Outcome(failed=0)),
        ({"db.system": "postgresql", "error.type": "42P01"}, False, Outcome(failed=1)),
        ({"db.system": "postgresql"}, False, Outcome()),
        ({"messaging.system": "sqs", "http.status_code": "404"}, True, Outcome(failed=1)),
    ],
)
def test_an_outcome_is_read_from_the_code_that_counts(
    attributes: dict[str, str], error: bool, expected: Outcome
) -> None:
    kind = PRODUCER if "messaging.system" in attributes else CLIENT

    assert meaning(kind, attributes, error=error).outcome == expected


@pytest.mark.parametrize(
    ("attributes", "protocol"),
    [
        ({"rpc.system": "grpc"}, "grpc"),
        ({"rpc.system.name": "grpc"}, "grpc"),
        ({"rpc.system": "java_rmi"}, "rpc"),
        ({"http.method": "GET"}, "http"),
        ({"url.full": "http://pay/"}, "http"),
        ({"db.system": "redis"}, "db"),
        ({"messaging.system": "redis", "db.system": "redis", "messaging.operation": "publish"}, "messaging"),
        ({}, "unknown"),
    ],
)
def test_a_protocol_is_told_by_its_attributes(attributes: dict[str, str], protocol: str) -> None:
    half = meaning(CLIENT, attributes).half

    assert half is not None
    assert half.protocol == protocol


def test_an_entry_without_parent_comes_from_a_user() -> None:
    lane = meaning(SERVER, {"http.method": "GET"}, parent=ROOT).lane

    assert lane is not None
    assert (lane.client.kind, lane.server, lane.server_version) == ("user", API, "7")


@pytest.mark.parametrize(
    ("resource", "name", "namespace"),
    [
        ({"service.name": "api", "service.namespace": "shop"}, "api", "shop"),
        ({"service.name": "api", "service.namespace": "label", "k8s.namespace.name": "shop"}, "api", "shop"),
        ({"service.name": "unknown_service:java", "k8s.deployment.name": "web"}, "web", ""),
        ({"service.name": "UNKNOWN_SERVICE:java", "k8s.statefulset.name": "web"}, "web", ""),
        ({"k8s.daemonset.name": "agent", "k8s.pod.name": "agent-x2x4z"}, "agent", ""),
        ({"k8s.cronjob.name": "nightly", "k8s.job.name": "nightly-28"}, "nightly", ""),
        ({"k8s.pod.name": "web-6d4cf56db6-x7k2p"}, "web", ""),
        ({}, "unknown_service", ""),
    ],
)
def test_an_application_is_known_by_its_resource(resource: dict[str, str], name: str, namespace: str) -> None:
    half = meaning(CLIENT, {}, resource=resource).half

    assert half is not None
    assert half.ref == Ref("c1", namespace, name, "service")


@pytest.mark.parametrize(
    ("resource", "cluster", "environment", "version"),
    [
        ({"k8s.cluster.name": "eu-1", "deployment.environment.name": "prod"}, "eu-1", "prod", ""),
        ({"k8s.cluster.name": "Kubernetes", "deployment.environment": "stage"}, "c1", "stage", ""),
        ({"k8s.pod.labels.version": "v3"}, "c1", "test", "v3"),
        ({"service.version": "1.2", "k8s.pod.labels.version": "v3"}, "c1", "test", "1.2"),
    ],
)
def test_where_and_what_an_application_is_comes_from_its_resource_else_from_its_source(
    resource: dict[str, str], cluster: str, environment: str, version: str
) -> None:
    half = meaning(CLIENT, {}, resource=resource).half

    assert half is not None
    assert (half.ref.cluster, half.environment, half.version) == (cluster, environment, version)


def test_an_exporter_s_own_call_is_dropped() -> None:
    attributes = {"rpc.service": "opentelemetry.proto.collector.trace.v1.TraceService", "server.address": "collector"}

    assert meaning(CLIENT, attributes).drop == "an exporter's own call"
