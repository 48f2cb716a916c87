"""Why a request did not prove who sent it, for whoever sets the sender up; the sender itself is told nothing."""

from typing import NamedTuple

from ingest.webhooks.provider import Provider
from ingest.webhooks.signatures import WINDOW_S, Headers
from plimsoll.store import access
from plimsoll.store.models import Source


class Reason(NamedTuple):
    """A stable code, and what belongs to it: a header's name, seconds, or a token's prefix."""

    code: str
    detail: str = ""


def why_not(provider: Provider, source: Source, headers: Headers, now: float) -> Reason:
    """Return why a request that was refused with 401 was."""
    scheme, _, clear = headers.get("authorization", "").strip().partition(" ")
    if provider.accepts_token and scheme.lower() == "bearer":
        return _about_token(clear.strip(), source)
    if not source.secrets:
        return Reason("no_secret")
    if provider.proof and not headers.get(provider.proof, "").strip():
        return Reason("no_proof", provider.proof)
    if skew := _skew_s(headers, now):
        return Reason("clock", f"{skew:+d}")
    return Reason("mismatch", provider.proof)


def _about_token(clear: str, source: Source) -> Reason:
    token = access.token_for(clear)
    if token is None:
        return Reason("token_unknown")
    if not access.allows(token, "write"):
        return Reason("token_scope", token.prefix)
    return Reason("token_team" if token.team_id not in (None, source.team_id) else "mismatch", token.prefix)


def _skew_s(headers: Headers, now: float) -> int:
    """Return how far ahead of ours the sender's clock is, where that is too far for its signature; else 0."""
    stamp = headers.get("webhook-timestamp", "").strip()
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 15):
        return 0
    ahead = int(int(stamp) - now)
    return ahead if abs(ahead) > WINDOW_S else 0
