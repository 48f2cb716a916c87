"""The levels of the 2023 State of DevOps report, one a metric, and whether a figure got better.

There is no single overall level (dora-definitions, section 4). A level is of the value that is shown: of recovery time
the p90, which is stricter than the report's typical time.
"""

from dataclasses import dataclass
from typing import Literal

Level = Literal["elite", "high", "medium", "low"]
Verdict = Literal["better", "worse", "same"]

# Fewer events than this earn no level (ux, section 1).
ENOUGH = 5
HIGHER_IS_BETTER = frozenset({"deployment_frequency"})

_DAY = 86_400.0
# The report's month, for a rate a day and for a wait alike.
_MONTH_DAYS = 30.0
_RATES: tuple[tuple[Level, float], ...] = (("high", 1 / 7), ("medium", 1 / _MONTH_DAYS))
_SHARES: tuple[tuple[Level, float], ...] = (("elite", 0.05), ("high", 0.10), ("medium", 0.15))
_WAITS: dict[str, tuple[tuple[Level, float], ...]] = {
    "lead_time": (("elite", _DAY), ("high", 7 * _DAY), ("medium", _MONTH_DAYS * _DAY)),
    "recovery_time": (("elite", _DAY / 24), ("high", _DAY), ("medium", 7 * _DAY)),
}


@dataclass(frozen=True, slots=True)
class Trend:
    """How far a figure moved, in its own unit, and whether that is good."""

    delta: float
    verdict: Verdict


def level(metric: str, value: float | None, n: int | None) -> Level | None:
    """Return the level of a value that was computed from `n` events; None for too few, or for a metric without levels.

    A frequency needs no number of events: few deployments are what it measures.
    """
    if value is None:
        return None
    if metric == "deployment_frequency":
        # The report's "on demand" is more often than its next answer, once a day.
        return "elite" if value > 1 else next((name for name, least in _RATES if value >= least), "low")
    if (n or 0) < ENOUGH:
        return None
    if metric == "change_failure_rate":
        return next((name for name, most in _SHARES if value <= most), "low")
    bounds = _WAITS.get(metric)
    return None if bounds is None else next((name for name, below in bounds if value < below), "low")


def trend(metric: str, value: float | None, before: float | None) -> Trend | None:
    """Return how a figure moved since the equal window before; None when either is unknown."""
    if value is None or before is None:
        return None
    delta = value - before
    if not delta:
        return Trend(0.0, "same")
    return Trend(delta, "better" if (delta > 0) == (metric in HIGHER_IS_BETTER) else "worse")
