"""What telemetry says: of a service over a stretch of time, and of who calls whom for the first time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from dashboards.wallboard.yesterday import Measured
from plimsoll.insight.around.traffic import own, scope
from plimsoll.insight.board.news import Dependency, new_dependencies
from plimsoll.insight.topology import whole
from plimsoll.insight.topology.names import names
from plimsoll.store.queries import topology as query
from plimsoll.store.queries.classes import heard_of_production
from plimsoll.store.queries.places import environments

_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
# How much of the latest telemetry a rollout is looked at with.
LATELY: Final = timedelta(minutes=5)


def measured(service: str, namespace: str | None, environment: str | None, start: datetime, end: datetime) -> Measured:
    """Return the figures of [start, end) in the environment, or in all where telemetry does not say where it is."""
    chosen = scope(service, namespace, environment)
    vertex = own(whole(start=start, end=end, scope=chosen), service, chosen)
    return Measured() if vertex is None else Measured(vertex.p95_ms, vertex.error_rate)


def lately(service: str, namespace: str | None, environment: str | None, now: datetime) -> Measured:
    """Return the figures of the last whole minutes and the current one."""
    end = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return measured(service, namespace, environment, end - LATELY, end)


def news(since: datetime, now: datetime) -> Sequence[Dependency]:
    """Return the dependencies of production first seen since a moment, the latest first; remembered for the minute."""
    return _news(since, now.replace(second=0, microsecond=0))


@lru_cache(maxsize=4)
def _news(since: datetime, minute: datetime) -> Sequence[Dependency]:
    heard = heard_of_production(environments())
    ever = query.edges(_EVER, minute + timedelta(minutes=1))
    facts = [fact for fact in ever if not heard or fact.environment in heard]
    return new_dependencies(facts, names(query.nodes(), query.aliases()), since) if facts else ()


def forget() -> None:
    """Forget everything."""
    _news.cache_clear()
