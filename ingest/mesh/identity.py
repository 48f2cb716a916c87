"""Who sent a span: the emitter's own identity (mesh-dialects, section 2.1)."""

from collections.abc import Mapping
from typing import NamedTuple

from ingest.mesh.names import ProxyNode, has_random_name, is_address, known, parse_node_id, workload_of_pod
from plimsoll.store.cells import Ref


class Emitter(NamedTuple):
    """The service that a resource speaks for."""

    ref: Ref
    version: str
    environment: str


class Pod(NamedTuple):
    """A pod by its names; its namespace may be unknown where the name alone tells it from all others."""

    namespace: str
    name: str


_WORKLOAD_KEYS = (
    "service.name",
    "k8s.deployment.name",
    "k8s.statefulset.name",
    "k8s.daemonset.name",
    "k8s.cronjob.name",
    "k8s.job.name",
)


def first(attributes: Mapping[str, str], *keys: str) -> str:
    """Return the first value that says something."""
    for key in keys:
        if value := known(attributes.get(key, "")):
            return value
    return ""


def cluster_of(value: str, default: str) -> str:
    """Return a cluster's name; Istio's default id `Kubernetes` and none at all both mean the source's default
    cluster.
    """
    return default if value in ("", "Kubernetes") else value


def application(resource: Mapping[str, str], default_cluster: str, default_environment: str) -> Emitter:
    """Return the identity of an application that reports for itself."""
    pod = workload_of_pod(known(resource.get("k8s.pod.name", "")))
    return Emitter(
        Ref(
            cluster_of(first(resource, "k8s.cluster.name"), default_cluster),
            first(resource, "k8s.namespace.name", "service.namespace"),
            first(resource, *_WORKLOAD_KEYS) or pod or "unknown_service",
            "service",
        ),
        first(resource, "service.version", "k8s.pod.labels.version"),
        environment_of(resource, default_environment),
    )


def proxy(
    resource: Mapping[str, str], span: Mapping[str, str], default_cluster: str, default_environment: str
) -> Emitter:
    """Return the identity of the workload that an Envoy proxy serves; `span` holds the proxy's own tags."""
    node = parse_node_id(span.get("node_id", "")) or ProxyNode("", "", "")
    service_name = known(resource.get("service.name", ""))
    namespace = (
        first(resource, "k8s.namespace.name")
        or first(span, "istio.namespace")
        or known(node.namespace)
        or first(resource, "service.namespace")
    )
    if not namespace and "." in service_name:
        namespace = service_name.rpartition(".")[2]
    name = (
        first(span, "istio.canonical_service")
        or service_name.removesuffix(f".{namespace}")
        or workload_of_pod(node.pod)
    )
    revision = first(span, "istio.canonical_revision")
    return Emitter(
        Ref(
            cluster_of(first(resource, "k8s.cluster.name") or first(span, "istio.cluster_id"), default_cluster),
            namespace,
            name or "unknown_service",
            "gateway" if node.role == "router" else "service",
        ),
        first(resource, "service.version") or ("" if revision == "latest" else revision),
        environment_of(resource, default_environment),
    )


def pod_of(resource: Mapping[str, str], span: Mapping[str, str]) -> Pod | None:
    """Return the pod that an application or a sidecar runs in, as far as it tells (section 2.4).

    `service.namespace` is no help: it may be any grouping of services.
    """
    node = parse_node_id(span.get("node_id", "")) or ProxyNode("", "", "")
    instance = _pod_of_instance(first(resource, "service.instance.id"))
    name = first(resource, "k8s.pod.name") or node.pod or instance.name
    namespace = first(resource, "k8s.namespace.name") or first(span, "istio.namespace")
    for told in (Pod(node.namespace, node.pod), instance):
        if not namespace and told.name == name:
            namespace = known(told.namespace)
    return Pod(namespace, name) if name and (namespace or has_random_name(name)) else None


def _pod_of_instance(instance: str) -> Pod:
    """Return the pod of an instance id of the form `<namespace>.<pod>.<container>`."""
    namespace, _, rest = instance.partition(".")
    return Pod("", "") if is_address(instance) else Pod(namespace, rest.rpartition(".")[0])


def environment_of(resource: Mapping[str, str], default: str) -> str:
    """Return the deployment environment that a resource names."""
    return first(resource, "deployment.environment.name", "deployment.environment") or default
