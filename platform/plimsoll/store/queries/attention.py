"""What somebody should look at: failures that nobody mended, grave incidents, and deliveries that stopped."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery

from plimsoll.store.models import Deployment, DeploymentChange, Incident, WebhookDelivery
from plimsoll.store.queries.datasets import Median, of_services
from plimsoll.store.queries.delivery import Scope


@dataclass(frozen=True, slots=True)
class Unmended:
    """A deployment that failed, and nothing says that it was put right."""

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
    severity: str | None
    opened_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stuck:
    """Webhook deliveries that wait or were given up: how many, and since when."""

    count: int
    since: datetime | None


def unmended(since: datetime, scope: Scope, classes: Sequence[str]) -> list[Unmended]:
    """Return the failed deployments without a recovery, the latest first.

    Mended are those that were rolled back, be it in one cluster, or that a later deployment of the same series
    replaced, and those whose incidents are all resolved.
    """
    later = Deployment.objects.filter(
        service=OuterRef("service"),
        environment=OuterRef("environment"),
        status="success",
        is_deleted=False,
        finished_at__gt=OuterRef("finished_at"),
    ).exclude(rollout_of=OuterRef("pk"))
    undone = Deployment.objects.filter(rollout_of=OuterRef("pk"), rolled_back=True, is_deleted=False)
    caused = Incident.objects.filter(caused_by=OuterRef("pk"), is_deleted=False)
    rows = Deployment.objects.filter(
        ~Exists(later),
        ~Exists(undone),
        ~Exists(caused) | Exists(caused.exclude(status="resolved")),
        _place(scope, classes),
        _owned(scope),
        failed=True,
        rollout_of=None,
        is_deleted=False,
        finished_at__gte=since,
    ).exclude(rolled_back=True)
    columns = ("pk", "service__name", "version", "failed_reason", "finished_at")
    return [Unmended(*row) for row in rows.order_by("-finished_at", "-pk").values_list(*columns)]


def open_incidents(scope: Scope, classes: Sequence[str]) -> list[OpenIncident]:
    """Return the incidents that are not resolved, the oldest first; one that names no environment is everywhere."""
    place = Q(environment=None) | _place(scope, classes)
    rows = Incident.objects.exclude(status="resolved").filter(place, is_deleted=False)
    if owned := _owned(scope):
        rows = rows.filter(pk__in=Incident.services.through.objects.filter(owned).values("incident"))
    columns = ("pk", "title", "severity", "opened_at")
    return [
        OpenIncident(*row) for row in rows.order_by(F("opened_at").asc(nulls_last=True), "pk").values_list(*columns)
    ]


def _place(scope: Scope, classes: Sequence[str]) -> Q:
    """Return what is in the scope's environments; where it names none, in those of these classes."""
    if scope.environments:
        return Q(environment__name__in=scope.environments)
    return Q(environment__environment_class__in=classes)


def _owned(scope: Scope) -> Q:
    """Return what is of a service of the scope's teams, and one of its services."""
    found = Q(service__team__slug__in=scope.teams) if scope.teams else Q()
    return found & of_services("service__")(scope.services) if scope.services else found


def waiting_deliveries(before: datetime) -> Stuck:
    """Return the webhook deliveries that came before the moment and are not in the numbers yet."""
    rows = WebhookDelivery.objects.filter(status="pending", received_at__lt=before)
    return Stuck(*rows.aggregate(n=Count("pk"), since=Min("received_at")).values())


def dead_deliveries(since: datetime) -> Stuck:
    """Return the webhook deliveries that failed for good since a moment, and when the last one came."""
    rows = WebhookDelivery.objects.filter(status="failed", received_at__gte=since)
    return Stuck(*rows.aggregate(n=Count("pk"), last=Max("received_at")).values())


@dataclass(frozen=True, slots=True)
class Shown:
    """A deployment by the names people know it by, and how long its changes waited (the median of them)."""

    service: str | None
    namespace: str | None
    environment: str | None
    version: str | None
    sha: str | None
    traffic_percent: float | None
    lead_time_s: float | None


def shown(ids: Collection[int]) -> dict[int, Shown]:
    """Return these deployments by what a list says of them."""
    waits = DeploymentChange.objects.filter(deployment=OuterRef("pk")).order_by().values("deployment")
    median = Subquery(waits.values(p=Median("lead_time_s")))
    columns = ("pk", "service__name", "service__namespace", "environment__name", "version", "sha", "traffic_percent")
    rows = Deployment.objects.filter(pk__in=list(ids)).values_list(*columns, median)
    return {pk: Shown(*rest) for pk, *rest in rows}
