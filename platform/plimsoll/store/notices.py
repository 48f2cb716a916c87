"""Telling pages that something changed: names of topics only, never data, over PostgreSQL's NOTIFY.

What is told inside a transaction is heard when that has committed, so whoever asks then finds what changed.
"""

from datetime import datetime
from typing import Any, Final

import psycopg
from django.db import connection

from plimsoll.store.connections import Connection, parameters
from plimsoll.store.environments import TEST

# What pages can follow. A name means: some row behind pages of this kind may be another one now.
TOPICS: Final = ("metrics", "deployments", "incidents", "topology", "deliveries", "catalog")
# Not a page's business: somebody may have lost the right to listen.
ACCESS: Final = "access"
CHANNEL: Final = "plimsoll"

Listening = psycopg.AsyncConnection[Any]

_TELL: Final = "SELECT pg_notify(%s, %s)"
_PREPARE: Final = "SET statement_timeout = '5s'; SET application_name = 'plimsoll live'; LISTEN plimsoll"
# The first is `board.telemetry_through`, the second is `delivery.data_through`, by the index of pending deliveries:
# this is asked all day long.
_THROUGH: Final = """
SELECT
    (SELECT least(last.minute + interval '1 minute', now())
     FROM (SELECT max(minute) AS minute FROM edge_minute WHERE edge_id <> ALL (ARRAY(
        SELECT id FROM edge WHERE environment = %(test)s
     ))) AS last
     WHERE last.minute IS NOT NULL),
    coalesce(
        (SELECT min(pending.received_at)
         FROM (SELECT received_at FROM webhook_delivery WHERE status = 'pending' ORDER BY id OFFSET 0) AS pending),
        (SELECT max(received_at) FROM webhook_delivery)
    )
"""


def changed(*topics: str) -> None:
    """Tell all pages that follow these topics, when the transaction commits; ValueError for a topic there is not."""
    _tell(_payload(topics))


def access_changed() -> None:
    """Have all who listen ask anew whether they may: a token, a session or a screen was withdrawn."""
    _tell(ACCESS)


def tell(own: Connection, *topics: str) -> None:
    """Tell pages over a connection beside Django's."""
    own.execute(_TELL, [CHANNEL, _payload(topics)])


def _payload(topics: tuple[str, ...]) -> str:
    unknown = sorted(set(topics) - set(TOPICS))
    if unknown or not topics:
        raise ValueError(f"{', '.join(unknown) or 'Nothing'} is not a topic; there are {', '.join(TOPICS)}.")
    return " ".join(dict.fromkeys(topics))


def _tell(payload: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TELL, [CHANNEL, payload])


async def listening(*, patience_s: int = 5) -> Listening:
    """Return a new connection that hears what is told from now on; whoever asks for it closes it."""
    own = await psycopg.AsyncConnection.connect(**{"connect_timeout": patience_s, **parameters()}, autocommit=True)
    try:
        await own.execute(_PREPARE)
    except BaseException:
        await own.close()
        raise
    return own


async def data_through(own: Listening) -> tuple[datetime | None, datetime | None]:
    """Return until when telemetry and deliveries are in the figures; None for what never came."""
    row = await (await own.execute(_THROUGH, {"test": TEST})).fetchone()
    return (None, None) if row is None else (row[0], row[1])
