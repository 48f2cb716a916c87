"""When work happens: how many deployments a day has, and at which moments, in the organisation's time zone."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

# Deployments from Monday to Sunday. A week of the last four has 121, so 28 days have 484: 17.3 a day (ux, section 3.7);
# the four weeks before had 15.1 a day and the time before them 13.7.
NOW, PRIOR, EARLY = (22, 24, 25, 23, 19, 4, 4), (20, 21, 22, 20, 17, 3, 3), (18, 19, 20, 18, 15, 3, 3)
# How busy each local hour is, from 7 to 20 o'clock; lunch is quieter.
_HOURS = {7: 1, 8: 4, 9: 9, 10: 11, 11: 10, 12: 5, 13: 7, 14: 10, 15: 10, 16: 9, 17: 6, 18: 3, 19: 1}


def level(day: int) -> tuple[int, ...]:
    """Return the week's plan for a day counted from the anchor's: negative days are the past."""
    if day >= -28:
        return NOW
    return PRIOR if day >= -56 else EARLY


def quota(day: int, on: date) -> int:
    """Return how many deployments a day has."""
    return level(day)[on.weekday()]


def moments(on: date, count: int, zone: ZoneInfo, random: Random) -> list[datetime]:
    """Return `count` moments of a local day in ascending order, to the second, spread over its busy hours."""
    shares = [(index + random.uniform(0.1, 0.9)) / count for index in range(count)]
    midnight = datetime.combine(on, time(), zone)
    return [(midnight + _elapsed(share)).astimezone(UTC) for share in shares]


def _elapsed(share: float) -> timedelta:
    """Return the wall-clock time at which this share of a day's work is done."""
    left = share * sum(_HOURS.values())
    for hour, weight in _HOURS.items():
        if left <= weight:
            return timedelta(hours=hour, seconds=round(3600 * left / weight))
        left -= weight
    return timedelta(hours=max(_HOURS) + 1)
