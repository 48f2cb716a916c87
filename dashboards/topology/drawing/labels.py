"""Labels of edges at rest: on their curves where nothing is in the way, else beside an end of theirs, or not at all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from dashboards.topology.drawing.curves import Curve, Frame, Point
from dashboards.topology.drawing.text import width

HEIGHT: Final = 20.0
_SIZE: Final = 12.0
_LINE: Final = 14.0
# Where on its way a label looks for room, the best place first.
_STATIONS: Final = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8)
_ASIDE: Final = (-14.0, 14.0, -26.0, 26.0, -40.0, 40.0)
_AIR: Final = 3.0


class Rect(NamedTuple):
    """A rectangle. A map tries a thousand of them for its labels."""

    x: float
    y: float
    w: float
    h: float

    @property
    def middle(self) -> float:
        """The middle of its width."""
        return self.x + self.w / 2

    def meets(self, other: "Rect") -> bool:
        """Whether two rectangles overlap, or nearly do."""
        return (
            self.x < other.x + other.w + _AIR
            and other.x < self.x + self.w + _AIR
            and self.y < other.y + other.h + _AIR
            and other.y < self.y + self.h + _AIR
        )


@dataclass(frozen=True, slots=True)
class Pill:
    """A label in its place, on one line or two."""

    rect: Rect
    lines: tuple[tuple[str, float], ...]


@dataclass(slots=True)
class Room:
    """What is taken already, within the bounds of the drawing."""

    taken: list[Rect]
    bounds: Rect

    def free(self, rect: Rect) -> bool:
        """Whether a rectangle has the place for itself."""
        bounds = self.bounds
        inside = (
            rect.x >= bounds.x
            and rect.y >= bounds.y
            and rect.x + rect.w <= bounds.x + bounds.w
            and rect.y + rect.h <= bounds.y + bounds.h
        )
        return inside and not any(rect.meets(other) for other in self.taken)

    def place(self, text: str, curve: Curve, client: Frame, server: Frame) -> Pill | None:
        """Take the best free place for the label of a curve, or return None when there is none.

        Where it does not fit on one line there may be room for two, one above the other.
        """
        one, two = (text,), tuple(text.split(" · "))
        points = [curve.at(station) for station in _STATIONS]
        for lines, places in (
            (one, _on_curve(points, *_size(one), (0.0,))),
            (one, _beside(*_size(one), (server,))),
            (two, _on_curve(points, *_size(two), (0.0,))),
            (one, _on_curve(points, *_size(one), _ASIDE)),
            (two, _on_curve(points, *_size(two), _ASIDE)),
            (one, _beside(*_size(one), (client,))),
        ):
            for rect in places:
                if self.free(rect):
                    self.taken.append(rect)
                    return Pill(rect, tuple((line, rect.y + 14.2 + _LINE * n) for n, line in enumerate(lines)))
        return None


def _size(lines: tuple[str, ...]) -> tuple[float, float]:
    """Return how wide and how high a label is."""
    return max(width(line, _SIZE) for line in lines) + (18 if len(lines) == 1 else 12), HEIGHT + _LINE * (
        len(lines) - 1
    )


def _on_curve(points: Sequence[Point], w: float, h: float, asides: Sequence[float]) -> Iterable[Rect]:
    """Return places at points of a curve, or so far above or below them."""
    for aside in asides:
        for x, y in points:
            yield Rect(x - w / 2, y - h / 2 + aside, w, h)


def _beside(w: float, h: float, frames: Sequence[Frame]) -> Iterable[Rect]:
    """Return places above and below boxes."""
    for frame in frames:
        for y in (frame.y - h - _AIR - 3, frame.y + frame.h + _AIR + 3):
            yield Rect(frame.x + frame.w / 2 - w / 2, y, w, h)


def room(frames: Iterable[Frame], bounds: Rect, others: Sequence[Rect] = ()) -> Room:
    """Return the room that boxes leave."""
    return Room([*(Rect(frame.x, frame.y, frame.w, frame.h) for frame in frames), *others], bounds)
