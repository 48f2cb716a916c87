"""Who asks: a person who has signed in, whoever has a token, or a visitor of the same machine (`PLIMSOLL_VIEWER`).

Whoever has roles in some teams only, sees only what belongs to these teams, one at a time, as a token of a team does.
"""

import base64
import binascii
from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from plimsoll.store import people, roles
from plimsoll.store.access import MARK, allows, token_for
from plimsoll.store.models import Token
from plimsoll.store.people import Person
from plimsoll.store.roles import ACTIONS, Action

# Both, so that a browser asks for the token as a password and a program sees that Bearer is welcome.
CHALLENGE = 'Basic realm="Plimsoll", charset="UTF-8", Bearer realm="Plimsoll"'

# Parameters that tools like to put tokens into.
_TOKEN_PARAMETERS = frozenset({"token", "access_token", "api_token", "api_key", "apikey", "bearer", "authorization"})
# Set by proxies: then the address we see is the proxy's, not the visitor's.
_PROXY_HEADERS = (
    "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP", "HTTP_FORWARDED",
    "HTTP_VIA",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may ask: a token, a person who has signed in, or (neither) a visitor of the same machine.

    `key` is the name under which asking is limited; `teams` are those whose rows the reader may see, None for all.
    `team` is the one of them that is shown now: whoever is limited to several teams sees one at a time.
    """

    key: str
    token: Token | None = None
    person: Person | None = None
    teams: frozenset[int] | None = None
    team: int | None = None

    def may(self, action: str, team: int | None = None) -> bool:
        """Whether the reader may do something, on what belongs to a team or (None) to the organisation.

        For tokens the action is a scope; people have the actions of `plimsoll.store.roles`.
        """
        if self.token is not None:
            return allows(self.token, action)
        if self.person is not None and (action, team) == ("read", None):
            return bool(self.person.grants)
        if self.person is not None:
            return action in ACTIONS and roles.may(self.person.grants, action, team)
        return action == "read"

    def may_somewhere(self, action: Action) -> bool:
        """Whether the reader is a person who may do something on what belongs to some team."""
        return self.person is not None and roles.may_somewhere(self.person.grants, action)

    def sees(self, team: int | None) -> bool:
        """Whether rows of a team, or (None) of nobody, are the reader's to see."""
        return self.teams is None or team in self.teams

    @property
    def name(self) -> str:
        """What the reader is called in the audit; empty for a visitor."""
        if self.person is not None:
            return self.person.name
        return f"token {self.token.prefix}" if self.token is not None else ""


def caller_of(request: HttpRequest) -> Reader | None:
    """Return who asks the API: by token, or as a visitor of the same machine; cookies are never looked at.

    A wrong token is never mended by sitting at the same machine: what was sent on purpose is judged alone.
    """
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if header:
        token = token_for(clear) if (clear := _clear(header)) else None
        return None if token is None else _of_token(token)
    if settings.VIEWER_ON_LOOPBACK and is_local(request):
        return Reader(address(request))
    return None


def reader_of(request: HttpRequest) -> Reader | None:
    """Return who asks for a page: whoever has signed in, else as for the API; None when nobody may know."""
    if request.META.get("HTTP_AUTHORIZATION"):
        return caller_of(request)
    return _signed_in(request) or caller_of(request)


def _signed_in(request: HttpRequest) -> Reader | None:
    """Return the person of the request's session, if it has one and they have any role."""
    if not hasattr(request, "session") or not (user := get_user(request)).is_authenticated:
        return None
    found = people.person(int(user.pk))
    if found is None or not found.grants:
        return None
    teams = roles.readable_teams(found.grants)
    team = None if teams is None else _shown(found, request)
    return Reader(f"user {found.id}", person=found, teams=teams, team=team)


def _shown(person: Person, request: HttpRequest) -> int | None:
    """Return the team that is shown to somebody with roles in teams alone: named in the address, or the first."""
    own = {role.slug: role.team for role in person.roles}
    named = [name for name in (*request.path.split("/"), *request.GET.getlist("team")) if name in own]
    return own[named[-1]] if named else next(iter(own.values()))


def _of_token(token: Token) -> Reader:
    teams = None if token.team_id is None else frozenset({token.team_id})
    return Reader(f"token {token.pk}", token, teams=teams, team=token.team_id)


def has_token_in_url(request: HttpRequest) -> bool:
    """Whether the query string carries a token: addresses end up in logs, so it must be thought lost."""
    return any(
        name.lower() in _TOKEN_PARAMETERS or any(value.startswith(MARK) for value in values)
        for name, values in request.GET.lists()
    )


def is_local(request: HttpRequest) -> bool:
    """Whether the visitor sits at this machine; never behind a proxy."""
    if any(name in request.META for name in _PROXY_HEADERS):
        return False
    try:
        return ip_address(address(request)).is_loopback
    except ValueError:
        return False


def address(request: HttpRequest) -> str:
    """Return the address of the other end."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _clear(header: str) -> str:
    """Return the token of an Authorization header: after `Bearer`, or as the password of `Basic`; else empty."""
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        user_and_password = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    return user_and_password.partition(":")[2]
