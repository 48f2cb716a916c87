"""What was sent and not taken, and why: the last hundred of each sender, for the person who sets it up."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from plimsoll.store import notices
from plimsoll.store.models import Refusal, Source

KEPT: Final = 100
TELEMETRY: Final = "otlp"
# Whatever a stranger writes: so much of it is kept.
_LONGEST: Final = 300

# What is kept is found by its number, not counted: a flood costs each request the same.
_TRIM: Final = """
DELETE FROM refusal
WHERE sender = %s
    AND id <= (SELECT id FROM refusal WHERE sender = %s ORDER BY id DESC OFFSET %s LIMIT 1)
"""


def sender_of(source: Source) -> str:
    """Return the name under which the refusals of a webhook source are kept."""
    return f"source {source.pk}"


def note(sender: str, code: str, reason: str, at: datetime, count: int = 1) -> None:
    """Keep a refusal, and forget the sender's hundred-and-first."""
    # Characters that PostgreSQL cannot keep, or a log cannot show, came from outside.
    shown = "".join(each if each.isprintable() else "�" for each in reason)[:_LONGEST]
    with transaction.atomic():
        Refusal.objects.create(sender=sender, code=code, reason=shown, at=at, count=count)
        with connection.cursor() as cursor:
            cursor.execute(_TRIM, [sender, sender, KEPT])
        notices.changed("deliveries")


def latest(senders: Collection[str], limit: int) -> list[Refusal]:
    """Return the latest refusals of some senders, newest first."""
    return list(Refusal.objects.filter(sender__in=senders).order_by("-id")[:limit])
