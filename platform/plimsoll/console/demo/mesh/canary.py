"""A release that goes wrong, again and again: a canary fails, an alert fires, it is rolled back, the alert ends."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from random import Random

from plimsoll.console.demo import bodies
from plimsoll.console.demo.company import ENVIRONMENT, Service
from plimsoll.console.demo.facts import Commit, Incident
from plimsoll.console.demo.hooks import Hook, hook
from plimsoll.console.demo.mesh.pods import Canary, Fleet

Post = Callable[[Hook], Awaitable[None]]
# Entry services and those that most calls reach: a canary of a tenth of the requests must be seen soon.
CANDIDATES = (
    "permits-api", "payments-api", "transport-api", "housing-api", "health-api", "permits-review", "documents",
    "ledger", "identity", "search", "transport-routes", "health-booking",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """One episode: which service, how bad, and how many seconds each part takes."""

    service: Service
    version: str
    share: float
    error_rate: float
    slower: float
    until_alert_s: float
    until_rollback_s: float
    until_calm_s: float


def plan(fleet: Fleet, number: int, random: Random) -> Plan:
    """Return the next episode; `number` grows with time, so no version comes twice."""
    service = fleet.company.services[random.choice(CANDIDATES)]
    major, minor, _ = fleet.versions[service.name].removeprefix("v").split(".")
    return Plan(
        service=service,
        version=f"v{major}.{int(minor) + 1}.0-rc.{number}",
        share=random.uniform(0.10, 0.25),
        error_rate=random.uniform(0.12, 0.35),
        slower=random.uniform(2.0, 5.0),
        until_alert_s=random.uniform(45, 75),
        until_rollback_s=random.uniform(60, 150),
        until_calm_s=random.uniform(15, 30),
    )


async def play(fleet: Fleet, plan: Plan, post: Post) -> None:
    """Let one episode happen, told by webhooks as it goes; the traffic is back to normal whatever happens."""
    started = _now()
    commit = _commit(plan, started)
    try:
        await post(_pushed(plan, commit, fleet.company.services[plan.service.name].repo))
        await post(_canary(plan, commit, started, "running"))
        fleet.canary = Canary(plan.service.name, plan.version, plan.share, plan.error_rate, plan.slower)
        await asyncio.sleep(plan.until_alert_s)
        incident = _incident(plan, _now())
        await post(_alert(plan, incident, resolved=False))
        await asyncio.sleep(plan.until_rollback_s)
    finally:
        fleet.canary = None
    back = _now()
    await post(_canary(plan, commit, started, "failure", finished=back))
    await post(_rollback(plan, fleet.versions[plan.service.name], back - timedelta(seconds=5), back))
    await asyncio.sleep(plan.until_calm_s)
    await post(_alert(plan, incident, resolved=True))


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _commit(plan: Plan, started: datetime) -> Commit:
    sha = sha1(f"{plan.service.name}/{plan.version}".encode(), usedforsecurity=False).hexdigest()
    return Commit(sha, "", started - timedelta(minutes=26), "ana-pires", f"Prepare {plan.version}")


def _pushed(plan: Plan, commit: Commit, repo: str) -> Hook:
    body = bodies.branch_push(repo, f"release/{plan.version}", (commit,))
    return hook(_now(), "github", "push", body)


def _canary(plan: Plan, commit: Commit, started: datetime, status: str, finished: datetime | None = None) -> Hook:
    """Return the canary's deployment; its end says that it was undone after real traffic."""
    body = _deployment(plan, plan.version, status, started)
    body |= {"external_id": f"{plan.service.name}-{plan.version}", "sha": commit.sha}
    if finished is not None:
        body |= {"finished_at": bodies.stamp(finished), "rolled_back": True}
    return hook(finished or started, "generic", "deployment", body)


def _rollback(plan: Plan, version: str, started: datetime, finished: datetime) -> Hook:
    """Return the deployment that brings the version before back to everybody."""
    body = _deployment(plan, version, "success", started) | {
        "external_id": f"{plan.service.name}-{plan.version}-rollback",
        "finished_at": bodies.stamp(finished),
        "is_rollback": True,
    }
    return hook(finished, "generic", "deployment", body)


def _deployment(plan: Plan, version: str, status: str, started: datetime) -> bodies.Body:
    return {
        "kind": "deployment",
        "service": plan.service.name,
        "environment": ENVIRONMENT,
        "cluster": plan.service.clusters[0],
        "repo": plan.service.repo,
        "version": version,
        "status": status,
        "started_at": bodies.stamp(started),
        "actor": "argo-rollouts",
    }


def _incident(plan: Plan, opened: datetime) -> Incident:
    return Incident(
        name=f"CanaryErrorRate-{plan.version}",
        service=plan.service.name,
        cluster=plan.service.clusters[0],
        title=f"{plan.service.name} {plan.version}: errors of the canary above the mark",
        severity="critical",
        opened_at=opened,
        resolved_at=opened,
    )


def _alert(plan: Plan, incident: Incident, *, resolved: bool) -> Hook:
    """Return the alert at its beginning, or at its end, which is now."""
    ended = Incident(
        incident.name, incident.service, incident.cluster, incident.title, incident.severity, incident.opened_at, _now()
    )
    body = bodies.alert(ended, plan.service.namespace, resolved=resolved)
    return hook(ended.resolved_at, "alertmanager", "alert", body)
