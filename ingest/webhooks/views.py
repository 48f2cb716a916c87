"""The door for webhooks: authenticate the raw bytes, store them, answer; everything else is the worker's."""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from ingest.webhooks import providers
from ingest.webhooks.bodies import Refused, document, too_large, unpacked
from ingest.webhooks.provider import Fault, Provider, delivery_key, kept_headers
from ingest.webhooks.reasons import why_not
from plimsoll.errors import PlimsollError
from plimsoll.store import access, deliveries, refusals, sources
from plimsoll.store.models import Source

log = logging.getLogger(__name__)

RETRY_AFTER_S = 5


@csrf_exempt
def deliver(request: HttpRequest, provider: str, public_id: str) -> HttpResponse:
    """Take one delivery (webhook-providers, section 1): 202 when it is stored, and only then."""
    if request.method != "POST":
        response = _problem(405, "method_not_allowed", "Deliveries are sent with POST.")
        response["Allow"] = "POST"
        return response
    known = providers().get(provider)
    try:
        source = sources.source_of(provider, public_id) if known and "\x00" not in public_id else None
        if known is None or source is None:
            return _problem(404, "unknown_source", "No source has this address.")
        return _answered(request, known, source)
    except (OperationalError, InterfaceError):
        return _unavailable("The database is away; send this again.")


def _unavailable(detail: str) -> HttpResponse:
    response = _problem(503, "unavailable", detail)
    response["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _answered(request: HttpRequest, provider: Provider, source: Source) -> HttpResponse:
    try:
        return _take(request, provider, source)
    except Refused as refused:
        _note(source, refused.code, str(refused))
        return _problem(refused.status, refused.code, str(refused))


def _note(source: Source, code: str, reason: str) -> None:
    """Keep why a request was not taken, for whoever sets the sender up."""
    refusals.note(refusals.sender_of(source), code, reason, datetime.now(UTC))


def _take(request: HttpRequest, provider: Provider, source: Source) -> HttpResponse:
    received_at = datetime.now(UTC)
    headers = {name.lower(): value for name, value in request.headers.items()}
    wire = _bounded(request, provider.limit)
    try:
        is_authentic = _is_authentic(provider, source, wire, headers)
    except PlimsollError as error:
        _note(source, "secret_unreadable", "")
        log.error("%s source %s: %s", provider.name, source.name, error)
        return _unavailable("What this source is signed with cannot be read here; send this again.")
    if not is_authentic:
        sources.count_refused(source)
        _note(source, *why_not(provider, source, headers, time.time()))
        return _unlogged(HttpResponse(status=401))
    raw = _unpacked(provider, wire, headers)
    body = document(raw, headers.get("content-type", ""), accepts_form=provider.accepts_form)
    if faults := provider.check(body, source.settings):
        _note(source, "invalid_record", f"{faults[0].pointer} {faults[0].detail}".strip())
        return _problem(422, "invalid_record", "The body does not follow /api/v1/schema/events/.", faults)
    ping = provider.ping(body, headers)
    key = delivery_key(provider, raw, body, headers)
    stored = deliveries.store(
        source,
        key,
        received_at=received_at,
        event=provider.event(body, headers),
        headers=kept_headers(provider, headers),
        body=raw,
        ignored=ping,
        ends=provider.ends(body),
    )
    if ping:
        sources.mark_verified(source)
        return JsonResponse({"status": "pong"})
    if stored is None:
        return _duplicate(source, key, raw)
    _ask()
    return JsonResponse({"status": "accepted", "id": str(stored)}, status=202)


def _bounded(request: HttpRequest, limit: int) -> bytes:
    """Return the raw body; one that says or turns out to be too large is refused."""
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > limit:
        raise too_large(limit)
    body = request.read(limit + 1)
    if len(body) > limit:
        raise too_large(limit)
    return body


def _unpacked(provider: Provider, wire: bytes, headers: Mapping[str, str]) -> bytes:
    return unpacked(wire, headers.get("content-encoding", ""), provider.limit)


def _is_authentic(provider: Provider, source: Source, wire: bytes, headers: Mapping[str, str]) -> bool:
    secrets = sources.secrets_of(source)
    if secrets and _is_signed(provider, source, wire, headers, secrets):
        return True
    if provider.accepts_token and _may_write(headers, source):
        return True
    return not secrets and source.settings.get("allow_unsigned") is True


def _is_signed(
    provider: Provider, source: Source, wire: bytes, headers: Mapping[str, str], secrets: Sequence[str]
) -> bool:
    """Whether the bytes are signed as they came or, packed, as they were before: senders do either."""
    now = time.time()
    if provider.authenticate(wire, headers, secrets, source.settings, now):
        return True
    if "content-encoding" not in headers:
        return False
    try:
        raw = _unpacked(provider, wire, headers)
    except Refused:
        return False
    return provider.authenticate(raw, headers, secrets, source.settings, now)


def _may_write(headers: Mapping[str, str], source: Source) -> bool:
    """Whether an API token of scope write came with the request; one of another team opens nothing."""
    scheme, _, clear = headers.get("authorization", "").strip().partition(" ")
    token = access.token_for(clear.strip()) if scheme.lower() == "bearer" else None
    return token is not None and access.allows(token, "write") and token.team_id in (None, source.team_id)


def _duplicate(source: Source, key: str, raw: bytes) -> HttpResponse:
    """Answer a delivery that is known. A key that comes with another body is somebody's mistake: the first is kept."""
    if deliveries.body_of(source, key) != raw:
        log.warning("Source %s sent another body under the delivery key %s; the first was kept.", source.name, key)
    return JsonResponse({"status": "duplicate"})


def _ask() -> None:
    """Have the delivery normalised soon. It is durable already: should the asking fail, the next catch-up finds it."""
    from plimsoll import jobs

    try:
        jobs.ask("normalise")
    except (OperationalError, InterfaceError):
        log.warning("A delivery is stored, but its normalisation could not be asked for; the catch-up will do it.")


def _problem(status: int, code: str, detail: str, faults: Sequence[Fault] = ()) -> HttpResponse:
    """Return an RFC 9457 problem document."""
    problem: dict[str, object] = {"type": "about:blank", "status": status, "code": code, "detail": detail}
    if faults:
        problem["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults]
    return _unlogged(JsonResponse(problem, status=status, content_type="application/problem+json"))


def _unlogged(response: HttpResponse) -> HttpResponse:
    """Keep Django from logging the path of a refusal: of senders that cannot sign, it is the secret.

    No secret belongs in a log (reliability, P14), and a stranger's attempts must not fill it.
    """
    setattr(response, "_has_been_logged", True)  # noqa: B010 - Django's own mark, unknown to the type checker
    return response
