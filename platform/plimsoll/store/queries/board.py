"""What a stand-up board asks besides the metrics: failures, open incidents, and how fresh the telemetry is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from plimsoll.store.models import Deployment, Incident

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class FailedDeployment:
    """A deployment that failed, by the names people know it by."""

    id: int
    service: str | None
    version: str | None
    reason: str | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that is not resolved."""

    id: int
    title: str | None
    services: tuple[str, ...]
    severity: str | None
    status: str
    opened_at: datetime | None


def failed_deployments(start: datetime, end: datetime, team: str | None) -> list[FailedDeployment]:
    """Return the production deployments that finished in the range and failed, the first one first."""
    rows = Deployment.objects.filter(
        failed=True,
        rollout_of=None,
        is_deleted=False,
        environment__environment_class="production",
        finished_at__gte=start,
        finished_at__lt=end,
    )
    if team is not None:
        rows = rows.filter(service__team__slug=team)
    columns = ("id", "service__name", "version", "failed_reason", "finished_at")
    return [FailedDeployment(*row) for row in rows.order_by("finished_at", "id").values_list(*columns)]


def open_incidents(team: str | None) -> list[OpenIncident]:
    """Return the incidents that are not resolved, the latest first."""
    rows = Incident.objects.exclude(status="resolved").filter(is_deleted=False)
    if team is not None:
        rows = rows.filter(pk__in=Incident.objects.filter(services__team__slug=team).values("pk"))
    return [
        OpenIncident(
            row.pk,
            row.title,
            tuple(sorted(service.name for service in row.services.all())),
            row.severity,
            row.status,
            row.opened_at,
        )
        for row in rows.order_by("-opened_at", "-pk").prefetch_related("services")
    ]


def telemetry_through() -> datetime | None:
    """Return the end of the last minute that telemetry told us something about, or None when there was none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(minute) FROM edge_minute")
        (minute,) = cursor.fetchone()
    return None if minute is None else min(minute + MINUTE, timezone.now())


def has_deployments() -> bool:
    """Whether any deployment was ever reported."""
    return Deployment.objects.exists()


def has_incidents() -> bool:
    """Whether any incident was ever reported."""
    return Incident.objects.exists()
