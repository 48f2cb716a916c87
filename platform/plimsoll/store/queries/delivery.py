"""The facts that delivery metrics are computed from: one question a kind of fact, whatever the window."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from plimsoll.store.facts import CarriedChange, Deployment, Incident
from plimsoll.store.models import Deployment as DeploymentRow
from plimsoll.store.models import Environment, Service, Team
from plimsoll.store.sql import answers


@dataclass(frozen=True, slots=True)
class Scope:
    """Which teams (by slug), services and environments (by name) are asked for; empty means all.

    Of services with one name `namespace/name` is the one of that namespace.
    """

    teams: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, list[str] | None]:
        """The scope as parameters of a statement, where NULL means all."""
        return {
            "teams": list(self.teams) or None,
            "services": list(self.services) or None,
            "environments": list(self.environments) or None,
        }


@dataclass(frozen=True, slots=True)
class Series:
    """A service in an environment that was deployed to, and since when something is known of that."""

    service_id: int | None
    environment_id: int | None
    team_id: int | None
    environment_class: str
    known_since: datetime | None


def deployments(scope: Scope, start: datetime, end: datetime, attribution: timedelta) -> list[Deployment]:
    """Return the deployments of a window, and those that followed them within the attribution window."""
    parameters = {**scope.parameters, "start": start, "until": end + attribution}
    return [Deployment(*row) for row in answers("deployments_of_window", parameters)]


def carried_changes(deployment_ids: Collection[int]) -> list[CarriedChange]:
    """Return the changes that deployments carried."""
    return [CarriedChange(*row) for row in answers("carried_changes", {"deployments": list(deployment_ids)})]


def services_of_rollouts() -> dict[int, int | None]:
    """Return the service of each deployment row that is a part of another's deployment."""
    rows = DeploymentRow.objects.filter(rollout_of__isnull=False)
    return dict(rows.values_list("pk", "service_id"))


def already_live(deployment_ids: Collection[int], environments: Collection[int]) -> set[int]:
    """Return which `deployment_change` rows of deployments repeat what another of the environments had before.

    That is, of the same change and service; of two at one moment the later row repeats the earlier.
    """
    parameters = {"deployments": list(deployment_ids), "environments": list(environments)}
    return {id_ for (id_,) in answers("already_live", parameters)} if deployment_ids else set()


def incidents(
    scope: Scope, start: datetime, end: datetime, causes: Collection[int]
) -> tuple[list[Incident], list[Incident]]:
    """Return the incidents of a window on the services asked for, and those that the given deployments caused."""
    parameters = {**scope.parameters, "start": start, "end": end, "causes": list(causes)}
    wanted = set(causes)
    own, caused = [], []
    for row in answers("incidents_of_window", parameters):
        incident, is_own = _incident(row[:-1]), row[-1]
        if is_own and start <= (incident.opened_at or incident.resolved_at or end) < end:
            own.append(incident)
        if incident.caused_by in wanted:
            caused.append(incident)
    return own, caused


def _incident(row: tuple[Any, ...]) -> Incident:
    *told, services, teams, remedied_at = row
    names = (
        *("id", "opened_at", "resolved_at", "resolved", "caused_by", "caused_by_method", "caused_by_confidence"),
        *("environment_class", "environment_id"),
    )
    fields = dict(zip(names, told, strict=True))
    return Incident(**fields, service_ids=tuple(services), team_ids=tuple(teams), remedied_at=remedied_at)


def series(scope: Scope) -> list[Series]:
    """Return the series of deployments that are known."""
    return [Series(*row) for row in answers("deployment_series", scope.parameters)]


def data_through() -> datetime | None:
    """Return until when deliveries are in the numbers: all before it are; None when there never was one."""
    ((through,),) = answers("data_through", {})
    assert through is None or isinstance(through, datetime)
    return through


@dataclass(frozen=True, slots=True)
class Names:
    """What people call teams, services and environments, by id."""

    teams: Mapping[int, str]
    services: Mapping[int, str]
    environments: Mapping[int, str]


def names() -> Names:
    """Return the names of everything that metrics can be grouped by."""
    return Names(
        dict(Team.objects.values_list("id", "slug")),
        dict(Service.every.values_list("id", "name")),
        dict(Environment.every.values_list("id", "name")),
    )
