"""What a request adds to the traffic tables: additive counters by lane and minute.

A lane is what makes two observations countable together (mesh-dialects, section 1). Everything here adds up in any
order, so cells of several requests merge by addition and a group of requests is one write.
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple


class Ref(NamedTuple):
    """A node as a record names it. `kind`: service, gateway, database, messaging, external, user or unresolved."""

    cluster: str
    namespace: str
    name: str
    kind: str

    @property
    def identity_class(self) -> str:
        """Service and gateway are roles of a workload, never two nodes; every other kind is its own class."""
        return "workload" if self.kind in ("service", "gateway") else self.kind

    @property
    def key(self) -> "NodeKey":
        """The identity of the node."""
        return _key(self)


class NodeKey(NamedTuple):
    """What makes two names the same node (mesh-dialects, section 1)."""

    cluster: str
    namespace: str
    name: str
    identity_class: str


@lru_cache(maxsize=65_536)
def _key(ref: Ref) -> NodeKey:
    return NodeKey(ref.cluster.casefold(), ref.namespace.casefold(), ref.name.casefold(), ref.identity_class)


# Where a count was taken, best first (mesh-dialects, section 9.1). The numbers are stored.
METRIC_CLIENT: Final = 1
# The proxy's own statistics: the same requests once more, and without the callee's word on gRPC.
METRIC_PROXY: Final = 2
METRIC_WAYPOINT: Final = 3
METRIC_SERVER: Final = 4
METRIC_APP: Final = 5
METRIC_DERIVED: Final = 6
SPAN_CLIENT_PROXY: Final = 7
SPAN_WAYPOINT: Final = 8
SPAN_CLIENT_APP: Final = 9
SPAN_SERVER_PROXY: Final = 10
SPAN_SERVER_APP: Final = 11
L4: Final = 12

VANTAGES: Final = {
    METRIC_CLIENT: "metric-client",
    METRIC_PROXY: "metric-client-proxy",
    METRIC_WAYPOINT: "metric-waypoint",
    METRIC_SERVER: "metric-server",
    METRIC_APP: "metric-app",
    METRIC_DERIVED: "metric-derived",
    SPAN_CLIENT_PROXY: "span-client-proxy",
    SPAN_WAYPOINT: "span-waypoint",
    SPAN_CLIENT_APP: "span-client-app",
    SPAN_SERVER_PROXY: "span-server-proxy",
    SPAN_SERVER_APP: "span-server-app",
    L4: "l4",
}


class Lane(NamedTuple):
    """Calls that are counted together: two ends with their versions, seen from one vantage."""

    environment: str
    client: Ref
    server: Ref
    protocol: str
    vantage: int
    client_version: str = ""
    server_version: str = ""
    evidence: str = "named"
    via: str = ""


class Cell:
    """The counters of one lane, minute and set of latency bounds. All add up.

    Counts are as observed. Where sampling is known, `weighted_requests` and `weighted_failed` are what they stand for.
    """

    __slots__ = (
        "aborted",
        "attempts",
        "client_errors",
        "denied",
        "failed",
        "latency",
        "latency_max_ms",
        "latency_min_ms",
        "latency_sum_ms",
        "observed",
        "requests",
        "throttled",
        "unreached",
        "weight_spread",
        "weight_unknown",
        "weighted_failed",
        "weighted_requests",
    )

    def __init__(self) -> None:
        self.observed = 0
        self.requests = 0.0
        self.attempts = 0.0
        self.failed = 0.0
        self.client_errors = 0.0
        self.throttled = 0.0
        self.aborted = 0.0
        self.denied = 0.0
        self.unreached = 0.0
        self.weight_unknown = 0
        self.weighted_requests = 0.0
        self.weighted_failed = 0.0
        self.weight_spread = 0.0
        self.latency_sum_ms = 0.0
        self.latency_min_ms: float | None = None
        self.latency_max_ms: float | None = None
        self.latency: dict[int, int] = {}

    def add(self, other: "Cell") -> None:
        """Add another cell's counters to this one's."""
        for name in COUNTERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.add_latency(other.latency, other.latency_sum_ms, other.latency_min_ms, other.latency_max_ms)

    def add_latency(
        self, buckets: dict[int, int], sum_ms: float, min_ms: float | None = None, max_ms: float | None = None
    ) -> None:
        """Add a sketch's buckets, its sum, and its extremes where they are known."""
        self.latency_sum_ms += sum_ms
        if min_ms is not None:
            self.latency_min_ms = min_ms if self.latency_min_ms is None else min(self.latency_min_ms, min_ms)
        if max_ms is not None:
            self.latency_max_ms = max_ms if self.latency_max_ms is None else max(self.latency_max_ms, max_ms)
        latency = self.latency
        if not latency:
            latency.update(buckets)
            return
        for bucket, n in buckets.items():
            latency[bucket] = latency.get(bucket, 0) + n


