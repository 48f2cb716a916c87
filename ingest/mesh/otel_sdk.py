"""Spans of applications with an OpenTelemetry SDK, old and new semantic conventions (mesh-dialects, sections 2.3,
4.4, 10).
"""

from collections.abc import Mapping

from ingest.mesh import identity
from ingest.mesh.dialect import (
    CLIENT,
    CONSUMER,
    LOCAL,
    PRODUCER,
    REMOTE,
    ROOT,
    SERVER,
    USER,
    Context,
    SpanDialect,
    SpanFacts,
)
from ingest.mesh.halves import Half, Meaning
from ingest.mesh.identity import Emitter, first
from ingest.mesh.names import authority, host_ref, is_address, is_local, known, split_port
from ingest.mesh.outcome import Outcome, outcome
from ingest.otlp.values import text
from plimsoll.store.cells import SPAN_CLIENT_APP, SPAN_SERVER_APP, Lane, Ref

_STATUS = ("http.response.status_code", "http.status_code")
_GRPC = ("rpc.response.status_code", "rpc.status_code", "rpc.grpc.status_code")
_PEER_SERVICE = ("service.peer.name", "peer.service")
_HOST = ("server.address", "net.peer.name", "net.sock.peer.name", "http.host")
_PORT = ("server.port", "net.peer.port")
_URL = ("url.full", "http.url")
_DATABASE = ("db.system.name", "db.system")
_TOPIC = ("messaging.destination.template", "messaging.destination.name", "messaging.destination")
_OPERATION = ("messaging.operation.type", "messaging.operation")
_ROUTING_KEY = ("messaging.rabbitmq.destination.routing_key", "messaging.rabbitmq.routing_key")
_MARKS = (
    "service.peer.namespace", "network.peer.address", "messaging.system", "messaging.kafka.cluster.id",
    "messaging.destination.anonymous", "messaging.destination.temporary", "rpc.system.name", "rpc.system",
    "error.type", "error",
)  # fmt: skip

# Where exporters send to, unless told otherwise (OTLP/HTTP).
_EXPORTS = ("/v1/traces", "/v1/metrics", "/v1/logs")
_RAW_EXPORTS = tuple(path.encode() for path in _EXPORTS)
_METHOD = ("http.request.method", "http.method")
_PATHS = frozenset((*_URL, "url.path", "http.target"))

# URLs and paths are not among the keys: each value is its own, and at most its host matters, or that it is an export's.
KEYS = frozenset((
    *_STATUS, *_GRPC, *_PEER_SERVICE, *_HOST, *_PORT, *_DATABASE, *_TOPIC, *_OPERATION, *_ROUTING_KEY, *_MARKS,
    "rpc.service",
))  # fmt: skip


def _form(kind: int, attributes: Mapping[str, bytes]) -> tuple[object, ...]:
    """Return those of `KEYS` that a span has: going through its few attributes is half the work of asking for all.

    A call that names no server is told by the host of its URL too.
    """
    said: list[object] = []
    for key in attributes:
        if key in KEYS:
            said.append((key, attributes[key]))
        elif key in _PATHS and attributes[key].endswith(_RAW_EXPORTS):
            said.append(_exports(attributes, key))
    if kind == CLIENT and "server.address" not in attributes:
        said.append(_url_host({key: text(attributes[key]) for key in _URL if key in attributes}))
    return tuple(said)


def _exports(attributes: Mapping[str, bytes], path: str) -> bool:
    """Whether raw attributes are those of an exporter's own call, by the one that has the path."""
    return _is_export({key: text(attributes[key]) for key in (path, *_METHOD) if key in attributes})


def _is_export(attributes: Mapping[str, str]) -> bool:
    if first(attributes, *_METHOD) != "POST":
        return False
    return any(attributes[key].endswith(_EXPORTS) and "?" not in attributes[key] for key in _PATHS & attributes.keys())


def _url_host(attributes: Mapping[str, str]) -> str:
    return authority(first(attributes, *_URL))


# The ports that a database's name does not carry.
_DEFAULT_PORTS = {
    "postgresql": "5432", "mysql": "3306", "mariadb": "3306", "mongodb": "27017", "redis": "6379", "oracle": "1521",
    "oracle.db": "1521", "mssql": "1433", "microsoft.sql_server": "1433", "cassandra": "9042", "elasticsearch": "9200",
    "opensearch": "9200", "memcached": "11211", "couchdb": "5984", "clickhouse": "8123",
}  # fmt: skip


