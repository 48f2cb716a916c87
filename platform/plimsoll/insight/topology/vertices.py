"""The map of a window: services and calls as people speak of them, whichever cluster they were counted in.

The API's rows are one a cluster and protocol; a map shows a service once. So the same name in several clusters is one
vertex, and all that two vertices say to each other is one arc. Numbers are those of the API added up, quantiles are
taken of the added sketches, and nothing is added that repeats something else (`calls`, `repeats`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil

from plimsoll.store.naming import may_be, whole_name


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for, empty means all. Of teams, services and namespaces: their calls, made and answered."""

    environments: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vertex:
    """A service, gateway, store or outside host. `id` is a node's number that stays the same while the node is known.

    `requests` are those it served, from whomever, also where the map shows but a part of its callers; figures are None
    where unknown.
    """

    id: str
    name: str
    namespace: str
    kind: str
    service: str | None
    team: str | None
    tier: str
    clusters: tuple[str, ...]
    requests: float = 0.0
    failed: float = 0.0
    error_rate: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    # Known, but without any call in the window.
    is_idle: bool = False
    # On the map for its calls with others: it is outside what is asked for itself.
    is_neighbour: bool = False
    # The stored edges of its requests, each with the vantage that is shown; whether their counts are whole, no sample.
    counted: tuple[tuple[int, int], ...] = ()
    is_whole: bool = True
    # What the catalog has its service under: nobody may have given that the namespace of its traffic.
    service_namespace: str = ""

    @property
    def service_name(self) -> str | None:
        """The whole name of its service; None where it has none."""
        return None if self.service is None else whole_name(self.service_namespace, self.service)

    @property
    def may_be(self) -> frozenset[str]:
        """The whole names that its service may be meant by."""
        return may_be(self.service_namespace, self.service)


@dataclass(frozen=True, slots=True)
class Arc:
    """All calls of one vertex to another. `id` is `<client's id>-<server's id>`; `edges` are the stored edges in it.

    `is_new`: not seen before this window. `is_gone`: seen in the window before, and not in this one.
    """

    id: str
    client: str
    server: str
    protocols: tuple[str, ...]
    clusters: tuple[str, ...]
    environments: tuple[str, ...]
    edges: tuple[int, ...]
    first_seen: datetime
    last_seen: datetime
    requests: float = 0.0
    failed: float = 0.0
    error_rate: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    is_new: bool = False
    is_gone: bool = False
    # The stored edges behind the figures, each with the vantage that is shown; whether the counts are no sample.
    counted: tuple[tuple[int, int], ...] = ()
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Whole:
    """The map of [start, end). `seconds` is how much of the window there can be data for: what rates are taken over."""

    start: datetime
    end: datetime
    seconds: float
    vertices: Mapping[str, Vertex] = field(default_factory=dict)
    # Busiest first, those that are gone last.
    arcs: tuple[Arc, ...] = ()
    # Seen in the last days, though not in this window nor the one before: they keep idle services in their place.
    quiet: tuple[tuple[str, str], ...] = ()
    # When the first of these edges was first seen; None when none was in the last days.
    known_since: datetime | None = None

    def rate(self, requests: float) -> float:
        """Return requests a second."""
        return requests / self.seconds if self.seconds else 0.0

    @property
    def minutes(self) -> int:
        """For how many minutes there can be data, the one that runs among them."""
        return ceil(self.seconds / 60)

    def has_same_calls(self, other: "Whole") -> bool:
        """Whether another map is this one, but for the moment at which its window ends."""
        return self.vertices is other.vertices and self.arcs is other.arcs

    def until(self, end: datetime) -> "Whole":
        """Return the map of a window that ends at another moment of the same minute."""
        return replace(self, end=end, seconds=seconds_of(self.start, end, self.known_since))


def seconds_of(start: datetime, end: datetime, since: datetime | None) -> float:
    """Return for how long there can be data: an installation of five minutes has no quarter of an hour."""
    begin = start if since is None else max(start, since.replace(second=0, microsecond=0))
    return max(0.0, (end - begin).total_seconds())
