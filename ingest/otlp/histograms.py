"""The values of metric points: sums, and histograms with buckets of their own or on an exponential scale."""

from functools import lru_cache
from itertools import pairwise
from math import isfinite
from typing import Any, Final

from ingest.mesh.points import MOST_COUNT, NO_MORE, Bounds, Buckets, Numbers, Values
from ingest.mesh.scales import COARSEST_SCALE, bounds_of, bucket_kept
from plimsoll.insight.sketch import LOWEST

_MOST_BOUNDS: Final = 500
_TOO_MANY: Final = "a count of a histogram is above 2^53"


class Unreadable(ValueError):
    """The point contradicts itself; the text says how."""


def numbers_of(point: Any, kind: str, factor: float) -> tuple[Numbers, Bounds, Buckets]:
    """Return a histogram's count, sum and buckets, the upper bounds in ms, and the buckets of an exponential one.

    `factor` turns the unit of a histogram into ms. Raises Unreadable.
    """
    total = point.sum * factor
    if not 0.0 <= total <= MOST_COUNT:
        total = 0.0
    counts = point.bucket_counts if kind == "histogram" else point.positive.bucket_counts
    if point.count > MOST_COUNT or sum(counts) > MOST_COUNT:
        raise Unreadable(_TOO_MANY)
    if kind == "histogram":
        bounds = _explicit(tuple(point.explicit_bounds), len(counts), factor)
        return (point.count, total, *counts) if bounds else (point.count, total), bounds, NO_MORE
    buckets, bounds = _exponential(point, factor)
    return (point.count, total), bounds, buckets


@lru_cache(maxsize=1024)
def _explicit(bounds: Bounds, buckets: int, factor: float) -> Bounds:
    """Return the bounds of so many buckets in ms; none where nothing is told apart. Raises Unreadable."""
    if not buckets:
        return ()
    in_ms = tuple(bound * factor for bound in bounds)
    if buckets != len(bounds) + 1 or len(bounds) > _MOST_BOUNDS or not _ascends(in_ms):
        raise Unreadable("histogram's bounds do not fit its buckets")
    return in_ms


def _ascends(bounds: Bounds) -> bool:
    return all(map(isfinite, bounds)) and all(low < high for low, high in pairwise(bounds))


def _exponential(point: Any, factor: float) -> tuple[Values, Bounds]:
    """Convert exactly: to the fine sketch where the scale allows, else to bounds at the scale it has (section 6.6)."""
    scale = point.scale
    if factor != 1.0 or scale < COARSEST_SCALE or point.negative.bucket_counts:
        raise Unreadable("exponential histogram is not in ms, is too coarse or has negative values")
    if point.zero_count > MOST_COUNT:
        raise Unreadable(_TOO_MANY)
    bounds = bounds_of(scale)
    values: Values = {}
    if point.zero_count:
        values[0 if bounds else LOWEST] = float(point.zero_count)
    for index, n in enumerate(point.positive.bucket_counts, point.positive.offset):
        if n:
            bucket = bucket_kept(index, scale)
            values[bucket] = values.get(bucket, 0.0) + n
    return values, bounds
