"""Deployments of GitHub: its deployment events, and the runs of workflows that a source declares to deploy."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingest.webhooks import naming, reading
from ingest.webhooks.naming import Settings
from ingest.webhooks.provider import Applied, Ignored
from plimsoll.store.merge import Observation

RUNNING, FINAL = 1, 2

_STATES = {
    "success": "success",
    "failure": "failure",
    "error": "failure",
    "in_progress": "running",
    "queued": "pending",
    "pending": "pending",
    "waiting": "pending",
}
_CONCLUSIONS = {
    "success": "success",
    "failure": "failure",
    "timed_out": "failure",
    "startup_failure": "failure",
    "cancelled": "cancelled",
}
_RANKS = {"running": RUNNING, "success": FINAL, "failure": FINAL, "cancelled": FINAL}


def deployment(body: object, settings: Settings) -> Applied | Ignored:
    """A deployment was created: it waits for its first status."""
    if (action := reading.text(body, "action")) not in (None, "created"):
        return Ignored(f"action {action} is not used")
    at = reading.required_time(body, "deployment", "created_at")
    fields = _deployment_fields(body, settings, reading.text(body, "deployment", "environment"))
    fields |= {"status": "pending", "finished_at": None}
    return Applied([Observation("deployment", reading.required(body, "deployment", "id"), at, fields)])


def deployment_status(body: object, settings: Settings) -> Applied | Ignored:
    """A deployment went on or ended. `inactive` only says that another one took its place."""
    if (action := reading.text(body, "action")) not in (None, "created"):
        return Ignored(f"action {action} is not used")
    state = reading.required(body, "deployment_status", "state")
    if state == "inactive":
        return Ignored("status inactive: a later deployment took its place")
    at = reading.required_time(body, "deployment_status", "created_at")
    status = _STATES.get(state)
    environment = reading.name(body, "deployment_status", "environment")
    fields = _deployment_fields(body, settings, environment or reading.name(body, "deployment", "environment"))
    if status is not None:
        fields |= {"status": status, "finished_at": at if _RANKS.get(status) == FINAL else None}
    urls = (reading.text(body, "deployment_status", key) for key in ("log_url", "target_url", "environment_url"))
    if url := next((url for url in urls if url), None):
        fields["url"] = url
    note = "" if status else f"state {state[:40]} is unknown"
    external_id = reading.required(body, "deployment", "id")
    return Applied([Observation("deployment", external_id, at, fields, _RANKS.get(status or "", 0))], note)


def _deployment_fields(body: object, settings: Settings, environment: str | None) -> dict[str, object]:
    """Return what both deployment events say; what is absent is not spoken of."""
    payload = _payload(reading.at(body, "deployment", "payload"))
    repo = reading.required(body, "repository", "full_name")
    created_at = reading.required_time(body, "deployment", "created_at")
    said: dict[str, object] = {
        "service": naming.service(settings, reading.name(payload, "service"), repo),
        "repo": repo,
        "sha": reading.name(body, "deployment", "sha"),
        "ref": reading.name(body, "deployment", "ref"),
        "title": reading.line(reading.text(body, "deployment", "description")),
        "queued_at": created_at,
        "started_at": created_at,
        "actor": reading.text(body, "deployment", "creator", "login"),
        "attempt": reading.whole(body, "workflow_run", "run_attempt", bits=31),
        "run_id": reading.name(body, "workflow_run", "id"),
        "trigger": reading.text(body, "workflow_run", "event"),
        **_declared(payload),
    }
    if (reading.text(body, "deployment", "task") or "").startswith("rollback"):
        said["is_rollback"] = True
    if place := naming.place(settings, environment, _tier(table=reading.table(body, "deployment"), name=environment)):
        said |= place.fields()
    return {name: value for name, value in said.items() if value is not None}


def _tier(table: Mapping[str, Any], name: str | None) -> str | None:
    """Return the class that GitHub itself knows. `production_environment` false is only its default for other names."""
    if table.get("transient_environment") is True or name == "github-pages":
        return "other"
    return "production" if table.get("production_environment") is True else None


def _payload(payload: object) -> object:
    """Return the deployment's payload, which is an object or a string of JSON."""
    if isinstance(payload, str):
        try:
            return json.loads(payload)
        except (ValueError, RecursionError):
            return {}
    return payload


def _declared(payload: object) -> dict[str, object]:
    """Return what a pipeline may declare about its deployment in the payload; None where it does not."""
    listed = reading.items(payload, "commits")
    shas = [each if isinstance(each, str) else reading.at(each, "id") or reading.at(each, "sha") for each in listed]
    return {
        "version": reading.name(payload, "version"),
        "artifact": reading.name(payload, "artifact"),
        "cluster": reading.name(payload, "cluster"),
        "region": reading.name(payload, "region"),
        "previous_sha": reading.name(payload, "previous_sha"),
        "commits": reading.names(shas) or None,
        # A false word is not proof of the contrary: linkage may still see an older version come back.
        "is_rollback": reading.truth(reading.at(payload, "rollback")) or None,
        "unplanned": reading.truth(reading.at(payload, "unplanned")),
    }


def workflow_run(body: object, settings: Settings) -> Applied | Ignored:
    """A run of a workflow that the source lists under `deploy_workflows` ended: one record for each attempt."""
    if reading.text(body, "action") != "completed":
        return Ignored("the run is not completed")
    workflow = reading.text(body, "workflow_run", "name") or reading.text(body, "workflow", "name")
    path = reading.text(body, "workflow_run", "path") or reading.text(body, "workflow", "path") or ""
    path = path.partition("@")[0]
    names = (workflow, reading.text(body, "workflow", "name"), path, path.rpartition("/")[2])
    if not naming.matches(settings, "deploy_workflows", *names):
        return Ignored(f"workflow {workflow or path} is not declared as a deploy workflow")
    conclusion = reading.text(body, "workflow_run", "conclusion")
    status = _CONCLUSIONS.get(conclusion or "")
    if status is None:
        return Ignored(f"conclusion {conclusion} is no deployment")
    run_id = reading.required(body, "workflow_run", "id")
    attempt = reading.whole(body, "workflow_run", "run_attempt", bits=31) or 1
    finished_at = reading.required_time(body, "workflow_run", "updated_at")
    fields = _run_fields(body, settings, workflow) | {
        "run_id": run_id,
        "attempt": attempt,
        "status": status,
        "finished_at": finished_at,
    }
    return Applied([Observation("deployment", f"{run_id}/{attempt}", finished_at, fields, FINAL)])


def _run_fields(body: object, settings: Settings, workflow: str | None) -> dict[str, object]:
    repo = reading.required(body, "repository", "full_name")
    actor = reading.text(body, "workflow_run", "triggering_actor", "login")
    said: dict[str, object] = {
        "service": naming.service(settings, None, repo),
        "repo": repo,
        "sha": reading.name(body, "workflow_run", "head_sha"),
        "ref": reading.name(body, "workflow_run", "head_branch"),
        "title": reading.line(reading.text(body, "workflow_run", "display_title")),
        "started_at": _run_start(body),
        "url": reading.text(body, "workflow_run", "html_url"),
        "actor": actor or reading.text(body, "workflow_run", "actor", "login"),
        "trigger": reading.text(body, "workflow_run", "event"),
    }
    if place := naming.place(settings, None):
        said |= place.fields()
    return {name: value for name, value in said.items() if value is not None}


def _run_start(body: object) -> datetime | None:
    """`created_at` is the first attempt's; old servers know nothing better."""
    started = reading.time(body, "workflow_run", "run_started_at")
    return started or reading.time(body, "workflow_run", "created_at")
