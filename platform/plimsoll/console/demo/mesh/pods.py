"""The pods of the demo's mesh: who runs where in which version, and how each describes itself."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from random import Random

from plimsoll.console.demo.company import CLUSTERS, ENVIRONMENT, GATEWAY, GATEWAY_NAMESPACE, Company

# Kubernetes leaves vowels out of random names.
_SAFE = "bcdfghjklmnpqrstvwxz2456789"


@dataclass(frozen=True, slots=True)
class Pod:
    """One workload with its proxy."""

    service: str
    namespace: str
    cluster: str
    version: str

    @property
    def role(self) -> str:
        """What its proxy is, as the first part of a node id says it."""
        return "router" if self.service == GATEWAY else "sidecar"

    @property
    def name(self) -> str:
        """Its name: deployment, template hash, five random characters; the same for the same version."""
        digest = _digest(self)
        return f"{self.service}-{digest.hex()[:9]}-{''.join(_SAFE[byte % len(_SAFE)] for byte in digest[8:13])}"

    @property
    def address(self) -> str:
        """Its address inside its cluster."""
        digest = _digest(self)
        return f"10.{40 + CLUSTERS.index(self.cluster)}.{digest[1] % 250}.{digest[2] % 250 + 1}"

    @property
    def node_id(self) -> str:
        """What Istio calls the proxy (mesh-dialects, section 2.1)."""
        return f"{self.role}~{self.address}~{self.name}.{self.namespace}~{self.namespace}.svc.cluster.local"

    @property
    def principal(self) -> str:
        """The identity in its certificate."""
        return f"spiffe://cluster.local/ns/{self.namespace}/sa/{self.service}"


@cache
def _digest(pod: Pod) -> bytes:
    return sha256(f"{pod.service}/{pod.cluster}/{pod.version}".encode()).digest()


@dataclass(slots=True)
class Canary:
    """A new version of a service that takes a share of its requests, and does badly."""

    service: str
    version: str
    share: float
    error_rate: float
    slower: float


class Fleet:
    """What runs now: the version of each service, and the canary if there is one."""

    def __init__(self, company: Company, versions: dict[str, str]) -> None:
        self.company = company
        self.versions = dict(versions)
        self.canary: Canary | None = None

    def gateway(self, cluster: str) -> Pod:
        """Return a cluster's ingress gateway."""
        return Pod(GATEWAY, GATEWAY_NAMESPACE, cluster, "1.30.1")

    def pick(self, service: str, cluster: str, random: Random) -> Pod:
        """Return the pod that takes the next request for a service."""
        canary = self.canary
        is_canary = canary is not None and canary.service == service and random.random() < canary.share
        version = canary.version if canary is not None and is_canary else self.versions[service]
        return Pod(service, self.company.services[service].namespace, cluster, version)

    def trouble(self, pod: Pod) -> tuple[float, float]:
        """Return the share of requests that a pod fails by itself, and how many times slower than usual it is."""
        canary = self.canary
        if canary is not None and (canary.service, canary.version) == (pod.service, pod.version):
            return canary.error_rate, canary.slower
        return self.company.services[pod.service].error_rate, 1.0


def proxy_resource(pod: Pod) -> dict[str, str]:
    """Return what a proxy's tracer says of itself (mesh-dialects, section 4.1)."""
    return {
        "service.name": f"{pod.service}.{pod.namespace}",
        "service.version": pod.version,
        "service.instance.id": f"{pod.namespace}.{pod.name}.istio-proxy",
        "k8s.cluster.name": pod.cluster,
        "k8s.namespace.name": pod.namespace,
        "k8s.pod.name": pod.name,
        "deployment.environment.name": ENVIRONMENT,
        "telemetry.sdk.language": "cpp",
        "telemetry.sdk.name": "envoy",
        "telemetry.sdk.version": "1.40.0",
    }


def application_resource(pod: Pod) -> dict[str, str]:
    """Return what an application with the OpenTelemetry SDK says of itself."""
    return {
        "service.name": pod.service,
        "service.version": pod.version,
        "service.instance.id": pod.name,
        "k8s.cluster.name": pod.cluster,
        "k8s.namespace.name": pod.namespace,
        "k8s.deployment.name": pod.service,
        "k8s.pod.name": pod.name,
        "deployment.environment.name": ENVIRONMENT,
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "opentelemetry",
    }


def scrape_resource(pod: Pod) -> dict[str, str]:
    """Return what a Prometheus receiver says of a scraped proxy: the job and the address, neither is the service."""
    return {
        "service.name": "istio-proxies",
        "service.instance.id": f"{pod.address}:15020",
        "k8s.cluster.name": pod.cluster,
        "deployment.environment.name": ENVIRONMENT,
        "server.address": pod.address,
        "server.port": "15020",
        "url.scheme": "http",
    }
