"""Who may send telemetry, and what a source says where its telemetry is silent."""

import asyncio
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from ingest.mesh.dialect import Context
from plimsoll.errors import PlimsollError, Unavailable
from plimsoll.store.access import token_for

_REMEMBERED_S = 10.0
_MOST_REMEMBERED = 1_000


class Unauthenticated(PlimsollError):
    """No token, or one that is not (or no longer) known."""


class Forbidden(PlimsollError):
    """The token may not send telemetry."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An ingest source: usually one cluster."""

    source: str
    cluster: str = "default"
    environment: str = ""

    def context(self, namespaces: set[str]) -> Context:
        """Return what dialects need to know of the source."""
        return Context(self.cluster, self.environment, namespaces)


OPEN = Caller("open")


class Callers:
    """Looks tokens up, and remembers them for ten seconds."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Caller]] = {}

    async def caller(self, authorization: str) -> Caller:
        """Return who sends. Raises Unauthenticated, Forbidden or Unavailable."""
        scheme, _, clear = authorization.strip().partition(" ")
        clear = clear.strip()
        if not clear or scheme.casefold() != "bearer":
            if settings.OTLP_AUTH == "open":
                return OPEN
            raise Unauthenticated(
                "Send the metadata `authorization: Bearer <token>`; "
                "make a token with `plimsoll token new NAME --scope ingest`."
            )
        known = self._known.get(clear)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        caller = await asyncio.to_thread(_look_up, clear)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[clear] = time.monotonic() + _REMEMBERED_S, caller
        return caller


def _look_up(clear: str) -> Caller:
    close_old_connections()
    try:
        token = token_for(clear)
    except DatabaseError as error:
        raise Unavailable("The database is away; send again.") from error
    finally:
        close_old_connections()
    if token is None:
        raise Unauthenticated("The token is not known, has expired or was revoked.")
    if "ingest" not in token.scopes:
        raise Forbidden(
            f"The token {token.prefix}… lacks the scope ingest; make one with `plimsoll token new NAME --scope ingest`."
        )
    return Caller(f"token:{token.pk}", token.cluster or "default", token.environment)
