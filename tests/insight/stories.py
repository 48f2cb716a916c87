"""Stories told to a real database as senders tell them, and what linkage makes of them."""

from typing import Any

from django.db import connection, transaction

from plimsoll.insight.linkage import relink
from plimsoll.store.models import Deployment, DeploymentChange, Incident, Source
from plimsoll.store.records import Observation, record
from tests.insight.builders import LATER, NOON, minutes
from tests.insight.reports import sha


def tell(*observations: Observation, each: int = 1000, source: str = "ci") -> None:
    """Record what a source observed, so many observations in one transaction, and relink what that touched."""
    teller = Source.objects.get_or_create(provider="generic", name=source, defaults={"public_id": source})[0]
    for start in range(0, len(observations), each):
        with transaction.atomic():
            touched = record(teller, observations[start : start + each])
            relink(series=touched.series, repos=touched.repos, now=LATER)


def ran(name: str, at: float, version: str | None, **fields: Any) -> Observation:
    """A successful five-minute run of pay in production that began so many minutes after noon."""
    started = NOON + minutes(at)
    said: dict[str, Any] = {
        "service": "pay",
        "environment": "production",
        "repo": "acme/pay",
        "version": version,
        "sha": sha(version) if version else None,
        "status": "success",
        "started_at": started,
        "finished_at": started + minutes(5),
        **fields,
    }
    return Observation("deployment", name, said["finished_at"] or started, said, 1)


def pushed(name: str, parent: str | None, at: float, **fields: Any) -> Observation:
    """A commit on main that was made so many minutes after noon."""
    made = NOON + minutes(at)
    said = {
        "grain": "commit",
        "repo": "acme/pay",
        "sha": sha(name),
        "authored_at": made,
        "branch": "main",
        "title": name,
    }
    said |= {"parent_sha": sha(parent)} if parent else {}
    return Observation("change", f"acme/pay@{sha(name)}", made, said | fields)


def merged(number: int, merge: str, head: str, opened: float, at: float, title: str = "") -> Observation:
    """A pull request to main that was merged so many minutes after noon."""
    said = {
        "grain": "pull_request",
        "repo": "acme/pay",
        "number": number,
        "merge_sha": sha(merge),
        "head_sha": sha(head),
        "branch": "main",
        "opened_at": NOON + minutes(opened),
        "merged_at": NOON + minutes(at),
        "state": "merged",
        "title": title or f"Pull request {number}",
    }
    return Observation("change", f"acme/pay#{number}", NOON + minutes(at), said, 2)


def broke(name: str, at: float, until: float | None = None, **fields: Any) -> Observation:
    """An incident of pay in production."""
    said: dict[str, Any] = {
        "services": ["pay"],
        "environment": "production",
        "status": "resolved" if until else "open",
        "opened_at": NOON + minutes(at),
        **({"resolved_at": NOON + minutes(until)} if until else {}),
        **fields,
    }
    return Observation("incident", name, NOON + minutes(until or at), said, 1)


def linked() -> dict[str, tuple[Any, ...]]:
    """Return what linkage says of each deployment."""
    carried: dict[int, dict[str, Any]] = {}
    for link in DeploymentChange.objects.select_related("change"):
        wait = None if link.lead_time_s is None else link.lead_time_s / 60
        name = bytes.fromhex(link.change.sha or "").rstrip(b"\0").decode()
        carried.setdefault(link.deployment_id, {})[name] = (link.method, wait)
    return {
        row.external_id: (
            row.rollout_of.external_id if row.rollout_of else None,
            row.kind,
            row.failed,
            row.failed_reason,
            carried.get(row.pk, {}),
        )
        for row in Deployment.objects.select_related("rollout_of")
    }


def causes() -> dict[str, tuple[str | None, str | None, float | None]]:
    return {
        row.external_id: (
            row.caused_by.external_id if row.caused_by else None,
            row.caused_by_method,
            row.caused_by_confidence,
        )
        for row in Incident.objects.select_related("caused_by")
    }


def wipe() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE deployment_change, incident_service, incident, deployment, change CASCADE")
