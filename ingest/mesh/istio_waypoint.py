"""Spans of Istio's waypoint proxies: transparent, and naming both ends (mesh-dialects, section 4.3)."""

from collections.abc import Mapping

from ingest.mesh import envoy
from ingest.mesh.dialect import SERVER, Context, SpanDialect, SpanFacts, form_of
from ingest.mesh.halves import Half, Meaning
from ingest.mesh.identity import Emitter, cluster_of, first
from ingest.mesh.names import host_ref, parse_upstream
from plimsoll.store.cells import SPAN_WAYPOINT, Lane, Ref

_ENDS = tuple(
    f"istio.{end}_{part}"
    for end in ("source", "destination")
    for part in (
        "workload", "namespace", "workload_namespace", "cluster_id", "canonical_service", "canonical_revision", "app",
        "app_version",
    )
)  # fmt: skip
_OLD_ENDS = (
    "istio.downstream.workload",
    "istio.downstream.namespace",
    "istio.upstream.workload",
    "istio.upstream.namespace",
)


def _claims(_resource: Mapping[str, str], _scope: str, span: Mapping[str, str]) -> bool:
    return span.get("component") == "proxy" and (
        span.get("node_id", "").startswith("waypoint~")
        or "istio.source_workload" in span
        or "istio.downstream.workload" in span
    )


def _end(attributes: Mapping[str, str], end: str, old: str, default_cluster: str) -> tuple[Ref, str] | None:
    """Return one end of the call and its version, or None when the tags do not name it."""
    tag = f"istio.{end}_"
    name = first(attributes, f"{tag}canonical_service", f"{tag}app", f"{tag}workload", f"istio.{old}.workload")
    if not name:
        return None
    namespace = first(attributes, f"{tag}namespace", f"{tag}workload_namespace", f"istio.{old}.namespace")
    revision = first(attributes, f"{tag}app_version", f"{tag}canonical_revision")
    cluster = cluster_of(first(attributes, f"{tag}cluster_id"), default_cluster)
    return Ref(cluster, namespace, name, "service"), "" if revision == "latest" else revision


def _meaning(span: SpanFacts, emitter: Emitter, resource: Mapping[str, str], context: Context) -> Meaning:
    if span.kind != SERVER:
        return Meaning(drop="a waypoint's own hop")
    ended, kept = envoy.ending(span.attributes)
    protocol = envoy.protocol(span.attributes)
    via = f"{emitter.ref.namespace}/{emitter.ref.name}"
    source = _end(span.attributes, "source", "downstream", context.cluster)
    destination = _end(span.attributes, "destination", "upstream", context.cluster) or _service_behind(
        span, emitter, context
    )
    if destination is None:
        return Meaning(ended, drop="waypoint without destination", kept=kept)
    server, server_version = destination
    if source is None:
        half = Half(
            server, server_version, emitter.environment, protocol, SPAN_WAYPOINT, ended,
            envoy.instance(resource, span.attributes), via=via,
        )  # fmt: skip
        return Meaning(ended, half=half, kept=kept)
    client, client_version = source
    lane = Lane(
        emitter.environment, client, server, protocol, SPAN_WAYPOINT, client_version, server_version, "named", via
    )
    # Whoever is called has the waypoint's span as parent: for him the caller is the source.
    half = Half(client, client_version, emitter.environment, protocol, SPAN_WAYPOINT, ended, peer=server, via=via)
    return Meaning(ended, lane=lane, half=half, owns=True, kept=kept)


def _service_behind(span: SpanFacts, emitter: Emitter, context: Context) -> tuple[Ref, str] | None:
    """Return the service that `inbound-vip|port|protocol|host` names."""
    upstream = parse_upstream(envoy.upstream_name(span.attributes))
    ref = host_ref(
        upstream.host, cluster=emitter.ref.cluster, namespace=emitter.ref.namespace, namespaces=context.namespaces
    )
    return (ref, "") if ref and upstream.role == "vip" else None


ISTIO_WAYPOINT = SpanDialect(
    "istio-waypoint",
    _claims,
    (*envoy.TOLD_BY, "istio.source_workload", "istio.downstream.workload"),
    form_of((*envoy.KEYS, "upstream_cluster", *_ENDS, *_OLD_ENDS)),
    envoy.emitter,
    _meaning,
)
