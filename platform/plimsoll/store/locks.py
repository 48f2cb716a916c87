"""Advisory locks of PostgreSQL: who works on what, over all processes and machines, without a clock.

A lock belongs to a connection, so it goes the moment its holder dies. `objid` is the CRC-32 of a name, `classid` the
kind; a collision of two names would make one job wait for another, nothing worse.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class Kind(IntEnum):
    """What a lock is about."""

    JOB = 0x504C_0001
    PRESENCE = 0x504C_0002
    PARTITION = 0x504C_0003
    SCHEMA = 0x504C_0004
    SOURCE = 0x504C_0005
    CATALOG = 0x504C_0006
    PEOPLE = 0x504C_0007
    SIGN_IN = 0x504C_0008


def number(name: str) -> int:
    """Return the second half of a lock's key, a signed 32-bit integer."""
    crc = zlib.crc32(name.encode())
    return crc - (1 << 32) if crc >= 1 << 31 else crc


@contextmanager
def attempt(kind: Kind, name: str) -> Iterator[bool]:
    """Hold a lock for as long as the block runs, if nobody else has it; yields whether it was free."""
    key = [kind.value, number(name)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        (is_mine,) = cursor.fetchone() or (False,)
    try:
        yield is_mine
    finally:
        # A connection that was closed in between has let go already.
        if is_mine and connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def hold(kind: Kind, name: str) -> None:
    """Wait for a lock and hold it to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [kind.value, number(name)])


def holders(kind: Kind, name: str) -> int:
    """Return how many connections to this database hold a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*)
            FROM pg_locks
            WHERE locktype = 'advisory'
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND classid = %s::bigint::oid
                AND objid = (%s::bigint & 4294967295)::oid
                AND objsubid = 2
                AND granted
            """,
            [kind.value, number(name)],
        )
        (count,) = cursor.fetchone() or (0,)
    return int(count)
