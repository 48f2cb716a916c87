"""Tests of the way in: a real span and real signed webhooks, sent through the front doors of the running server.

What they say is of `plimsoll-check`, in an environment that is no production: no metric counts it. Deployments and
incidents are removed again.
"""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import grpc
from django.conf import settings
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span

from plimsoll.store import environments, refusals
from plimsoll.store.access import new_token
from plimsoll.store.models import Deployment, Incident, Refusal, Source, Team, Token, WebhookDelivery
from plimsoll.store.sources import secrets_of

# The names under which a test appears, in an environment that counts as no production.
NAME: Final = environments.TEST
SERVER: Final = "plimsoll-check-server"

_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Trip:
    """How a test went: it arrived after `took_s`, was refused, or was accepted and never seen."""

    outcome: Literal["arrived", "refused", "unseen"]
    took_s: float = 0.0
    # what the server said to a refusal
    status: str = ""
    said: str = ""


def span(timeout_s: float) -> Trip:
    """Send the two halves of a call over gRPC and wait until its edge is written."""
    with token(["ingest"], environment=NAME) as clear:
        before, began = _spans_of(clear), time.monotonic()
        try:
            _export(clear, timeout_s)
        except grpc.RpcError as error:
            is_answer = isinstance(error, grpc.Call)
            return Trip(
                "refused",
                status=error.code().name if is_answer else "",
                said=error.details() or "" if is_answer else "no answer",
            )
        if not within(timeout_s, lambda: _spans_of(clear) > before):
            return Trip("unseen", timeout_s)
    return Trip("arrived", time.monotonic() - began)


def webhook(source: Source, timeout_s: float) -> Trip:
    """Post what the source's own kind of sender would post, wait until the worker has read it, and remove it."""
    identity = f"{NAME}-{secrets.token_hex(6)}"
    began, at = time.monotonic(), datetime.now(UTC)
    status, said = _delivered(source, identity)
    if status not in (200, 202):
        return Trip("refused", status=str(status or ""), said=said[:200])
    try:
        is_seen = within(timeout_s, lambda: _is_read(source, at))
    finally:
        Deployment.objects.filter(source=source, environment__name=NAME).delete()
        Incident.objects.filter(source=source, environment__name=NAME).delete()
    return Trip("arrived", time.monotonic() - began) if is_seen else Trip("unseen", timeout_s)


def can_test(provider: str) -> bool:
    """Whether it is known how a kind of sender posts."""
    return provider in _REQUESTS


def _delivered(source: Source, identity: str) -> tuple[int, str]:
    known = secrets_of(source)
    path = f"/hooks/{source.provider}/{source.public_id}"
    if known:
        body, headers = _REQUESTS[source.provider](identity, known[0])
        return request("POST", path, body, headers)
    with token(["write"], team=source.team) as clear:
        body, headers = _REQUESTS[source.provider](identity, "")
        return request("POST", path, body, headers | {"Authorization": f"Bearer {clear}"})


def _is_read(source: Source, since: datetime) -> bool:
    mine = WebhookDelivery.objects.filter(
        source=source, received_at__gte=since - timedelta(minutes=1), headers__contains={"user-agent": NAME}
    )
    return mine.exists() and not mine.filter(status="pending").exists()


def latest_refusal(source: Source) -> Refusal | None:
    """Return why the source's last request was refused, None when none was."""
    return next(iter(refusals.latest([refusals.sender_of(source)], 1)), None)


@contextmanager
def token(scopes: list[str], *, environment: str = "", team: Team | None = None) -> Iterator[str]:
    """Make a token for a test alone, and remove it after it."""
    until = datetime.now(UTC) + timedelta(minutes=10)
    clear = new_token(NAME, scopes, team=team, environment=environment, expires_at=until)
    try:
        yield clear
    finally:
        Token.objects.filter(prefix=clear[: clear.index("_", 4)]).delete()


