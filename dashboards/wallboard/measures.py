"""What telemetry says: of a service over a stretch of time, and of who calls whom for the first time.

Both are asked of many rows and change slowly: a process remembers an answer for the minute.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from dashboards.wallboard.yesterday import Measured
from plimsoll.insight import topology
from plimsoll.insight.board.news import Dependency, new_dependencies
from plimsoll.insight.topology import Scope
from plimsoll.insight.topology.names import names
from plimsoll.store.queries import topology as query

_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
# How much of the latest telemetry a rollout is looked at with.
LATELY: Final = timedelta(minutes=5)
# Minutes that are over may still be added to by late spans for so long.
_SETTLING: Final = timedelta(minutes=10)


def measured(service: str, start: datetime, end: datetime, now: datetime) -> Measured:
    """Return the figures of [start, end); what is long over is remembered, and what is not, for the minute."""
    stamp = None if end < now - _SETTLING else now.replace(second=0, microsecond=0)
    return _measured(service, start, end, stamp)


def lately(service: str, now: datetime) -> Measured:
    """Return the figures of the last whole minutes and the current one."""
    end = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return measured(service, end - LATELY, end, now)


@lru_cache(maxsize=64)
def _measured(service: str, start: datetime, end: datetime, _stamp: datetime | None) -> Measured:
    found = topology.whole(start=start, end=end, scope=Scope(services=(service,)))
    own = [vertex for vertex in found.vertices.values() if service in (vertex.service, vertex.name)]
    busiest = max(own, key=lambda vertex: vertex.requests, default=None)
    return Measured() if busiest is None else Measured(busiest.p95_ms, busiest.error_rate)


def news(since: datetime, now: datetime) -> Sequence[Dependency]:
    """Return the dependencies first seen since a moment, the latest first."""
    return _news(since, now.replace(second=0, microsecond=0))


@lru_cache(maxsize=4)
def _news(since: datetime, minute: datetime) -> Sequence[Dependency]:
    facts = query.edges(_EVER, minute + timedelta(minutes=1))
    return new_dependencies(facts, names(query.nodes(), query.aliases()), since) if facts else ()


def forget() -> None:
    """Forget everything."""
    _measured.cache_clear()
    _news.cache_clear()
