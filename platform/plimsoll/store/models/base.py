"""What every table has."""

from typing import TypeVar

from django.db import models
from django.db.models.functions import Now

from plimsoll.store.environments import TESTS

Named = TypeVar("Named", bound=models.Model)


class Real(models.Manager[Named]):
    """Rows by name, without what tests of the way in leave behind; who writes finds those too, by `every`."""

    def get_queryset(self) -> models.QuerySet[Named]:
        """Return the rows that anybody may ask about."""
        return super().get_queryset().exclude(name__in=TESTS)


class Row(models.Model):
    """A row that knows when it was made."""

    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


class ChangingRow(Row):
    """A row that also knows when it last changed; readers page by (updated_at, id)."""

    updated_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        abstract = True
