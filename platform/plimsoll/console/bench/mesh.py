"""The little mesh of the benchmark: 24 pods of six callers, each calling the same eight services."""

from collections.abc import Mapping
from dataclasses import dataclass

CALLERS = ("frontend", "checkout", "search", "orders", "mobile-api", "partner-api")
SERVICES = ("reviews", "ratings", "details", "cart", "payments", "shipping", "catalog", "recommendations")
PODS = 4
NAMESPACE = "shop"


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod of a workload."""

    service: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.service}-v1-7d4b9c6f5{self.number}-x{self.number}k2p"

    @property
    def address(self) -> str:
        return f"10.244.{len(self.service)}.{20 + self.number}"

    @property
    def resource(self) -> Mapping[str, str]:
        """What Istio's proxy says of itself."""
        return {
            "service.name": f"{self.service}.{NAMESPACE}",
            "k8s.pod.name": self.name,
            "k8s.namespace.name": NAMESPACE,
            "k8s.cluster.name": "west",
            "telemetry.sdk.name": "envoy",
            "telemetry.sdk.language": "cpp",
            "telemetry.sdk.version": "1.40.0",
        }


def pods(services: tuple[str, ...]) -> list[Pod]:
    """Return all pods of some services."""
    return [Pod(service, number) for number in range(PODS) for service in services]


def host(service: str) -> str:
    """Return the host by which a service is called."""
    return f"{service}.{NAMESPACE}.svc.cluster.local"
