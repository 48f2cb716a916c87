"""The matrix: callers in rows, called in columns, ordered by tier and then by group."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from dashboards.frame.marks import Status
from dashboards.topology.asked import Asked
from dashboards.topology.drawing.items import Looks, name_of
from dashboards.topology.drawing.labels import Rect
from dashboards.topology.drawing.scene import grouping_of
from dashboards.topology.drawing.text import cut, width
from plimsoll.insight.topology import Arc, Whole
from plimsoll.insight.topology.groups import Groups, grouped
from plimsoll.insight.topology.layout import arranged
from plimsoll.insight.topology.layout.placing import isotonic

SIDE: Final = 668.0
LEFT, TOP = 116.0, 14.0
MOST_LINKS: Final = 600
# Fewer services than this have a row's height for their own names.
MOST_NAMED: Final = 56
_LABEL: Final = 11.5
_LABEL_HEIGHT: Final = 13.0
_BUSIEST: Final = 5


class Dot(NamedTuple):
    """One call of a row's service to a column's."""

    id: str
    data: str
    client: str
    server: str
    row: int
    column: int
    x: float
    y: float
    size: float
    css: str
    href: str
    label: str


@dataclass(frozen=True, slots=True)
class Band:
    """The rows and columns of one group, and where its name stands."""

    name: str
    start: float
    length: float
    label_y: float

    @property
    def x(self) -> float:
        """Where its columns begin."""
        return LEFT + self.start

    @property
    def y(self) -> float:
        """Where its rows begin."""
        return TOP + self.start


@dataclass(frozen=True, slots=True)
class Cross:
    """What is pointed at: lines from its row and its column, and what it says."""

    x: float
    y: float
    css: str
    said: str
    pill: Rect


@dataclass(frozen=True, slots=True)
class Bar:
    """A group, and how often others call it."""

    name: str
    rate: float
    # of the busiest one's
    percent: float


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole drawing. `backwards` are calls back up; `more` are the healthy dots that are no links, as one path."""

    width: float
    height: float
    dots: Sequence[Dot]
    more: str
    more_count: int
    bands: Sequence[Band]
    names: Sequence[tuple[str, float]]
    cross: Cross | None
    busiest: Sequence[Bar]
    backwards: int
    total: int


def matrix(found: Whole, looks: Looks, asked: Asked) -> Matrix:
    """Return the matrix of a map."""
    groups = grouped(found, grouping_of(found, asked))
    ordered = _ordered(groups)
    order = [vertex.id for key in ordered for vertex in groups.groups[key].members]
    at = {key: number for number, key in enumerate(order)}
    rank = {key: number for number, key in enumerate(ordered)}
    pitch = SIDE / max(1, len(order))
    arcs = [arc for arc in found.arcs if not arc.is_gone]
    stood = {arc.id: looks.standing.arc(arc) for arc in arcs}
    ranked = sorted(arcs, key=lambda arc: (*_rank(arc, stood[arc.id], looks.selected), -arc.requests))
    dots = [_dot(arc, at, pitch, stood[arc.id], found, looks) for arc in ranked[:MOST_LINKS]]
    rest = ranked[MOST_LINKS:]
    dots.sort(key=lambda dot: (dot.row, dot.column))
    return Matrix(
        LEFT + SIDE + 6,
        TOP + SIDE + 10,
        dots,
        "".join(_square(at[arc.server], at[arc.client], pitch) for arc in rest),
        len(rest),
        _bands(groups, ordered, pitch),
        [(cut(found.vertices[key].name, _LABEL, LEFT - 12), TOP + (n + 0.5) * pitch) for n, key in enumerate(order)]
        if len(order) <= MOST_NAMED
        else [],
        _cross(dots, ranked, looks, found),
        _busiest(found, groups),
        sum(rank[groups.group_of[arc.client]] > rank[groups.group_of[arc.server]] for arc in arcs),
        len(arcs),
    )


def _ordered(groups: Groups) -> list[str]:
    """Return the groups by column, and in it in the order of the map."""
    pairs = [(bundle.client, bundle.server) for bundle in groups.bundles if bundle.client != bundle.server]
    fixed = {key: group.column for key, group in groups.groups.items() if group.column is not None}
    return [key for column in arranged(list(groups.groups), pairs, fixed).columns for key in column]


