"""Incidents of GitHub: issues that carry one of the source's incident labels."""

import re
from collections.abc import Iterable

from ingest.webhooks import naming, reading
from ingest.webhooks.naming import Settings
from ingest.webhooks.provider import Applied, Ignored
from plimsoll.store.merge import Observation

_ACTIONS = frozenset({"opened", "labeled", "closed", "reopened", "edited", "assigned", "unassigned"})
# webhook-providers, section 6: a reference in the title or the body.
_CAUSE = re.compile(r"\b(?:caused[ _-]by|root[ _-]cause)\s*:\s*`?([^\s`,;]{1,500})", re.IGNORECASE)


def issues(body: object, settings: Settings) -> Applied | Ignored:
    """An issue with an incident label was opened, closed or reopened; `state` is trusted, `closed_at` is not."""
    action = reading.text(body, "action")
    if action not in _ACTIONS:
        return Ignored(f"action {action} is not used")
    labels = reading.names(reading.items(body, "issue", "labels"), "name")
    if not naming.matches(settings, "incident_labels", *labels):
        return Ignored("the issue has no incident label")
    repo = reading.required(body, "repository", "full_name")
    number = reading.required(body, "issue", "number")
    opened_at = reading.required_time(body, "issue", "created_at")
    at = reading.time(body, "issue", "updated_at") or opened_at
    is_closed = reading.text(body, "issue", "state") == "closed"
    fields: dict[str, object] = {
        "status": "resolved" if is_closed else "open",
        "opened_at": opened_at,
        "resolved_at": (reading.time(body, "issue", "closed_at") or at) if is_closed else None,
    }
    if action == "reopened":
        fields["reopened_at"] = [at]
    fields |= _about(body, settings, repo, labels)
    return Applied([Observation("incident", f"{repo}#{number}", at, fields, rank=1 if is_closed else 0)])


def _about(body: object, settings: Settings, repo: str, labels: list[str]) -> dict[str, object]:
    """Return what the issue is about; labels such as `service: checkout` and `severity: high` say it outright."""
    service = naming.service(settings, _labelled(labels, ("service", "app")), repo)
    title, text = reading.text(body, "issue", "title"), reading.text(body, "issue", "body")
    cause = _CAUSE.search(title or "") or _CAUSE.search(text or "")
    # An issue that nobody was assigned to says so with an empty list; an older sender says nothing.
    has_assignees = isinstance(reading.at(body, "issue", "assignees"), list)
    said: dict[str, object] = {
        "title": reading.line(title),
        "services": [service] if service else None,
        "severity": _labelled(labels, ("severity", "priority")),
        "url": reading.text(body, "issue", "html_url"),
        "assignees": reading.names(reading.items(body, "issue", "assignees"), "login") if has_assignees else None,
        "caused_by_ref": cause[1].rstrip(".)") if cause else None,
    }
    if place := naming.place(settings, _labelled(labels, ("environment", "env"))):
        said |= place.fields()
    return {name: value for name, value in said.items() if value is not None}


def _labelled(labels: Iterable[str], keys: tuple[str, ...]) -> str | None:
    """Return the value of the first label of the form `key: value` or `key/value`."""
    for label in labels:
        for separator in (":", "/"):
            key, found, value = label.partition(separator)
            if found and key.strip().lower() in keys and value.strip():
                return value.strip()[: reading.LONGEST_NAME]
    return None
