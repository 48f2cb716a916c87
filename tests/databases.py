"""The tests' own database as it is when it is not well."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection
from psycopg import sql

from plimsoll.store.connections import parameters


@contextmanager
def refusing(only: str = "") -> Iterator[None]:
    """Have the database cut off whoever is connected (or the sessions of one name alone) and let nobody in."""
    name = connection.settings_dict["NAME"]
    # From another database: nobody can lock himself out of his own.
    with psycopg.connect(**parameters() | {"dbname": "template1"}, autocommit=True) as outside:
        change = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        outside.execute(change.format(sql.Identifier(name), sql.SQL("false")))
        try:
            outside.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %(name)s AND (%(only)s = '' OR application_name = %(only)s)",
                {"name": name, "only": only},
            )
            yield
        finally:
            outside.execute(change.format(sql.Identifier(name), sql.SQL("true")))
