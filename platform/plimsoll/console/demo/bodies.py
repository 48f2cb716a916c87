"""Bodies of the demo's webhooks, in the shape each sender gives them (webhook-providers, sections 5 and 6)."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from plimsoll.console.demo.company import ENVIRONMENT
from plimsoll.console.demo.facts import Commit, Deployment, Incident, PullRequest

# JSON.
Body = dict[str, Any]

_NOTHING = "0" * 40
_BOT = {"login": "deploy-bot", "type": "Bot"}


def stamp(at: datetime) -> str:
    """Return a moment as the senders write it."""
    return at.isoformat().replace("+00:00", "Z")


def main_push(repo: str, before: str, commits: Sequence[Commit]) -> Body:
    """Return GitHub's `push` of commits to the main branch."""
    return _push(repo, "main", before, commits)


def branch_push(repo: str, branch: str, commits: Sequence[Commit]) -> Body:
    """Return GitHub's `push` that makes a branch."""
    return _push(repo, branch, _NOTHING, commits)


def _push(repo: str, branch: str, before: str, commits: Sequence[Commit]) -> Body:
    listed = [_commit(commit) for commit in commits]
    return {
        "ref": f"refs/heads/{branch}",
        "before": before,
        "after": commits[-1].sha,
        "created": before == _NOTHING,
        "deleted": False,
        "forced": False,
        "commits": listed,
        "head_commit": listed[-1],
        "repository": _repository(repo),
        "pusher": {"name": commits[-1].author},
        "sender": {"login": commits[-1].author, "type": "User"},
    }


def pull_request(repo: str, action: str, pull: PullRequest, commits: Sequence[Commit]) -> Body:
    """Return GitHub's `pull_request`, opened or closed by its merge."""
    merged = action == "closed"
    described = _pull(pull, commits) | {
        "state": "closed" if merged else "open",
        "merged": merged,
        "updated_at": stamp(pull.merged_at if merged else pull.opened_at),
        "closed_at": stamp(pull.merged_at) if merged else None,
        "merged_at": stamp(pull.merged_at) if merged else None,
        "merge_commit_sha": pull.squash.sha if merged else None,
        "merged_by": {"login": pull.reviewer} if merged else None,
    }
    return {
        "action": action,
        "number": pull.number,
        "pull_request": described,
        "repository": _repository(repo),
        "sender": {"login": pull.reviewer if merged else pull.author, "type": "User"},
    }


def review(repo: str, pull: PullRequest, commits: Sequence[Commit]) -> Body:
    """Return GitHub's `pull_request_review` that approves."""
    return {
        "action": "submitted",
        "review": {
            "id": pull.number,
            "state": "approved",
            "submitted_at": stamp(pull.reviewed_at),
            "commit_id": commits[-1].sha,
            "user": {"login": pull.reviewer},
        },
        "pull_request": _pull(pull, commits)
        | {"state": "open", "updated_at": stamp(pull.reviewed_at), "closed_at": None, "merged_at": None},
        "repository": _repository(repo),
        "sender": {"login": pull.reviewer, "type": "User"},
    }


def _pull(pull: PullRequest, commits: Sequence[Commit]) -> Body:
    return {
        "number": pull.number,
        "draft": False,
        "title": pull.title,
        "created_at": stamp(pull.opened_at),
        "user": {"login": pull.author},
        "head": {"ref": pull.branch, "sha": commits[-1].sha},
        "base": {"ref": "main", "sha": pull.squash.parent},
        "labels": [],
        "commits": len(commits),
        "additions": 17 * len(commits),
        "deletions": 5 * len(commits),
    }


def deployed(deployment: Deployment) -> Body:
    """Return GitHub's `deployment_status` of a deployment that went live."""
    return _status(deployment, deployment.number, "success", deployment.started_at, deployment.finished_at)


def failed_try(deployment: Deployment) -> Body:
    """Return GitHub's `deployment_status` of the attempt that failed before."""
    assert deployment.first_try is not None
    return _status(deployment, deployment.number + 1_000_000_000, "failure", *deployment.first_try)


def _status(deployment: Deployment, number: int, state: str, started: datetime, finished: datetime) -> Body:
    payload: Body = {"version": deployment.version}
    if deployment.kind == "rollback":
        payload["rollback"] = True
    if deployment.kind == "hotfix":
        payload["unplanned"] = True
    return {
        "action": "created",
        "deployment_status": {
            "id": number,
            "state": state,
            "environment": ENVIRONMENT,
            "description": "",
            "created_at": stamp(finished),
            "updated_at": stamp(finished),
            "creator": _BOT,
        },
        "deployment": {
            "id": number,
            "sha": deployment.sha,
            "ref": deployment.ref,
            "task": "rollback" if deployment.kind == "rollback" else "deploy",
            "payload": payload,
            "environment": ENVIRONMENT,
            "original_environment": ENVIRONMENT,
            "production_environment": True,
            "transient_environment": False,
            "created_at": stamp(started),
            "updated_at": stamp(finished),
            "creator": {"login": deployment.actor},
        },
        "repository": _repository(deployment.repo),
        "sender": _BOT,
    }


def alert(incident: Incident, namespace: str, *, resolved: bool) -> Body:
    """Return Alertmanager's message for one alert."""
    labels = {
        "alertname": incident.name.rpartition("-")[0],
        "severity": incident.severity,
        "service": incident.service,
        "namespace": namespace,
        "cluster": incident.cluster,
        "environment": ENVIRONMENT,
    }
    status = "resolved" if resolved else "firing"
    return {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{labels["alertname"]}", service="{incident.service}"}}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "plimsoll",
        "groupLabels": {"alertname": labels["alertname"], "service": incident.service},
        "commonLabels": labels,
        "commonAnnotations": {"summary": incident.title},
        "externalURL": "https://alerts.city-services.example",
        "alerts": [
            {
                "status": status,
                "labels": labels,
                "annotations": {"summary": incident.title},
                "startsAt": stamp(incident.opened_at),
                "endsAt": stamp(incident.resolved_at) if resolved else "0001-01-01T00:00:00Z",
                "generatorURL": "",
                "fingerprint": sha256("/".join(labels.values()).encode()).hexdigest()[:16],
            }
        ],
    }


def told_incident(incident: Incident, *, resolved: bool) -> Body:
    """Return the generic endpoint's incident, whose sender knows the deployment that caused it, or who is on it."""
    body: Body = {
        "kind": "incident",
        "external_id": incident.name,
        "title": incident.title,
        "services": [incident.service],
        "environment": ENVIRONMENT,
        "severity": incident.severity,
        "status": "resolved" if resolved else "open",
        "opened_at": stamp(incident.opened_at),
    }
    if incident.cause is not None:
        body["caused_by"] = str(incident.cause)
    if incident.assignee is not None:
        body["assignees"] = [incident.assignee]
    if resolved:
        body["resolved_at"] = stamp(incident.resolved_at)
    return body


def _commit(commit: Commit) -> Body:
    person = {"name": commit.author, "email": f"{commit.author}@city-services.example", "username": commit.author}
    return {
        "id": commit.sha,
        "distinct": True,
        "message": commit.message,
        "timestamp": stamp(commit.authored_at),
        "author": person,
        "committer": person,
    }


def _repository(full_name: str) -> Body:
    owner, _, name = full_name.partition("/")
    return {"name": name, "full_name": full_name, "owner": {"login": owner}, "default_branch": "main"}
