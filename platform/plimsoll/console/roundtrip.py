"""A real span and a real signed webhook, sent through the front doors and waited for at the other end."""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import grpc
from django.conf import settings
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span

from plimsoll.console.findings import Finding
from plimsoll.store.access import new_token
from plimsoll.store.models import Deployment, Token
from plimsoll.store.sources import add_source

# The names under which the check appears, in an environment that counts as no production.
NAME = "plimsoll-check"
SERVER = "plimsoll-check-server"

_EVERY_S = 0.1


def span(timeout_s: float) -> Finding:
    """Send the two halves of a call over gRPC and wait for its edge on the API."""
    with _token() as token:
        before = _observed(token)
        began = time.monotonic()
        try:
            _export(token, timeout_s)
        except grpc.RpcError as error:
            code = error.code().name if isinstance(error, grpc.Call) else "no answer"
            detail = error.details() if isinstance(error, grpc.Call) else ""
            return Finding("span", "problem", f"refused: {code} {detail}", "see the receiver's log")
        if not _within(timeout_s, lambda: _observed(token) > before):
            return Finding("span", "problem", f"accepted, not visible after {timeout_s:g} s", "see the receiver's log")
    return Finding("span", "ok", f"sent, visible after {time.monotonic() - began:.1f} s")


def webhook(timeout_s: float) -> Finding:
    """Post a signed deployment, wait for it on the API, and remove it."""
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"
    source = add_source("generic", f"{NAME}-{secrets.token_hex(4)}", secret=secret)
    try:
        with _token() as token:
            began = time.monotonic()
            status, said = _post(f"/hooks/generic/{source.public_id}", secret, _deployment(source.public_id))
            if status != 202:
                return Finding("webhook", "problem", f"refused: {status} {said[:200]}", "see the web process's log")
            if not _within(timeout_s, lambda: _is_deployed(token, source.public_id)):
                text = f"accepted, not visible after {timeout_s:g} s"
                return Finding("webhook", "problem", text, "see the worker's log")
        return Finding("webhook", "ok", f"signed and sent, visible after {time.monotonic() - began:.1f} s")
    finally:
        Deployment.objects.filter(source=source).delete()
        source.delete()


@contextmanager
def _token() -> Iterator[str]:
    """Make a token for the check alone, and remove it after it."""
    until = datetime.now(UTC) + timedelta(minutes=10)
    clear = new_token(NAME, ["ingest", "read"], environment=NAME, expires_at=until)
    try:
        yield clear
    finally:
        Token.objects.filter(prefix=clear[: clear.index("_", 4)]).delete()


def _within(timeout_s: float, is_so: Callable[[], bool]) -> bool:
    """Wait until something is so; False when it is not within the time."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_EVERY_S)
    return True


def _export(token: str, timeout_s: float) -> None:
    trace = secrets.token_bytes(16)
    client = _span(Span.SPAN_KIND_CLIENT, trace)
    server = _span(Span.SPAN_KIND_SERVER, trace, parent=client.span_id)
    request = ExportTraceServiceRequest(resource_spans=[_of(NAME, client), _of(SERVER, server)])
    # The server is this installation's own: no proxy is asked.
    options = [("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(str(settings.OTLP_GRPC.reachable), options) as channel:
        # Generated code has no types.
        stub: Any = TraceServiceStub(channel)  # type: ignore[no-untyped-call]
        stub.Export(request, timeout=timeout_s, metadata=[("authorization", f"Bearer {token}")])


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


def _observed(token: str) -> float:
    """Return how many records the API shows behind the check's edges."""
    rows = _rows("/api/v1/topology/edges/", {"environment": NAME}, token)
    return sum(float(str(row["observed"])) for row in rows if SERVER in (row["client"], row["server"]))


def _is_deployed(token: str, external_id: str) -> bool:
    rows = _rows("/api/v1/deployments/", {"environment": NAME}, token)
    return any(row["external_id"] == external_id for row in rows)


def _rows(path: str, query: Mapping[str, str], token: str) -> list[dict[str, object]]:
    status, said = _request("GET", f"{path}?{urlencode(query)}", headers={"Authorization": f"Bearer {token}"})
    if status != 200:
        return []
    rows: list[dict[str, object]] = json.loads(said)["results"]
    return rows


def _deployment(external_id: str) -> bytes:
    now = datetime.now(UTC).isoformat()
    deployment = {
        "kind": "deployment",
        "external_id": external_id,
        "service": NAME,
        "environment": NAME,
        "environment_class": "other",
        "version": "check",
        "status": "success",
        "started_at": now,
        "finished_at": now,
    }
    return json.dumps(deployment).encode()


def _post(path: str, secret: str, body: bytes) -> tuple[int, str]:
    """Post a body signed as the Standard Webhooks have it."""
    identity, at = f"msg_{secrets.token_hex(8)}", str(int(time.time()))
    signed = b".".join((identity.encode(), at.encode(), body))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{signature}",
    }
    return _request("POST", path, body, headers)


def _request(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    where = settings.WEB.reachable
    connection = http.client.HTTPConnection(where.host, where.port, timeout=10)
    try:
        connection.request(method, path, body or None, {"Accept": "application/json", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()
