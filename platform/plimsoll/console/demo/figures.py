"""What the product must answer for the demo's history: the figures of `standard`, from the generator's own facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from plimsoll.console.demo.facts import Deployment, History, Incident
from plimsoll.console.demo.trouble import began

# dora-definitions, section 4: how long after a deployment an incident can still be its doing.
ATTRIBUTION = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and times of a window; `pending` deployments may still turn out to have failed."""

    deployments: int
    rollbacks: int
    redeploys: int
    lead_times_s: tuple[float, ...]
    failed: int
    judged: int
    pending: int
    recoveries_s: tuple[float, ...]


def expected(history: History, start: datetime, end: datetime, now: datetime) -> Figures:
    """Return the figures of the deployments that finished in [start, end), as known at `now`."""
    known = [d for d in history.deployments if d.finished_at <= now]
    causes = {incident.cause: incident for incident in history.incidents if incident.opened_at <= now}
    inside = [d for d in known if start <= d.finished_at < end]
    shipped = [d for d in inside if d.kind in ("standard", "hotfix")]
    first, after = _firsts(known), _successors(known)
    judged = [d for d in shipped if _closes(d, after.get(d.number)) <= now]
    failed = [d for d in judged if d.number in causes]
    return Figures(
        deployments=len(shipped),
        rollbacks=sum(d.kind == "rollback" for d in inside),
        redeploys=sum(d.kind == "redeploy" for d in inside),
        lead_times_s=tuple(
            (d.finished_at - commit.authored_at).total_seconds()
            for d in shipped
            if d.number not in first
            for commit in d.commits
        ),
        failed=len(failed),
        judged=len(judged),
        pending=len(shipped) - len(judged),
        recoveries_s=tuple(_recovery(causes[d.number]) for d in failed),
    )


def _firsts(deployments: Iterable[Deployment]) -> set[int]:
    """Return the first deployment of each service: what it brought is not known, so it brings nothing."""
    seen: dict[str, int] = {}
    for deployment in deployments:
        seen.setdefault(deployment.service, deployment.number)
    return set(seen.values())


def _successors(deployments: Iterable[Deployment]) -> dict[int, Deployment]:
    """Return, for each deployment, the next one of the same service."""
    last: dict[str, Deployment] = {}
    after: dict[int, Deployment] = {}
    for deployment in deployments:
        if deployment.service in last:
            after[last[deployment.service].number] = deployment
        last[deployment.service] = deployment
    return after


def _closes(deployment: Deployment, successor: Deployment | None) -> datetime:
    """Return when no incident can be this deployment's doing any more."""
    ends = deployment.finished_at + ATTRIBUTION
    return min(ends, began(successor)) if successor else ends


def _recovery(incident: Incident) -> float:
    """Return the seconds from an incident's opening to its remedy."""
    assert incident.remedied_at is not None
    return (min(incident.remedied_at, incident.resolved_at) - incident.opened_at).total_seconds()
