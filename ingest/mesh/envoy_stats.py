"""Envoy's statistics over its OTLP sink (mesh-dialects, section 5.2), with the default tags and with Istio's.

Requests are the answers by code, `upstream_rq{response_code}`: one a call that a caller made, retries apart. Tries are
`upstream_rq_total`, and calls that never connected are `upstream_cx_connect_fail`; both also exist for TCP, where
tries are connections, so they wait until another statistic shows the upstream's protocol. The same requests appear
again by class of code and in the families external, internal, canary and zone: none of these is read.
"""

import re
from collections.abc import Mapping
from typing import Final

from ingest.mesh.dialect import Context
from ingest.mesh.identity import Emitter, cluster_of, environment_of, first
from ingest.mesh.names import host_ref, known, parse_node_id, parse_upstream, workload_of_pod
from ingest.mesh.outcome import Outcome, outcome
from ingest.mesh.points import Meaning, MetricDialect, Series
from plimsoll.store.cells import METRIC_PROXY, Lane, Ref

_STATISTICS: Final = ("upstream_rq", "upstream_rq_total", "upstream_rq_time", "upstream_cx_connect_fail")
_TCP: Final = "downstream_cx_total"
_FAMILIES: Final = {"external", "internal", "canary", "retry"}
# What proxies call for themselves: configuration, telemetry, their own pages (mesh-dialects, section 10.4).
_OWN_CALLS: Final = re.compile(
    r"(xds|sds|ads|otel|otlp|opentelemetry)\b|(xds|sds|ads|otel|otlp)[-_]|agent\Z|zipkin\Z|prometheus_stats\Z"
)
# What a Prometheus receiver takes from its configuration, not from the proxy.
_OF_JOB: Final = {"service.name", "service.instance.id", "service.version"}
# Pods of shortened names, as in documentation and captures: a letter and a digit at least, so no port or year.
_SHORT_HASH: Final = re.compile(r"-(?=[a-f]*\d)(?=\d*[a-f])[a-f0-9]{4,10}\Z")
# `reviews-v2` and `reviews-v1-20-3` are versions of reviews; `orders-v2-api` is a service of its own.
_VERSION_SUFFIX: Final = re.compile(r"-v\d+[a-z0-9]*([.-]\d+)*\Z")


def _split(name: str) -> tuple[str, str, str]:
    """Return the root (cluster or tcp), what a tag cut at its first dot left behind, and the statistic; or nothing."""
    for root, separator in (("cluster", "."), ("tcp", "."), ("envoy_cluster", "_"), ("envoy_tcp", "_")):
        if not name.startswith(root + separator):
            continue
        rest = name[len(root) + 1 :]
        middle, _, statistic = rest.rpartition(separator) if separator == "." else ("", "", rest)
        return root.removeprefix("envoy_"), middle, statistic
    return "", "", ""


def _claims(name: str) -> bool:
    root, middle, statistic = _split(name)
    if statistic not in (_STATISTICS if root == "cluster" else (_TCP,) if root else ()):
        return False
    labels = middle.split(".")
    return labels[-1] not in _FAMILIES and "zone" not in labels[-3:-2]


def _tag(attributes: Mapping[str, str], *names: str) -> str:
    """Return a tag in any of its spellings."""
    return first(attributes, *(spelt for name in names for spelt in (f"envoy.{name}", name, f"envoy_{name}")))


def meaning(series: Series, context: Context) -> Meaning:
    """Return what one of Envoy's statistics counts."""
    root, middle, statistic = _split(series.name)
    code = _tag(series.attributes, "response_code")
    if statistic == "upstream_rq" and not code:
        return Meaning(drop="envoy: the same requests by class of code")
    named = _tag(series.attributes, *(("tcp_prefix",) if root == "tcp" else ("cluster_name",))).rstrip(";")
    cluster = ".".join(part for part in (named, middle.rstrip(";")) if part)
    emitter = proxy(_of_pod(series), context)
    if emitter is None:
        return Meaning(drop="envoy: proxy is not known")
    server, drop = _server(series.attributes, cluster, emitter, context)
    if server is None:
        return Meaning(drop=drop)
    lane = Lane(emitter.environment, _source(series.attributes, emitter), server, "http", METRIC_PROXY, emitter.version)
    if lane.client.key == server.key:
        return Meaning(drop="envoy: a service's calls to itself")
    if root == "tcp":
        return Meaning(lane=lane, cluster=cluster, shows="tcp")
    if code and statistic != "upstream_rq_time":
        # A collector may have put `_total` after the name; tries carry no code.
        ended = outcome(code)
        return Meaning(lane=lane, counters=("requests", *_names(ended)), cluster=cluster, shows="http")
    if statistic == "upstream_rq_time":
        return Meaning(lane=lane, is_latency=True)
    return Meaning(
        lane=lane, counters=("attempts" if statistic == "upstream_rq_total" else "unreached",), cluster=cluster
    )


