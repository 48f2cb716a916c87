"""Latencies with a 95th percentile that is known: a handful of values with the shares they have."""

from plimsoll.insight import sketch

# Latency in units of the 95th percentile, and up to which share of all calls it goes. The median is a third.
_SHAPE = ((0.18, 0.25), (1 / 3, 0.55), (0.55, 0.80), (1.0, 0.965), (1.4, 0.99), (2.2, 1.0))


def at(share: float, p95_ms: float) -> float:
    """Return the latency that so large a share of the calls stays under."""
    return p95_ms * next(factor for factor, upto in _SHAPE if share <= upto)


def buckets(calls: int, p95_ms: float) -> dict[int, int]:
    """Return how many of these calls fall into each bucket of the sketch."""
    found: dict[int, int] = {}
    before = 0
    for factor, upto in _SHAPE:
        until = round(upto * calls)
        bucket = sketch.bucket_of(factor * p95_ms)
        found[bucket] = found.get(bucket, 0) + until - before
        before = until
    return {bucket: n for bucket, n in found.items() if n}
