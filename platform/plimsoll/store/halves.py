"""Halves of calls in the database: the shared part of joining (mesh-dialects, section 8.2).

Writers match one after the other, under one advisory lock held to the end of their transactions. So whoever comes
second sees all that the first one stored, no two halves can miss each other, and no sweep has to look for such pairs.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from plimsoll.store.connections import Connection

_LOCK: Final = 0x504C_0010

_ARRIVALS = """
CREATE TEMPORARY TABLE IF NOT EXISTS half_arrival (
    owns boolean, trace uuid, span bigint, duration_ns bigint, half bytea
) ON COMMIT DELETE ROWS
"""

# The arrivals have no statistics, and the planner would rather read all owners than look some up.
_PLAN = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off"

_RELEASE = """
DELETE FROM span_wait
USING half_arrival AS owner
WHERE owner.owns AND span_wait.trace = owner.trace AND span_wait.parent = owner.span
RETURNING
    uuid_send(owner.trace) || int8send(owner.span), owner.duration_ns, owner.half,
    span_wait.duration_ns, span_wait.half
"""

_STORE_OWNERS = """
INSERT INTO span_owner (slot, trace, span, duration_ns, half)
SELECT %s, trace, span, duration_ns, half FROM half_arrival WHERE owns
"""

# No join of the arrivals with what was found: that would be a loop within a loop.
_FIND = """
WITH met AS MATERIALIZED (
    SELECT
        waiter.trace, waiter.span, owner.duration_ns AS owner_ns, owner.half AS owner_half,
        waiter.duration_ns, waiter.half
    FROM half_arrival AS waiter
    LEFT JOIN LATERAL (
        SELECT duration_ns, half
        FROM span_owner
        WHERE span_owner.trace = waiter.trace AND span_owner.span = waiter.span
        LIMIT 1
    ) AS owner ON true
    WHERE NOT waiter.owns
),
stored AS (
    INSERT INTO span_wait (slot, trace, parent, duration_ns, half)
    SELECT %s, trace, span, duration_ns, half FROM met WHERE owner_half IS NULL
)
SELECT uuid_send(trace) || int8send(span), owner_ns, owner_half, duration_ns, half FROM met WHERE owner_half IS NOT NULL
"""

_COUNT_FIRST = """
UPDATE span_owner
SET counted = counted || new.server
FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) AS new (trace, span, server)
WHERE span_owner.trace = new.trace AND span_owner.span = new.span AND NOT new.server = ANY (span_owner.counted)
RETURNING new.trace, new.span, new.server
"""


class Arrivals(NamedTuple):
    """Halves that just came and mean the same.

    A key is 16 bytes of trace and 8 of span, which a half owns or waits for; each has its duration, not negative.
    """

    keys: Sequence[bytes]
    durations_ns: Sequence[int]
    owns: bool
    half: bytes


class Pair(NamedTuple):
    """An owner and a waiter that belong together, in their stored form."""

    key: bytes
    owner_ns: int
    owner: bytes
    waiter_ns: int
    waiter: bytes


def match(connection: Connection, arrivals: Iterable[Arrivals], slot: datetime) -> list[Pair]:
    """Store arrivals and return the pairs that they complete; every waiter is returned once at the most.

    Must run in a transaction; the lock it takes is held to the transaction's end.
    """
    connection.execute(_ARRIVALS)
    with connection.cursor() as cursor:
        with cursor.copy("COPY half_arrival FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(b"".join(_rows(arrivals)))
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_PLAN)
        rows = cursor.execute(_RELEASE, binary=True).fetchall()
        cursor.execute(_STORE_OWNERS, [slot])
        rows += cursor.execute(_FIND, [slot], binary=True).fetchall()
    return [Pair._make(row) for row in rows]


def count_first(connection: Connection, calls: Sequence[tuple[bytes, str]]) -> set[tuple[bytes, str]]:
    """Return those (key of an owner, service) that were not counted before, and note that they are now."""
    if not calls:
        return set()
    distinct = sorted(set(calls))
    rows = connection.execute(
        _COUNT_FIRST,
        [
            [UUID(bytes=key[:16]) for key, _ in distinct],
            [int.from_bytes(key[16:], signed=True) for key, _ in distinct],
            [server for _, server in distinct],
        ],
    )
    return {(trace.bytes + span.to_bytes(8, signed=True), server) for trace, span, server in rows}


def take_late(connection: Connection, before: datetime) -> list[tuple[int, bytes]]:
    """Take out the waiters of slots before a time: (duration in ns, half); nobody will come for them."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    rows = connection.execute(
        "DELETE FROM span_wait WHERE slot < %s RETURNING duration_ns, half", [before], binary=True
    )
    return [(duration_ns, half) for duration_ns, half in rows]


# PostgreSQL's binary COPY: a signature, then rows of a field count and length-prefixed fields, then -1.
_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_FIELDS: Final = 5
_HEAD: Final = struct.Struct(">hi?i")
_EIGHT: Final = struct.pack(">i", 8)
_ROW: Final = struct.Struct(f">{_HEAD.size}s16s4s8s4sq")
_LENGTH: Final = struct.Struct(">i")


def _rows(arrivals: Iterable[Arrivals]) -> Iterator[bytes]:
    yield _SIGNATURE
    row = _ROW.pack
    for keys, durations_ns, owns, half in arrivals:
        head, tail = _HEAD.pack(_FIELDS, 1, owns, 16), _LENGTH.pack(len(half)) + half
        for key, duration_ns in zip(keys, durations_ns, strict=True):
            yield row(head, key[:16], _EIGHT, key[16:], _EIGHT, duration_ns) + tail
    yield b"\xff\xff"
