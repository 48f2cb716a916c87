"""How current telemetry is: shape, words, and the name of the style (ux, section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from dashboards.frame.marks import Status

NEARLY_LIVE: Final = timedelta(minutes=2)
STALE: Final = timedelta(minutes=5)
# A cluster that was heard of this lately and is not any more is silent; before, it was taken away.
REMEMBERED: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far telemetry is complete; `text` is what the pill says beside its word."""

    status: Status
    word: str
    text: str
    through: datetime | None

    @property
    def is_stale(self) -> bool:
        """Whether figures from telemetry are too old to stand for now."""
        return self.status == "bad"


def freshness(through: datetime | None, now: datetime, zone: ZoneInfo) -> Freshness:
    """Return how current telemetry is that is complete through a moment."""
    if through is None:
        return Freshness("unk", _("No telemetry yet"), "", None)
    behind = now - through
    if behind <= NEARLY_LIVE:
        return Freshness("ok", _("Live"), clock(through, now, zone), through)
    if behind <= STALE:
        minutes = int(behind.total_seconds() // 60)
        return Freshness("warn", _("%(n)d min behind") % {"n": minutes}, "", through)
    return Freshness("bad", _("Stale"), _("data ends %(time)s") % {"time": clock(through, now, zone)}, through)


def silent(clusters: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
    """Return which clusters are silent, and since when, the longest silent first."""
    quiet = sorted((seen, name) for name, seen in clusters.items() if STALE < now - seen <= REMEMBERED)
    return {name: seen for seen, name in quiet}


def clock(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return a time of today, or with its day when it was another one."""
    local = moment.astimezone(zone)
    return date_format(local, "H:i" if local.date() == now.astimezone(zone).date() else _("j M H:i"))
