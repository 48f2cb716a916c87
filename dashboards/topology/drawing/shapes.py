"""What the map's template draws: boxes with their cells, lines with their labels, and headings.

Cells and lines are tuples with names: there are hundreds of them, and they are made three times as fast.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise

from dashboards.frame.marks import Status
from dashboards.topology.drawing.labels import Pill


class Cell(NamedTuple):
    """One service in the box of its group. Cells without an address are drawn and lead nowhere by themselves."""

    id: str
    data: str
    x: float
    y: float
    size: float
    css: str
    sign: str
    href: str
    label: str


@dataclass(frozen=True, slots=True)
class Node:
    """One box: a service, a group, or the stub of a group that is not open. `data` is what scripts know it by."""

    id: str
    data: str
    css: str
    outline: str
    sign: str
    title: str
    title_at: tuple[float, float]
    detail: str
    detail_at: tuple[float, float]
    count: str
    count_at: tuple[float, float]
    href: str
    label: str
    cells: Sequence[Cell] = ()
    # Healthy cells of which there are too many to be links, as one path.
    more_cells: str = ""


class Line(NamedTuple):
    """One edge, or the sum of all between two groups. `said` are its figures; at rest only with a `pill` to hold it."""

    id: str
    data: str
    client: str
    server: str
    css: str
    arrow: str
    path: str
    width: float
    href: str
    label: str
    said: str
    pill: Pill | None = None
    # Whether it stands in the order of the tab key: what is over its mark does.
    in_order: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column."""

    title: str | Promise
    count: int
    x: float


@dataclass(frozen=True, slots=True)
class Scene:
    """The whole drawing. `level`: full, names, groups, boxes or open. What was left out is in `notes`."""

    level: str
    width: float
    height: float
    headings: Sequence[Heading]
    nodes: Sequence[Node]
    lines: Sequence[Line]
    notes: Sequence[str]
    columns: Sequence[Sequence[str]]


@dataclass(slots=True)
class Item:
    """Something to place: what it is, how large, and where it stands if that is known before."""

    key: str
    id: str
    data: str
    name: str
    kind: str
    status: Status
    css: str
    href: str
    label: str
    detail: str = ""
    count: str = ""
    column: int | None = None
    # How many services it stands for, in the heading of its column.
    weight: int = 1
    w: float = 0.0
    h: float = 0.0
