"""Istio's standard metrics (mesh-dialects, section 5.1): labels name both ends, the resource an address."""

import re
from collections.abc import Mapping
from typing import Final

from ingest.mesh.dialect import Context
from ingest.mesh.identity import cluster_of, environment_of, first
from ingest.mesh.names import host_ref, is_address, known
from ingest.mesh.outcome import Outcome, outcome
from ingest.mesh.points import Meaning, MetricDialect, Series
from plimsoll.store.cells import L4, METRIC_CLIENT, METRIC_SERVER, METRIC_WAYPOINT, Lane, NodeLane, Ref

_REQUESTS: Final = {"istio_requests_total", "istio_requests"}
_DURATION: Final = {
    name + suffix
    for name in ("istio_request_duration_milliseconds", "istio_request_duration")
    for suffix in ("", "_bucket")
}
_CONNECTIONS: Final = {"istio_tcp_connections_opened_total", "istio_tcp_connections_opened"}
_NAMES: Final = _REQUESTS | _DURATION | _CONNECTIONS
_VANTAGES: Final = {"source": METRIC_CLIENT, "waypoint": METRIC_WAYPOINT, "destination": METRIC_SERVER}
# Names of Envoy's clusters in place of a service's; the inbound one ends in Ipv4 or Ipv6.
_SPECIAL: Final = ("PassthroughCluster", "BlackHoleCluster", "InboundPassthroughCluster", "block_all", "allow_any")
# Where calls went that passed through to a host of which nothing is known.
_ANYWHERE: Final = Ref("", "", "PassthroughCluster", "external")
# `reviews-v2` and `reviews-v1-20-3` are versions of reviews; `orders-v2-api` is a service of its own.
_VERSION_SUFFIX: Final = re.compile(r"-v\d+[a-z0-9]*([.-]\d+)*\Z")

Labels = Mapping[str, str]


def meaning(series: Series, context: Context) -> Meaning:
    """Return what a series of Istio's standard metrics counts."""
    labels = series.attributes
    vantage = _VANTAGES.get(labels.get("reporter", ""), 0)
    if not vantage:
        return Meaning(drop="istio: reporter is not known")
    is_tcp = series.name in _CONNECTIONS
    if not is_tcp and labels.get("request_protocol") == "tcp":
        return Meaning(drop="istio: TCP among requests")
    if is_tcp and first({**series.resource, **labels}, "app", "service.name") == "ztunnel":
        vantage = L4
    if reason := _noise(labels):
        return Meaning(drop=reason)
    client = _client(labels, context)
    is_denied = labels.get("destination_service_name", "") in ("BlackHoleCluster", "block_all")
    server = (_asked_host(labels) or _ANYWHERE) if is_denied else _server(labels, context, vantage)
    environment = environment_of(series.resource, context.environment)
    if server is None:
        return Meaning(drop="denied without host" if is_denied else "istio: destination is not known")
    if client is None:
        return _without_client(series, server, environment, vantage)
    waypoint = _waypoint(labels, server) if vantage == L4 else ""
    lane = Lane(
        environment, client, server._replace(name=_plain_name(labels)) if waypoint else server,
        "tcp" if is_tcp else known(labels.get("request_protocol", "")) or "http", vantage,
        _version(labels, "source"), "" if waypoint else _version(labels, "destination"), via=waypoint,
    )  # fmt: skip
    return _counted(series, lane, is_denied)


def _counted(series: Series, lane: Lane, is_denied: bool) -> Meaning:
    """Return what the increments of a series with both ends add to."""
    labels = series.attributes
    ended = Outcome() if series.name in _CONNECTIONS else _outcome(labels)
    if series.name in _DURATION:
        if is_denied or ended.aborted or lane.client.key == lane.server.key:
            return Meaning(drop="istio: duration of a call that is not counted")
        return Meaning(lane=lane, is_latency=True)
    if lane.client.key == lane.server.key:
        return Meaning(node=NodeLane(lane.server, lane.environment, lane.vantage), is_internal=True)
    if is_denied:
        return Meaning(lane=lane, counters=("denied",))
    return Meaning(lane=lane, counters=("requests", *_names(ended)), alias=_alias(labels, lane.server))


def _outcome(labels: Labels) -> Outcome:
    return outcome(
        known(labels.get("response_code", "")), known(labels.get("grpc_response_status", "")),
        known(labels.get("response_flags", "")),
    )  # fmt: skip


def _names(ended: Outcome) -> tuple[str, ...]:
    """Return the counters that an outcome adds to."""
    counters = {
        "failed": ended.failed,
        "client_errors": ended.client_error,
        "throttled": ended.throttled,
        "aborted": ended.aborted,
        "unreached": ended.unreached,
    }
    return tuple(name for name, counts in counters.items() if counts)