def _rank(arc: Arc, status: Status, selected: str) -> tuple[int, float]:
    """Return what comes first: the selected call, then the worst."""
    if status not in ("bad", "warn"):
        return -1 if f"e-{arc.id}" == selected else 2, 0.0
    return -1 if f"e-{arc.id}" == selected else ("bad", "warn").index(status), -(arc.error_rate or 0.0)


def _dot(arc: Arc, at: Mapping[str, int], pitch: float, status: Status, found: Whole, looks: Looks) -> Dot:
    row, column = at[arc.client], at[arc.server]
    size = max(3.2, pitch * 0.74) if status not in ("bad", "warn") else max(9.0, pitch * 0.8)
    element = f"e-{arc.id}"
    names = f"{found.vertices[arc.client].name} → {found.vertices[arc.server].name}"
    said = looks.figures(found.rate(arc.requests), arc.error_rate, arc.p95_ms)
    css = looks.css(element, status, "new" if arc.is_new else "").replace("node", "dot", 1)
    return Dot(
        element,
        arc.id,
        arc.client,
        arc.server,
        row,
        column,
        LEFT + (column + 0.5) * pitch - size / 2,
        TOP + (row + 0.5) * pitch - size / 2,
        size,
        css,
        looks.links.to(element),
        f"{names}, {looks.words[status]}, {said}",
    )


def _square(column: int, row: int, pitch: float) -> str:
    size = max(3.2, pitch * 0.74)
    x, y = LEFT + (column + 0.5) * pitch - size / 2, TOP + (row + 0.5) * pitch - size / 2
    return f"M{x:.1f} {y:.1f}h{size:.1f}v{size:.1f}h-{size:.1f}Z"


def _bands(groups: Groups, ordered: Sequence[str], pitch: float) -> list[Band]:
    """Return the groups as bands. Names keep off each other: the nearest heights that are far enough apart."""
    found, at = [], 0.0
    for key in ordered:
        length = len(groups.groups[key].members) * pitch
        found.append((name_of(key), at, length))
        at += length
    wanted = [start + length / 2 - _LABEL_HEIGHT * n for n, (_, start, length) in enumerate(found)]
    fitted = isotonic(wanted)
    most = SIDE - _LABEL_HEIGHT * len(found)
    return [
        Band(
            cut(name, _LABEL, LEFT - 14),
            start,
            length,
            TOP + min(max(fitted[n], 0.0), max(most, 0.0) + _LABEL_HEIGHT / 2) + _LABEL_HEIGHT * n + 4,
        )
        for n, (name, start, length) in enumerate(found)
    ]


def _cross(dots: Sequence[Dot], ranked: Sequence[Arc], looks: Looks, found: Whole) -> Cross | None:
    """Return the selected call, else the worst one: its row and column are shown."""
    if not ranked:
        return None
    arc = ranked[0]
    dot = next(dot for dot in dots if dot.data == arc.id)
    if looks.selected != dot.id and not {"bad", "warn"} & set(dot.css.split()):
        return None
    said = f"{found.vertices[arc.client].name} → {found.vertices[arc.server].name} " + looks.figures(
        None, arc.error_rate, arc.p95_ms
    )
    wide = width(said, 12.0) + 26
    x, y = dot.x + dot.size / 2, dot.y + dot.size / 2
    left = min(max(LEFT + 4, x - wide - 12), LEFT + SIDE - wide - 4)
    top = y + 10 if y < TOP + SIDE - 40 else y - 32
    return Cross(x, y, dot.css.split()[1], said, Rect(left, top, wide, 21))


def _busiest(found: Whole, groups: Groups) -> list[Bar]:
    """Return the groups that others call most."""
    called: dict[str, float] = defaultdict(float)
    for bundle in groups.bundles:
        if bundle.client != bundle.server:
            called[bundle.server] += bundle.requests
    most = sorted(called.items(), key=lambda item: (-item[1], item[0]))[:_BUSIEST]
    return [Bar(name_of(key), found.rate(n), 100 * n / most[0][1] if most[0][1] else 0.0) for key, n in most]
