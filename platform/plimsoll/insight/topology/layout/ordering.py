"""The order within columns: sweeps that put each thing at the median of what it is connected with."""

from collections.abc import Sequence
from typing import Final

SWEEPS: Final = 6

Neighbours = Sequence[Sequence[int]]


def ordered(columns: Sequence[Sequence[int]], neighbours: Neighbours, column_of: Sequence[int]) -> list[list[int]]:
    """Return the columns in an order with short ways between what is connected; the same for the same input."""
    best = [list(column) for column in columns]
    heights = _heights(best, len(column_of))
    least = _length(neighbours, heights)
    current = [list(column) for column in best]
    before = [[other for other in others if column_of[other] < column_of[n]] for n, others in enumerate(neighbours)]
    after = [[other for other in others if column_of[other] > column_of[n]] for n, others in enumerate(neighbours)]
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        side = before if forward else after
        for index in range(len(current)) if forward else range(len(current) - 1, -1, -1):
            _sort(current[index], side, heights)
        length = _length(neighbours, heights)
        if length < least:
            least, best = length, [list(column) for column in current]
    return best


def inserted(column: Sequence[int], new: Sequence[int], neighbours: Neighbours, heights: Sequence[float]) -> list[int]:
    """Return a column that keeps its order, with new things where what they are connected with is."""
    result = list(column)
    at = {number: (heights[number], 0, index) for index, number in enumerate(column)}
    top = max((heights[number] for number in column), default=0.0) + 1
    for index, number in enumerate(new):
        found = _median([heights[other] for other in neighbours[number]])
        at[number] = (top if found is None else found, 1, index)
    for number in sorted(new, key=at.__getitem__):
        place = next((n for n, other in enumerate(result) if at[other] > at[number]), len(result))
        result.insert(place, number)
    return result


def heights_of(columns: Sequence[Sequence[int]], count: int) -> list[float]:
    """Return a height for each thing: columns stand centred beside each other."""
    return _heights(columns, count)


def _heights(columns: Sequence[Sequence[int]], count: int) -> list[float]:
    heights = [0.0] * count
    for column in columns:
        _set(column, heights)
    return heights


def _set(column: Sequence[int], heights: list[float]) -> None:
    middle = (len(column) - 1) / 2
    for index, number in enumerate(column):
        heights[number] = index - middle


def _sort(column: list[int], side: Neighbours, heights: list[float]) -> None:
    """Sort a column by the medians of one side; what has nothing there keeps its place among the others."""
    wanted = {}
    for number in column:
        found = _median([heights[other] for other in side[number]])
        wanted[number] = heights[number] if found is None else found
    column.sort(key=wanted.__getitem__)
    _set(column, heights)


def _median(values: list[float]) -> float | None:
    if not values:
        return None
    values.sort()
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def _length(neighbours: Neighbours, heights: Sequence[float]) -> float:
    total = 0.0
    for number, others in enumerate(neighbours):
        here = heights[number]
        for other in others:
            total += abs(here - heights[other])
    return total
