"""What is selected on the map, and its figures: of the window, of before and after, and minute by minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final, Literal

from dashboards.topology.statuses import Standing
from plimsoll.insight.topology import Arc, Vertex, Whole
from plimsoll.insight.topology.compare_windows import Comparison
from plimsoll.insight.topology.series import MINUTE, Onset, Point, excess, onset, read

Marked = Literal["error_rate", "p95_ms"]

# As far back as is looked for the moment at which something went over its mark.
LOOK_BACK: Final = timedelta(minutes=60)
_BEFORE_ONSET: Final = 12
# What is told of a minute arrives some seconds after it.
_LATE: Final = timedelta(seconds=20)
_MOST: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Selection:
    """A vertex or an arc with its marks. `before` and `after` are its figures in a comparison, None where it has none.

    `points` are its minutes, `split` the number of the first one after the deployment that is compared.
    """

    thing: Vertex | Arc
    client: Vertex | None
    server: Vertex
    marks: dict[Marked, float | None]
    points: tuple[Point, ...]
    split: int | None = None
    before: Vertex | Arc | None = None
    after: Vertex | Arc | None = None
    is_compared: bool = False

    @property
    def figures(self) -> Vertex | Arc:
        """The figures that stand for now: after the deployment in a comparison, else the window's."""
        return self.after or self.thing


@dataclass(frozen=True, slots=True)
class Rise:
    """When a figure went over its mark, and from what; `before` is None where that is not known."""

    onset: Onset | None
    before: float | None


def selected(sel: str, found: Whole, standing: Standing, compared: Comparison | None) -> Selection | None:
    """Return what an element's id (`n-12`, `e-12-34`) stands for; None when it is not on the map."""
    kind, _dash, id_ = sel.partition("-")
    if kind == "n":
        return _vertex(id_, found, standing, compared)
    return _arc(id_, found, standing, compared) if kind == "e" else None


def _vertex(id_: str, found: Whole, standing: Standing, compared: Comparison | None) -> Selection | None:
    vertex = found.vertices.get(id_)
    if vertex is None:
        return None
    error_rate, p95_ms = standing.limits(vertex)
    before = compared.before.vertices.get(id_) if compared else None
    after = compared.after.vertices.get(id_) if compared else None
    counted = {*vertex.counted, *(before.counted if before else ()), *(after.counted if after else ())}
    points, split = _points(counted, found, compared)
    marks: dict[Marked, float | None] = {"error_rate": error_rate, "p95_ms": p95_ms}
    return Selection(vertex, None, vertex, marks, points, split, before, after, compared is not None)


def _arc(id_: str, found: Whole, standing: Standing, compared: Comparison | None) -> Selection | None:
    before, after = compared.arc(id_) if compared else (None, None)
    arc = next((each for each in found.arcs if each.id == id_), None) or after or before
    if arc is None:
        return None
    vertices = {**(compared.before.vertices if compared else {}), **found.vertices}
    client, server = vertices[arc.client], vertices[arc.server]
    error_rate, p95_ms = standing.limits(server, client)
    counted = {*arc.counted, *(before.counted if before else ()), *(after.counted if after else ())}
    points, split = _points(counted, found, compared)
    marks: dict[Marked, float | None] = {"error_rate": error_rate, "p95_ms": p95_ms}
    return Selection(arc, client, server, marks, points, split, before, after, compared is not None)


def _points(
    counted: set[tuple[int, int]], found: Whole, compared: Comparison | None
) -> tuple[tuple[Point, ...], int | None]:
    """Return the minutes of the window and of what is before it; in a comparison, of both sides and the way between."""
    if compared:
        start, end = compared.windows.before[0], compared.windows.after[1]
        points = read(max(start, end - _MOST), end, sorted(counted))
        return points, next((n for n, p in enumerate(points) if p.minute >= compared.windows.before[1]), None)
    start = max(min(found.start, found.end - LOOK_BACK), found.end - _MOST)
    return read(start, found.end, sorted(counted)), None


def shown(chosen: Selection, start: datetime, now: datetime, metric: str) -> list[float | None]:
    """Return the values of a figure from a moment on: `rate`, `error_rate`, `p50_ms` or `p95_ms`.

    The last minute is drawn when it is over: before that its rate seems to fall.
    """
    over = now - _LATE - MINUTE
    return [getattr(point, metric) for point in chosen.points if start <= point.minute <= over]


def rise(chosen: Selection, metric: Marked) -> Rise:
    """Return since when a figure is over its mark, and what it was in the minutes before."""
    mark = chosen.marks[metric]
    over = [] if mark is None else excess(chosen.points, metric, mark)
    began = onset([(point.minute, value) for point, value in zip(chosen.points, over, strict=False)])
    if began is None or began.is_earlier:
        return Rise(began, None)
    earlier = [point for point in chosen.points if point.minute < began.since][-_BEFORE_ONSET:]
    return Rise(began, _typical(earlier, metric))


def _typical(points: Sequence[Point], metric: Marked) -> float | None:
    """Return the error rate of minutes together, or the median of their P95: their sketches are not at hand."""
    if metric == "p95_ms":
        values = [point.p95_ms for point in points if point.p95_ms is not None]
        return median(values) if values else None
    requests = sum(point.requests or 0.0 for point in points)
    return sum(point.failed or 0.0 for point in points) / requests if requests else None
