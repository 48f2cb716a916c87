"""Facts with sensible defaults: a test mentions only what it is about."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from plimsoll.insight.metrics.windows import Window
from plimsoll.store.facts import CarriedChange, DeliveryFacts, Deployment, Incident

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
"""A Wednesday."""
ELEVEN = NOON - timedelta(hours=1)
LATER = NOON + timedelta(days=30)
"""A now by which everything is settled."""


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def window(start: str = "2026-03-02", end: str = "2026-03-09", zone: str = "UTC") -> Window:
    """Return the window between two local times; by default the week of NOON."""
    tz = ZoneInfo(zone)
    return Window(datetime.fromisoformat(start).replace(tzinfo=tz), datetime.fromisoformat(end).replace(tzinfo=tz), tz)


def deployment(id: int = 1, finished_at: datetime | None = NOON, **fields: Any) -> Deployment:
    """Return a successful standard deployment to production that took five minutes."""
    if finished_at is not None:
        fields.setdefault("started_at", finished_at - minutes(5))
    return Deployment(id=id, finished_at=finished_at, **fields)


def failed_run(id: int = 1, finished_at: datetime | None = NOON, **fields: Any) -> Deployment:
    """Return a run that never succeeded."""
    return deployment(id, finished_at, succeeded=False, failed=None, **fields)


def carried(id: int = 1, started_at: datetime | None = ELEVEN, **fields: Any) -> CarriedChange:
    """Return a commit carried by deployment 1."""
    fields.setdefault("deployment_id", 1)
    fields.setdefault("change_id", id)
    return CarriedChange(id=id, started_at=started_at, **fields)


def incident(
    id: int = 1, opened_at: datetime | None = NOON, resolved_at: datetime | None = None, **fields: Any
) -> Incident:
    """Return an incident; resolved when it has a time of resolution."""
    fields.setdefault("resolved", resolved_at is not None)
    return Incident(id=id, opened_at=opened_at, resolved_at=resolved_at, **fields)


def facts(*of: Deployment | CarriedChange | Incident) -> DeliveryFacts:
    """Return the facts, sorted by what they are."""
    return DeliveryFacts(
        deployments=tuple(f for f in of if isinstance(f, Deployment)),
        carried=tuple(f for f in of if isinstance(f, CarriedChange)),
        incidents=tuple(f for f in of if isinstance(f, Incident)),
        caused=tuple(f for f in of if isinstance(f, Incident) and f.caused_by is not None),
    )
