"""Drawings made before: when telemetry comes, all open pages ask for the map at once, and most for the same one."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar, cast

from django.utils.translation import get_language

from dashboards.frame.filters import Filters
from dashboards.topology.asked import Asked
from dashboards.topology.drawing import matrix as dots
from dashboards.topology.drawing import scene as drawing
from dashboards.topology.drawing.items import Looks
from dashboards.topology.drawing.lines import Change
from dashboards.topology.drawing.links import Links
from dashboards.topology.drawing.matrix import Matrix
from dashboards.topology.drawing.shapes import Scene
from dashboards.topology.statuses import Standing
from plimsoll.insight.topology import Whole
from plimsoll.insight.topology.layout.arranging import Places

T = TypeVar("T")
# Each keeps its map, which has some megabytes.
_MOST: Final = 4


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A drawing, and all that it depends on: the map, and the rest."""

    of: Whole
    rest: tuple[object, ...]
    drawn: object


_last: deque[_Drawing] = deque(maxlen=_MOST)


def scene(
    found: Whole,
    standing: Standing,
    asked: Asked,
    filters: Filters,
    kept: Places | None = None,
    changes: Mapping[str, Change] | None = None,
) -> Scene:
    """Return the map's drawing (see `scene`), one of the last ones where it is the same."""

    def made() -> Scene:
        return drawing.scene(found, standing, asked, filters, kept, changes)

    return _one_of_the_last("map", made, found, standing.marks, asked, filters.parameters, kept, changes)


def matrix(found: Whole, standing: Standing, asked: Asked, filters: Filters) -> Matrix:
    """Return the matrix, likewise."""

    def made() -> Matrix:
        return dots.matrix(found, Looks(standing, Links(filters), asked.sel), asked)

    return _one_of_the_last("matrix", made, found, standing.marks, asked, filters.parameters)


def _one_of_the_last(kind: str, make: Callable[[], T], found: Whole, *others: object) -> T:
    """Return what was made of the same map and the same others, else make it."""
    rest = (kind, *others, found.seconds, get_language())
    for each in tuple(_last):
        if each.of.has_same_calls(found) and each.rest == rest:
            return cast("T", each.drawn)
    drawn = make()
    _last.append(_Drawing(found, rest, drawn))
    return drawn