# The counters of a cell that simply add; their names are the columns of `edge_minute`.
COUNTERS: Final = (
    "observed",
    "requests",
    "attempts",
    "failed",
    "client_errors",
    "throttled",
    "aborted",
    "denied",
    "unreached",
    "weight_unknown",
    "weighted_requests",
    "weighted_failed",
    "weight_spread",
)


class NodeLane(NamedTuple):
    """Requests of one node that belong to no edge."""

    node: Ref
    environment: str
    vantage: int


class Sighting(NamedTuple):
    """A layer of a pod of the node's cluster, and the node that it speaks for. `layer`: proxy or application.

    The namespace and name of the pod are case-folded; the former may be empty (see `ingest.mesh.identity`).
    """

    namespace: str
    pod: str
    layer: str
    node: Ref


class Cells:
    """All that one request, or a group of requests, adds."""

    __slots__ = ("aliases", "edges", "health", "nodes", "sightings")

    def __init__(self) -> None:
        # (lane, epoch minute, upper bounds of the latency buckets in ms or () for the fine sketch) -> counters
        self.edges: dict[tuple[Lane, int, tuple[float, ...]], Cell] = {}
        # (node lane, epoch minute) -> [unattributed, internal]
        self.nodes: dict[tuple[NodeLane, int], list[float]] = {}
        # (another name, the node it is, evidence) -> votes
        self.aliases: Counter[tuple[Ref, Ref, str]] = Counter()
        # Pods whose layers spoke: noted again and again, for a sighting adds nothing to itself.
        self.sightings: set[Sighting] = set()
        # (counter, reason) -> n
        self.health: Counter[tuple[str, str]] = Counter()

    def cell(self, lane: Lane, minute: int, bounds: tuple[float, ...] = ()) -> Cell:
        """Return the counters of a lane in a minute, made when missing."""
        key = (lane, minute, bounds)
        cell = self.edges.get(key)
        if cell is None:
            cell = self.edges[key] = Cell()
        return cell

    def add(self, lane: Lane, minute: int, bounds: tuple[float, ...] = (), **counters: float) -> Cell:
        """Add to named counters of a lane in a minute, and return them."""
        cell = self.cell(lane, minute, bounds)
        for name, n in counters.items():
            setattr(cell, name, getattr(cell, name) + n)
        return cell

    def add_node(
        self,
        node: Ref,
        environment: str,
        vantage: int,
        minute: int,
        *,
        unattributed: float = 0.0,
        internal: float = 0.0,
    ) -> None:
        """Count requests that reached a node from an unknown caller, or that it made to itself: no edge either way."""
        counts = self.nodes.setdefault((NodeLane(node, environment, vantage), minute), [0.0, 0.0])
        counts[0] += unattributed
        counts[1] += internal

    def alias(self, alias: Ref, node: Ref, evidence: str = "record", votes: int = 1) -> None:
        """Note that a record, or a joined pair, shows `alias` to be a name of `node`.

        Showing a node under its own name counts too: it speaks against all other nodes.
        """
        self.aliases[alias, node, evidence] += votes

    def count(self, counter: str, reason: str = "", n: int = 1) -> None:
        """Count something for ingest health."""
        self.health[counter, reason] += n

    def merge_copies(self, others: Iterable["Cells"]) -> None:
        """Add the cells of requests to these; the requests' own cells stay as they are, for another try."""
        for other in others:
            for key, cell in other.edges.items():
                self.cell(*key).add(cell)
            for (lane, minute), (unattributed, internal) in other.nodes.items():
                self.add_node(*lane, minute, unattributed=unattributed, internal=internal)
            self.aliases.update(other.aliases)
            self.sightings |= other.sightings
