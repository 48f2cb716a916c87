"""Where metric series stand, in the database: read and saved within the caller's transaction, exact among receivers.

A receiver remembers what it saved itself last, and saves again only where that is still what the database has: each
save has a random revision of its own, so a memory of a transaction that failed can never be taken for the truth.
Where another receiver came between, the series are read, locked, and computed once more.
"""

from collections.abc import Collection, Mapping
from secrets import randbits
from time import monotonic
from typing import Final

from plimsoll.store.connections import Connection

# mesh-dialects, section 12.
MOST_SERIES: Final = 500_000

# A memory of about 300 bytes a plain counter. Without memory a series is read: slower, never wrong.
_MOST_REMEMBERED: Final = 200_000
_COUNT_EVERY_S: Final = 10.0

# In the order of keys, so that writers with the same series wait for each other and never deadlock.
_LOCK: Final = "SELECT key, revision, state FROM metric_series WHERE key = ANY(%s::uuid[]) ORDER BY key FOR UPDATE"

_MAKE: Final = """
INSERT INTO metric_series (key, state)
SELECT key, '' FROM unnest(%s::uuid[]) AS new (key) ORDER BY key
ON CONFLICT DO NOTHING
"""

_SAVE: Final = """
UPDATE metric_series SET state = new.state, revision = %s, updated_at = now()
FROM unnest(%s::uuid[], %s::bigint[], %s::bytea[]) AS new (key, revision, state)
WHERE metric_series.key = new.key AND metric_series.revision = new.revision
"""

_SAVED: Final = "SELECT key FROM metric_series WHERE key = ANY(%s::uuid[]) AND revision = %s"


class SeriesStates:
    """The states of series, and which of them this receiver knows without asking."""

    def __init__(self, most: int = MOST_SERIES) -> None:
        self._most = most
        # key -> (revision, state)
        self._remembered: dict[bytes, tuple[int, bytes]] = {}
        self._room = 0
        self._counted_at = -_COUNT_EVERY_S

    def read(self, connection: Connection, keys: Collection[bytes], *, is_limited: bool = True) -> dict[bytes, bytes]:
        """Return the states of series by their keys of 16 bytes; empty for new ones.

        Where they are limited, a new series for which there is no room is not among what is returned.
        """
        unknown = sorted(key for key in keys if key not in self._remembered)
        if unknown:
            if len(self._remembered) > _MOST_REMEMBERED:
                self._remembered.clear()
                unknown = sorted(keys)
            self._lock(connection, unknown)
            missing = [key for key in unknown if key not in self._remembered]
            if made := missing[: self._room_for(connection, len(missing)) if is_limited else None]:
                self._room -= connection.execute(_MAKE, [_array(made)]).rowcount
                self._lock(connection, made)
        remembered = self._remembered
        return {key: remembered[key][1] for key in keys if key in remembered}

    def save(self, connection: Connection, states: Mapping[bytes, bytes]) -> set[bytes]:
        """Store states that were computed from what `read` returned.

        Return the keys of those that were not saved, because another receiver had saved them since: read them again.
        """
        if not states:
            return set()
        keys = sorted(states)
        revision = randbits(63)
        revisions = [str(self._remembered[key][0]) for key in keys]
        stored = [f'"\\\\x{states[key].hex()}"' for key in keys]
        saved = connection.execute(
            _SAVE, [revision, _array(keys), f"{{{','.join(revisions)}}}", f"{{{','.join(stored)}}}"]
        ).rowcount
        lost: set[bytes] = set()
        if saved < len(keys):
            lost = set(keys) - {row[0].bytes for row in connection.execute(_SAVED, [_array(keys), revision])}
            for key in lost:
                del self._remembered[key]
        self._remembered.update((key, (revision, states[key])) for key in keys if key not in lost)
        return lost

    def _lock(self, connection: Connection, keys: list[bytes]) -> None:
        rows = connection.execute(_LOCK, [_array(keys)])
        self._remembered.update((key.bytes, (revision, state)) for key, revision, state in rows)

    def _room_for(self, connection: Connection, wanted: int) -> int:
        """Return how many series may be new, of so many; the rows are counted at times only."""
        now = monotonic()
        if wanted and now - self._counted_at >= _COUNT_EVERY_S:
            row = connection.execute("SELECT count(*) FROM metric_series").fetchone()
            self._room, self._counted_at = self._most - int(row[0] if row else 0), now
        return max(min(wanted, self._room), 0)


def _array(keys: Collection[bytes]) -> str:
    """Return keys as the text of an array of UUIDs: a tenth of the work of UUID objects."""
    return f"{{{','.join([key.hex() for key in keys])}}}"
