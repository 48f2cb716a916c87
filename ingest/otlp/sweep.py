"""Orphans: calls whose caller did not show up within the late limit (mesh-dialects, section 8.2)."""

from datetime import UTC, datetime, timedelta

from ingest.mesh.halves import decoded
from ingest.mesh.joining import count_orphan
from plimsoll.store import halves, partitions, traffic
from plimsoll.store.cells import Cells
from plimsoll.store.connections import opened
from plimsoll.store.directory import Directory

LATE_LIMIT = timedelta(minutes=10)


def run(now: datetime | None = None) -> int:
    """Count what waited longer than the late limit as unattributed, and let its slots go; the scheduled job `sweep`."""
    before = (now or datetime.now(UTC)) - LATE_LIMIT
    cells = Cells()
    with opened() as connection:
        with connection.transaction():
            late = halves.take_late(connection, before)
            for stored in late:
                count_orphan(decoded(stored), cells)
            # They may be all that came for their day.
            partitions.ensure_for_minutes(connection, traffic.minutes_of(cells))
            traffic.add_cells(connection, Directory(), cells)
            traffic.add_health(connection, {("", "orphaned", ""): len(late)} if late else {})
        partitions.drop_before(connection, partitions.SLOT_TABLES, before)
    return len(late)
