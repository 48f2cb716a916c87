"""Heights: each thing as near to what it is connected with as the order in its column and the room allow."""

from collections.abc import Mapping, Sequence
from typing import Final

PASSES: Final = 4


def placed(
    columns: Sequence[Sequence[str]],
    edges: Sequence[tuple[str, str]],
    sizes: Mapping[str, float],
    gap: float,
    room: tuple[float, float],
) -> dict[str, float]:
    """Return the middle of each thing: at least `gap` apart in its column, within the room if that is large enough."""
    neighbours: dict[str, list[str]] = {key: [] for column in columns for key in column}
    column_of = {key: index for index, column in enumerate(columns) for key in column}
    for one, other in edges:
        if one in neighbours and other in neighbours and column_of[one] != column_of[other]:
            neighbours[one].append(other)
            neighbours[other].append(one)
    middles: dict[str, float] = {}
    offsets = {key: offset for column in columns for key, offset in _offsets(column, sizes, gap).items()}
    for column in columns:
        middle = (room[0] + room[1]) / 2
        _settle(column, dict.fromkeys(column, middle), offsets, sizes, room, middles)
    indexes = range(len(columns))
    for number in range(PASSES):
        for index in indexes if number % 2 == 0 else reversed(indexes):
            column = columns[index]
            wanted = {key: _mean(neighbours[key], middles, middles[key]) for key in column}
            _settle(column, wanted, offsets, sizes, room, middles)
    return middles


def _offsets(column: Sequence[str], sizes: Mapping[str, float], gap: float) -> dict[str, float]:
    """Return how far below the first one's middle each one's middle is at the least."""
    offsets: dict[str, float] = {}
    below = 0.0
    for index, key in enumerate(column):
        if index:
            below += (sizes[column[index - 1]] + sizes[key]) / 2 + gap
        offsets[key] = below
    return offsets


def _mean(others: Sequence[str], middles: Mapping[str, float], otherwise: float) -> float:
    return sum(middles[other] for other in others) / len(others) if others else otherwise


def _settle(
    column: Sequence[str],
    wanted: Mapping[str, float],
    offsets: Mapping[str, float],
    sizes: Mapping[str, float],
    room: tuple[float, float],
    middles: dict[str, float],
) -> None:
    """Put a column as near as can be to where its things want to be.

    Less the least distances, heights only have to ascend: the nearest ascending ones are found by pooling adjacent
    violators, and cut off at the room's ends they still are.
    """
    if not column:
        return
    fitted = isotonic([wanted[key] - offsets[key] for key in column])
    first, last = column[0], column[-1]
    top, bottom = room[0] + sizes[first] / 2, room[1] - sizes[last] / 2 - offsets[last]
    if bottom < top:
        # No room for all: centred, and the drawing grows.
        top = bottom = (top + bottom) / 2
    for key, value in zip(column, fitted, strict=True):
        middles[key] = min(max(value, top), bottom) + offsets[key]


def isotonic(values: Sequence[float]) -> list[float]:
    """Return the ascending values nearest to the given ones, by least squares (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for value in values:
        total, count = value, 1
        while pools and pools[-1][0] * count >= total * pools[-1][1]:
            before, members = pools.pop()
            total, count = total + before, count + members
        pools.append((total, count))
    return [total / count for total, count in pools for _ in range(count)]
