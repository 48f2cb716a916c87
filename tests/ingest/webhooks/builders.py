"""Senders for tests: bodies signed as the providers sign them, posted to the real endpoint, read back from tables."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.test import Client

from ingest.webhooks import normalise
from plimsoll.store.models import Change, Deployment, Incident, Release, Source, WebhookDelivery
from plimsoll.store.sources import add_source

SECRET = "s3cr3t"
STANDARD_SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
MODELS = {"deployment": Deployment, "change": Change, "incident": Incident, "release": Release}


@dataclass
class Answer:
    """What the endpoint answered."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass
class Sender:
    """A sender with a source of its own."""

    source: Source
    client: Client = field(default_factory=Client)
    sent: int = 0

    @property
    def path(self) -> str:
        return f"/hooks/{self.source.provider}/{self.source.public_id}"

    def post(self, raw: bytes, headers: Mapping[str, str]) -> Answer:
        """Post exactly these bytes and headers."""
        kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "application/json")
        response = self.client.post(self.path, data=raw, content_type=kind, headers=dict(headers))
        parsed = json.loads(response.content) if response.content else None
        return Answer(response.status_code, parsed, response.headers)

    def send(self, body: object, headers: Mapping[str, str] | None = None) -> Answer:
        """Serialise a body once, sign those bytes, and post them."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.sent += 1
        return self.post(raw, self.signed(raw, headers or {}))

    def signed(self, raw: bytes, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the headers with what proves the sender."""
        own = dict(headers)
        if self.source.provider == "github":
            own |= {"X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()}
        elif self.source.provider == "alertmanager":
            own |= {"Authorization": f"Bearer {SECRET}"}
        else:
            own |= standard_headers(raw, own.get("webhook-id", f"msg_{self.sent}"))
        return own


def sender(provider: str, settings: Mapping[str, object] | None = None, *, name: str = "test") -> Sender:
    """Return a sender whose source has a secret."""
    secret = STANDARD_SECRET if provider == "generic" else SECRET
    return Sender(add_source(provider, name, secret=secret, settings=settings))


def github(event: str, *, delivery: str = "", **headers: str) -> dict[str, str]:
    """Return GitHub's headers for an event; without a delivery id every call makes a new one."""
    identity = delivery or f"{event}-{time.monotonic_ns()}"
    return {"X-GitHub-Event": event, "X-GitHub-Delivery": identity, "Content-Type": "application/json", **headers}


def standard_headers(raw: bytes, message_id: str, *, at: float | None = None) -> dict[str, str]:
    """Return the headers of Standard Webhooks."""
    stamp = str(int(time.time() if at is None else at))
    key = base64.b64decode(STANDARD_SECRET.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"{message_id}.{stamp}.".encode() + raw, "sha256")).decode()
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}


def normalised() -> int:
    """Run the worker's side."""
    return normalise.run()


def outcomes() -> list[tuple[str, str]]:
    """Return status and result of all deliveries, in the order they came."""
    return list(WebhookDelivery.objects.order_by("id").values_list("status", "result"))


def records() -> list[dict[str, Any]]:
    """Return all records that are not told by another one, in canonical names."""
    return [
        _canonical(kind, row)
        for kind, model in MODELS.items()
        for row in model._default_manager.filter(is_deleted=False).order_by("external_id")
    ]


def _canonical(kind: str, row: Any) -> dict[str, Any]:
    shown = {name: value for name, value in vars(row).items() if not name.startswith("_")} | {"kind": kind}
    if kind in ("deployment", "incident"):
        shown["environment"] = row.environment.name if row.environment else None
        shown["environment_class"] = row.environment.environment_class if row.environment else None
    if kind == "deployment":
        shown["service"] = row.service.name if row.service else None
    if kind == "incident":
        shown["services"] = sorted(service.name for service in row.services.all())
        shown["service"] = shown["services"][0] if len(shown["services"]) == 1 else None
    return shown


def matches(shown: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    """Return whether a record has every expected value; times are compared as instants."""
    return all(name in shown and _same(shown[name], value) for name, value in expected.items())


def _same(shown: object, expected: object) -> bool:
    if isinstance(shown, datetime) and isinstance(expected, str):
        return shown == datetime.fromisoformat(expected)
    return shown == expected
