"""What every table has."""

from django.db import models
from django.db.models.functions import Now


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
