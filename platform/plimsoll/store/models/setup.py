"""How an installation is set up: what the catalog file manages, and what was refused at the doors."""

from django.db import models

from plimsoll.store.models.base import Row


class CatalogFile(models.Model):
    """What the catalog file last said and made; there is at most one row.

    `entries` are the things it manages: {"team payments": {"kind", "key", "id", "made", "before"}}. `made` says whether
    the file made the row; `before` is what the columns held that the file speaks of.
    """

    only = models.BooleanField(primary_key=True, default=True)
    path = models.TextField(default="")
    # SHA-256 of the contents that were applied
    digest = models.TextField(default="")
    applied_at = models.DateTimeField(null=True)
    entries = models.JSONField(default=dict)
    # why the file as it is now was refused, a line a mistake; empty when it was not
    refusal = models.TextField(default="")
    refused_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "catalog_file"


class Refusal(Row):
    """Something that was sent and not taken, and why. The last hundred of each sender are kept.

    `sender` is `source <id>` for webhooks and `otlp` for telemetry. Never an address, a body or a credential.
    """

    sender = models.TextField()
    at = models.DateTimeField()
    # such as 401, 422 or UNAUTHENTICATED
    code = models.TextField()
    reason = models.TextField()
    # how many requests in a row were refused so
    count = models.BigIntegerField(default=1)

    class Meta:
        db_table = "refusal"
        indexes = [models.Index(fields=["sender", "-id"], name="refusal_latest")]
