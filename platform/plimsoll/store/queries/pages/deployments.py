"""Deployments as a list shows them: one row each, its attempts and rollouts put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Func, Max, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable, Expression
from django.db.models.functions import Coalesce, Trim

from plimsoll.store.models import Deployment, DeploymentChange, Incident
from plimsoll.store.naming import whole_name
from plimsoll.store.queries.datasets import Median
from plimsoll.store.queries.datasets.facts import DEPLOYMENTS, INCIDENTS
from plimsoll.store.queries.datasets.outcomes import OUTCOME, OUTCOMES, at
from plimsoll.store.queries.pages.lists import Order, in_order, page_ids, sizes
from plimsoll.store.queries.records import Wanted, chosen

# One row a deployment: no further attempts and rollouts, and nothing that other rows tell.
WHOLE: Final = {"is_rollout": ("false",), "is_deleted": ("false",)}

_OF_ROW = {"deployment": OuterRef("pk")}
_CARRIED = DeploymentChange.objects.filter(**_OF_ROW).order_by().values("deployment")
_CAUSED = Incident.objects.filter(caused_by=OuterRef("pk"), is_deleted=False).order_by().values("caused_by")
_PARTS = Deployment.objects.filter(rollout_of=OuterRef("pk"), is_deleted=False).order_by().values("rollout_of")

# v2.10.0 comes after v2.4.7: by the numbers in it. A hash may hold longer ones than an integer is.
_NUMBERS: Final = Func(
    Trim(Func(F("version"), Value("[^0-9]+"), Value(" "), Value("g"), function="regexp_replace")),
    Value(" "),
    function="string_to_array",
    template="%(function)s(%(expressions)s)::numeric[]",
)
ORDERS: Final[Mapping[str, F | Expression]] = {
    "at": at(),
    "service": F("service__name"),
    "environment": F("environment__name"),
    "version": _NUMBERS,
}


@dataclass(frozen=True, slots=True)
class DeploymentItem:
    """One deployment in a list. `lead_time_s` is the median of its changes; None where no change is known."""

    id: int
    service: str | None
    namespace: str | None
    team: str | None
    team_name: str | None
    environment: str | None
    cluster: str | None
    version: str | None
    sha: str | None
    status: str
    kind: str | None
    outcome: str
    failed_reason: str | None
    started_at: datetime | None
    finished_at: datetime | None
    at: datetime | None
    actor: str | None
    title: str | None
    traffic_percent: float | None
    lead_time_s: float | None
    changes: int
    incidents: int
    rollouts: int
    other_clusters: tuple[str, ...]
    last_finish: datetime | None

    @property
    def whole_service(self) -> str | None:
        """Its service, told from others of the name."""
        return None if self.service is None else whole_name(self.namespace, self.service)

    @property
    def clusters(self) -> tuple[str, ...]:
        """The clusters that it went to."""
        return tuple(dict.fromkeys(each for each in (self.cluster, *self.other_clusters) if each))

    @property
    def lasted_s(self) -> float | None:
        """How long it took from its first start to its last finish."""
        end = max((t for t in (self.finished_at, self.last_finish) if t), default=None)
        if self.started_at is None or end is None or end < self.started_at:
            return None
        return (end - self.started_at).total_seconds()

    @property
    def name(self) -> str:
        """What people call it: its version, or the beginning of its commit."""
        return self.version or (self.sha or "")[:12] or f"#{self.id}"


@dataclass(frozen=True, slots=True)
class Times:
    """When a deployment began and ended, as far as that is told."""

    id: int
    started_at: datetime | None
    finished_at: datetime | None


_BEFORE: tuple[str | Combinable, ...] = (
    *("service__name", "service__namespace", "service__team__slug", "service__team__name", "environment__name"),
    *("cluster", "version", "sha", "status", "kind"),
    OUTCOME,
    *("failed_reason", "started_at", "finished_at"),
    at(),
    *("actor", "title", "traffic_percent"),
    Subquery(_CARRIED.values(p=Median("lead_time_s"))),
    Coalesce(Subquery(_CARRIED.values(n=Count("pk"))), Value(0)),
)
_AFTER: tuple[str | Combinable, ...] = (
    Coalesce(Subquery(_PARTS.values(n=Count("pk"))), Value(0)),
    Subquery(_PARTS.values(c=ArrayAgg("cluster", filter=Q(cluster__isnull=False), order_by="cluster"))),
    Subquery(_PARTS.values(m=Max("finished_at"))),
)


# Where it is in a row: the id comes first.
_OUTCOME_AT: Final = _BEFORE.index(OUTCOME) + 1


def outcomes(wanted: Wanted) -> Mapping[str, int]:
    """Return how many of the wanted deployments there are of each outcome."""
    return {OUTCOMES[int(code)]: n for code, n in sizes(wanted, "outcome", OUTCOME).items()}


def deployments(wanted: Wanted, order: str, *, descending: bool, offset: int, size: int) -> list[DeploymentItem]:
    """Return one page of the wanted deployments."""
    then = F("version") if order == "version" else None
    return items(page_ids(wanted, Order(ORDERS[order], descending, then), offset=offset, size=size), wanted.team)


def latest(
    only: Q, team: int | None, size: int, *, start: datetime | None = None, end: datetime | None = None
) -> list[DeploymentItem]:
    """Return the latest deployments of some kind, of a range or ever, that the reader may see."""
    wanted = Wanted(DEPLOYMENTS, filters=WHOLE, only=only, start=start, end=end, team=team)
    return deployments(wanted, "at", descending=True, offset=0, size=size)


def times(only: Q, team: int | None) -> list[Times]:
    """Return when the deployments of some kind began and ended, of all that the reader may see."""
    rows = chosen(Wanted(DEPLOYMENTS, filters=WHOLE, only=only, team=team))
    return [Times(*row) for row in rows.values_list("pk", "started_at", "finished_at")]


def names(ids: Sequence[int], team: int | None) -> Mapping[int, str]:
    """Return what people call these deployments, as far as the reader may see them."""
    return {each.id: f"{each.service or ''} {each.name}".strip() for each in latest(Q(pk__in=ids), team, len(ids))}


def items(ids: Sequence[int], team: int | None = None) -> list[DeploymentItem]:
    """Return these deployments, in this order, with as many incidents as a reader of the team may see."""
    caused = _CAUSED if team is None or INCIDENTS.of_team is None else _CAUSED.filter(INCIDENTS.of_team(team))
    incidents = Coalesce(Subquery(caused.values(n=Count("pk"))), Value(0))
    return [_item(row) for row in in_order(Deployment.objects.all(), ids, *_BEFORE, incidents, *_AFTER)]


def _item(row: Sequence[Any]) -> DeploymentItem:
    *plain, clusters, last_finish = row
    plain[_OUTCOME_AT] = OUTCOMES[plain[_OUTCOME_AT]]
    told = [*plain, tuple(clusters or ()), last_finish]
    return DeploymentItem(*told)
