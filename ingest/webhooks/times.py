"""Times as senders write them (webhook-providers, section 2)."""

import re
from datetime import UTC, datetime

_WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[T ](?P<clock>\d{2}:\d{2}(?::\d{2})?)(?P<fraction>\.\d{1,9})?"
    r"\s?(?P<zone>[Zz]|UTC|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_DIGITS = re.compile(r"\d{1,16}(\.\d{1,9})?", re.ASCII)
# Epoch values above this are milliseconds: in seconds they would lie after the year 5000.
_MILLISECONDS = 100_000_000_000


def instant(value: object, *, naive_is_utc: bool = False) -> datetime | None:
    """Return a sender's time in UTC, None when it is absent ("", 0, the year 1); ValueError when it is no time at all.

    Accepts RFC 3339 with up to nine fractional digits (cut to microseconds), `+0800`, a blank before the zone, and
    epoch seconds or milliseconds as number or text. A time without any zone is refused unless `naive_is_utc`.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"{value!r} is not a time")  # noqa: TRY004 - the value is what is wrong
    if isinstance(value, str) and not _DIGITS.fullmatch(value.strip()):
        return _written(value.strip(), naive_is_utc=naive_is_utc)
    return _epoch(float(value))


def _written(text: str, *, naive_is_utc: bool) -> datetime | None:
    parts = _WRITTEN.fullmatch(text)
    if parts is None:
        raise ValueError(f"{text!r} is not a time")
    if text.startswith("0001-01-01"):
        return None
    zone = parts["zone"] or ("Z" if naive_is_utc else "")
    if not zone:
        raise ValueError(f"{text!r} has no zone")
    offset = "+00:00" if zone in ("Z", "z", "UTC") else zone
    fraction = (parts["fraction"] or "")[:7]
    try:
        return datetime.fromisoformat(f"{parts['day']}T{parts['clock']}{fraction}{offset}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is not a time") from error


def _epoch(number: float) -> datetime | None:
    if number == 0:
        return None
    if number < 0:
        raise ValueError(f"{number!r} is not a time")
    try:
        return datetime.fromtimestamp(number / 1000 if number > _MILLISECONDS else number, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{number!r} is not a time") from error
