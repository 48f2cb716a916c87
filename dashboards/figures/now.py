"""How services did in the last minutes, against their marks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboards.frame.calls import Calls
from dashboards.frame.filters import Filters
from dashboards.frame.marks import GRAVITY, Status, status, worst
from plimsoll.insight.topology import Scope, Vertex, whole
from plimsoll.store.marks import Marks

MINUTES = 5
# What the last minute told may still be on its way.
SETTLING = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Health:
    """A service's figures over the last minutes; None where unknown, also for a mark that is not set.

    `calls` are those that they were computed from.
    """

    service: str
    namespace: str
    service_namespace: str
    team: str | None
    error_rate: float | None
    error_mark: float | None
    p95_ms: float | None
    p95_mark: float | None
    calls: Calls

    @property
    def errors(self) -> Status:
        """How its errors stand to their mark."""
        return status(self.error_rate, self.error_mark, "error_rate")

    @property
    def latency(self) -> Status:
        """How its P95 stands to its mark."""
        return status(self.p95_ms, self.p95_mark, "p95_ms")

    @property
    def worst(self) -> Status:
        """The worse of both."""
        return worst((self.errors, self.latency))


@dataclass(frozen=True, slots=True)
class Recent:
    """The services that were heard of in the last complete minutes."""

    start: datetime
    end: datetime
    services: Sequence[Health]
    _named: Mapping[str, Sequence[Health]]

    def of(self, service: str, namespace: str | None) -> Health | None:
        """Return how a service did; None where it was not heard of.

        It is as the worst of what the catalog has under it. Where that is nothing, a service without a namespace is
        known by its name alone, and one with a namespace is not heard of where only another one's namesake is.
        """
        named = self._named.get(service, ())
        own = [each for each in named if each.service_namespace == (namespace or "")]
        own = own or [each for each in named if not namespace or each.namespace in (namespace, "")]
        return min(own, key=lambda each: GRAVITY.index(each.worst), default=None)


def recent(
    filters: Filters, now: datetime, marks: Marks, environments: Sequence[str], clusters: Sequence[str]
) -> Recent:
    """Return how services did in the last complete minutes."""
    end = (now - SETTLING).replace(second=0, microsecond=0)
    start = end - timedelta(minutes=MINUTES)
    calls = Calls(filters, start, end, Scope(environments=tuple(environments), clusters=tuple(clusters)))
    found = whole(start=start, end=end, scope=calls.scope)
    heard = (each for each in found.vertices.values() if each.kind in ("service", "gateway") and not each.is_idle)
    services = [_health(each, marks, calls) for each in heard]
    named: dict[str, list[Health]] = {}
    for each in services:
        named.setdefault(each.service, []).append(each)
    return Recent(start, end, services, named)


def _health(vertex: Vertex, marks: Marks, calls: Calls) -> Health:
    return Health(
        service=vertex.service or vertex.name,
        namespace=vertex.namespace,
        service_namespace=vertex.service_namespace,
        team=vertex.team,
        error_rate=vertex.error_rate,
        error_mark=marks.of("error_rate", team=vertex.team, service=vertex.service_name),
        p95_ms=vertex.p95_ms,
        p95_mark=marks.of("p95_ms", team=vertex.team, service=vertex.service_name),
        calls=calls.of_node(vertex.id, f"{vertex.namespace}/{vertex.name}" if vertex.namespace else vertex.name),
    )
