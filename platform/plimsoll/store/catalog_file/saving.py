"""Writing thousands of rows by a few statements, in which each column is one array: a tenth of the time of rows."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.db.models.functions import Now


def insert(model: type[models.Model], rows: Sequence[Any]) -> None:
    """Insert new rows, which learn their numbers."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        (at,) = cursor.fetchone()
    times = [field.name for field in model._meta.concrete_fields if isinstance(field.db_default, Now)]
    for row in rows:
        # Django makes one array of a column, if no row leaves it to the database.
        for name in times:
            setattr(row, name, at)
    model._base_manager.bulk_create(rows)


def update(model: type[models.Model], rows: Sequence[Any], columns: set[str]) -> None:
    """Write these columns, by their names in the table, of rows that are there."""
    if not rows:
        return
    key = model._meta.pk
    assert key is not None
    fields = [key, *(field for field in model._meta.concrete_fields if field.attname in columns)]
    names = [connection.ops.quote_name(field.attname) for field in fields]
    table = connection.ops.quote_name(model._meta.db_table)
    given = ", ".join(f"%s::{field.rel_db_type(connection)}[]" for field in fields)
    values = ", ".join(f"{name} = given.{name}" for name in names[1:])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {values}, updated_at = statement_timestamp()"  # noqa: S608 - names of our own columns
            f" FROM unnest({given}) AS given ({', '.join(names)}) WHERE {table}.{names[0]} = given.{names[0]}",
            [[getattr(row, field.attname) for row in rows] for field in fields],
        )
