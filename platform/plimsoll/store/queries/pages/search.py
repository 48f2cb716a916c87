"""Finding things by a few words: services, teams, deployments, incidents, and nodes of the graph."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from re import fullmatch

from django.db.models import F, Q

from plimsoll.store.models import Deployment, Incident, Node, Team
from plimsoll.store.queries.datasets.facts import DEPLOYMENTS, INCIDENTS
from plimsoll.store.queries.pages import deployments, incidents, services
from plimsoll.store.queries.pages.deployments import DeploymentItem
from plimsoll.store.queries.pages.incidents import IncidentItem
from plimsoll.store.queries.pages.services import ServiceItem

# Of each kind; whoever sees that there are more writes another letter.
MOST = 10
_SHORTEST_SHA = 4
_SOME_DAYS = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class TeamFound:
    """A team."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class NodeFound:
    """A vertex of the graph that is no service of the catalog: a database, a host outside, a gateway."""

    id: int
    name: str
    namespace: str
    cluster: str
    kind: str


@dataclass(frozen=True, slots=True)
class Found:
    """What some words find."""

    services: list[ServiceItem]
    teams: list[TeamFound]
    deployments: list[DeploymentItem]
    incidents: list[IncidentItem]
    nodes: list[NodeFound]

    @property
    def total(self) -> int:
        """How many things there are."""
        kinds = (self.services, self.teams, self.deployments, self.incidents, self.nodes)
        return sum(len(kind) for kind in kinds)


def found(words: str, team: int | None) -> Found:
    """Return what the words find among what the reader may see."""
    now = datetime.now(UTC)
    return Found(
        services.items(services.like(words, team, MOST), since=now - _SOME_DAYS, until=now),
        _teams(words, team),
        _deployments(words, team),
        _incidents(words, team),
        _nodes(words, team),
    )


def _teams(words: str, team: int | None) -> list[TeamFound]:
    rows = Team.objects.filter(Q(name__icontains=words) | Q(slug__icontains=words))
    if team is not None:
        rows = rows.filter(pk=team)
    return [TeamFound(slug, name) for slug, name in rows.order_by("name").values_list("slug", "name")[:MOST]]


def _deployments(words: str, team: int | None) -> list[DeploymentItem]:
    """Return deployments by version or the beginning of one, by commit, or by service and version together."""
    wanted = Q(version__istartswith=words)
    if len(words) >= _SHORTEST_SHA and fullmatch(r"[0-9a-fA-F]+", words):
        wanted |= Q(sha__startswith=words.lower())
    name, _space, version = words.rpartition(" ")
    if name and version:
        wanted |= Q(service__name__iexact=name.strip(), version__istartswith=version)
    rows = Deployment.objects.filter(wanted, rollout_of=None, is_deleted=False)
    if team is not None and DEPLOYMENTS.of_team is not None:
        rows = rows.filter(DEPLOYMENTS.of_team(team))
    ids = rows.order_by(F("finished_at").desc(nulls_first=True), "-pk").values_list("pk", flat=True)
    return deployments.items(list(ids[:MOST]), team)


def _incidents(words: str, team: int | None) -> list[IncidentItem]:
    rows = Incident.objects.filter(title__icontains=words, is_deleted=False)
    if team is not None and INCIDENTS.of_team is not None:
        rows = rows.filter(INCIDENTS.of_team(team))
    ids = rows.order_by(F("opened_at").desc(nulls_last=True), "-pk").values_list("pk", flat=True)
    return incidents.items(list(ids[:MOST]))


def _nodes(words: str, team: int | None) -> list[NodeFound]:
    """Return what is on the map and in no catalog; it belongs to nobody, so a team's reader does not see it."""
    if team is not None:
        return []
    rows = Node.objects.filter(display__icontains=words, service=None).exclude(kind="user").order_by("display", "pk")
    return [NodeFound(*row) for row in rows.values_list("id", "display", "namespace", "cluster", "kind")[:MOST]]
