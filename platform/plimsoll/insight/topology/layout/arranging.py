"""Columns with an order: from scratch, or from what was there before with what is new put in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from plimsoll.insight.topology.layout import ordering
from plimsoll.insight.topology.layout.columns import COLUMNS, by_depth

# Key: column, and order in it. What is stored.
Places = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Keys by column, in order."""

    columns: tuple[tuple[str, ...], ...]

    @property
    def places(self) -> dict[str, tuple[int, int]]:
        """The column and the order of each key."""
        return {key: (c, n) for c, column in enumerate(self.columns) for n, key in enumerate(column)}


def arranged(
    keys: Sequence[str], edges: Iterable[tuple[str, str]], fixed: Mapping[str, int], kept: Places | None = None
) -> Arrangement:
    """Return the columns. `keys` are in an order that stays the same; `fixed` are the columns that are known.

    What is in `kept` keeps its column, unless another one is fixed, and its order among the others that are kept.
    """
    kept = {key: place for key, place in (kept or {}).items() if 0 <= place[0] < COLUMNS}
    numbers = {key: number for number, key in enumerate(keys)}
    pairs = {(numbers[one], numbers[other]) for one, other in edges if one in numbers and other in numbers}
    called: list[list[int]] = [[] for _ in keys]
    neighbours: list[list[int]] = [[] for _ in keys]
    for one, other in sorted(pairs):
        called[one].append(other)
        neighbours[one].append(other)
        neighbours[other].append(one)
    known = {numbers[key]: fixed.get(key, kept[key][0]) for key in kept if key in numbers}
    known |= {numbers[key]: column for key, column in fixed.items() if key in numbers}
    column_of = by_depth(called, known)
    columns: list[list[int]] = [[] for _ in range(COLUMNS)]
    for number, column in enumerate(column_of):
        columns[column].append(number)
    old = {numbers[key]: place[1] for key, place in kept.items() if key in numbers}
    found = _with_kept(columns, neighbours, old) if old else ordering.ordered(columns, neighbours, column_of)
    return Arrangement(tuple(tuple(keys[number] for number in column) for column in found))


def _with_kept(
    columns: Sequence[Sequence[int]], neighbours: Sequence[Sequence[int]], old: Mapping[int, int]
) -> list[list[int]]:
    """Return columns in the order that was kept, with what is new near what it is connected with."""
    kept = [sorted((n for n in column if n in old), key=lambda n: (old[n], n)) for column in columns]
    heights = ordering.heights_of(kept, len(neighbours))
    known = [[other for other in others if other in old] for others in neighbours]
    new = [[n for n in column if n not in old] for column in columns]
    return [ordering.inserted(*both, known, heights) for both in zip(kept, new, strict=True)]
