"""One deployment with all that stands behind it: its attempts and rollouts, commits, incidents, and its neighbours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from plimsoll.store.models import Deployment, DeploymentChange, Incident
from plimsoll.store.queries.datasets.facts import DEPLOYMENTS, INCIDENTS
from plimsoll.store.queries.pages.deployments import DeploymentItem, items

LARGEST_ID = 2**63 - 1
# As many changes are told of each by itself: a deployment may carry thousands.
MOST_COMMITS: Final = 200

_BEGAN = Coalesce("started_at", "queued_at", "finished_at")


@dataclass(frozen=True, slots=True)
class Rollout:
    """One attempt, or one rollout to one cluster, as it was reported."""

    id: int
    external_id: str
    cluster: str | None
    region: str | None
    status: str
    attempt: int | None
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    url: str | None
    actor: str | None
    rolled_back: bool | None
    traffic_percent: float | None
    provider: str | None
    source: str | None
    flags: tuple[str, ...]

    @property
    def lasted_s(self) -> float | None:
        """How long it took."""
        if self.started_at is None or self.finished_at is None or self.finished_at < self.started_at:
            return None
        return (self.finished_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Commit:
    """A change that reached the environment with the deployment, and how long it had waited."""

    id: int
    repo: str
    grain: str
    sha: str | None
    number: int | None
    title: str | None
    author: str | None
    authored_at: datetime | None
    committed_at: datetime | None
    merged_at: datetime | None
    url: str | None
    method: str
    start: str | None
    lead_time_s: float | None

    @property
    def name(self) -> str:
        """What people call it: the beginning of its id, or the number of the pull request."""
        return f"#{self.number}" if self.number is not None else (self.sha or "")[:9] or f"{self.id}"


@dataclass(frozen=True, slots=True)
class Carried:
    """How many changes a deployment carried, and when: of how many it is known, the first and the last moment."""

    n: int
    made_n: int
    first_made_at: datetime | None
    merged_n: int
    last_merged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Caused:
    """An incident that the deployment caused."""

    id: int
    title: str | None
    severity: str | None
    status: str
    opened_at: datetime | None
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    method: str | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class DeploymentRecord:
    """A deployment and everything that is known of it besides telemetry."""

    item: DeploymentItem
    service_id: int | None
    environment_id: int | None
    environment_class: str | None
    repo: str | None
    ref: str | None
    artifact: str | None
    url: str | None
    source_id: int | None
    reported_at: datetime
    rollouts: tuple[Rollout, ...]
    # of all changes, and the youngest ones each by itself
    carried: Carried
    commits: tuple[Commit, ...]
    incidents: tuple[Caused, ...]
    # The deployments of the same service and environment right before and after this one.
    previous: DeploymentItem | None
    following: DeploymentItem | None

    @property
    def began_at(self) -> datetime | None:
        """When its first rollout began."""
        return min((each.started_at for each in self.rollouts if each.started_at), default=self.item.at)

    @property
    def ended_at(self) -> datetime | None:
        """When its last rollout ended, None while one has not."""
        if any(each.status in ("pending", "running") for each in self.rollouts):
            return None
        return max((each.finished_at for each in self.rollouts if each.finished_at), default=None)


def head_of(pk: int, team: int | None) -> int | None:
    """Return the deployment that a row is or belongs to; None where there is none that the reader may see."""
    rows = Deployment.objects.filter(pk=pk) if pk <= LARGEST_ID else Deployment.objects.none()
    if team is not None and DEPLOYMENTS.of_team is not None:
        rows = rows.filter(DEPLOYMENTS.of_team(team))
    found = rows.values_list("pk", "rollout_of_id").first()
    return None if found is None else found[1] or found[0]


def deployment(head: int, team: int | None) -> DeploymentRecord | None:
    """Return a deployment by the id of its first attempt or rollout."""
    found = items([head], team)
    if not found:
        return None
    columns = ("service_id", "environment_id", "environment__environment_class", "repo", "ref", "artifact", "url")
    row: tuple[Any, ...] = Deployment.objects.values_list(*columns, "source_id", "created_at").get(pk=head)
    rollouts = _rollouts(head)
    began = min((each.started_at for each in rollouts if each.started_at), default=found[0].at)
    previous, following = _neighbours(head, row[0], row[1], began, team)
    behind = [rollouts, _carried(head), _commits(head), _caused(head, team), previous, following]
    told: list[Any] = [found[0], *row, *behind]
    return DeploymentRecord(*told)


def _rollouts(head: int) -> tuple[Rollout, ...]:
    rows: QuerySet[Deployment] = Deployment.objects.filter(Q(pk=head) | Q(rollout_of=head), is_deleted=False)
    columns = (
        *("id", "external_id", "cluster", "region", "status", "attempt", "queued_at", "started_at", "finished_at"),
        *("url", "actor", "rolled_back", "traffic_percent", "source__provider", "source__name", "flags"),
    )
    told: Iterable[tuple[Any, ...]] = rows.order_by(_BEGAN.asc(nulls_last=True), "pk").values_list(*columns)
    rollouts: list[list[Any]] = [[*plain, tuple(flags or ())] for *plain, flags in told]
    return tuple(Rollout(*each) for each in rollouts)


def _carried(head: int) -> Carried:
    made = Coalesce("change__authored_at", "change__committed_at")
    counted = {"n": Count("pk"), "made_n": Count(made), "merged_n": Count("change__merged_at")}
    found: dict[str, Any] = DeploymentChange.objects.filter(deployment=head).aggregate(
        **counted, first_made_at=Min(made), last_merged_at=Max("change__merged_at")
    )
    return Carried(**found)


def _commits(head: int) -> tuple[Commit, ...]:
    rows = DeploymentChange.objects.filter(deployment=head).order_by(
        F("started_at").desc(nulls_last=True), F("change_id").desc()
    )
    columns = (
        *("change_id", "change__repo", "change__grain", "change__sha", "change__number", "change__title"),
        *("change__author", "change__authored_at", "change__committed_at", "change__merged_at", "change__url"),
        *("method", "start", "lead_time_s"),
    )
    return tuple(Commit(*row) for row in rows.values_list(*columns)[:MOST_COMMITS])


def _caused(head: int, team: int | None) -> tuple[Caused, ...]:
    rows = Incident.objects.filter(caused_by=head, is_deleted=False).order_by("opened_at", "pk")
    if team is not None and INCIDENTS.of_team is not None:
        rows = rows.filter(INCIDENTS.of_team(team))
    columns = ("id", "title", "severity", "status", "opened_at", "acknowledged_at", "resolved_at")
    return tuple(Caused(*row) for row in rows.values_list(*columns, "caused_by_method", "caused_by_confidence"))


def _neighbours(
    head: int, service: int | None, environment: int | None, began: datetime | None, team: int | None
) -> tuple[DeploymentItem | None, DeploymentItem | None]:
    """Return the deployments of the series that began right before and right after a moment."""
    if service is None or environment is None or began is None:
        return None, None
    rows = Deployment.objects.alias(began=_BEGAN).filter(
        service=service, environment=environment, rollout_of=None, is_deleted=False
    )
    rows = rows.exclude(pk=head)
    before = Q(began__lt=began) | Q(began=began, pk__lt=head)
    earlier = rows.filter(before).order_by(F("began").desc(), "-pk").values_list("pk", flat=True)[:1]
    later = rows.exclude(before).filter(began__isnull=False).order_by("began", "pk").values_list("pk", flat=True)[:1]
    ids = [*earlier], [*later]
    found = {each.id: each for each in items([*ids[0], *ids[1]], team)}
    return (found.get(ids[0][0]) if ids[0] else None), (found.get(ids[1][0]) if ids[1] else None)
