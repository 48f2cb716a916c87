"""Edges as curves: from the right side of a caller to the left side of what it calls, or round where that is behind."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import Final

Point = tuple[float, float]
_BOW: Final = 34.0
_PORT: Final = 9.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a box is."""

    x: float
    y: float
    w: float
    h: float
    column: int

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return self.y + self.h / 2


@dataclass(frozen=True, slots=True)
class Curve:
    """A cubic curve by its four points."""

    points: tuple[Point, Point, Point, Point]

    @property
    def path(self) -> str:
        """The curve as a path."""
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = self.points
        return f"M{ax:.1f} {ay:.1f}C{bx:.1f} {by:.1f} {cx:.1f} {cy:.1f} {dx:.1f} {dy:.1f}"

    def at(self, t: float) -> Point:
        """Return the point at a share of the way."""
        u = 1 - t
        a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = self.points
        return a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy


def thickness(per_second: float) -> float:
    """Return how wide the line of so many requests a second is."""
    return round(min(max(0.8 + 0.75 * log10(per_second), 0.8), 6.0), 2) if per_second > 1 else 0.8


def curves(frames: Mapping[str, Frame], pairs: Sequence[tuple[str, str]], inset: float = 0.0) -> list[Curve]:
    """Return the curve of each pair. At each side of a box they are spread, in the order of where they lead.

    `inset` leaves room for the point of an arrow.
    """
    ends = [_sides(frames[one], frames[other]) for one, other in pairs]
    at = _ports(frames, pairs, ends)
    found = []
    for index, ((one, other), (leaves, enters)) in enumerate(zip(pairs, ends, strict=True)):
        a = _side(frames[one], leaves, at[index, 0], 0.0)
        d = _side(frames[other], enters, at[index, 1], inset)
        reach = abs(d[0] - a[0]) / 2 if leaves != enters else _BOW
        found.append(Curve((a, (a[0] + leaves * reach, a[1]), (d[0] + enters * reach, d[1]), d)))
    return found


def _sides(one: Frame, other: Frame) -> tuple[int, int]:
    """Return which side a line leaves and which it enters: 1 is right, -1 left."""
    if one.column < other.column:
        return 1, -1
    return (1, 1) if one.column == other.column else (-1, 1)


def _side(frame: Frame, side: int, at: float, inset: float) -> Point:
    return (frame.x + frame.w + inset, at) if side == 1 else (frame.x - inset, at)


def _ports(
    frames: Mapping[str, Frame], pairs: Sequence[tuple[str, str]], ends: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], float]:
    """Return the height at which each line leaves (0) and enters (1)."""
    sides: dict[tuple[str, int], list[tuple[float, int, int]]] = defaultdict(list)
    for index, ((one, other), (leaves, enters)) in enumerate(zip(pairs, ends, strict=True)):
        sides[one, leaves].append((frames[other].middle, index, 0))
        sides[other, enters].append((frames[one].middle, index, 1))
    found = {}
    for (key, _side_of), lines in sides.items():
        lines.sort()
        frame = frames[key]
        step = min(_PORT, 0.62 * frame.h / len(lines))
        top = frame.middle - step * (len(lines) - 1) / 2
        for place, (_height, index, end) in enumerate(lines):
            found[index, end] = top + place * step
    return found