def _emitter(resource: Mapping[str, str], _span: Mapping[str, str], context: Context) -> Emitter:
    return identity.application(resource, context.cluster, context.environment)


def _meaning(span: SpanFacts, emitter: Emitter, resource: Mapping[str, str], context: Context) -> Meaning:
    attributes = span.attributes
    if attributes.get("rpc.service", "").startswith("opentelemetry.proto.collector."):
        return Meaning(drop="an exporter's own call")
    if _is_export(attributes):
        # The text that is looked at may be cut: what it says holds for this one span.
        return Meaning(drop="an exporter's own call", kept=False)
    ended = _outcome(span)
    half = Half(
        emitter.ref,
        emitter.version,
        emitter.environment,
        _protocol(attributes),
        SPAN_CLIENT_APP if span.kind in (CLIENT, PRODUCER) else SPAN_SERVER_APP,
        ended,
        first(resource, "service.instance.id", "k8s.pod.uid", "k8s.pod.name", "host.name"),
    )
    if "messaging.system" in attributes:
        return _message(span, emitter, half)
    if span.kind == CLIENT:
        return _outgoing(span, emitter, context, half)
    if span.kind == SERVER:
        return _incoming(span, emitter, half)
    waits = span.kind == CONSUMER and (span.parent == REMOTE or span.linked)
    owns = span.kind == PRODUCER
    return Meaning(
        ended,
        half=half if owns or waits else None,
        owns=owns,
        kept=_is_kept(span, half.protocol) and _is_kept_waiting(span),
    )


def _outcome(span: SpanFacts) -> Outcome:
    """Return how the call ended; a status that a database's or broker's HTTP answered is the driver's to judge."""
    attributes = span.attributes
    error = span.error or attributes.get("error") == "true" or bool(first(attributes, "error.type"))
    if _protocol(attributes) in ("db", "messaging"):
        return outcome(error=error)
    return outcome(first(attributes, *_STATUS), first(attributes, *_GRPC), error=error)


def _is_kept(span: SpanFacts, protocol: str) -> bool:
    """Whether the keys alone tell the protocol: it may rest on a URL or a method, which are not among them."""
    return protocol != "unknown" and (protocol != "http" or bool(first(span.attributes, *_STATUS)))


def _is_kept_waiting(span: SpanFacts) -> bool:
    """Whether the keys alone tell that a span waits: without a parent, a consumer's links decide."""
    return span.kind != CONSUMER or span.parent == REMOTE


def _protocol(attributes: Mapping[str, str]) -> str:
    if "messaging.system" in attributes:
        return "messaging"
    if first(attributes, *_DATABASE):
        return "db"
    system = first(attributes, "rpc.system.name", "rpc.system")
    if system:
        return "grpc" if system == "grpc" else "rpc"
    return "http" if first(attributes, *_STATUS, *_URL, "http.request.method", "http.method") else "unknown"


def _outgoing(span: SpanFacts, emitter: Emitter, context: Context, half: Half) -> Meaning:
    server, kept = _peer(span.attributes, emitter, context)
    peer = server
    system = first(span.attributes, *_DATABASE)
    if server is not None and system and not _database_name(system, span.attributes):
        # The database that answers this call need not be the one of the next.
        peer = server._replace(name="")
    lane = None
    if server is not None:
        lane = Lane(
            emitter.environment, emitter.ref, server, half.protocol, half.vantage, client_version=emitter.version
        )
    return Meaning(
        half.outcome, lane=lane, half=half._replace(peer=peer), owns=True, kept=kept and _is_kept(span, half.protocol)
    )


def _peer(attributes: Mapping[str, str], emitter: Emitter, context: Context) -> tuple[Ref | None, bool]:
    """Return the node that a client span calls, and whether its keys alone say so (mesh-dialects, section 2.3)."""
    if system := first(attributes, *_DATABASE):
        return database(system, attributes, emitter), True
    if name := first(attributes, *_PEER_SERVICE):
        namespace = first(attributes, "service.peer.namespace") or emitter.ref.namespace
        return Ref(emitter.ref.cluster, namespace, name, "service"), True
    host, kept = first(attributes, *_HOST), True
    if not host:
        host, kept = _url_host(attributes), "server.address" not in attributes
    ref = emitter.ref
    return host_ref(host, cluster=ref.cluster, namespace=ref.namespace, namespaces=context.namespaces), kept


