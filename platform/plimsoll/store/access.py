"""Tokens: who may send and who may read.

A token is shown once. What is kept is its SHA-256, so that a copy of the database opens nothing, and its prefix, so
that people can tell tokens apart (reliability, section 5).
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from plimsoll.errors import PlimsollError
from plimsoll.store.models import Team, Token
from plimsoll.store.teams import team_named

SCOPES = ("ingest", "read", "write", "admin")

MARK = "plm_"
# Longer than any token we make: what is longer is refused before it is hashed.
_LONGEST = 128
_USE_NOTED_EVERY = timedelta(minutes=1)


def new_token(
    name: str,
    scopes: Iterable[str],
    team: Team | str | None = None,
    cluster: str = "",
    environment: str = "",
    expires_at: datetime | None = None,
) -> str:
    """Make a token and return it in clear, for the only time; `team` may be a slug.

    `cluster` and `environment` are the defaults for telemetry that does not name its own.
    """
    wanted = sorted(set(scopes))
    if not name.strip():
        raise PlimsollError("A token needs a name, for example the tool that will use it.")
    if not wanted or not set(wanted) <= set(SCOPES):
        raise PlimsollError(
            f"A token's scope is one or more of {', '.join(SCOPES)}, not {', '.join(wanted) or 'none'}."
        )
    prefix = f"{MARK}{secrets.token_hex(4)}"
    clear = f"{prefix}_{secrets.token_urlsafe(32)}"
    Token.objects.create(
        name=name.strip(),
        prefix=prefix,
        digest=_digest(clear),
        scopes=wanted,
        team=team_named(team) if isinstance(team, str) else team,
        cluster=cluster,
        environment=environment,
        expires_at=expires_at,
    )
    return clear


def token_for(clear: str) -> Token | None:
    """Return the token that `clear` opens, or None when there is none, or it has expired or was revoked.

    The look-up is by digest, so its time says nothing about how much of a guess was right. `last_used_at` is written at
    most once a minute.
    """
    if not clear.startswith(MARK) or len(clear) > _LONGEST:
        return None
    now = timezone.now()
    alive = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))
    token = Token.objects.select_related("team").filter(alive, digest=_digest(clear)).first()
    if token is not None:
        _note_use(token, now)
    return token


def allows(token: Token, scope: str) -> bool:
    """Whether the token has the scope; admin implies read and write, but never ingest."""
    return scope in token.scopes or (scope in ("read", "write") and "admin" in token.scopes)


def _note_use(token: Token, now: datetime) -> None:
    """Write down that the token was used, unless that was done less than a minute ago."""
    stale = now - _USE_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at <= stale:
        # The same condition in the statement: of several requests at once only the first one writes.
        due = Q(last_used_at=None) | Q(last_used_at__lte=stale)
        Token.objects.filter(due, pk=token.pk).update(last_used_at=now)
        token.last_used_at = now


def _digest(clear: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(clear.encode("utf-8", "replace")).digest()
