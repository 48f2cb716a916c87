"""Windows of time and the calendar buckets inside them, in a time zone and across its clock changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Bucket = Literal["all", "hour", "day", "week", "month"]
BUCKETS: tuple[Bucket, ...] = ("all", "hour", "day", "week", "month")
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time from `start` up to but without `end`, and the zone in which its days are counted."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    def __post_init__(self) -> None:
        # Differences of two times of one zone would be read off the clock, not measured.
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))

    def __contains__(self, moment: datetime | None) -> bool:
        return moment is not None and self.start <= moment < self.end

    @property
    def days(self) -> float:
        """The length in calendar days: a day of 23 or 25 hours is one day, and an hour of it 1/23 or 1/25."""
        return sum(self._parts())

    def _parts(self) -> Iterator[float]:
        """Yield, for each calendar day the window touches, the share of it that lies inside."""
        day = local_day(self.start, self.zone)
        while (begins := day_start(day, self.zone)) < self.end:
            ends = day_start(day + _DAY, self.zone)
            inside = min(ends, self.end) - max(begins, self.start)
            if inside > timedelta(0):  # A zone that moved over the date line skipped a day altogether.
                yield inside / (ends - begins)
            day += _DAY


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of a moment in a zone."""
    return moment.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a calendar day, in UTC; where clocks skip midnight, the moment they skipped to."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def buckets(window: Window, bucket: Bucket) -> list[Window]:
    """Return the calendar buckets that a window touches, the first and the last cut to it. Weeks start on Monday."""
    if bucket == "all":
        return [window]
    found = []
    start = window.start
    while start < window.end:
        end = min(_next_start(start, bucket, window.zone), window.end)
        found.append(Window(start, end, window.zone))
        start = end
    return found


def _next_start(moment: datetime, bucket: Bucket, zone: ZoneInfo) -> datetime:
    """Return when the bucket after the one that holds the moment begins."""
    if bucket == "hour":
        return _next_hour(moment, zone)
    day = _following(local_day(moment, zone), bucket)
    # Where clocks fell back over midnight the day before is read twice: its second reading belongs to the new day.
    while (start := day_start(day, zone)) <= moment:
        day = _following(day, bucket)
    return start


def _following(day: date, bucket: Bucket) -> date:
    """Return the first day of the bucket after the one that holds the day."""
    if bucket == "month":
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return day + (timedelta(days=7 - day.weekday()) if bucket == "week" else _DAY)


def _next_hour(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the next full hour of the zone's clock, which also strikes after a change of half an hour."""
    clock = moment.astimezone(zone)
    past = timedelta(minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)
    candidate = moment - past + _HOUR
    shifted = candidate.astimezone(zone).minute
    return candidate + timedelta(minutes=60 - shifted) if shifted else candidate
