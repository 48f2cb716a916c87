"""Spans of Envoy proxies: Istio sidecars and gateways, and plain Envoy (mesh-dialects, sections 3, 4.1 and 4.2)."""

from collections.abc import Mapping

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from ingest.mesh import identity
from ingest.mesh.dialect import CLIENT, LOCAL, ROOT, SERVER, USER, Context, SpanDialect, SpanFacts
from ingest.mesh.halves import Half, Meaning
from ingest.mesh.identity import Emitter, first
from ingest.mesh.names import authority, host_ref, is_address, is_local, known, parse_upstream, split_port
from ingest.mesh.outcome import Outcome, outcome
from ingest.otlp.values import text
from plimsoll.store.cells import SPAN_CLIENT_PROXY, SPAN_SERVER_PROXY, Lane, Ref

# What tells that Envoy speaks, and for whom.
TOLD_BY = (
    "node_id", "component", "upstream_cluster", "istio.canonical_service", "istio.canonical_revision",
    "istio.namespace", "istio.cluster_id",
)  # fmt: skip
# What a meaning rests on; a span without a status code is looked into one by one (`Meaning.kept`).
KEYS = (
    "upstream_cluster.name", "http.status_code", "http.response.status_code", "response_flags", "grpc.status_code",
    "grpc.content_type",
)  # fmt: skip


def _raw(*values: str) -> frozenset[bytes]:
    """Return values as attributes carry them."""
    return frozenset(AnyValue(string_value=value).SerializeToString() for value in values)


# Statuses that say all by themselves: response flags add nothing to them (section 7).
_WELL = _raw(*map(str, range(200, 400)))
# Clusters that lead wherever a request asks to go (section 2.2).
_ASKED_FOR = frozenset(("PassthroughCluster", "allow_any", "BlackHoleCluster", "block_all"))
_RAW_ASKED_FOR = _raw(*_ASKED_FOR)
_HOSTS = ("http.url", "url.full", "server.address", "grpc.authority")


def form(kind: int, attributes: Mapping[str, bytes]) -> tuple[object, ...]:
    """Return what a span's meaning rests on: of `KEYS` no more than has to be looked at.

    Looking costs a seventh of a microsecond each: with `in` where a key is mostly missing, and with `[]` where it is
    mostly there (one that is missing reads as empty in protobuf's maps), two thirds of what `get` costs.
    """
    status = attributes["http.status_code"] or attributes.get("http.response.status_code")
    grpc = attributes["grpc.status_code"] if "grpc.status_code" in attributes else None  # noqa: SIM401
    upstream = attributes["upstream_cluster.name"] if kind == CLIENT else None
    return (
        upstream,
        _asked({key: text(attributes[key]) for key in _HOSTS if key in attributes})
        if upstream in _RAW_ASKED_FOR
        else None,
        status,
        None if grpc is None and status in _WELL else attributes.get("response_flags"),
        grpc,
        "grpc.content_type" in attributes,
    )


def ending(attributes: Mapping[str, str]) -> tuple[Outcome, bool]:
    """Return how the call ended, and whether the attributes in `KEYS` alone say so."""
    http = first(attributes, "http.status_code", "http.response.status_code")
    grpc = attributes.get("grpc.status_code", "")
    ended = outcome(
        http,
        grpc,
        attributes.get("response_flags", ""),
        attributes.get("error") == "true",
        attributes.get("canceled") == "true",
    )
    return ended, http not in ("", "0")


def protocol(attributes: Mapping[str, str]) -> str:
    """Return grpc or http."""
    return "grpc" if "grpc.content_type" in attributes or attributes.get("grpc.status_code") else "http"


def emitter(resource: Mapping[str, str], span: Mapping[str, str], context: Context) -> Emitter:
    """Return the workload whose proxy speaks."""
    return identity.proxy(resource, span, context.cluster, context.environment)


def instance(resource: Mapping[str, str], span: Mapping[str, str]) -> str:
    """Return what tells one pod of a workload from another."""
    return first(resource, "service.instance.id", "k8s.pod.uid", "k8s.pod.name") or first(span, "node_id")


def meaning(span: SpanFacts, emitter: Emitter, resource: Mapping[str, str], context: Context) -> Meaning:
    """Return what a sidecar's or gateway's span says."""
    ended, kept = ending(span.attributes)
    half = Half(
        emitter.ref,
        emitter.version,
        emitter.environment,
        protocol(span.attributes),
        SPAN_CLIENT_PROXY if span.kind == CLIENT else SPAN_SERVER_PROXY,
        ended,
        instance(resource, span.attributes),
    )
    if span.kind == CLIENT:
        return _outgoing(span, emitter, context, half)._replace(kept=kept and _is_named(span.attributes))
    if span.kind == SERVER:
        return _incoming(span, emitter, half)._replace(kept=kept)
    return Meaning(drop="kind")


