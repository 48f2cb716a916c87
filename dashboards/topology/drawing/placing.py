"""Items become frames: columns side by side with equal gaps, and heights from the layout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dashboards.topology.drawing.curves import Frame
from dashboards.topology.drawing.shapes import Item
from plimsoll.insight.topology.layout import Arrangement, arranged, placed
from plimsoll.insight.topology.layout.arranging import Places

WIDTH: Final = 1071.0
HEIGHT: Final = 692.0
TOP: Final = 38.0
_MARGIN: Final = 22.0
_LEAST_GAP: Final = 56.0


@dataclass(frozen=True, slots=True)
class Placed:
    """Where everything is: the frame of each item, the left end of each column, and how large the drawing is."""

    arrangement: Arrangement
    frames: Mapping[str, Frame]
    lefts: Sequence[float]
    width: float
    height: float


def place(
    items: Mapping[str, Item], pairs: Sequence[tuple[str, str]], kept: Places | None, gaps: tuple[float, float]
) -> Placed:
    """Return where the items are. `gaps` are the least and the most between two in a column."""
    fixed = {key: item.column for key, item in items.items() if item.column is not None}
    return settled(items, pairs, arranged(list(items), pairs, fixed, kept), gaps)


def settled(
    items: Mapping[str, Item], pairs: Sequence[tuple[str, str]], found: Arrangement, gaps: tuple[float, float]
) -> Placed:
    """Return where the items of an arrangement are, all together in the middle of the room."""
    heights = [sum(items[key].h for key in column) for column in found.columns]
    bottom, gap = _room(heights, [len(column) for column in found.columns], gaps)
    widths = [max((items[key].w for key in column), default=0.0) for column in found.columns]
    middles = placed(found.columns, pairs, {key: item.h for key, item in items.items()}, gap, (TOP, bottom))
    lefts, width = _lefts(widths)
    ends = [middles[key] + side * items[key].h / 2 for key in middles for side in (-1, 1)]
    shift = (TOP + bottom) / 2 - (min(ends) + max(ends)) / 2 if ends else 0.0
    frames = {
        key: Frame(lefts[index], middles[key] + shift - items[key].h / 2, widths[index], items[key].h, index)
        for index, column in enumerate(found.columns)
        for key in column
    }
    return Placed(found, frames, lefts, width, bottom + 8)


def _room(heights: Sequence[float], counts: Sequence[int], gaps: tuple[float, float]) -> tuple[float, float]:
    """Return the lower end of the drawing, and the gap: as much as the fullest column leaves, within limits."""
    room = HEIGHT - 8 - TOP
    least, most = gaps
    gap = (
        min((room - height) / (count - 1) for height, count in zip(heights, counts, strict=True) if count > 1)
        if (max(counts, default=0) > 1)
        else most
    )
    gap = min(max(gap * 0.82 if gap > most / 2 else gap, least), most)
    needed = max((height + gap * (count - 1) for height, count in zip(heights, counts, strict=True)), default=0.0)
    return TOP + max(room, needed), gap


def _lefts(widths: Sequence[float]) -> tuple[list[float], float]:
    """Return the left ends of the columns, and the width of the drawing; empty columns take no room."""
    used = [width for width in widths if width]
    gap = max(_LEAST_GAP, (WIDTH - 2 * _MARGIN - sum(used)) / (len(used) - 1)) if len(used) > 1 else 0.0
    lefts, at = [], _MARGIN
    for width in widths:
        lefts.append(at)
        at += width + gap if width else 0.0
    return lefts, max(WIDTH, at - gap + _MARGIN)
