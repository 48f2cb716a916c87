"""What a made mesh is: places, and who calls whom how often and how well."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["gateway", "service", "database", "messaging", "external"]
# `new` calls began two minutes ago, `gone` ones ended before the last minutes that are sent, `idle` ones long before.
Life = Literal["always", "new", "gone", "idle"]

HEALTHY = 0.001


@dataclass(frozen=True, slots=True)
class Place:
    """A node as its mesh names it."""

    name: str
    namespace: str
    kind: Kind = "service"


@dataclass(frozen=True, slots=True)
class Call:
    """A caller and a callee by name: requests a second, the share that fails, and the 95th percentile of latency."""

    client: str
    server: str
    rate: float
    error_rate: float = HEALTHY
    p95_ms: float = 60.0
    life: Life = "always"
    protocol: Literal["http", "grpc"] = "http"


@dataclass(slots=True)
class Plan:
    """A whole mesh. Visitors come to its gateways, as often as the gateways call on."""

    places: dict[str, Place] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def add(self, namespace: str, names: Iterable[str], kind: Kind = "service") -> None:
        """Add places of one namespace."""
        self.places |= {name: Place(name, namespace, kind) for name in names}

    def reached(self) -> dict[str, float]:
        """Return how often visitors reach each gateway, a second."""
        found = dict.fromkeys((name for name, place in self.places.items() if place.kind == "gateway"), 0.0)
        for call in self.calls:
            if call.client in found and call.life == "always":
                found[call.client] += call.rate
        return found
