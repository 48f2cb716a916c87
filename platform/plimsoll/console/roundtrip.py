"""A real span and a real signed webhook, sent through the front doors and waited for at the other end."""

import base64
import json
import secrets
import time
from collections.abc import Mapping
from urllib.parse import urlencode

from plimsoll.console.findings import Finding
from plimsoll.setup import trips
from plimsoll.setup.trips import NAME, Trip
from plimsoll.store.models import Deployment, Refusal, Source
from plimsoll.store.refusals import sender_of
from plimsoll.store.sources import add_source

_TIME_SYNC = "turn on time synchronisation (timedatectl set-ntp true)"


def span(timeout_s: float) -> Finding:
    """Send the two halves of a call over gRPC and wait until they are written; the API shows no tests."""
    trip = trips.span(timeout_s)
    if trip.outcome == "refused":
        return Finding("span", "problem", f"refused: {trip.status} {trip.said}", "see the receiver's log")
    if trip.outcome == "unseen":
        return Finding("span", "problem", f"accepted, not visible after {timeout_s:g} s", "see the receiver's log")
    return Finding("span", "ok", f"sent, visible after {trip.took_s:.1f} s")


def webhook(timeout_s: float) -> Finding:
    """Post a signed deployment, wait for it on the API, and remove it."""
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
    source = add_source("generic", f"{NAME}-{secrets.token_hex(4)}", secret=secret)
    try:
        with trips.token(["read"]) as reading:
            began = time.monotonic()
            body, headers = trips.generic(source.public_id, secret)
            status, said = trips.request("POST", f"/hooks/generic/{source.public_id}", body, headers)
            if status != 202:
                return _refused(source, Trip("refused", status=str(status), said=said[:200]))
            if not trips.within(timeout_s, lambda: _is_deployed(reading, source.public_id)):
                text = f"accepted, not visible after {timeout_s:g} s"
                return Finding("webhook", "problem", text, "see the worker's log")
        return Finding("webhook", "ok", f"signed and sent, visible after {time.monotonic() - began:.1f} s")
    finally:
        Deployment.objects.filter(source=source).delete()
        Refusal.objects.filter(sender=sender_of(source)).delete()
        source.delete()


def _refused(source: Source, trip: Trip) -> Finding:
    """Return why a delivery was refused, as far as the server has noted it."""
    refusal = trips.latest_refusal(source)
    if refusal is not None and refusal.code == "clock":
        text = f"refused: this machine's clock is {_skew(int(refusal.reason))} the server's"
        return Finding("webhook", "problem", text, _TIME_SYNC)
    return Finding("webhook", "problem", f"refused: {trip.status} {trip.said}".rstrip(), "see the web process's log")


def _skew(seconds: int) -> str:
    amount = f"{abs(seconds) // 60} min" if abs(seconds) >= 120 else f"{abs(seconds)} s"
    return f"{amount} {'ahead of' if seconds > 0 else 'behind'}"


def _is_deployed(token: str, external_id: str) -> bool:
    rows = _rows("/api/v1/deployments/", {"environment": NAME}, token)
    return any(row["external_id"] == external_id for row in rows)


def _rows(path: str, query: Mapping[str, str], token: str) -> list[dict[str, object]]:
    headers = {"Authorization": f"Bearer {token}"}
    status, said = trips.request("GET", f"{path}?{urlencode(query)}", headers=headers)
    if status != 200:
        return []
    rows: list[dict[str, object]] = json.loads(said)["results"]
    return rows
