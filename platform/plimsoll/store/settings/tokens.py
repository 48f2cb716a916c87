"""Tokens: made, shown once, and taken back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from plimsoll.errors import PlimsollError
from plimsoll.store import notices
from plimsoll.store.access import new_token
from plimsoll.store.audit import Actor, audited
from plimsoll.store.models import Team, Token


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token in the list: never what opens anything."""

    id: int
    name: str
    prefix: str
    scopes: Sequence[str]
    team: int | None
    team_name: str
    cluster: str
    environment: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime
    is_expired: bool


def token_rows(limited_to: Collection[int] | None = None) -> list[TokenRow]:
    """Return the tokens, newest first and the revoked ones last, or those of the teams that the reader may see."""
    tokens = Token.objects.select_related("team").order_by("-created_at")
    if limited_to is not None:
        tokens = tokens.filter(team__in=limited_to)
    now = timezone.now()
    rows = [
        TokenRow(
            token.pk,
            token.name,
            token.prefix,
            token.scopes,
            token.team_id,
            token.team.name if token.team else "",
            token.cluster,
            token.environment,
            token.expires_at,
            token.last_used_at,
            token.revoked_at,
            token.created_at,
            token.expires_at is not None and token.expires_at <= now,
        )
        for token in tokens
    ]
    rows.sort(key=lambda row: row.revoked_at is not None)
    return rows


def token_team(pk: int) -> int | None:
    """Return whose a token is; PlimsollError when there is none."""
    found = Token.objects.filter(pk=pk).values_list("team_id").first()
    if found is None:
        raise PlimsollError(_("This token does not exist any more."))
    return found[0]


def make_token(
    actor: Actor,
    name: str,
    scopes: Sequence[str],
    team: Team | None = None,
    cluster: str = "",
    environment: str = "",
    expires_at: datetime | None = None,
) -> str:
    """Make a token and return it in clear, for the only time."""
    with audited(actor, "add", f"token {name}") as change:
        clear = new_token(name, scopes, team, cluster, environment, expires_at)
        change.target = f"token {clear[:12]} ({name})"
        change.after = {
            "scope": ", ".join(scopes),
            "team": team.slug if team else None,
            "cluster": cluster,
            "environment": environment,
            "expires_at": expires_at,
        }
    return clear


def revoke_token(actor: Actor, pk: int) -> str:
    """Take a token back at once, and return its name."""
    token = Token.objects.filter(pk=pk).first()
    if token is None:
        raise PlimsollError(_("This token does not exist any more."))
    with audited(actor, "revoke", f"token {token.prefix} ({token.name})"):
        if not Token.objects.filter(pk=pk, revoked_at=None).update(revoked_at=timezone.now()):
            raise PlimsollError(_("This token was revoked already."))
        notices.access_changed()
    return token.name
