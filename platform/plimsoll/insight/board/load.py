"""How much of its marks somebody uses: the measure behind the bars of a board's teams."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf

from plimsoll.insight.levels import HIGHER_IS_BETTER


@dataclass(frozen=True, slots=True)
class Load:
    """The figure that stands worst to its mark; `ratio` is 1 on the mark and more beyond it."""

    metric: str
    value: float
    mark: float
    ratio: float


def load(metric: str, value: float | None, mark: float | None) -> Load | None:
    """Return how much of the mark a figure uses up; None when either is unknown.

    Of a limit it is the part that is reached. Of a goal, such as a frequency, it is how many times over the figure
    would have to grow to reach it.
    """
    if value is None or mark is None:
        return None
    above, below = (mark, value) if metric in HIGHER_IS_BETTER else (value, mark)
    ratio = above / below if below else inf if above else 1.0
    return Load(metric, value, mark, ratio)


def worst(values: Mapping[str, float | None], marks: Mapping[str, float | None]) -> Load | None:
    """Return the load of the figure that stands worst to its mark; None when no figure has both a value and a mark."""
    loads: Iterable[Load | None] = (load(metric, value, marks.get(metric)) for metric, value in values.items())
    return max((each for each in loads if each is not None), key=lambda each: each.ratio, default=None)
