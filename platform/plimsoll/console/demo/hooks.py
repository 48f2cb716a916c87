"""The webhooks that the demo's history makes: what GitHub, Alertmanager and an incident tool would have sent."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID

from plimsoll.console.demo import bodies
from plimsoll.console.demo.company import Company
from plimsoll.console.demo.facts import Deployment, History, Incident

Provider = Literal["github", "alertmanager", "generic"]


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook: when it is sent, through which source, and its exact bytes; `key` is its delivery id."""

    at: datetime
    provider: Provider
    event: str
    key: str
    body: bytes


def hooks(company: Company, history: History) -> list[Hook]:
    """Return every webhook of a history, oldest first."""
    found = [hook for deployment in history.deployments for hook in of_deployment(deployment)]
    found += [hook for incident in history.incidents for hook in of_incident(company, incident)]
    return sorted(found, key=lambda hook: hook.at)


def hook(at: datetime, provider: Provider, event: str, body: bodies.Body) -> Hook:
    """Return a webhook whose delivery id follows from what it says, so that sending it again is a duplicate."""
    raw = json.dumps(body, separators=(",", ":")).encode()
    digest = sha256(event.encode() + b"\n" + at.isoformat().encode() + b"\n" + raw).digest()
    key = str(UUID(bytes=digest[:16], version=4)) if provider == "github" else f"msg_{digest.hex()[:27]}"
    return Hook(at, provider, event, key, raw)


def of_deployment(deployment: Deployment) -> Iterator[Hook]:
    """Yield what GitHub tells of a deployment and of the commits it brought."""
    pull = deployment.pull_request
    if pull is not None:
        repo, commits = deployment.repo, deployment.commits
        yield hook(pull.pushed_at, "github", "push", bodies.branch_push(repo, pull.branch, commits))
        yield hook(pull.opened_at, "github", "pull_request", bodies.pull_request(repo, "opened", pull, commits))
        yield hook(pull.reviewed_at, "github", "pull_request_review", bodies.review(repo, pull, commits))
        yield hook(pull.merged_at, "github", "pull_request", bodies.pull_request(repo, "closed", pull, commits))
    if deployment.pushed_at is not None:
        pushed = (pull.squash,) if pull else deployment.commits
        yield hook(deployment.pushed_at, "github", "push", bodies.main_push(deployment.repo, deployment.before, pushed))
    if deployment.first_try is not None:
        yield hook(deployment.first_try[1], "github", "deployment_status", bodies.failed_try(deployment))
    yield hook(deployment.finished_at, "github", "deployment_status", bodies.deployed(deployment))


def of_incident(company: Company, incident: Incident) -> Iterator[Hook]:
    """Yield the opening and the end of an incident: by Alertmanager, or by a tool that names the cause."""
    if incident.told:
        yield hook(incident.opened_at, "generic", "incident", bodies.told_incident(incident, resolved=False))
        yield hook(incident.resolved_at, "generic", "incident", bodies.told_incident(incident, resolved=True))
        return
    namespace = company.services[incident.service].namespace
    yield hook(incident.opened_at, "alertmanager", "alert", bodies.alert(incident, namespace, resolved=False))
    yield hook(incident.resolved_at, "alertmanager", "alert", bodies.alert(incident, namespace, resolved=True))
