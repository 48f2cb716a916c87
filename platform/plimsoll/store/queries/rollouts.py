"""Deployments as the map needs them: when they began and ended, and how that went; what they carried."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from django.db.models import Case, F, Max, Min, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest, Least

from plimsoll.store.models import Deployment, DeploymentChange
from plimsoll.store.queries.datasets.outcomes import OUTCOME, OUTCOMES

_UNFINISHED: Final = ("pending", "running")
# One that began longer ago and never told its end is a lost report rather than under way.
UNDER_WAY_FOR: Final = timedelta(hours=24)
# A track of some hours shows no more; nor could anybody tell them apart.
MOST: Final = 400


@dataclass(frozen=True, slots=True)
class Rollout:
    """One deployment with all its attempts and clusters. `ended_at` is None while it is under way.

    `outcome` is `running`, `failed`, `held`, `pending` (nothing speaks against it so far) or `undecided`.
    """

    id: int
    service: str | None
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
    # The index is by the finish: what ended before the window did not begin in it.
    rows = _all().filter(Q(finished_at__gte=start) | Q(finished_at=None, started_at__gte=start - UNDER_WAY_FOR))
    rows = rows.filter(**_began(gte=start, lt=end))
    rows = rows.filter(
        Q(environment__name__in=list(environments)) if environments else Q(environment__environment_class="production")
    )
    if teams:
        rows = rows.filter(service__team__slug__in=list(teams))
    if services:
        rows = rows.filter(service__name__in=list(services))
    found = _rollouts(rows.order_by(F("began").desc(), F("pk").desc())[:most], now)
    return found[::-1]


def rollout(pk: int, *, now: datetime, team: str | None = None) -> Rollout | None:
    """Return one deployment, None when there is none, or none that is the team's; a part of one gives the whole."""
    if not 0 < pk < 2**63:
        return None
    head = Deployment.objects.filter(pk=pk, is_deleted=False).values_list("rollout_of", flat=True).first()
    rows = _all().filter(pk=head or pk).filter(**_began(isnull=False))
    if team is not None:
        rows = rows.filter(service__team__slug=team)
    return next(iter(_rollouts(rows, now)), None)


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


def _all() -> "QuerySet[Deployment]":
    """Return the heads of deployments with what their parts say."""
    parts = Q(rollouts__is_deleted=False)
    return Deployment.objects.filter(rollout_of=None, is_deleted=False).annotate(
        began=Least(Coalesce("started_at", "finished_at"), Min("rollouts__started_at", filter=parts)),
        ended=Greatest("finished_at", Max("rollouts__finished_at", filter=parts)),
        open_parts=Max(_number(Q(rollouts__status__in=_UNFINISHED) & parts)),
        undone_parts=Max(_number(Q(rollouts__rolled_back=True) & parts)),
    )


def _began(**lookups: object) -> dict[str, object]:
    """Return a filter on when deployments began; the type checker does not know computed names."""
    return {f"began__{lookup}": value for lookup, value in lookups.items()}


def _number(of: Q) -> Case:
    return Case(When(of, then=Value(1)), default=Value(0))


def _rollouts(rows: "QuerySet[Deployment]", now: datetime) -> list[Rollout]:
    columns = (
        *("pk", "service__name", "service__team__slug", "environment__name", "version", "began", "ended", "status"),
        *("rolled_back", "is_rollback", "traffic_percent", "open_parts", "undone_parts"),
    )
    told = list(rows.values_list(*columns))
    # By itself: what may still fail is looked up for each row, and those rows are grouped here.
    heads = Deployment.objects.filter(pk__in=[row[0] for row in told])
    outcomes = {pk: OUTCOMES[int(code)] for pk, code in heads.values_list("pk", OUTCOME)}
    found = []
    for row in told:
        pk, service, team, environment, version, began, ended, status = row[:8]
        rolled_back, is_rollback, percent, open_parts, undone_parts = row[8:]
        undone = bool(rolled_back or undone_parts)
        is_running = (status in _UNFINISHED or bool(open_parts)) and began > now - UNDER_WAY_FOR and not undone
        outcome = "failed" if undone else outcomes.get(pk, "undecided")
        found.append(
            Rollout(
                id=pk,
                service=service,
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
