"""Deployments as the map needs them: when they began and ended, and how that went; what they carried."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from django.db import connection

from plimsoll.store.models import Deployment, DeploymentChange
from plimsoll.store.naming import whole_name
from plimsoll.store.queries.datasets.outcomes import outcomes

_UNFINISHED: Final = ("pending", "running")
# One that began longer ago and never told its end is a lost report rather than under way.
UNDER_WAY_FOR: Final = timedelta(hours=24)
# A track of some hours shows no more; nor could anybody tell them apart.
MOST: Final = 400
# The heads of deployments with what their parts say. Written out: to put it together takes ten times as long as to ask.
_HEADS: Final = """
SELECT *
FROM (
    SELECT deployment.id, service.name, service.namespace, team.slug, environment.name, deployment.version,
        least(coalesce(deployment.started_at, deployment.finished_at), min(part.started_at)) AS began,
        greatest(deployment.finished_at, max(part.finished_at)), deployment.status, deployment.rolled_back,
        deployment.is_rollback, deployment.traffic_percent, bool_or(part.status = ANY (%(unfinished)s)),
        bool_or(part.rolled_back)
    FROM deployment
    LEFT JOIN deployment AS part ON part.rollout_of_id = deployment.id AND NOT part.is_deleted
    LEFT JOIN environment ON environment.id = deployment.environment_id
    LEFT JOIN service ON service.id = deployment.service_id
    LEFT JOIN team ON team.id = service.team_id
    WHERE deployment.rollout_of_id IS NULL AND NOT deployment.is_deleted
        AND (cardinality(%(teams)s::text[]) = 0 OR team.slug = ANY (%(teams)s))
"""
_GROUPED: Final = """
    GROUP BY deployment.id, service.name, service.namespace, team.slug, environment.name
) AS head
"""
# The index is by the finish: what ended before the window did not begin in it.
_BEGUN: Final = f"""{_HEADS}
        AND (
            deployment.finished_at >= %(start)s
            OR deployment.finished_at IS NULL
                AND coalesce(deployment.started_at, deployment.queued_at) >= %(earliest)s
        )
        AND CASE WHEN cardinality(%(environments)s::text[]) = 0 THEN environment.environment_class = 'production'
            ELSE environment.name = ANY (%(environments)s) END
        AND (cardinality(%(services)s::text[]) = 0 OR service.name = ANY (%(services)s)
            OR service.namespace || '/' || service.name = ANY (%(services)s))
{_GROUPED}
WHERE began >= %(start)s AND began < %(end)s
ORDER BY began DESC, id DESC
LIMIT %(most)s
"""
_ONE: Final = f"{_HEADS} AND deployment.id = %(pk)s {_GROUPED} WHERE began IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Rollout:
    """One deployment with all its attempts and clusters. `ended_at` is None while it is under way.

    `outcome` is `running`, `failed`, `held`, `pending` (nothing speaks against it so far) or `undecided`.
    """

    id: int
    service: str | None
    namespace: str | None
    team: str | None
    environment: str | None
    version: str | None
    began_at: datetime
    ended_at: datetime | None
    is_running: bool
    was_rolled_back: bool
    is_rollback: bool
    outcome: str
    traffic_percent: float | None

    @property
    def service_name(self) -> str | None:
        """The whole name of its service; None where it names none."""
        return None if self.service is None else whole_name(self.namespace, self.service)


@dataclass(frozen=True, slots=True)
class Cargo:
    """What a deployment carried: how many changes, by whom, and the median of how long they waited."""

    changes: int
    authors: tuple[str, ...]
    lead_time_s: float | None


def rollouts(
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    environments: Collection[str] = (),
    teams: Collection[str] = (),
    services: Collection[str] = (),
    most: int = MOST,
) -> list[Rollout]:
    """Return the deployments that began in [start, end), the first one first; without an environment, production's.

    Of more than `most` the latest.
    """
    values = {
        "start": start,
        "end": end,
        "earliest": start - UNDER_WAY_FOR,
        "environments": list(environments),
        "services": list(services),
        "most": most,
    }
    return _rollouts(_BEGUN, values, teams, now)[::-1]


def rollout(pk: int, *, now: datetime, team: str | None = None) -> Rollout | None:
    """Return one deployment, None when there is none, or none that is the team's; a part of one gives the whole."""
    if not 0 < pk < 2**63:
        return None
    head = Deployment.objects.filter(pk=pk, is_deleted=False).values_list("rollout_of", flat=True).first()
    return next(iter(_rollouts(_ONE, {"pk": head or pk}, () if team is None else (team,), now)), None)


def cargo(ids: Collection[int]) -> dict[int, Cargo]:
    """Return what deployments carried, by their ids; those with nothing known are left out."""
    rows = DeploymentChange.objects.filter(deployment__in=list(ids), change__is_deleted=False)
    found: dict[int, list[tuple[str | None, float | None]]] = {}
    columns = ("deployment_id", "change__author", "lead_time_s")
    for deployment, author, lead_time_s in rows.order_by("deployment_id", "pk").values_list(*columns):
        found.setdefault(deployment, []).append((author, lead_time_s))
    return {deployment: _cargo(carried) for deployment, carried in found.items()}


def _cargo(carried: Iterable[tuple[str | None, float | None]]) -> Cargo:
    rows = list(carried)
    waits = [wait for _, wait in rows if wait is not None]
    authors = tuple(dict.fromkeys(author for author, _ in rows if author))
    return Cargo(len(rows), authors, median(waits) if waits else None)


def _rollouts(statement: str, values: Mapping[str, Any], teams: Collection[str], now: datetime) -> list[Rollout]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**values, "teams": list(teams), "unfinished": list(_UNFINISHED)})
        told = cursor.fetchall()
    # By itself: what may still fail is looked up for each row, and those rows are grouped here.
    became = outcomes([row[0] for row in told])
    found = []
    for row in told:
        pk, service, namespace, team, environment, version, began, ended, status = row[:9]
        rolled_back, is_rollback, percent, open_parts, undone_parts = row[9:]
        undone = bool(rolled_back or undone_parts)
        is_running = (status in _UNFINISHED or bool(open_parts)) and began > now - UNDER_WAY_FOR and not undone
        outcome = "failed" if undone else became.get(pk, "undecided")
        found.append(
            Rollout(
                id=pk,
                service=service,
                namespace=namespace,
                team=team,
                environment=environment,
                version=version,
                began_at=began,
                ended_at=None if is_running else ended,
                is_running=is_running,
                was_rolled_back=undone,
                is_rollback=bool(is_rollback),
                outcome="running" if is_running else "undecided" if outcome == "running" else outcome,
                traffic_percent=percent,
            )
        )
    return found
