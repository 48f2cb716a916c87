"""Times as people and tools write them in addresses."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?([Zz]|[+\- ]\d{2}:?\d{2})")
_MILLISECONDS = re.compile(r"-?\d+")
# Below this many milliseconds (1973) a number is more likely seconds.
_LEAST_MS = 100_000_000_000
# What lies further away nobody means, and calendars cannot count on from it.
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


class NotATime(ValueError):
    """A text that names no time; the message says how to write one."""


def moment(text: str, zone: tzinfo) -> datetime:
    """Return the time that `text` means, in UTC, between the years 1900 and 3000.

    ISO 8601 with an offset, milliseconds since 1970 (as Grafana sends), or a day, which means its first moment in
    `zone`. A `+` that arrived as a space, because it was not escaped, is understood.
    """
    found = _read(text, zone)
    if not _FIRST <= found < _LAST:
        raise _too_far(text)
    return found


def until(text: str, zone: tzinfo) -> datetime:
    """Return the end of a range that `text` means to people, in UTC: up to 22 November is with all of that day."""
    found = moment(text, zone)
    if not _DAY.fullmatch(text):
        return found
    return datetime.combine(date.fromisoformat(text) + timedelta(days=1), clock(), tzinfo=zone).astimezone(UTC)


def _read(text: str, zone: tzinfo) -> datetime:
    try:
        if _MILLISECONDS.fullmatch(text):
            return _from_milliseconds(int(text))
        if _DAY.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), clock(), tzinfo=zone).astimezone(UTC)
        if _MOMENT.fullmatch(text):
            day, offset = text[:11], text[11:]
            written = day + offset.replace(" ", "+").replace(",", ".").upper()
            return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        if isinstance(error, NotATime):
            raise
        raise _unread(text) from error
    raise _unread(text)


def _unread(text: str) -> NotATime:
    example = _("write it as 2026-11-24T09:30:00Z, as a day 2026-11-24, or as milliseconds since 1970")
    return NotATime(_("%(given)s is not a time; %(example)s") % {"given": repr(text[:40]), "example": example})


def _too_far(text: str) -> NotATime:
    said = {"given": repr(text[:40]), "first": _FIRST.year, "last": _LAST.year}
    return NotATime(_("%(given)s is not between %(first)d and %(last)d") % said)


def _from_milliseconds(value: int) -> datetime:
    """Return the time of an epoch in milliseconds."""
    if 0 <= value < _LEAST_MS:
        raise NotATime(_("%(given)d looks like seconds; give milliseconds since 1970") % {"given": value})
    return datetime.fromtimestamp(value / 1000, UTC)


def day(text: str) -> date:
    """Return the day that `text` means, between the years 1900 and 3000; ValueError when it means none."""
    found = date.fromisoformat(text)
    if not _FIRST.date() <= found < _LAST.date():
        raise _too_far(text)
    return found


def written(value: datetime) -> str:
    """Return the time as RFC 3339 in UTC."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def zone_named(name: str) -> ZoneInfo:
    """Return the IANA time zone; ValueError when there is none of this name."""
    # ZoneInfo would read any file below its folder, so names are checked before.
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+){0,2}", name):
        raise ValueError(name)
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(name) from error
