"""Connections beside Django's: for locks that are held long, and for who works in a thread or process of its own."""

from typing import Any

import psycopg
from django.db import connection

Connection = psycopg.Connection[Any]
# What Django adds for itself.
_DJANGOS = ("context", "cursor_factory")


def parameters() -> dict[str, Any]:
    """Return what psycopg needs to reach the database that Django uses, a test's database included."""
    # The type stubs know the general backend only.
    backend: Any = connection
    return {name: value for name, value in backend.get_connection_params().items() if name not in _DJANGOS}


def opened(*, patience_s: int = 10) -> Connection:
    """Return a new connection in autocommit; whoever asks for it closes it."""
    return psycopg.connect(**{"connect_timeout": patience_s, **parameters()}, autocommit=True)
