"""Partitions of the tables of the hot path: made ahead, dropped behind, and made on demand when missing.

Minutes are partitioned by UTC day, halves of calls by slots of five minutes. The functions take a psycopg connection:
the receiver has its own. A partition is attached, not created in place, and dropped with short patience, because both
must not hold up the writers (ATTACH lets them go on; DROP needs the table for itself for a moment).
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import psycopg
from psycopg import sql

from plimsoll import env
from plimsoll.errors import BadSetting
from plimsoll.store.connections import Connection
from plimsoll.store.locks import Kind, number

DAY = timedelta(days=1)
SLOT = timedelta(minutes=5)
# How far each table is partitioned ahead.
_DAYS_AHEAD, _SLOTS_AHEAD = 2, 3
# Slots are dropped by the sweep, which first counts who still waits in them; this is for when no sweep runs.
_SLOTS_KEPT = timedelta(hours=1)
_PATIENCE_MS = 150
_TRIES = 10

WIDTH = {"edge_minute": DAY, "node_minute": DAY, "span_owner": SLOT, "span_wait": SLOT}
MINUTE_TABLES = tuple(table for table, width in WIDTH.items() if width == DAY)
SLOT_TABLES = tuple(table for table, width in WIDTH.items() if width == SLOT)
_FORMAT = {DAY: "%Y%m%d", SLOT: "%Y%m%d%H%M"}


def minutes_kept() -> timedelta:
    """Return how long minutes are kept (PLIMSOLL_MINUTES_KEPT_H, hours); what may still arrive late must fit in."""
    value = env.text("PLIMSOLL_MINUTES_KEPT_H", "48")
    if not value.isdigit() or not 25 <= int(value) <= 24 * 400:
        raise BadSetting(f"PLIMSOLL_MINUTES_KEPT_H={value!r} is not a number of hours from 25 to 9600.")
    return timedelta(hours=int(value))


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition; `start` is its first instant, and `end` the first one after it."""

    table: str
    start: datetime

    @property
    def end(self) -> datetime:
        return self.start + WIDTH[self.table]

    @property
    def name(self) -> str:
        return f"{self.table}_{self.start:{_FORMAT[WIDTH[self.table]]}}"


def containing(table: str, at: datetime) -> Partition:
    """Return the partition of a table that rows of the time `at` belong to."""
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    return Partition(table, at.astimezone(UTC) - (at - epoch) % WIDTH[table])


def ensure(connection: Connection, table: str, at: datetime) -> bool:
    """Make the partition for the time `at` unless it is there; return whether it was made.

    In a transaction of its own, when the connection is not in one. Any number of processes may do it at once.
    """
    partition = containing(table, at)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (Kind.PARTITION.value, number(table)))
        if _exists(connection, partition):
            return False
        names = {"name": sql.Identifier(partition.name), "table": sql.Identifier(table)}
        connection.execute(sql.SQL("CREATE TABLE {name} (LIKE {table} INCLUDING ALL)").format(**names))
        connection.execute(
            sql.SQL("ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({start}) TO ({end})").format(
                **names, start=sql.Literal(partition.start), end=sql.Literal(partition.end)
            )
        )
    return True


def ensure_for_minutes(connection: Connection, days: Iterable[date]) -> None:
    """Make the missing partitions for minutes on these UTC days; a datetime stands for its day."""
    for day in sorted({_utc_midnight(day) for day in days}):
        for table in MINUTE_TABLES:
            ensure(connection, table, day)


def ensure_for_slots(connection: Connection, slots: Iterable[datetime]) -> None:
    """Make the missing partitions for halves of calls at these times."""
    for slot in sorted({containing(SLOT_TABLES[0], slot).start for slot in slots}):
        for table in SLOT_TABLES:
            ensure(connection, table, slot)


def existing(connection: Connection, table: str) -> list[Partition]:
    """Return the partitions that a table has, oldest first."""
    rows = connection.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", (table,)
    ).fetchall()
    form = f"{table}_{_FORMAT[WIDTH[table]]}"
    return [
        Partition(table, start) for start in sorted(datetime.strptime(row[0], form).replace(tzinfo=UTC) for row in rows)
    ]


def drop(connection: Connection, partition: Partition) -> bool:
    """Drop a partition with all its rows; False when readers kept it busy, and it has to be tried again later."""
    statement = sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(partition.name))
    for _ in range(_TRIES):
        try:
            with connection.transaction():
                connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(_PATIENCE_MS)))
                connection.execute(statement)
        except psycopg.errors.LockNotAvailable:
            time.sleep(_PATIENCE_MS / 1000)
        else:
            return True
    return False


def drop_before(connection: Connection, tables: Iterable[str], before: datetime) -> list[Partition]:
    """Drop the partitions that end at or before a time; return those that are gone."""
    old = [each for table in tables for each in existing(connection, table) if each.end <= before]
    return [each for each in old if drop(connection, each)]


def upkeep(connection: Connection, now: datetime) -> None:
    """Make the partitions of the next days and slots, and drop those that are old."""
    ensure_for_minutes(connection, [now + n * DAY for n in range(_DAYS_AHEAD + 1)])
    ensure_for_slots(connection, [now + n * SLOT for n in range(_SLOTS_AHEAD + 1)])
    drop_before(connection, MINUTE_TABLES, now - minutes_kept())
    drop_before(connection, SLOT_TABLES, now - _SLOTS_KEPT)


def run() -> None:
    """Do the upkeep now: the scheduled job `partitions`."""
    from django.db import connection

    connection.ensure_connection()
    upkeep(connection.connection, datetime.now(UTC))


def _exists(connection: Connection, partition: Partition) -> bool:
    found = connection.execute("SELECT to_regclass(%s)", (partition.name,)).fetchone()
    return found is not None and found[0] is not None


def _utc_midnight(day: date) -> datetime:
    if isinstance(day, datetime):
        return containing(MINUTE_TABLES[0], day).start
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
