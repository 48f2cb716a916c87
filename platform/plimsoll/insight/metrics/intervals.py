"""Stretches of time as pairs of start and end."""

from collections.abc import Iterable
from datetime import datetime, timedelta

Interval = tuple[datetime, datetime]


def union(intervals: Iterable[Interval]) -> timedelta:
    """Return how long at least one of the intervals lasted; empty and backward ones last no time."""
    total, reached = timedelta(0), None
    for start, end in sorted(intervals):
        begins = start if reached is None else max(start, reached)
        total += max(end - begins, timedelta(0))
        reached = end if reached is None else max(end, reached)
    return total
