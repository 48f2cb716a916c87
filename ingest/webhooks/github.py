"""GitHub: its signature, its delivery key, and which events are taken (webhook-providers, section 5)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from ingest.webhooks import github_changes, github_deployments, reading, signatures
from ingest.webhooks.github_incidents import issues
from ingest.webhooks.naming import Settings
from ingest.webhooks.provider import MIB, Applied, Ignored, Provider
from ingest.webhooks.signatures import Headers

_EVENTS: Mapping[str, Callable[[object, Settings], Applied | Ignored]] = {
    "deployment": github_deployments.deployment,
    "deployment_status": github_deployments.deployment_status,
    "workflow_run": github_deployments.workflow_run,
    "push": github_changes.push,
    "pull_request": github_changes.pull_request,
    "pull_request_review": github_changes.pull_request_review,
    "release": github_changes.release,
    "issues": issues,
}


def normalise(body: object, headers: Headers, settings: Settings, received_at: datetime) -> Applied | Ignored:
    """Return the records of a delivery; events and actions that carry none are ignored with a reason."""
    kind = headers.get("x-github-event", "")
    if kind == "ping":
        return Ignored(ping(body, headers))
    take = _EVENTS.get(kind)
    if take is None:
        return Ignored(f"event {kind or 'without a name'} is not used")
    if reading.text(body, "repository", "full_name") is None:
        return Ignored("the delivery names no repository")
    sender = reading.text(body, "sender", "login")
    if sender and sender in reading.names(reading.items(settings, "ignore_actors")):
        return Ignored(f"events of {sender} are ignored by this source")
    return take(body, settings)


def ping(body: object, headers: Headers) -> str:
    """Return what a ping says, "" for any other event."""
    if headers.get("x-github-event") != "ping":
        return ""
    hook = reading.text(body, "hook_id") or reading.text(headers, "x-github-hook-id") or "unknown"
    return f"ping of hook {hook}"


def event(body: object, headers: Headers) -> str:
    """Return the event with its action, for example `pull_request.closed`."""
    action = reading.text(body, "action")
    kind = reading.cleaned(headers.get("x-github-event", ""))
    return (f"{kind}.{action}" if action else kind)[:100]


def _authenticate(body: bytes, headers: Headers, secrets: Sequence[str], settings: Settings, now: float) -> bool:
    return signatures.hub(body, headers, secrets)


def _key(body: object, headers: Headers) -> str:
    # A redelivery repeats it.
    return headers.get("x-github-delivery", "").strip()


GITHUB = Provider(
    name="github",
    authenticate=_authenticate,
    key=_key,
    event=event,
    normalise=normalise,
    settings=frozenset({"branches", "deploy_workflows", "ignore_actors", "incident_labels"}),
    headers=frozenset(
        {
            "x-github-event",
            "x-github-delivery",
            "x-github-hook-id",
            "x-github-hook-installation-target-id",
            "x-github-hook-installation-target-type",
            "x-github-enterprise-host",
            "x-github-enterprise-version",
        }
    ),
    proof="x-hub-signature-256",
    limit=25 * MIB,
    accepts_form=True,
    ping=ping,
)
