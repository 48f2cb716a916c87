"""How senders prove who they are: one small pure function per scheme (webhook-providers, section 3).

Each takes the raw body, the request's headers (names in lower case) and the active secrets, compares in constant time
and says yes or no. Schemes that sign a time also take `now` (Unix seconds) and refuse what is older than `window_s`.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

Headers = Mapping[str, str]
Secrets = Sequence[str]

WINDOW_S = 300.0

_SIGNED_TIME = re.compile(r"timestamp=(\d{1,15}),\s*signature=(.*)", re.ASCII)
_ALGORITHMS: Mapping[str, Callable[..., "hashlib._Hash"]] = {
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}


def hub(body: bytes, headers: Headers, secrets: Secrets, *, header: str = "x-hub-signature-256") -> bool:
    """`sha256=<hex>` over the body; SHA-1 is never accepted."""
    scheme, _, claimed = _value(headers, header).partition("=")
    return scheme == "sha256" and _matches(claimed, body, secrets)


def bare_hex(body: bytes, headers: Headers, secrets: Secrets, *, header: str) -> bool:
    """`<hex>` over the body."""
    return _matches(_value(headers, header), body, secrets)


def timed_hex(
    body: bytes,
    headers: Headers,
    secrets: Secrets,
    *,
    header: str,
    time_header: str,
    now: float,
    window_s: float = WINDOW_S,
) -> bool:
    """`<hex>` over `<time>:<body>`, the time in a header of its own (Grafana)."""
    time = _value(headers, time_header)
    return _is_recent(time, now, window_s) and _matches(_value(headers, header), f"{time}:".encode() + body, secrets)


def version_list(body: bytes, headers: Headers, secrets: Secrets, *, header: str) -> bool:
    """`v1=<hex>[,v1=<hex>...]` over the body: any match wins, unknown versions are skipped."""
    claims = [part.strip().partition("=") for part in _value(headers, header).split(",")]
    return _one_of(version == "v1" and _matches(claimed, body, secrets) for version, _, claimed in claims)


def time_and_signature(
    body: bytes, headers: Headers, secrets: Secrets, *, header: str, now: float, window_s: float = WINDOW_S
) -> bool:
    """`timestamp=<s>,signature=<hex>` over `<s>.<body>` (Buildkite)."""
    parts = _SIGNED_TIME.fullmatch(_value(headers, header))
    if parts is None or not _is_recent(parts[1], now, window_s):
        return False
    return _matches(parts[2].strip(), f"{parts[1]}.".encode() + body, secrets)


def algorithm_hex(body: bytes, headers: Headers, secrets: Secrets, *, header: str = "x-signature") -> bool:
    """`<algorithm>=<hex>` over the body; sha256, sha384 and sha512 (Flux)."""
    algorithm, _, claimed = _value(headers, header).partition("=")
    return algorithm in _ALGORITHMS and _matches(claimed, body, secrets, algorithm)


def standard(body: bytes, headers: Headers, secrets: Secrets, *, now: float, window_s: float = WINDOW_S) -> bool:
    """Standard Webhooks: `v1,<base64>` (a list, by spaces) over `<id>.<time>.<body>`; the key is `whsec_<base64>`."""
    message_id, time = _value(headers, "webhook-id"), _value(headers, "webhook-timestamp")
    if not message_id or not _is_recent(time, now, window_s):
        return False
    signed = f"{message_id}.{time}.".encode() + body
    claims = [part.partition(",") for part in _value(headers, "webhook-signature").split()]
    expected = [base64.b64encode(hmac.digest(_standard_key(secret), signed, "sha256")) for secret in secrets]
    return _one_of(
        version == "v1" and hmac.compare_digest(claimed.encode(), right)
        for version, _, claimed in claims
        for right in expected
    )


def token(headers: Headers, secrets: Secrets, *, header: str) -> bool:
    """The header equals the secret."""
    return _is_secret(_value(headers, header), secrets)


def bearer_or_basic(headers: Headers, secrets: Secrets) -> bool:
    """`Authorization: Bearer <secret>`, or Basic with the secret as password and any user."""
    scheme, _, credentials = _value(headers, "authorization").partition(" ")
    if scheme.lower() == "bearer":
        return _is_secret(credentials.strip(), secrets)
    if scheme.lower() == "basic":
        return _is_secret(_password(credentials.strip()), secrets)
    return False


def _value(headers: Headers, name: str) -> str:
    return headers.get(name.lower(), "").strip()


def _one_of(answers: Iterable[bool]) -> bool:
    """Return whether one is true. All are asked, so that the time taken does not tell which one it was."""
    return sum(answers) > 0


def _matches(claimed: str, signed: bytes, secrets: Secrets, algorithm: str = "sha256") -> bool:
    given = claimed.strip().lower().encode("utf-8", "replace")
    rights = [hmac.new(secret.encode(), signed, _ALGORITHMS[algorithm]).hexdigest().encode() for secret in secrets]
    return _one_of(hmac.compare_digest(given, right) for right in rights)


def _is_secret(given: str, secrets: Secrets) -> bool:
    offered = given.encode("utf-8", "replace")
    return bool(offered) and _one_of(hmac.compare_digest(offered, secret.encode()) for secret in secrets)


def _is_recent(time: str, now: float, window_s: float) -> bool:
    return time.isascii() and time.isdigit() and len(time) <= 15 and abs(now - int(time)) <= window_s


def _standard_key(secret: str) -> bytes:
    """Return the bytes of a `whsec_` secret; another kind of secret is its own key."""
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return secret.encode()


def _password(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
