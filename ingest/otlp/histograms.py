"""The values of metric points: sums, and histograms with buckets of their own or on an exponential scale."""

from functools import lru_cache
from itertools import pairwise
from math import isfinite
from typing import Any, Final

from ingest.mesh.points import NO_MORE, Bounds, Buckets, Numbers, Values
from plimsoll.insight.sketch import HIGHEST, LOWEST, PER_OCTAVE

_MOST_BOUNDS: Final = 500
_FINE_SCALE: Final = 5
_COARSEST_SCALE: Final = -2


class Unreadable(ValueError):
    """The point contradicts itself; the text says how."""


def numbers_of(point: Any, kind: str, factor: float) -> tuple[Numbers, Bounds, Buckets]:
    """Return a histogram's count, sum and buckets, the upper bounds in ms, and the buckets of an exponential one.

    `factor` turns the unit of a histogram into ms. Raises Unreadable.
    """
    total = point.sum * factor if isfinite(point.sum) else 0.0
    if kind == "histogram":
        counts = point.bucket_counts
        bounds = _explicit(tuple(point.explicit_bounds), len(counts), factor)
        return (point.count, total, *counts) if bounds else (point.count, total), bounds, NO_MORE
    buckets, bounds = _exponential(point, factor)
    return (point.count, total), bounds, buckets


@lru_cache(maxsize=1024)
def _explicit(bounds: Bounds, buckets: int, factor: float) -> Bounds:
    """Return the bounds of so many buckets in ms; none where nothing is told apart. Raises Unreadable."""
    if not buckets:
        return ()
    if buckets != len(bounds) + 1 or len(bounds) > _MOST_BOUNDS or not _ascends(bounds):
        raise Unreadable("histogram's bounds do not fit its buckets")
    return tuple(bound * factor for bound in bounds)


def _ascends(bounds: Bounds) -> bool:
    return all(map(isfinite, bounds)) and all(low < high for low, high in pairwise(bounds))


def _exponential(point: Any, factor: float) -> tuple[Values, Bounds]:
    """Convert exactly: to the fine sketch where the scale allows, else to bounds at the scale it has (section 6.6)."""
    scale = point.scale
    if factor != 1.0 or scale < _COARSEST_SCALE or point.negative.bucket_counts:
        raise Unreadable("exponential histogram is not in ms, is too coarse or has negative values")
    values: Values = {}
    bounds = () if scale >= _FINE_SCALE else _bounds(scale)
    lowest = LOWEST if not bounds else 0
    if point.zero_count:
        values[lowest] = float(point.zero_count)
    for at, n in enumerate(point.positive.bucket_counts):
        if not n:
            continue
        index = point.positive.offset + at
        if bounds:
            # Bucket i ends at base^(i+1), and the bounds begin with the end of the bucket `first`.
            bucket = min(max(index - _first(scale), 0), len(bounds))
        else:
            bucket = min(max(index >> (scale - _FINE_SCALE), LOWEST), HIGHEST)
        values[bucket] = values.get(bucket, 0.0) + n
    return values, bounds


def _first(scale: int) -> int:
    """Return the lowest bucket kept at a coarse scale: the one that the fine sketch's first bucket lies in."""
    return LOWEST >> (_FINE_SCALE - scale)


@lru_cache(maxsize=16)
def _bounds(scale: int) -> Bounds:
    """Return the upper bounds of all buckets at a coarse scale, over the range of the fine sketch."""
    shift = _FINE_SCALE - scale
    octaves = (1 << shift) / PER_OCTAVE
    return tuple(2 ** ((index + 1) * octaves) for index in range(LOWEST >> shift, (HIGHEST >> shift) + 1))
