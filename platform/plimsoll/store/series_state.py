"""Where metric series stand, in the database: locked, changed and saved within the caller's transaction."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from plimsoll.store.connections import Connection

# In the order of keys, so that two writers with the same series wait for each other and never deadlock.
_MAKE: Final = """
INSERT INTO metric_series (key, state)
SELECT key, 'null' FROM unnest(%s::uuid[]) AS new (key) ORDER BY key
ON CONFLICT DO NOTHING
"""

_LOCK: Final = "SELECT key, state FROM metric_series WHERE key = ANY(%s::uuid[]) ORDER BY key FOR UPDATE"

_SAVE: Final = """
UPDATE metric_series SET state = new.state, updated_at = now()
FROM unnest(%s::uuid[], %s::jsonb[]) AS new (key, state)
WHERE metric_series.key = new.key
"""


def locked(connection: Connection, keys: Iterable[bytes]) -> dict[bytes, object]:
    """Return the states of series by their keys of 16 bytes, locked until the transaction ends; None for new ones."""
    wanted = [UUID(bytes=key) for key in sorted(set(keys))]
    if not wanted:
        return {}
    connection.execute(_MAKE, [wanted])
    return {key.bytes: state for key, state in connection.execute(_LOCK, [wanted])}


def save(connection: Connection, states: Mapping[bytes, object]) -> None:
    """Store the states of series that `locked` returned."""
    if states:
        keys = sorted(states)
        connection.execute(_SAVE, [[UUID(bytes=key) for key in keys], [Jsonb(states[key]) for key in keys]])
