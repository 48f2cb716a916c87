"""Traffic as it was counted: nodes, edges, and what their minutes add up to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

# Upper bounds in ms, or () for the fine sketch -> the stored form of the buckets.
Latency = Mapping[tuple[float, ...], list[int]]

COUNTERS: Final = (
    "observed", "requests", "attempts", "failed", "client_errors", "throttled", "aborted", "denied", "unreached",
    "weight_unknown", "weighted_requests", "weighted_failed", "weight_spread",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NodeFact:
    """A node with its owner."""

    id: int
    cluster: str
    namespace: str
    name: str
    kind: str
    display: str
    service: str | None
    team: str | None
    # Whether it called somebody, or told itself of calls from outside.
    speaks: bool = False
    # What the catalog has its service under, whatever namespace it was seen in.
    service_namespace: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        """What is the same for namesakes in other clusters."""
        return self.namespace, self.name

    @property
    def spellings(self) -> set[str]:
        """What it may be asked for by: its name, alone or after a namespace, that of its traffic or of the catalog."""
        found = {self.name, f"{self.namespace}/{self.name}"}
        if self.service is not None and self.service_namespace != self.namespace:
            found.add(f"{self.service_namespace}/{self.name}".casefold())
        return found


@dataclass(frozen=True, slots=True)
class EdgeFact:
    """An edge by the numbers of its ends."""

    id: int
    environment: str
    client_id: int
    server_id: int
    protocol: str
    evidence: str
    via: str
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class AliasFact:
    """Votes for `alias` being another name of `node`; `evidence` is record, pod or joined."""

    alias: int
    node: int
    evidence: str
    votes: int


@dataclass(frozen=True, slots=True)
class EdgeTotal:
    """The sums of one edge at one vantage over a window."""

    vantage: int
    observed: int
    requests: float
    attempts: float
    failed: float
    client_errors: float
    throttled: float
    aborted: float
    denied: float
    unreached: float
    weight_unknown: int
    weighted_requests: float
    weighted_failed: float
    weight_spread: float

    def plus(self, other: "EdgeTotal") -> "EdgeTotal":
        """Return the sum with another total of the same vantage."""
        return replace(self, **{name: getattr(self, name) + getattr(other, name) for name in COUNTERS})


@dataclass(frozen=True, slots=True)
class NodeTotal:
    """Requests of one node, at one vantage, that belong to no edge."""

    node: int
    vantage: int
    unattributed: float
    internal: float
