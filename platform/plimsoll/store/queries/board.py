"""What a stand-up board asks besides the metrics: failures, incidents, rollouts, shifts, and what is silent."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Max, OuterRef, Q, Subquery
from django.utils import timezone

from plimsoll.store.environments import TEST
from plimsoll.store.models import Deployment, Incident, Organisation, Shift, Team, WebhookDelivery
from plimsoll.store.queries.rollouts import UNDER_WAY_FOR

MINUTE: Final = timedelta(minutes=1)
# By the index of minutes from its end: the first row that is no test's is the answer.
_THROUGH: Final = """
SELECT max(minute)
FROM edge_minute
WHERE edge_id <> ALL (ARRAY(SELECT id FROM edge WHERE environment = %s))
"""
# Its first rollout may have gone well, and a later one in another cluster not.
_ABORTED: Final = Deployment.objects.filter(
    Q(pk=OuterRef("pk")) | Q(rollout_of=OuterRef("pk")), rolled_back=True, is_deleted=False, finished_at__isnull=False
)
_ABORTED_AT: Final = Subquery(_ABORTED.order_by("-finished_at").values("finished_at")[:1])


@dataclass(frozen=True, slots=True)
class FailedDeployment:
    """A deployment that failed, by the names people know it by.

    `undone_at` is when a rollback of it was live, `aborted_at` when the last of its rollouts was undone by itself.
    """

    id: int
    service: str | None
    version: str | None
    reason: str | None
    started_at: datetime | None
    finished_at: datetime | None
    team: str | None = None
    environment: str | None = None
    namespace: str | None = None
    undone_at: datetime | None = None
    aborted_at: datetime | None = None

    @property
    def undone_s(self) -> float | None:
        """How long until it was rolled back: since it was live, since its begin where its end undid it; or None."""
        is_aborted = self.reason == "rolled_back" and self.started_at is not None
        until = self.aborted_at if is_aborted else self.undone_at
        since = self.started_at if is_aborted or until == self.finished_at else self.finished_at
        return None if since is None or until is None else (until - since).total_seconds()


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that is not resolved."""

    id: int
    title: str | None
    services: tuple[str, ...]
    severity: str | None
    status: str
    opened_at: datetime | None
    # None: not known
    assignees: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Rollout:
    """A deployment under way, over all of its clusters; `traffic` is the least and the most that it has reached."""

    id: int
    service: str | None
    version: str | None
    started_at: datetime | None
    traffic: tuple[float, float] | None = None
    environment: str | None = None
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """Who has a duty now, of a team (by name, None is the organisation), and until when."""

    duty: str
    person: str
    ends_at: datetime
    team: str | None = None


