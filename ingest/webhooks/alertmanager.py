"""Prometheus Alertmanager: one incident for each alert of a message (webhook-providers, section 6)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.webhooks import naming, reading, signatures
from ingest.webhooks.naming import Settings
from ingest.webhooks.provider import Applied, Ignored, Provider
from ingest.webhooks.signatures import Headers
from plimsoll.store.merge import Observation, Series

# An alert that fires again this soon after its end is the same incident, reopened.
FLAP_GAP_S = 300.0


def normalise(body: object, headers: Headers, settings: Settings, received_at: datetime) -> Applied | Ignored:
    """Return an incident for each alert; the group's own status says nothing about its members."""
    if reading.text(body, "groupKey") is None:
        return Ignored("no groupKey: the body is not Alertmanager's own (a payload template changes it)")
    gap = _gap(settings)
    alerts = [alert for alert in reading.items(body, "alerts") if isinstance(alert, Mapping)]
    incidents = [incident for alert in alerts if (incident := _incident(alert, body, settings, gap))]
    if not incidents:
        return Ignored("no alert of the message is firing or resolved")
    cut_off = reading.whole(body, "truncatedAlerts") or 0
    return Applied(incidents, f"{cut_off} alerts were cut off by the sender (its max_alerts)" if cut_off else "")


def _gap(settings: Settings) -> timedelta:
    gap = settings.get("flap_gap_s")
    is_number = isinstance(gap, (int, float)) and not isinstance(gap, bool) and 0 <= gap <= 86400
    return timedelta(seconds=gap if is_number else FLAP_GAP_S)  # type: ignore[arg-type]


def _incident(alert: Mapping[str, Any], body: object, settings: Settings, gap: timedelta) -> Observation | None:
    status = reading.text(alert, "status")
    if status not in ("firing", "resolved"):
        return None
    fingerprint = reading.required(alert, "fingerprint")
    opened_at = reading.required_time(alert, "startsAt")
    fields: dict[str, object] = {"opened_at": opened_at, "status": "open", "resolved_at": None}
    # `endsAt` of a firing alert is zero or an estimate.
    if status == "resolved":
        fields |= {"status": "resolved", "resolved_at": reading.required_time(alert, "endsAt")}
    ended_at = fields["resolved_at"]
    return Observation(
        "incident",
        f"{fingerprint}@{_instant(opened_at)}",
        ended_at if isinstance(ended_at, datetime) else opened_at,
        fields | _about(alert, body, settings),
        rank=1 if status == "resolved" else 0,
        series=Series(fingerprint, gap),
    )


def _about(alert: Mapping[str, Any], body: object, settings: Settings) -> dict[str, object]:
    labels, notes = reading.table(alert, "labels"), reading.table(alert, "annotations")
    namespace = reading.name(labels, "namespace")
    explicit = reading.name(labels, "service") or reading.name(labels, "app")
    service = naming.service(settings, explicit, namespace, reading.name(labels, "job"))
    title = reading.text(notes, "summary") or reading.text(labels, "alertname")
    said: dict[str, object] = {
        "title": reading.line(title),
        "services": [service] if service else None,
        "namespace": namespace,
        "severity": reading.text(labels, "severity"),
        "cluster": reading.name(labels, "cluster"),
        "url": reading.text(alert, "generatorURL") or reading.text(body, "externalURL"),
    }
    environment = reading.name(labels, "environment") or reading.name(labels, "env")
    if place := naming.place(settings, environment):
        said |= place.fields()
    return {name: value for name, value in said.items() if value is not None}


def _instant(at: datetime) -> str:
    """Return a time as the external id spells it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _authenticate(body: bytes, headers: Headers, secrets: Sequence[str], settings: Settings, now: float) -> bool:
    return signatures.bearer_or_basic(headers, secrets)


def _key(body: object, headers: Headers) -> str:
    # The same body again is only a heartbeat.
    return ""


def _event(body: object, headers: Headers) -> str:
    return (reading.text(body, "status") or "")[:100]


ALERTMANAGER = Provider(
    name="alertmanager",
    authenticate=_authenticate,
    key=_key,
    event=_event,
    normalise=normalise,
    settings=frozenset({"flap_gap_s"}),
    proof="authorization",
)
