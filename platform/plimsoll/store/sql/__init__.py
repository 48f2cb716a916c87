"""Questions to the database that the ORM does not say well: one a file, each opening with the question in words."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from django.db import connection
from psycopg.types.datetime import TimestamptzLoader


@cache
def statement(name: str) -> str:
    """Return the text of `<name>.sql`."""
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def answers(name: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows that answer the question `<name>.sql`."""
    with connection.cursor() as cursor:
        # psycopg's own loader gives the same aware UTC times as Django's, in C: a fifth of the time for 40,000 rows.
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(statement(name), parameters)
        return list(cursor.fetchall())


def changed_rows(name: str, parameters: Mapping[str, Any]) -> int:
    """Execute the statement `<name>.sql` and return how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement(name), parameters)
        return int(cursor.rowcount)