def _without_client(series: Series, server: Ref, environment: str, vantage: int) -> Meaning:
    """Return what calls of an unknown caller are: unattributed where the server or a waypoint saw them."""
    if vantage == METRIC_CLIENT:
        return Meaning(drop="istio: source is not known")
    if series.name in _DURATION:
        return Meaning(drop="istio: duration of a call that is not counted")
    return Meaning(node=NodeLane(server, environment, vantage))


def _noise(labels: Labels) -> str:
    """Return why a series is what pods leave behind as they start and stop, or nothing."""
    for side in ("source", "destination"):
        named = first(labels, f"{side}_canonical_service", f"{side}_app", f"{side}_workload")
        if known(labels.get(f"{side}_workload_namespace", "")) and not named:
            return f"istio: {side} has a namespace and no name"
    if known(labels.get("source_workload_namespace", "")) and labels.get("source_cluster") == "unknown":
        return "istio: source has a namespace and no cluster"
    name = labels.get("destination_service_name", "")
    if name and name == labels.get("destination_service") and is_address(name):
        return "istio: destination is an address"
    return ""


def _client(labels: Labels, context: Context) -> Ref | None:
    name = first(labels, "source_canonical_service", "source_app") or _service_of_workload(labels, "source")
    if not name:
        return None
    cluster = cluster_of(known(labels.get("source_cluster", "")), context.cluster)
    return Ref(cluster, known(labels.get("source_workload_namespace", "")), name, "service")


def _server(labels: Labels, context: Context, vantage: int) -> Ref | None:
    """Return the callee: by its own names, else by the host that was asked for (never reached, or outside)."""
    cluster = cluster_of(first(labels, "destination_cluster", "source_cluster"), context.cluster)
    namespace = first(labels, "destination_workload_namespace", "destination_service_namespace")
    asked = _plain_name(labels)
    canonical = known(labels.get("destination_canonical_service", ""))
    workload = _service_of_workload(labels, "destination")
    if labels.get("destination_service_name", "") in ("PassthroughCluster", "allow_any"):
        return Ref(cluster, namespace, canonical, "service") if canonical else _asked_host(labels) or _ANYWHERE
    if canonical or workload or known(labels.get("destination_app", "")):
        return Ref(cluster, namespace, canonical or asked or first(labels, "destination_app") or workload, "service")
    if vantage == METRIC_SERVER:
        return None
    host = known(labels.get("destination_service", ""))
    caller = known(labels.get("source_workload_namespace", ""))
    if asked and not host:
        return Ref(cluster, namespace or caller, asked, "service")
    return host_ref(host, cluster=cluster, namespace=namespace or caller, namespaces=context.namespaces)


def _waypoint(labels: Labels, server: Ref) -> str:
    """Return the waypoint that a connection ended at on its way to the service that was asked for, or nothing.

    ztunnel names the workload it connected to. When that is not the service, it is the service's waypoint: part of
    the way, no destination (section 4.3).
    """
    asked = _plain_name(labels)
    if not asked or server.kind != "service" or server.name.casefold() == asked.casefold():
        return ""
    return f"{server.namespace}/{server.name}"


def _plain_name(labels: Labels) -> str:
    """Return `destination_service_name` when it is the name of a Kubernetes service."""
    name = known(labels.get("destination_service_name", ""))
    return "" if name.startswith(_SPECIAL) or "." in name or ":" in name else name


def _service_of_workload(labels: Labels, side: str) -> str:
    workload = known(labels.get(f"{side}_workload", ""))
    return _VERSION_SUFFIX.sub("", workload) if side == "source" else workload


def _asked_host(labels: Labels) -> Ref | None:
    """Return the outside host of a call that no known service took."""
    host = host_ref(known(labels.get("destination_service", "")), cluster="", namespace="", namespaces=())
    if host is None or labels.get("destination_service", "").startswith(_SPECIAL):
        return None
    return host if host.kind == "external" else Ref("", "", labels["destination_service"].casefold(), "external")


def _version(labels: Labels, side: str) -> str:
    version = first(labels, f"{side}_version", f"{side}_canonical_revision")
    return "" if version == "latest" else version


def _alias(labels: Labels, server: Ref) -> Ref | None:
    """Return the Kubernetes service that this record shows to be another name of the callee (section 2.4).

    Only where the callee's side says so: what a source connected to may be the service's waypoint, and one such record
    would turn every service behind it into the waypoint.
    """
    asked = _plain_name(labels)
    if not asked or server.kind != "service" or labels.get("reporter") == "source":
        return None
    namespace = known(labels.get("destination_service_namespace", "")) or server.namespace
    # Its own name too: it speaks against a name that leads to several services.
    return Ref(server.cluster, namespace, asked, "service")


ISTIO_METRICS = MetricDialect("istio", _NAMES.__contains__, meaning)
