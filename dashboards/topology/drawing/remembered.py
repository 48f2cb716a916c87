"""Drawings made before: when telemetry comes, all open pages ask for the map at once, and most for the same one."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import get_language

from dashboards.frame.filters import Filters
from dashboards.topology.asked import Asked
from dashboards.topology.drawing import scene as drawing
from dashboards.topology.drawing.lines import Change
from dashboards.topology.drawing.shapes import Scene
from dashboards.topology.statuses import Standing
from plimsoll.insight.topology import Whole
from plimsoll.insight.topology.layout.arranging import Places

# Each keeps its map, which has some megabytes.
_MOST: Final = 4


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A drawing, and all that it depends on: the map, and the rest."""

    of: Whole
    rest: tuple[object, ...]
    scene: Scene


_last: deque[_Drawing] = deque(maxlen=_MOST)


def scene(
    found: Whole,
    standing: Standing,
    asked: Asked,
    filters: Filters,
    kept: Places | None = None,
    changes: Mapping[str, Change] | None = None,
) -> Scene:
    """Return the drawing (see `scene`), one of the last ones where it is the same."""
    rest = (found.seconds, standing.marks, asked, filters.parameters, kept, changes, get_language())
    for each in tuple(_last):
        if each.of.has_same_calls(found) and each.rest == rest:
            return each.scene
    made = drawing.scene(found, standing, asked, filters, kept, changes)
    _last.append(_Drawing(found, rest, made))
    return made