def database(system: str, attributes: Mapping[str, str], emitter: Emitter) -> Ref:
    """Return the node of a database: the server, never the schema in it (mesh-dialects, section 10.1)."""
    name = _database_name(system, attributes)
    # A host with a public name is one server, whoever asks; a short name belongs to the caller's cluster.
    nearby = "." not in name or ".svc" in name
    ref = emitter.ref
    namespace = first(attributes, "service.peer.namespace") or ref.namespace
    return Ref(ref.cluster if nearby else "", namespace if "." not in name else "", name or system, "database")


def _database_name(system: str, attributes: Mapping[str, str]) -> str:
    """Return the name of a database's server; empty where all that is told is its system."""
    if name := first(attributes, *_PEER_SERVICE):
        return name
    host, own_port = split_port(first(attributes, "server.address", "net.peer.name", "network.peer.address"))
    if not known(host) or is_address(host) or is_local(host):
        return ""
    port = first(attributes, *_PORT) or own_port
    return host if not port or port == _DEFAULT_PORTS.get(system) else f"{host}:{port}"


def _incoming(span: SpanFacts, emitter: Emitter, half: Half) -> Meaning:
    if span.parent == ROOT:
        entry = Lane(
            emitter.environment, USER, emitter.ref, half.protocol, half.vantage, server_version=emitter.version
        )
        return Meaning(half.outcome, lane=entry, kept=_is_kept(span, half.protocol))
    if span.parent == LOCAL:
        return Meaning(half.outcome, drop="parent in the same process")
    return Meaning(half.outcome, half=half, kept=_is_kept(span, half.protocol))


def _message(span: SpanFacts, emitter: Emitter, half: Half) -> Meaning:
    """Return what a messaging span says: service to topic, or topic to service (mesh-dialects, section 10.2)."""
    topic = _topic(span.attributes, emitter)
    operation = first(span.attributes, *_OPERATION)
    sends = span.kind == PRODUCER or (span.kind == CLIENT and operation in ("send", "create", "publish"))
    if not sends and span.kind != CONSUMER and operation != "receive":
        return Meaning(drop="a broker call that moves no message")
    lane = None
    if topic is not None and sends:
        lane = Lane(
            emitter.environment, emitter.ref, topic, "messaging", SPAN_CLIENT_APP, client_version=emitter.version
        )
    elif topic is not None:
        # A message may be both received and processed: apart, so that it is never counted as two.
        vantage = SPAN_SERVER_APP if operation == "receive" else SPAN_CLIENT_APP
        lane = Lane(emitter.environment, topic, emitter.ref, "messaging", vantage, server_version=emitter.version)
    if sends:
        return Meaning(half.outcome, lane=lane, half=half._replace(peer=topic), owns=True)
    waits = span.kind == CONSUMER and (span.parent == REMOTE or span.linked)
    return Meaning(half.outcome, lane=lane, half=half if waits else None, kept=_is_kept_waiting(span))


def _topic(attributes: Mapping[str, str], emitter: Emitter) -> Ref | None:
    """Return the node of a destination: broker and name; anonymous ones are one node a system."""
    system = first(attributes, "messaging.system")
    broker = first(attributes, "messaging.kafka.cluster.id", "server.address", "net.peer.name")
    if is_address(broker) or is_local(broker):
        broker = ""
    anonymous = "true" in (
        attributes.get("messaging.destination.anonymous"),
        attributes.get("messaging.destination.temporary"),
    )
    cluster = emitter.ref.cluster
    if anonymous:
        return Ref(cluster, system, f"({system} temporary)", "messaging")
    name = first(attributes, *_TOPIC, *_ROUTING_KEY)
    if not name:
        return None
    # A broker with a name of its own is one, whichever cluster its users run in.
    is_shared = bool(first(attributes, "messaging.kafka.cluster.id")) or ("." in broker and ".svc" not in broker)
    return Ref("" if is_shared else cluster, f"{system}/{broker}" if broker else system, name, "messaging")


OTEL_SDK = SpanDialect(
    "otel-sdk",
    lambda _resource, _scope, _span: True,
    (),
    _form,
    _emitter,
    _meaning,
    layer="application",
    reads_status=True,
)
