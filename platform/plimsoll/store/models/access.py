"""Who may send and read: tokens and configured senders."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from plimsoll.store.models.base import ChangingRow
from plimsoll.store.models.catalog import Team


class Token(ChangingRow):
    """An access token. Only its SHA-256 is kept; `prefix` is what people recognise it by.

    `cluster` and `environment` are the defaults for telemetry that does not name its own.
    """

    name = models.TextField()
    prefix = models.TextField()
    digest = models.BinaryField(unique=True, max_length=32)
    # ingest, read, write, admin
    scopes = ArrayField(models.TextField())
    team = models.ForeignKey(Team, models.CASCADE, null=True)
    cluster = models.TextField(default="", blank=True)
    environment = models.TextField(default="", blank=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "token"


class Source(ChangingRow):
    """One configured sender of webhooks: provider, secrets (encrypted), defaults and mapping rules.

    `public_id` is the last part of the path it posts to and holds at least 128 random bits.
    """

    provider = models.TextField()
    name = models.TextField()
    public_id = models.TextField(unique=True)
    # Fernet tokens, newest first; two may be active while a secret is rotated.
    secrets = ArrayField(models.TextField(), default=list)
    settings = models.JSONField(default=dict)
    team = models.ForeignKey(Team, models.SET_NULL, null=True)
    verified_at = models.DateTimeField(null=True)
    last_delivery_at = models.DateTimeField(null=True)
    refused = models.BigIntegerField(default=0)
    disabled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "source"
        constraints = [models.UniqueConstraint("provider", "name", name="source_identity")]
