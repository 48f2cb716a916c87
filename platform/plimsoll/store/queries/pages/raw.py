"""The deliveries that tell of one record, as they came: found by what the record is called outside."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q
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


def telling(source: int | None, names: Collection[str], times: Collection[datetime]) -> list[Raw]:
    """Return a source's deliveries around some times whose body holds one of the names, the first one first."""
    wanted = [name for name in names if len(name) >= _SHORTEST]
    if source is None or not wanted or not times:
        return []
    start, end = min(times) - _AROUND, max(times) + _AROUND
    near = WebhookDelivery.objects.filter(source=source, received_at__gte=start, received_at__lt=end)
    ids = list(near.order_by("received_at").values_list("pk", flat=True)[:_MOST_SCANNED])
    holds = Q()
    for name in dict.fromkeys(wanted):
        holds |= Q(RawSQL("position(%s::bytea in body) > 0", [name.encode()], output_field=BooleanField()))
    rows = WebhookDelivery.objects.filter(holds, pk__in=ids).order_by("received_at", "pk")
    columns = ("pk", "received_at", "event", "status", "result", "source__name", "body")
    return [_raw(row) for row in rows.values_list(*columns)[:MOST]]


def _raw(row: tuple[Any, ...]) -> Raw:
    *told, body = row
    text = bytes(body[:LONGEST]).decode("utf-8", errors="replace")
    values: list[Any] = [*told, text, len(body) > LONGEST]
    return Raw(*values)