@dataclass(frozen=True, slots=True)
class OwnTeam:
    """A team as a board shows it."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Heard:
    """Until when telemetry came from each cluster, in all, and when the last webhook came."""

    telemetry: datetime | None
    clusters: dict[str, datetime] = field(default_factory=dict)
    webhooks: datetime | None = None


def failed_deployments(
    start: datetime, end: datetime, team: str | None, ids: Collection[int] | None = None
) -> list[FailedDeployment]:
    """Return the production deployments that finished in the range and failed, the first one first.

    With `ids`, only these, whenever they finished.
    """
    rows = Deployment.objects.filter(failed=True, rollout_of=None, is_deleted=False)
    if ids is None:
        rows = rows.filter(environment__environment_class="production", finished_at__gte=start, finished_at__lt=end)
    else:
        rows = rows.filter(pk__in=list(ids))
    if team is not None:
        rows = rows.filter(service__team__slug=team)
    names = ("id", "service__name", "version", "failed_reason")
    columns = (*names, "started_at", "finished_at", "service__team__slug", "environment__name", "service__namespace")
    later = rows.annotate(undone_at=_live_after("rollback"), replaced_at=_live_after("standard", "hotfix"))
    found = []
    for row in later.order_by("finished_at", "id").values_list(*columns, _ABORTED_AT, "undone_at", "replaced_at"):
        *plain, aborted, undone, replaced = row
        # A rollback after something newer went live undid that, unless the history of versions says otherwise.
        is_its_own = undone is not None and (replaced is None or undone <= replaced or plain[3] == "rollback")
        told: list[Any] = [*plain, undone if is_its_own else None, aborted]
        found.append(FailedDeployment(*told))
    return found


def _live_after(*kinds: str) -> Subquery:
    """Return when the first deployment of these kinds was live after one of the same service and environment."""
    later = Deployment.objects.filter(
        kind__in=kinds,
        status="success",
        is_deleted=False,
        rollout_of=None,
        service=OuterRef("service"),
        environment=OuterRef("environment"),
        finished_at__gte=OuterRef("finished_at"),
    )
    return Subquery(later.exclude(pk=OuterRef("pk")).order_by("finished_at").values("finished_at")[:1])


def open_incidents(team: str | None) -> list[OpenIncident]:
    """Return the incidents that are not resolved, the latest first: of production, or of nowhere in particular."""
    place = Q(environment=None) | Q(environment__environment_class="production")
    rows = Incident.objects.exclude(status="resolved").filter(place, is_deleted=False)
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
            None if row.assignees is None else tuple(row.assignees),
        )
        for row in rows.order_by("-opened_at", "-pk").prefetch_related("services")
    ]


def rollouts(team: str | None, now: datetime) -> list[Rollout]:
    """Return the production deployments that are under way, the latest first; one a service, version and place."""
    since = now - UNDER_WAY_FOR
    began = Q(started_at__gt=since) | Q(started_at=None, queued_at__gt=since)
    rows = Deployment.objects.filter(
        began, status="running", is_deleted=False, environment__environment_class="production"
    )
    if team is not None:
        rows = rows.filter(service__team__slug=team)
    names = ("service__name", "version", "environment__name", "service__namespace")
    columns = ("id", *names, "started_at", "traffic_percent")
    found: dict[tuple[str | None, str | None, str, str | None], list[tuple[int, datetime | None, float | None]]] = {}
    for pk, *named, started, traffic in rows.order_by("-started_at", "-id").values_list(*columns):
        found.setdefault(tuple(named), []).append((pk, started, traffic))
    result = []
    for (service, version, environment, namespace), parts in found.items():
        told = [traffic for _, _, traffic in parts if traffic is not None]
        started = min((at for _, at, _ in parts if at is not None), default=None)
        reached = (min(told), max(told)) if told else None
        result.append(Rollout(parts[0][0], service, version, started, reached, environment, namespace))
    return result


def duties(team: str | None, now: datetime) -> list[Duty]:
    """Return who is on call and who is captain now: the team's own and the organisation's; without a team, all."""
    rows = Shift.objects.filter(starts_at__lte=now, ends_at__gt=now)
    if team is not None:
        rows = rows.filter(Q(team=None) | Q(team__slug=team))
    columns = ("duty", "person", "ends_at", "team__name")
    return [Duty(*row) for row in rows.order_by("team__name", "starts_at", "id").values_list(*columns)]


def has_shifts() -> bool:
    """Whether anybody ever said who is on call."""
    return Shift.objects.exists()


def own_teams(limited_to: Collection[int] | None = None) -> list[OwnTeam]:
    """Return the teams in the order in which they were made; with a limit, those alone."""
    rows = Team.objects.order_by("id")
    if limited_to is not None:
        rows = rows.filter(pk__in=list(limited_to))
    return [OwnTeam(*row) for row in rows.values_list("id", "slug", "name")]


def organisation_name() -> str:
    """Return what the organisation is called; empty when nobody said."""
    return Organisation.objects.values_list("name", flat=True).first() or ""


def telemetry_through() -> datetime | None:
    """Return the end of the last minute that telemetry told us something about, or None when there was none."""
    return _through(timezone.now())


def heard(now: datetime) -> Heard:
    """Return until when anything was heard, from whom."""
    clusters = {cluster: min(until, now) for cluster, until in clusters_heard().items()}
    webhooks = WebhookDelivery.objects.aggregate(last=Max("received_at"))["last"]
    return Heard(_through(now), clusters, webhooks)


def clusters_heard() -> dict[str, datetime]:
    """Return until when each cluster told us something.

    What it says is heard under its callers' names, for the other end of a call may be elsewhere; only of callers from
    outside it is those whom they call that tell.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(nullif(client.cluster, ''), server.cluster) AS cluster, max(edge.last_seen)
            FROM edge
            JOIN node AS client ON client.id = edge.client_id
            JOIN node AS server ON server.id = edge.server_id
            WHERE edge.environment <> %s
            GROUP BY 1
            """,
            [TEST],
        )
        return {cluster: seen + MINUTE for cluster, seen in cursor.fetchall() if cluster}


def _through(now: datetime) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(_THROUGH, [TEST])
        (minute,) = cursor.fetchone()
    return None if minute is None else min(minute + MINUTE, now)


def has_deployments() -> bool:
    """Whether any deployment was ever reported."""
    return Deployment.objects.exists()


def has_incidents() -> bool:
    """Whether any incident was ever reported."""
    return Incident.objects.exists()
