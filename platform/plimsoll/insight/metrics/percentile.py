"""Percentiles as PostgreSQL's percentile_cont computes them: continuous, linear between the two nearest values."""

from collections.abc import Iterable


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the value below which `share` (0 to 1) of the values lie, or None when there are none."""
    ordered = sorted(values)
    if not ordered:
        return None
    position = share * (len(ordered) - 1)
    lower = int(position)
    below, above = ordered[lower], ordered[min(lower + 1, len(ordered) - 1)]
    return below + (above - below) * (position - lower)


def ratio(part: int, whole: int) -> float | None:
    """Return part / whole, or None when there is no whole."""
    return part / whole if whole else None
