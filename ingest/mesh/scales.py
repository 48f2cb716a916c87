"""Exponential histograms: exact on the fine sketch, or at a coarser scale with the bounds that it has.

At scale s, bucket i holds what lies in (base^i, base^(i+1)] with base = 2^(2^-s) (mesh-dialects, section 11). Two
buckets of a scale are one at the next coarser one, so values at a scale become values at a coarser one without loss.
"""

from functools import lru_cache
from typing import Final

from ingest.mesh.points import COUNT, Bounds, Values
from plimsoll.insight.sketch import HIGHEST, LOWEST, PER_OCTAVE

FINE_SCALE: Final = 5
COARSEST_SCALE: Final = -2


@lru_cache(maxsize=16)
def bounds_of(scale: int) -> Bounds:
    """Return the upper bounds in ms of the buckets kept at a scale, over the range of the sketch, which is ()."""
    if scale >= FINE_SCALE:
        return ()
    shift = FINE_SCALE - scale
    octaves = (1 << shift) / PER_OCTAVE
    return tuple(2 ** ((index + 1) * octaves) for index in range(LOWEST >> shift, (HIGHEST >> shift) + 1))


def bucket_kept(index: int, scale: int) -> int:
    """Return the bucket that keeps bucket `index` of a scale: of the sketch, or of `bounds_of`, counted from 0."""
    if scale >= FINE_SCALE:
        return min(max(index >> (scale - FINE_SCALE), LOWEST), HIGHEST)
    first, last = LOWEST >> (FINE_SCALE - scale), HIGHEST >> (FINE_SCALE - scale)
    return min(max(index, first), last) - first


def scale_of(bounds: Bounds) -> int | None:
    """Return the scale that bounds are those of; None for a source's own."""
    return _SCALES.get(bounds)


def coarsened(values: Values, scale: int, coarser: int) -> Values:
    """Return values that are kept at a scale as they are kept at a coarser one."""
    first = 0 if scale >= FINE_SCALE else LOWEST >> (FINE_SCALE - scale)
    at_coarser: Values = {}
    for key, n in values.items():
        kept = key if key >= COUNT else bucket_kept((key + first) >> (scale - coarser), coarser)
        at_coarser[kept] = at_coarser.get(kept, 0.0) + n
    return at_coarser


_SCALES: Final = {bounds_of(scale): scale for scale in range(COARSEST_SCALE, FINE_SCALE + 1)}