def upstream_name(attributes: Mapping[str, str]) -> str:
    """Return the Envoy cluster that the request was sent to."""
    return first(attributes, "upstream_cluster.name", "upstream_cluster")


def _is_named(attributes: Mapping[str, str]) -> bool:
    """Whether a span's form says where the request went."""
    name = known(attributes.get("upstream_cluster.name", ""))
    return name in _ASKED_FOR or (bool(name) and parse_upstream(name).role not in ("passthrough", "blackhole"))


def _outgoing(span: SpanFacts, emitter: Emitter, context: Context, half: Half) -> Meaning:
    upstream = parse_upstream(upstream_name(span.attributes))
    entry = _entry(emitter, half) if emitter.ref.kind == "gateway" and span.parent == ROOT else None
    if upstream.role == "inbound":
        # The proxy's own hop to its application: no edge, yet the application's span may have it as parent.
        return Meaning(half.outcome, half=half, owns=True)
    if upstream.role == "blackhole":
        server = _asked_host(span.attributes)
        lane = _lane(emitter, server, half) if server else None
        return Meaning(half.outcome, lane=lane, denied=True, drop="" if lane else "denied without host")
    server = (
        _asked_host(span.attributes)
        if upstream.role == "passthrough"
        else _destination(upstream.host, emitter, context)
    )
    if server is None:
        return Meaning(half.outcome, half=half, owns=True, entry=entry)
    return Meaning(
        half.outcome, lane=_lane(emitter, server, half), half=half._replace(peer=server), owns=True, entry=entry
    )


def _destination(host: str, emitter: Emitter, context: Context) -> Ref | None:
    """Return the node of a destination host."""
    ref = emitter.ref
    return host_ref(host, cluster=ref.cluster, namespace=ref.namespace, namespaces=context.namespaces)


def _asked_host(attributes: Mapping[str, str]) -> Ref | None:
    """Return the outside host that a request without a known destination asked for."""
    host = _asked(attributes)
    if not known(host) or is_address(host) or is_local(host):
        return None
    return Ref("", "", host, "external")


def _asked(attributes: Mapping[str, str]) -> str:
    """Return the host that a request asked for, from `_HOSTS`."""
    asked = authority(first(attributes, *_HOSTS[:2])) or first(attributes, *_HOSTS[2:])
    return split_port(asked)[0].casefold()


def _lane(emitter: Emitter, server: Ref, half: Half) -> Lane:
    return Lane(emitter.environment, emitter.ref, server, half.protocol, half.vantage, client_version=emitter.version)


def _entry(emitter: Emitter, half: Half) -> Lane:
    return Lane(
        emitter.environment, USER, emitter.ref, half.protocol, SPAN_SERVER_PROXY, server_version=emitter.version
    )


def _incoming(span: SpanFacts, emitter: Emitter, half: Half) -> Meaning:
    if span.parent == ROOT:
        return Meaning(half.outcome, lane=_entry(emitter, half))
    if span.parent == LOCAL:
        return Meaning(half.outcome, drop="parent in the same process")
    return Meaning(half.outcome, half=half)


def _claims_gateway(_resource: Mapping[str, str], _scope: str, span: Mapping[str, str]) -> bool:
    return span.get("node_id", "").startswith("router~")


def _claims_sidecar(_resource: Mapping[str, str], _scope: str, span: Mapping[str, str]) -> bool:
    return "istio.canonical_service" in span or span.get("node_id", "").startswith("sidecar~")


def _claims_envoy(resource: Mapping[str, str], scope: str, span: Mapping[str, str]) -> bool:
    return (
        scope == "envoy"
        or resource.get("telemetry.sdk.name") == "envoy"
        or (span.get("component") == "proxy" and "upstream_cluster" in span)
    )


ISTIO_GATEWAY = SpanDialect("istio-gateway", _claims_gateway, TOLD_BY, form, emitter, meaning)
ISTIO_SIDECAR = SpanDialect("istio-sidecar", _claims_sidecar, TOLD_BY, form, emitter, meaning, layer="proxy")
ENVOY = SpanDialect("envoy", _claims_envoy, TOLD_BY, form, emitter, meaning)
