"""A part shows that it is there by a lock in the database; the lock goes with the process."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg

from plimsoll.store import connections
from plimsoll.store.locks import Kind, number

_EVERY_S = 2.0


@contextmanager
def present(part: str) -> Iterator[None]:
    """Hold the part's presence lock while the block runs, over losses of the database, on a connection of its own."""
    parameters = connections.parameters()
    ended = threading.Event()
    thread = threading.Thread(target=_hold, args=(part, parameters, ended), daemon=True, name="presence")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_EVERY_S)


def _hold(part: str, parameters: dict[str, Any], ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            with closing(psycopg.connect(**parameters, autocommit=True)) as own:
                own.execute("SELECT pg_advisory_lock_shared(%s, %s)", (Kind.PRESENCE.value, number(part)))
                while not ended.wait(_EVERY_S):
                    own.execute("SELECT 1")
        except psycopg.OperationalError:
            ended.wait(_EVERY_S)
