"""Halves of calls in the database: the shared part of joining (mesh-dialects, section 8.2).

Writers match one after the other, under one advisory lock held to the end of their transactions. So whoever comes
second sees all that the first one stored, no two halves can miss each other, and no sweep has to look for such pairs.
"""

import sys
from array import array
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from plimsoll.store.arrays import BigInts, Integers, UUIDs
from plimsoll.store.connections import Connection

_LOCK: Final = 0x504C_0010

# An array is walked from its begin to each element that is asked for.
_MOST_SIDES: Final = 1_000

# What arrives has no statistics, and the planner would rather read all halves than look some up.
_LOCK_AND_PLAN: Final = f"""
SELECT pg_advisory_xact_lock({_LOCK});
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
SET LOCAL enable_seqscan = off
"""

_STORE_OWNERS: Final = """
WITH owner AS MATERIALIZED (
    SELECT trace, span, duration_ns, number
    FROM unnest(%(traces)s, %(spans)s, %(durations)s, %(numbers)s) AS new (trace, span, duration_ns, number)
),
stored AS (
    INSERT INTO span_owner (slot, trace, span, duration_ns, half)
    SELECT %(slot)s, trace, span, duration_ns, (%(halves)b::bytea[])[number] FROM owner
),
met AS (
    DELETE FROM span_wait
    USING owner
    WHERE span_wait.trace = owner.trace AND span_wait.parent = owner.span
    RETURNING
        owner.number, span_wait.half AS other, owner.trace, owner.span, owner.duration_ns AS owner_ns,
        span_wait.duration_ns AS waiter_ns
)
SELECT
    number, other, string_agg(uuid_send(trace) || int8send(span), ''),
    string_agg(int8send(owner_ns), ''), string_agg(int8send(waiter_ns), '')
FROM met
GROUP BY number, other
"""

_FIND_OWNERS: Final = """
WITH waiter AS MATERIALIZED (
    SELECT new.trace, new.span, new.duration_ns, new.number, owner.duration_ns AS owner_ns, owner.half AS other
    FROM unnest(%(traces)s, %(spans)s, %(durations)s, %(numbers)s) AS new (trace, span, duration_ns, number)
    LEFT JOIN LATERAL (
        SELECT duration_ns, half
        FROM span_owner
        WHERE span_owner.trace = new.trace AND span_owner.span = new.span
        LIMIT 1
    ) AS owner ON true
),
stored AS (
    INSERT INTO span_wait (slot, trace, parent, duration_ns, half)
    SELECT %(slot)s, trace, span, duration_ns, (%(halves)b::bytea[])[number] FROM waiter WHERE other IS NULL
)
SELECT
    number, other, string_agg(uuid_send(trace) || int8send(span), ''),
    string_agg(int8send(owner_ns), ''), string_agg(int8send(duration_ns), '')
FROM waiter
WHERE other IS NOT NULL
GROUP BY number, other
"""

_COUNT_FIRST = """
UPDATE span_owner
SET counted = counted || new.server
FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) AS new (trace, span, server)
WHERE span_owner.trace = new.trace AND span_owner.span = new.span AND NOT new.server = ANY (span_owner.counted)
RETURNING new.trace, new.span, new.server
"""


class Halves(NamedTuple):
    """Halves that just came and mean the same.

    A key is 16 bytes of trace and 8 of span, which a half owns or waits for; each has its duration, not negative.
    """

    keys: Sequence[bytes]
    durations_ns: Sequence[int]
    half: bytes


class Met(NamedTuple):
    """Pairs of halves that mean the same: where in what arrived the one side is, the other in its stored form, and the
    key and both durations of each pair.
    """

    place: int
    other: bytes
    keys: list[bytes]
    owners_ns: list[int]
    waiters_ns: list[int]


def lock(connection: Connection) -> None:
    """Let nobody else match halves until the end of the transaction."""
    connection.execute(_LOCK_AND_PLAN)


def store_owners(connection: Connection, owners: Sequence[Halves], slot: datetime) -> list[Met]:
    """Store halves that call, take out those that waited for them, and return the pairs; needs the `lock`."""
    return _matched(connection, _STORE_OWNERS, owners, slot)


def find_owners(connection: Connection, waiters: Sequence[Halves], slot: datetime) -> list[Met]:
    """Return the pairs of waiting halves and the stored ones that they wait for, and store those that nobody called
    yet; needs the `lock`.
    """
    return _matched(connection, _FIND_OWNERS, waiters, slot)


def _matched(connection: Connection, statement: str, arrived: Sequence[Halves], slot: datetime) -> list[Met]:
    met = []
    for first in range(0, len(arrived), _MOST_SIDES):
        part = _part_matched(connection, statement, arrived[first : first + _MOST_SIDES], slot)
        met += [pairs._replace(place=first + pairs.place) for pairs in part]
    return met


def _part_matched(connection: Connection, statement: str, arrived: Sequence[Halves], slot: datetime) -> list[Met]:
    keys = [key for each in arrived for key in each.keys]
    rows = connection.execute(
        statement,
        {
            "traces": UUIDs([key[:16] for key in keys]),
            "spans": BigInts([key[16:] for key in keys]),
            "durations": BigInts.of(ns for each in arrived for ns in each.durations_ns),
            "numbers": Integers.runs(len(each.keys) for each in arrived),
            "halves": [each.half for each in arrived],
            "slot": slot,
        },
        binary=True,
    )
    return [
        Met(number - 1, other, _split(pairs), _numbers(owners_ns), _numbers(waiters_ns))
        for number, other, pairs, owners_ns, waiters_ns in rows
    ]


def _split(keys: bytes) -> list[bytes]:
    return [keys[at : at + 24] for at in range(0, len(keys), 24)]


def _numbers(sent: bytes) -> list[int]:
    """Return integers from eight bytes each, in network order."""
    numbers = array("q", sent)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers.tolist()


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


def take_late(connection: Connection, before: datetime) -> list[bytes]:
    """Take out the waiters of slots before a time, and return them in their stored form; nobody will come for them."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    rows = connection.execute("DELETE FROM span_wait WHERE slot < %s RETURNING half", [before], binary=True)
    return [half for (half,) in rows]
