"""A metric over a window put together from parts of the window: counts add up, and percentiles are of all durations.

So one look at each day's facts answers for any run of days and any set of teams, exactly as the metric itself would.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from plimsoll.insight.metrics.figure import Figure
from plimsoll.insight.metrics.percentile import percentile, ratio

HEADLINES: Mapping[str, str] = {
    "deployment_frequency": "per_day",
    "lead_time": "p50_s",
    "change_failure_rate": "rate",
    "recovery_time": "p90_s",
}
"""The four metrics in the order of the board, and which of their values is the one in large type."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a metric found in a stretch of time: how many, not which."""

    n: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    subsets: Mapping[str, int] = field(default_factory=dict)
    samples: tuple[float, ...] = ()
    open_at_least_s: float | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it stays as it is while nothing new is reported, whatever the time."""
        return not self.subsets.get("pending") and not self.subsets.get("censored")


NOTHING = Part()


def part_of(figure: Figure) -> Part:
    """Return what adds up of a figure."""
    if not (figure.counted or figure.left_out or figure.subsets):
        return NOTHING
    return Part(
        figure.n,
        figure.left_out_reasons,
        {name: len(ids) for name, ids in figure.subsets.items()},
        tuple(sorted(figure.samples)),
        figure.values.get("open_at_least_s"),
    )


def together(parts: Iterable[Part]) -> Part:
    """Return the part that several, of different facts, are together."""
    found = [part for part in parts if part is not NOTHING]
    if len(found) <= 1:
        return found[0] if found else NOTHING
    longest = max((part.open_at_least_s for part in found if part.open_at_least_s is not None), default=None)
    # Sorted, for what is put together again: sorting a few runs takes a third of the time that sorting anew does.
    samples = tuple(sorted(chain.from_iterable(part.samples for part in found)))
    n, left_out = sum(part.n for part in found), _added(part.left_out for part in found)
    return Part(n, left_out, _added(part.subsets for part in found), samples, longest)


def _added(counts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    total: dict[str, int] = {}
    for each in counts:
        for name, count in each.items():
            total[name] = total.get(name, 0) + count
    return total


def values(metric: str, part: Part, days: float) -> dict[str, float | None]:
    """Return those of the metric's values that parts can tell over so many days, as the metric itself computes them."""
    match metric:
        case "deployment_frequency":
            return {"count": part.n, "per_day": part.n / days if days else None}
        case "change_failure_rate":
            failed = part.subsets.get("failed", 0)
            return {
                "rate": ratio(failed, part.n),
                "failed": failed,
                "pending": part.subsets.get("pending", 0),
                "pending_failed": part.subsets.get("pending_failed", 0),
            }
        case "recovery_time":
            return {
                **_percentiles(part.samples, 50, 90),
                "censored": part.subsets.get("censored", 0),
                "open_at_least_s": part.open_at_least_s,
            }
        case _:
            return _percentiles(part.samples, 50, 75, 90)


def _percentiles(samples: Iterable[float], *shares: int) -> dict[str, float | None]:
    ordered = sorted(samples)
    return {f"p{share}_s": percentile(ordered, share / 100) for share in shares}
