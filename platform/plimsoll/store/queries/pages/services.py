"""Services as a list shows them, and one of them: owner, what runs where, and how much happened lately."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, CharField, Count, F, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower

from plimsoll.store.models import Deployment, Incident, Node, Service
from plimsoll.store.naming import whole_name
from plimsoll.store.queries.datasets.facts import DEPLOYMENTS
from plimsoll.store.queries.datasets.outcomes import at
from plimsoll.store.queries.pages.lists import Order, in_order, page_ids, sizes
from plimsoll.store.queries.places import OWN_NAME
from plimsoll.store.queries.records import Wanted

ORDERS: Final[Mapping[str, F | Coalesce]] = {
    "name": F("name"),
    "team": F("team__name"),
    "tier": F("tier"),
}
# Owned by a team, or by nobody.
OWNERSHIP = Case(When(team=None, then=Value("unowned")), default=Value("owned"), output_field=CharField())
OWNERSHIPS: Final = ("owned", "unowned")

_DEPLOYED = Deployment.objects.filter(service=OuterRef("pk"), rollout_of=None, is_deleted=False).order_by()
_HURT = (
    Incident.services.through.objects.filter(service=OuterRef("pk"), incident__is_deleted=False)
    .exclude(incident__status="resolved")
    .order_by()
    .values("service")
)


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """One service in a list; `deployments` are those of the range, `own_name` is that of no other service."""

    id: int
    name: str
    own_name: str
    namespace: str
    team: str | None
    team_name: str | None
    tier: str
    state: str
    description: str
    deployments: int
    deployed_at: datetime | None
    open_incidents: int

    @property
    def whole_name(self) -> str:
        """What tells it from others of its name."""
        return whole_name(self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class Running:
    """The version that a service last brought live to an environment and cluster."""

    environment: str | None
    environment_class: str | None
    cluster: str | None
    version: str | None
    sha: str | None
    deployment: int
    since: datetime | None

    @property
    def name(self) -> str:
        """What the version is called."""
        return self.version or (self.sha or "")[:12] or f"#{self.deployment}"


def has_services() -> bool:
    """Whether any service is known."""
    return Service.objects.exists()


def ownerships(wanted: Wanted) -> Mapping[str, int]:
    """Return how many services there are with and without an owner."""
    return sizes(wanted, "ownership", OWNERSHIP)


def services(
    wanted: Wanted, order: str, *, descending: bool, offset: int, size: int, since: datetime, until: datetime
) -> list[ServiceItem]:
    """Return one page of the wanted services, with how often each was deployed in a range."""
    ids = page_ids(wanted, Order(ORDERS[order], descending), offset=offset, size=size)
    return items(ids, since=since, until=until)


def items(ids: Sequence[int], *, since: datetime, until: datetime) -> list[ServiceItem]:
    """Return these services, in this order."""
    # As the list of deployments, which the number leads to, counts them.
    lately = _DEPLOYED.filter(DEPLOYMENTS.happened(since, until)).values("service")
    columns = (
        *("name", OWN_NAME, "namespace", "team__slug", "team__name", "tier", "state", "description"),
        Coalesce(Subquery(lately.values(n=Count("pk"))), Value(0)),
        Subquery(_DEPLOYED.values("service").values(m=Max("finished_at"))),
        Coalesce(Subquery(_HURT.values(n=Count("incident"))), Value(0)),
    )
    rows: list[tuple[Any, ...]] = in_order(Service.objects.all(), ids, *columns)
    return [ServiceItem(*row) for row in rows]


def named(name: str, team: int | None) -> list[tuple[int, str]]:
    """Return the services of a name, as (id, namespace)."""
    rows = Service.objects.filter(name=name)
    if team is not None:
        rows = rows.filter(team=team)
    return [(pk, place) for pk, place in rows.order_by("namespace").values_list("pk", "namespace")]


def running(service: int) -> list[Running]:
    """Return what runs where: the last version that went live in each environment and cluster."""
    rows = (
        Deployment.objects.filter(service=service, status="success", is_deleted=False)
        .exclude(rolled_back=True)
        .order_by("environment", "cluster", F("finished_at").desc(nulls_last=True), "-pk")
        .distinct("environment", "cluster")
    )
    columns = ("environment__name", "environment__environment_class", "cluster", "version", "sha")
    found = [
        Running(environment, its_class, cluster, version, sha, head or pk, since)
        for environment, its_class, cluster, version, sha, head, pk, since in rows.values_list(
            *columns, "rollout_of_id", "pk", "finished_at"
        )
    ]
    classes = ("production", "staging", "testing", "development", "other")
    return sorted(found, key=lambda each: (classes.index(each.environment_class or "other"), each.environment or "",
                                           each.cluster or ""))  # fmt: skip


def clusters(service: int) -> list[str]:
    """Return the clusters in which telemetry saw the service."""
    rows = Node.objects.filter(service=service).exclude(cluster="").order_by("cluster")
    return list(rows.values_list("cluster", flat=True).distinct())


def deployed_within(service: int, since: datetime, until: datetime) -> list[tuple[int, datetime]]:
    """Return the deployments of a service whose time lies in a window, as (id, time)."""
    rows = Deployment.objects.annotate(at=at()).filter(
        service=service, rollout_of=None, is_deleted=False, at__gte=since, at__lt=until
    )
    return list(rows.order_by("at", "pk").values_list("pk", "at"))


def like(words: str, team: int | None, size: int) -> list[int]:
    """Return the services whose name holds some words, those that begin so first."""
    rows = Service.objects.filter(Q(name__icontains=words) | Q(namespace__icontains=words))
    if team is not None:
        rows = rows.filter(team=team)
    begins = Case(When(name__istartswith=words, then=Value(0)), default=Value(1))
    return list(rows.order_by(begins, Lower("name"), "pk").values_list("pk", flat=True)[:size])
