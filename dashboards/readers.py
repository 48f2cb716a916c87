"""Who asks: the reader behind a request's token, or a visitor of the same machine (`PLIMSOLL_VIEWER`)."""

import base64
import binascii
from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

from plimsoll.store.access import MARK, allows, token_for
from plimsoll.store.models import Token

# Both, so that a browser asks for the token as a password and a program sees that Bearer is welcome.
CHALLENGE = 'Basic realm="Plimsoll", charset="UTF-8", Bearer realm="Plimsoll"'

# Parameters that tools like to put tokens into.
_TOKEN_PARAMETERS = frozenset({"token", "access_token", "api_token", "api_key", "apikey", "bearer", "authorization"})
# Set by proxies: then the address we see is the proxy's, not the visitor's.
_PROXY_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may ask: what for, for which team's rows (None: all), and the name under which asking is limited."""

    key: str
    token: Token | None
    team: int | None = None

    def may(self, scope: str) -> bool:
        """Whether the reader has the scope."""
        return scope == "read" if self.token is None else allows(self.token, scope)


def reader_of(request: HttpRequest) -> Reader | None:
    """Return who asks, or None when the request says nothing valid about it.

    A wrong token is never mended by sitting at the same machine: what was sent on purpose is judged alone.
    """
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if header:
        token = token_for(clear) if (clear := _clear(header)) else None
        return None if token is None else Reader(f"token {token.pk}", token, token.team_id)
    if settings.VIEWER_ON_LOOPBACK and is_local(request):
        return Reader(address(request), None)
    return None


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
