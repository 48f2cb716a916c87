"""A release that goes wrong, again and again: a canary fails, an alert fires, it is rolled back, the alert ends."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from random import Random

from plimsoll.console.demo import bodies
from plimsoll.console.demo.company import ENVIRONMENT, Company, Service
from plimsoll.console.demo.facts import Commit, Incident
from plimsoll.console.demo.hooks import Hook, hook
from plimsoll.console.demo.mesh.episode import Episode
from plimsoll.console.demo.mesh.pods import Canary, Fleet

Post = Callable[[Hook], Awaitable[None]]
# Entry services and those that most calls reach: a canary of a tenth of the requests must be seen soon.
CANDIDATES = (
    "permits-api", "payments-api", "transport-api", "housing-api", "health-api", "permits-review", "documents",
    "ledger", "identity", "search", "transport-routes", "health-booking",
)  # fmt: skip


def plan(fleet: Fleet, number: int, random: Random, now: datetime) -> Episode:
    """Return the episode that begins now; `number` grows with time, so no version comes twice."""
    service = random.choice(CANDIDATES)
    before = fleet.versions[service]
    major, minor, _ = before.removeprefix("v").split(".")
    started = now.replace(microsecond=0)
    alerted = started + timedelta(seconds=random.randint(45, 75))
    undone = alerted + timedelta(seconds=random.randint(60, 150))
    return Episode(
        service=service,
        version=f"v{major}.{int(minor) + 1}.0-rc.{number}",
        before=before,
        share=random.uniform(0.10, 0.25),
        error_rate=random.uniform(0.12, 0.35),
        slower=random.uniform(2.0, 5.0),
        started_at=started,
        alerted_at=alerted,
        undone_at=undone,
        calm_at=undone + timedelta(seconds=random.randint(15, 30)),
    )


async def play(fleet: Fleet, episode: Episode, post: Post) -> None:
    """Let an episode happen, told by webhooks as it goes; the traffic is back to normal whatever happens.

    One that was left half told is told from its beginning: what was sent before is a duplicate, and what is over by now
    is sent at once, with the times at which it was to happen.
    """
    canary = Canary(episode.service, episode.version, episode.share, episode.error_rate, episode.slower)
    try:
        for one in told(fleet.company, episode):
            await asyncio.sleep(max(0.0, (one.at - datetime.now(UTC)).total_seconds()))
            is_out = one.at < episode.undone_at and datetime.now(UTC) < episode.undone_at
            fleet.canary = canary if is_out else None
            await post(one)
    finally:
        fleet.canary = None


def told(company: Company, episode: Episode) -> tuple[Hook, ...]:
    """Return the webhooks that tell an episode, oldest first."""
    service = company.services[episode.service]
    return (
        _pushed(episode, service),
        _canary(episode, service, episode.started_at, "running"),
        _alert(episode, service, episode.alerted_at, resolved=False),
        _canary(episode, service, episode.undone_at, "failure"),
        _rollback(episode, service),
        _alert(episode, service, episode.calm_at, resolved=True),
    )


def _commit(episode: Episode) -> Commit:
    sha = sha1(f"{episode.service}/{episode.version}".encode(), usedforsecurity=False).hexdigest()
    authored = episode.started_at - timedelta(minutes=26)
    return Commit(sha, "", authored, "ana-pires", f"Prepare {episode.version}")


def _pushed(episode: Episode, service: Service) -> Hook:
    body = bodies.branch_push(service.repo, f"release/{episode.version}", (_commit(episode),))
    return hook(episode.started_at, "github", "push", body)


def _canary(episode: Episode, service: Service, at: datetime, status: str) -> Hook:
    """Return the canary's deployment; its end says that it was undone after real traffic."""
    body = _deployment(service, episode.version, status, episode.started_at)
    body |= {"external_id": f"{episode.service}-{episode.version}", "sha": _commit(episode).sha}
    if status == "running":
        body |= {"traffic_percent": round(episode.share * 100)}
    else:
        body |= {"finished_at": bodies.stamp(at), "rolled_back": True}
    return hook(at, "generic", "deployment", body)


def _rollback(episode: Episode, service: Service) -> Hook:
    """Return the deployment that brings the version before back to everybody."""
    at = episode.undone_at
    body = _deployment(service, episode.before, "success", at - timedelta(seconds=5)) | {
        "external_id": f"{episode.service}-{episode.version}-rollback",
        "finished_at": bodies.stamp(at),
        "is_rollback": True,
    }
    return hook(at, "generic", "deployment", body)


def _deployment(service: Service, version: str, status: str, started: datetime) -> bodies.Body:
    return {
        "kind": "deployment",
        "service": service.name,
        "environment": ENVIRONMENT,
        "cluster": service.clusters[0],
        "repo": service.repo,
        "version": version,
        "status": status,
        "started_at": bodies.stamp(started),
        "actor": "argo-rollouts",
    }


def _alert(episode: Episode, service: Service, at: datetime, *, resolved: bool) -> Hook:
    """Return the alert at its beginning or at its end."""
    opened = Incident(
        name=f"CanaryErrorRate-{episode.version}",
        service=service.name,
        cluster=service.clusters[0],
        title=f"{service.name} {episode.version}: errors of the canary above the mark",
        severity="critical",
        opened_at=episode.alerted_at,
        resolved_at=episode.alerted_at,
    )
    body = bodies.alert(replace(opened, resolved_at=at), service.namespace, resolved=resolved)
    return hook(at, "alertmanager", "alert", body)