def _names(ended: Outcome) -> tuple[str, ...]:
    # What never connected is counted by its own statistic, so `unreached` is not read from an answer.
    counters = {"failed": ended.failed, "client_errors": ended.client_error, "throttled": ended.throttled}
    return tuple(name for name, counts in counters.items() if counts)


def _server(attributes: Mapping[str, str], cluster: str, emitter: Emitter, context: Context) -> tuple[Ref | None, str]:
    """Return the node that an upstream stands for, or why it stands for none."""
    if service := first(attributes, "consul.destination.service"):
        namespace = first(attributes, "consul.destination.namespace")
        return Ref(
            first(attributes, "consul.destination.datacenter") or emitter.ref.cluster, namespace, service, "service"
        ), ""
    upstream = parse_upstream(cluster)
    if upstream.role == "inbound":
        return None, "envoy: the proxy's own side"
    if upstream.role == "vip" or cluster.startswith("inbound-vip|"):
        return None, "envoy: waypoint repeats what was counted"
    if upstream.role == "blackhole":
        return None, "denied without host"
    if upstream.role == "passthrough":
        return Ref("", "", "PassthroughCluster", "external"), ""
    if upstream.role == "other" and _OWN_CALLS.match(upstream.host):
        return None, "envoy: the proxy's own calls"
    ref = emitter.ref
    server = host_ref(upstream.host, cluster=ref.cluster, namespace=ref.namespace, namespaces=context.namespaces)
    return server, "" if server else "envoy: upstream is not a host"


def _source(attributes: Mapping[str, str], emitter: Emitter) -> Ref:
    if service := first(attributes, "consul.source.service"):
        cluster = first(attributes, "consul.source.datacenter") or emitter.ref.cluster
        return Ref(cluster, first(attributes, "consul.source.namespace"), service, "service")
    return emitter.ref


def _of_pod(series: Series) -> Mapping[str, str]:
    """Return what is known of the proxy that a series is of.

    Prometheus scrapes many proxies as one job: there `service.name` is the job and `service.instance.id` an address,
    so that only the pod names the workload, as attribute of the resource or as label.
    """
    if not series.name.startswith("envoy_"):
        return series.resource
    resource = {key: value for key, value in series.resource.items() if key not in _OF_JOB}
    for key, label in (("k8s.pod.name", "pod"), ("k8s.namespace.name", "namespace")):
        if not known(resource.get(key, "")):
            resource[key] = series.attributes.get(label, "")
    return resource


def proxy(resource: Mapping[str, str], context: Context) -> Emitter | None:
    """Return the workload whose proxy sent a resource's statistics (mesh-dialects, section 2.1), or None.

    The sink often sends no `service.name`: then `service.instance.id` as `<namespace>.<pod>.<container>` or as a
    node id, or `k8s.pod.name`, names the pod, and the pod its workload.
    """
    instance = known(resource.get("service.instance.id", ""))
    node = parse_node_id(instance)
    parts = instance.split(".")
    stated = parts if len(parts) == 3 and not any(part.isdigit() for part in parts) else ["", "", ""]
    namespace = first(resource, "k8s.namespace.name", "service.namespace") or (node.namespace if node else stated[0])
    service = known(resource.get("service.name", ""))
    pod = known(resource.get("k8s.pod.name", "")) or (node.pod if node else stated[1])
    version = known(resource.get("service.version", ""))
    name = service.removesuffix(f".{namespace}") if service else _workload(pod)
    if not name:
        return None
    kind = "gateway" if node and node.role == "router" else "service"
    cluster = cluster_of(first(resource, "k8s.cluster.name"), context.cluster)
    return Emitter(Ref(cluster, namespace, name, kind), version, environment_of(resource, context.environment))


def _workload(pod: str) -> str:
    """Return the service that a pod belongs to: its workload without a version suffix."""
    workload = workload_of_pod(pod)
    if workload == pod:
        workload = _SHORT_HASH.sub("", pod)
    return _VERSION_SUFFIX.sub("", workload)


ENVOY_STATS = MetricDialect("envoy-stats", _claims, meaning)