def within(timeout_s: float, is_so: Callable[[], bool]) -> bool:
    """Wait until something is so; False when it is not within the time."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_EVERY_S)
    return True


def request(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Ask this server's own web process; status 0 when it does not answer."""
    where = settings.WEB.reachable
    connection = http.client.HTTPConnection(where.host, where.port, timeout=10)
    try:
        own = {"Accept": "application/json", "Host": _allowed_host()}
        connection.request(method, path, body or None, {**own, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()


def _allowed_host() -> str:
    """Return a name that the web process answers to: PLIMSOLL_HOSTS may leave out the address that we ask at."""
    host: str = settings.ALLOWED_HOSTS[0]
    return "localhost" if host == "*" else host.removeprefix(".")


def _export(clear: str, timeout_s: float) -> None:
    trace = secrets.token_bytes(16)
    client = _span(Span.SPAN_KIND_CLIENT, trace)
    server = _span(Span.SPAN_KIND_SERVER, trace, parent=client.span_id)
    sent = ExportTraceServiceRequest(resource_spans=[_of(NAME, client), _of(SERVER, server)])
    # The server is this installation's own: no proxy is asked.
    options = [("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(str(settings.OTLP_GRPC.reachable), options) as channel:
        # Generated code has no types.
        stub: Any = TraceServiceStub(channel)  # type: ignore[no-untyped-call]
        stub.Export(sent, timeout=timeout_s, metadata=[("authorization", f"Bearer {clear}")])


def _span(kind: Span.SpanKind.ValueType, trace: bytes, parent: bytes = b"") -> Span:
    now = time.time_ns()
    return Span(
        trace_id=trace,
        span_id=secrets.token_bytes(8),
        parent_span_id=parent,
        kind=kind,
        name="GET",
        start_time_unix_nano=now - 2_000_000,
        end_time_unix_nano=now,
    )


def _of(service: str, one: Span) -> ResourceSpans:
    """Return a span as the OpenTelemetry SDK of a service would send it."""
    sent = ResourceSpans()
    for key, value in (("service.name", service), ("deployment.environment.name", NAME)):
        sent.resource.attributes.add(key=key).value.string_value = value
    for key, value in (("http.request.method", "GET"), ("url.scheme", "http")):
        one.attributes.add(key=key).value.string_value = value
    one.attributes.add(key="http.response.status_code").value.int_value = 200
    sent.scope_spans.add(spans=[one])
    return sent


def _spans_of(clear: str) -> int:
    """Return how many spans are written that came with a token."""
    from plimsoll.store.queries.setup import spans_of

    return spans_of(Token.objects.get(prefix=clear[: clear.index("_", 4)]).pk)


Request = tuple[bytes, dict[str, str]]


def _headers(**more: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "User-Agent": NAME} | {
        name.replace("_", "-"): value for name, value in more.items()
    }


def generic(identity: str, secret: str) -> Request:
    """Return a deployment, signed as the Standard Webhooks have it when there is a secret."""
    now = datetime.now(UTC).isoformat()
    deployment = {
        "kind": "deployment",
        "external_id": identity,
        "service": NAME,
        "environment": NAME,
        "environment_class": "other",
        "version": "check",
        "status": "success",
        "started_at": now,
        "finished_at": now,
    }
    body = json.dumps(deployment).encode()
    at = str(int(time.time()))
    if not secret:
        return body, _headers(webhook_id=identity)
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    digest = hmac.digest(key, b".".join((identity.encode(), at.encode(), body)), hashlib.sha256)
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return body, _headers(webhook_id=identity, webhook_timestamp=at, webhook_signature=signature)


def _github(identity: str, secret: str) -> Request:
    """Return the ping that GitHub sends when a webhook is made."""
    body = json.dumps({"zen": "Half measures are as bad as nothing at all.", "hook_id": 0}).encode()
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return body, _headers(X_GitHub_Event="ping", X_GitHub_Delivery=identity, X_Hub_Signature_256=signature)


def _alertmanager(identity: str, secret: str) -> Request:
    """Return an alert that is over already."""
    now = datetime.now(UTC)
    alert = {
        "status": "resolved",
        "fingerprint": identity,
        "startsAt": (now - timedelta(seconds=1)).isoformat(),
        "endsAt": now.isoformat(),
        "labels": {"alertname": NAME, "service": NAME, "environment": NAME, "severity": "none"},
    }
    body = json.dumps({"version": "4", "groupKey": identity, "status": "resolved", "alerts": [alert]}).encode()
    return body, _headers(Authorization=f"Bearer {secret}")


_REQUESTS: Final[Mapping[str, Callable[[str, str], Request]]] = {
    "alertmanager": _alertmanager,
    "generic": generic,
    "github": _github,
}
