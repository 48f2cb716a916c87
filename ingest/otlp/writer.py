"""One transaction for a group of requests: all their effects, once, or none.

This is the seam for a journal: whoever calls `write` decides what is durable before the answer. Today the answer waits
for this transaction.
"""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg

from ingest.mesh.halves import merged
from ingest.mesh.joining import count_joins
from ingest.mesh.spans import count_groups
from ingest.otlp.effect import Effect
from ingest.otlp.meeting import joins
from ingest.otlp.points import apply_points
from plimsoll.store import notices, partitions, pods, traffic
from plimsoll.store.cells import Cells
from plimsoll.store.connections import Connection, opened
from plimsoll.store.directory import Directory

# A deadlock with another writer, or a partition that had to be made first: the same work again succeeds.
_TRIES = 5
_ASK_EVERY_S = 5.0


class Writer:
    """Writes effects over one connection of its own; not for use by several threads at once."""

    def __init__(self) -> None:
        self.directory = Directory()
        self._connection: Connection | None = None
        self._asked_at = 0.0

    def prepare(self) -> None:
        """Connect, and learn the namespaces that are known, so that the first request is read as any other. Raises
        psycopg.OperationalError.
        """
        self._opened()

    def close(self) -> None:
        """Close the connection; the next write opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def write(self, effects: Sequence[Effect]) -> None:
        """Commit the effects of those requests that have not had theirs yet. Raises psycopg.Error: nothing was written,
        or, when the connection broke during COMMIT, the batch ids will tell."""
        for attempt in range(1, _TRIES + 1):
            connection = self._opened()
            now = datetime.now(UTC)
            try:
                with connection.transaction():
                    self._write(connection, effects, now)
            except psycopg.errors.CheckViolation:
                self.directory.forget()
                partitions.ensure_for_slots(connection, [now])
                days = {day for effect in effects for day in traffic.minutes_of(effect.cells)}
                partitions.ensure_for_minutes(connection, [*days, now, *self._other_days(effects)])
                if attempt == _TRIES:
                    raise
            except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
                self.directory.forget()
                if attempt == _TRIES:
                    raise
            except BaseException:
                self.directory.forget()
                self.close()
                raise
            else:
                return

    def tell(self) -> None:
        """Tell pages that follow the traffic that there is more of it, over the connection that wrote it. Raises
        psycopg.Error.

        On its own, after the answers: senders do not wait for it, and telling takes a lock that commits would share.
        """
        if self._connection is not None:
            notices.tell(self._connection, "topology")

    def _opened(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = opened()
            # Durable before acknowledged, whatever the database's default is.
            self._connection.execute(
                "SET synchronous_commit = on; SET statement_timeout = '30s'; SET application_name = 'plimsoll receive'"
            )
            self._asked_at = -_ASK_EVERY_S
        # Other receivers learn of namespaces too.
        if time.monotonic() - self._asked_at >= _ASK_EVERY_S:
            self.directory.load_namespaces(self._connection)
            self._asked_at = time.monotonic()
        return self._connection

    def _write(self, connection: Connection, effects: Sequence[Effect], now: datetime) -> None:
        fresh = traffic.fresh(connection, [effect.batch_id for effect in effects])
        health: Counter[tuple[str, str, str]] = Counter()
        cells = Cells()
        taken = []
        for effect in effects:
            # The same request may have come twice within the group: its id is fresh once.
            if effect.batch_id in fresh:
                fresh.discard(effect.batch_id)
                taken.append(effect)
            else:
                health[effect.source, "duplicate", "request sent again"] += 1
        cells.merge_copies(effect.cells for effect in taken)
        groups = merged(group for effect in taken for group in effect.groups)
        count_groups(groups, cells)
        count_joins(joins(connection, groups, now), cells)
        if points := [point for effect in taken for point in effect.points]:
            apply_points(connection, points, cells)
        traffic.add_cells(connection, self.directory, cells)
        pods.note(connection, self.directory, cells.sightings, now)
        for effect in taken:
            for (counter, reason), n in effect.cells.health.items():
                health[effect.source, counter, reason] += n
        for (counter, reason), n in cells.health.items():
            health["", counter, reason] += n
        traffic.add_health(connection, health)

    @staticmethod
    def _other_days(effects: Sequence[Effect]) -> set[datetime]:
        minutes = {group.minute for effect in effects for group in effect.groups}
        minutes |= {point.minute for effect in effects for point in effect.points}
        return {datetime.fromtimestamp(minute * 60, UTC) for minute in minutes}
