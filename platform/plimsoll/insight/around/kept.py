"""Maps that were put together before: the same minutes with the same traffic give the same map."""

from datetime import datetime
from functools import lru_cache

from plimsoll.insight.topology import Scope, Whole, whole
from plimsoll.insight.topology.compare_windows import Comparison, Windows, comparison
from plimsoll.store.queries import changed

# What tells whether the minutes of a window are still the same.
_Traffic = tuple[int, int]


def kept_whole(start: datetime, end: datetime, scope: Scope) -> Whole:
    """Return the map of a window."""
    return _whole(start, end, scope, changed.traffic(start, end))


def kept_comparison(sides: Windows, scope: Scope) -> Comparison:
    """Return the comparison of two windows."""
    return _comparison(sides, scope, changed.traffic(*sides.before), changed.traffic(*sides.after))


# A map of two thousand edges is some megabytes.
@lru_cache(maxsize=8)
def _whole(start: datetime, end: datetime, scope: Scope, traffic: _Traffic) -> Whole:
    return whole(start=start, end=end, scope=scope)


@lru_cache(maxsize=32)
def _comparison(sides: Windows, scope: Scope, before: _Traffic, after: _Traffic) -> Comparison:
    return comparison(sides, scope)
