"""Lines of small drawings: numbers as SVG writes them, and points as a path with gaps."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TypeVar

Place = TypeVar("Place")


def px(value: float) -> str:
    """Return a number as a drawing writes it: a tenth of a pixel is enough."""
    return f"{value:.1f}".removesuffix(".0")


def runs(points: Iterable[Place | None]) -> list[list[Place]]:
    """Return the points that stand together; None is a gap between them."""
    grouped = (list(run) for there, run in groupby(points, key=lambda point: point is not None) if there)
    return [[point for point in run if point is not None] for run in grouped]


def path(run: Sequence[tuple[float, float]]) -> str:
    """Return points as a line; one that stands alone as a dot."""
    if len(run) == 1:
        ((x, y),) = run
        return f"M{px(x)} {px(y)}h.01"
    return "M" + "L".join(f"{px(x)} {px(y)}" for x, y in run)
