"""Latency as a base-2 exponential histogram at scale 5, in milliseconds (mesh-dialects, section 11).

Bucket `i` holds latencies in (2^(i/32), 2^((i+1)/32)] ms, from 0.01 ms to 1 h; what lies outside goes to the first
or the last bucket. Merging is adding buckets, so minutes, hours and replicas add up without loss. A quantile is off
by at most 1.09 %. Histograms with bounds of their own keep them: their quantiles are intervals.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import ceil, inf, log2
from typing import Final

PER_OCTAVE: Final = 32
LOWEST: Final = ceil(log2(0.01) * PER_OCTAVE) - 1
HIGHEST: Final = ceil(log2(3_600_000) * PER_OCTAVE) - 1
_COUNT_BITS: Final = 40
_COUNT_MASK: Final = (1 << _COUNT_BITS) - 1


def bucket_of(ms: float) -> int:
    """Return the bucket of a latency in milliseconds."""
    if ms <= 0.01:
        return LOWEST
    return min(ceil(log2(ms) * PER_OCTAVE) - 1, HIGHEST)


# What counts downwards from here is positive for any 64-bit number of nanoseconds, so that int() is a floor.
_TOP: Final = 64 * PER_OCTAVE
# A bucket holds its upper bound, whichever way the logarithm was rounded.
_FROM_TOP: Final = _TOP + log2(1_000_000) * PER_OCTAVE + 1e-9


def buckets_of_ns(durations_ns: Sequence[int]) -> dict[int, int]:
    """Return the sketch of many durations in nanoseconds, none negative: the hot path's form of `bucket_of`.

    A sixth of a microsecond each, where `bucket_of` takes half of one.
    """
    logarithms = map(log2, durations_ns if 0 not in durations_ns else [max(ns, 1) for ns in durations_ns])
    # ceil(x) - 1 = top - 1 - floor(top - x)
    counts = Counter([int(_FROM_TOP - PER_OCTAVE * logarithm) for logarithm in logarithms])
    buckets: dict[int, int] = {}
    for below_top, n in counts.items():
        bucket = min(max(_TOP - 1 - below_top, LOWEST), HIGHEST)
        buckets[bucket] = buckets.get(bucket, 0) + n
    return buckets


def pack(buckets: Mapping[int, int]) -> list[int]:
    """Return the stored form: one integer a bucket, `bucket * 2^40 + count`, ordered."""
    return [(bucket << _COUNT_BITS) | n for bucket, n in sorted(buckets.items())]


def unpack(stored: Iterable[int]) -> dict[int, int]:
    """Return buckets from their stored form; parts of the same bucket are added."""
    buckets: dict[int, int] = {}
    for part in stored:
        bucket = part >> _COUNT_BITS
        buckets[bucket] = buckets.get(bucket, 0) + (part & _COUNT_MASK)
    return buckets


def merge(sketches: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """Return the sum of sketches."""
    total: dict[int, int] = {}
    for sketch in sketches:
        for bucket, n in sketch.items():
            total[bucket] = total.get(bucket, 0) + n
    return total


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile in milliseconds: where it must lie, and one value to show."""

    value_ms: float
    lower_ms: float
    upper_ms: float


def quantile(buckets: Mapping[int, int], q: float) -> Quantile | None:
    """Return the q-quantile of a fine sketch, or None when it is empty."""
    bucket = _bucket_at(buckets, q)
    if bucket is None:
        return None
    return _fine(bucket)


def quantiles(buckets: Mapping[int, int], qs: Sequence[float]) -> list[Quantile | None]:
    """Return several quantiles of a fine sketch: the buckets are gone through once."""
    total = sum(buckets.values())
    if not total:
        return [None] * len(qs)
    ordered = sorted(buckets)
    # How many values there are up to each bucket: a quantile is in the first one that reaches its rank.
    reached = list(accumulate([buckets[bucket] for bucket in ordered]))
    return [_fine(ordered[bisect_left(reached, max(1, ceil(q * total)))]) for q in qs]


# There are some nine hundred buckets, and a map has thousands of quantiles.
@lru_cache(maxsize=1024)
def _fine(bucket: int) -> Quantile:
    return Quantile(
        value_ms=2 ** ((bucket + 0.5) / PER_OCTAVE),
        lower_ms=2 ** (bucket / PER_OCTAVE),
        upper_ms=2 ** ((bucket + 1) / PER_OCTAVE),
    )


def bounded_quantile(buckets: Mapping[int, int], bounds_ms: Sequence[float], q: float) -> Quantile | None:
    """Return the q-quantile of a histogram with its own upper bounds: the interval, and a linear interpolation in it.

    In the last, unbounded bucket nothing is known but that the value is above the last bound: that bound is shown.
    """
    bucket = _bucket_at(buckets, q)
    if bucket is None:
        return None
    lower = bounds_ms[bucket - 1] if bucket > 0 else 0.0
    if bucket >= len(bounds_ms):
        return Quantile(value_ms=lower, lower_ms=lower, upper_ms=inf)
    total = sum(buckets.values())
    before = sum(n for index, n in buckets.items() if index < bucket)
    share = min(max((q * total - before) / buckets[bucket], 0.0), 1.0)
    upper = bounds_ms[bucket]
    return Quantile(value_ms=lower + (upper - lower) * share, lower_ms=lower, upper_ms=upper)


def _bucket_at(buckets: Mapping[int, int], q: float) -> int | None:
    """Return the bucket that holds the q-quantile: the value of rank ceil(q n), as in the sorted data."""
    total = sum(buckets.values())
    if not total:
        return None
    rank = max(1, ceil(q * total))
    seen = 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= rank:
            return bucket
    raise AssertionError("unreachable: the ranks of all buckets add up to the total")
