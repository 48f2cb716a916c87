"""What senders delivered: stored once, claimed in order by the worker, kept with what became of it."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from plimsoll.store import notices
from plimsoll.store.locks import Kind, hold
from plimsoll.store.models import Source, WebhookDelivery

# Unexpected errors are tried again this often (reliability, section 2), the last time after about an hour and a half.
TRIES = 8
FIRST_DELAY = timedelta(seconds=20)

# The first of two deliveries with one key wins, whoever commits first.
_INSERT = """
INSERT INTO webhook_delivery (source_id, key, received_at, event, headers, body, status, result, attempts, updated_at)
VALUES (%s, %s, %s, %s, %s::jsonb, %s, %s, %s, 0, now())
ON CONFLICT (source_id, key) DO NOTHING
RETURNING id
"""

# A key that is given up for an unused one; the delivery itself stays as it is.
_END = """
UPDATE webhook_delivery
SET key = key || ':' || id::text
WHERE source_id = %s
    AND key = ANY(%s)
    AND NOT (key = %s AND body = %s)
"""
_Row = list[str | int | bytes | datetime]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as the worker sees it."""

    id: int
    source: Source
    received_at: datetime
    headers: Mapping[str, str]
    body: bytes
    attempts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery: applied, ignored or failed, and the words a person reads about it."""

    delivery: Delivery
    status: str
    result: str = ""


def store(
    source: Source,
    key: str,
    *,
    received_at: datetime,
    event: str,
    headers: Mapping[str, str],
    body: bytes,
    ignored: str = "",
    ends: Collection[str] = (),
) -> int | None:
    """Store a delivery and return its id, None when its key is known; one that is `ignored` at once needs no work.

    `ends` are keys under which a body repeats only until this delivery: those of other bodies are free from now on.
    """
    status = "ignored" if ignored else "pending"
    row: _Row = [source.pk, key, received_at, event, json.dumps(dict(headers)), body, status, ignored]
    with transaction.atomic():
        if ends:
            # Of two turns at one moment the second must see the first: else it would take its own key for known.
            hold(Kind.SOURCE, str(source.pk))
            with connection.cursor() as cursor:
                cursor.execute(_END, [source.pk, list(ends), key, body])
        stored = _inserted(row)
        transaction.set_rollback(stored is None)
        if stored is not None:
            notices.changed("deliveries")
    return stored


def _inserted(row: _Row) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, row)
        found = cursor.fetchone()
    return found[0] if found else None


def body_of(source: Source, key: str) -> bytes | None:
    """Return the body that was stored under a key."""
    stored = WebhookDelivery.objects.filter(source=source, key=key).values_list("body", flat=True).first()
    return None if stored is None else bytes(stored)


def claim(limit: int) -> list[Delivery]:
    """Return the oldest pending deliveries that are due, locked until the transaction ends; others skip them."""
    due = Q(not_before=None) | Q(not_before__lte=Now())
    rows = WebhookDelivery.objects.filter(due, status="pending").order_by("id").select_for_update(skip_locked=True)
    found = list(rows[:limit])
    sources = Source.objects.in_bulk({row.source_id for row in found})
    return [
        Delivery(row.id, sources[row.source_id], row.received_at, row.headers, bytes(row.body), row.attempts)
        for row in found
    ]


def finish(outcomes: Iterable[Outcome]) -> None:
    """Write what became of deliveries, in one statement for each different outcome."""
    groups: dict[tuple[str, str], list[int]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.status, outcome.result), []).append(outcome.delivery.id)
    for (status, result), ids in groups.items():
        WebhookDelivery.objects.filter(pk__in=ids).update(
            status=status, result=result, processed_at=Now(), not_before=None, updated_at=Now()
        )


def postpone(delivery: Delivery, reason: str, now: datetime) -> None:
    """Try a delivery again later, with a longer wait each time, and give up as `failed` after the last try."""
    attempts = delivery.attempts + 1
    is_last = attempts >= TRIES
    WebhookDelivery.objects.filter(pk=delivery.id).update(
        status="failed" if is_last else "pending",
        result=reason,
        attempts=attempts,
        processed_at=Now() if is_last else None,
        not_before=None if is_last else now + FIRST_DELAY * 2 ** (attempts - 1),
        updated_at=Now(),
    )


def mark_seen(deliveries: Sequence[Delivery]) -> None:
    """Note on each source when it was last heard of; one that delivers has proved that it knows its secret."""
    last: dict[int, datetime] = {}
    for delivery in deliveries:
        last[delivery.source.pk] = max(delivery.received_at, last.get(delivery.source.pk, delivery.received_at))
    for source_id, seen in sorted(last.items()):
        older = Q(last_delivery_at=None) | Q(last_delivery_at__lt=seen)
        Source.objects.filter(older, pk=source_id).update(
            last_delivery_at=seen, verified_at=Coalesce("verified_at", seen), updated_at=Now()
        )


def reopen(delivery_ids: Collection[int]) -> int:
    """Make deliveries pending again, with all their tries, and return how many there were."""
    return WebhookDelivery.objects.filter(pk__in=delivery_ids).update(
        status="pending", result="", attempts=0, not_before=None, processed_at=None, updated_at=Now()
    )
