"""The deliveries that tell of one record, as they came: found by what the record is called outside."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.fields import BooleanField

from plimsoll.store.models import WebhookDelivery

MOST: Final = 20
# A page is no place for a megabyte: what is longer is cut, and says so.
LONGEST: Final = 8_000
# Clocks of senders differ, and senders try again.
_AROUND: Final = timedelta(hours=2)
# What is shorter is in many bodies that tell of something else.
_SHORTEST: Final = 4
_MOST_SCANNED: Final = 2_000
# The delivery that made a record came right before it, the next word of it soon after.
_MOST_BESIDE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Raw:
    """One delivery: what became of it, and its body as text."""

    id: int
    received_at: datetime
    event: str
    status: str
    result: str
    source: str
    body: str
    is_cut: bool


def telling(source: int | None, names: Collection[str], times: Collection[datetime], made_at: datetime) -> list[Raw]:
    """Return a source's deliveries whose body holds one of the names, the first one first.

    They came around the times that the record tells, or around when it was made here: history is told late.
    """
    wanted = [name for name in names if len(name) >= _SHORTEST]
    if source is None or not wanted:
        return []
    ids = _near(WebhookDelivery.objects.filter(source=source), times, made_at)
    holds = Q()
    for name in dict.fromkeys(wanted):
        holds |= Q(RawSQL("position(%s::bytea in body) > 0", [name.encode()], output_field=BooleanField()))
    rows = WebhookDelivery.objects.filter(holds, pk__in=ids).order_by("received_at", "pk")
    columns = ("pk", "received_at", "event", "status", "result", "source__name", "body")
    return [_raw(row) for row in rows.values_list(*columns)[:MOST]]


def _near(rows: QuerySet[WebhookDelivery], times: Collection[datetime], made_at: datetime) -> list[int]:
    """Return the deliveries around the times, and those nearest to when the record was made."""
    found = rows.values_list("pk", flat=True)
    before = found.filter(received_at__gte=made_at - _AROUND, received_at__lt=made_at).order_by("-received_at")
    after = found.filter(received_at__gte=made_at, received_at__lt=made_at + _AROUND).order_by("received_at")
    parts = [before[:_MOST_BESIDE], after[:_MOST_BESIDE]]
    if times:
        around = found.filter(received_at__gte=min(times) - _AROUND, received_at__lt=max(times) + _AROUND)
        parts.append(around.order_by("received_at")[:_MOST_SCANNED])
    return list(parts[0].union(*parts[1:]))


def _raw(row: tuple[Any, ...]) -> Raw:
    *told, body = row
    text = bytes(body[:LONGEST]).decode("utf-8", errors="replace")
    values: list[Any] = [*told, text, len(body) > LONGEST]
    return Raw(*values)
