"""A figure by the minute as inline SVG: line, mark, rollouts as bands, deployments as ticks; no script."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor, log10
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboards.charts.level import Level
from dashboards.charts.paths import path, px, runs
from plimsoll.insight.topology.series import Point

MINUTE: Final = timedelta(minutes=1)
WIDTH: Final = 640.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 20.0, 16.0, 22.0
# Whole minutes between two times on the axis, so that they do not run into each other.
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120)
_MOST_TIMES: Final = 8

Value = Callable[[Point], float | None]


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time with a name, such as a rollout to a cluster."""

    start: datetime
    end: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment with a name: a deployment. `css` is ok, warn, bad or unk."""

    at: datetime
    name: str
    css: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a drawing stands in: the window, the height of the whole, the top of the scale, and where the plot ends."""

    start: datetime
    end: datetime
    height: float
    top: float
    right: float

    def x(self, at: datetime) -> float:
        """Return where a moment is."""
        share = (min(max(at, self.start), self.end) - self.start) / (self.end - self.start)
        return LEFT + (self.right - LEFT) * share

    def y(self, value: float) -> float:
        """Return where a value is."""
        return TOP + (self.height - TOP - BOTTOM) * (1 - min(value, self.top) / self.top)


def drawn(
    points: Sequence[Point],
    value: Value,
    *,
    written: Callable[[float], str],
    zone: ZoneInfo,
    label: str,
    mark: Level | None = None,
    bands: Sequence[Band] = (),
    ticks: Sequence[Tick] = (),
    split: datetime | None = None,
    height: float = 150.0,
) -> SafeString:
    """Return the drawing of a figure; nothing when no minute is known. What is before `split` is drawn fainter."""
    known = [found for point in points if (found := value(point)) is not None]
    if not known:
        return mark_safe("")
    top = _rounded_up(max([*known, (mark.value if mark else 0.0) * 1.05]))
    right = WIDTH - (mark.room if mark else RIGHT)
    frame = Frame(points[0].minute, points[-1].minute + MINUTE, height, top, right)
    return format_html(
        '<svg class="minutes" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}{}{}</svg>',
        px(WIDTH), px(height), label, _bands(bands, frame), _scale(frame, written), _times(frame, zone),
        mark.drawn(frame.y(mark.value), LEFT, right) if mark else "", _lines(points, value, frame, split),
        _ticks(ticks, frame),
    )  # fmt: skip


def _rounded_up(value: float) -> float:
    """Return the next round number: 1, 2, 2.5 or 5 times a power of ten."""
    if value <= 0:
        return 1.0
    size = 10.0 ** floor(log10(value))
    return next((step * size for step in (1, 2, 2.5, 5, 10) if step * size >= value), 10 * size)


def _scale(frame: Frame, written: Callable[[float], str]) -> SafeString:
    values = (0.0, frame.top / 2, frame.top)
    lines = ((px(frame.y(v)), px(LEFT), px(frame.right), written(v) if v else "0") for v in values)
    return format_html_join(
        "",
        '<path class="grid-line" d="M{1} {0}H{2}"/><text class="scale" x="46" y="{0}" dy="4">{3}</text>',
        lines,
    )


def _times(frame: Frame, zone: ZoneInfo) -> SafeString:
    minutes = (frame.end - frame.start) / MINUTE
    step = next((each for each in _STEPS if minutes / each <= _MOST_TIMES), _STEPS[-1]) * MINUTE
    local = frame.start.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight + step * ceil((local - midnight) / step)
    moments = [first + n * step for n in range(int((frame.end - first) / step) + 1)] if first <= frame.end else []
    labels = ((px(frame.x(at)), px(frame.height - 5), f"{at:%H:%M}") for at in moments)
    return format_html_join("", '<text class="time" x="{}" y="{}">{}</text>', labels)


def _lines(points: Sequence[Point], value: Value, frame: Frame, split: datetime | None) -> SafeString:
    """Draw the values as lines through the middles of their minutes; what is not known is a gap."""
    placed = [
        None if (v := value(point)) is None else (point.minute, frame.x(point.minute + MINUTE / 2), frame.y(v))
        for point in points
    ]
    drawn_runs = []
    for run in runs(placed):
        earlier = [point for point in run if split is not None and point[0] < split]
        later = run[len(earlier) :]
        if earlier:
            drawn_runs.append(("line earlier", path([(x, y) for _, x, y in earlier])))
        if later:
            # The way from the last minute before belongs to what came.
            drawn_runs.append(("line", path([(x, y) for _, x, y in [*earlier[-1:], *later]])))
    return format_html_join("", '<path class="{}" d="{}"/>', drawn_runs)


def _bands(bands: Sequence[Band], frame: Frame) -> SafeString:
    shapes = []
    for n, band in enumerate(bands):
        if band.end <= frame.start or band.start >= frame.end:
            continue
        left, right = frame.x(band.start), frame.x(band.end)
        shapes.append(
            (px(left), px(TOP), px(max(right - left, 1.5)), px(frame.height - TOP - BOTTOM), band.name, n % 2)
        )
    return format_html_join(
        "", '<rect class="band b{5}" x="{0}" y="{1}" width="{2}" height="{3}"><title>{4}</title></rect>', shapes
    )


def _ticks(ticks: Sequence[Tick], frame: Frame) -> SafeString:
    """Draw deployments as lines with a sign on top: a triangle for one that failed, else a dot."""
    shapes = []
    for tick in ticks:
        if frame.start <= tick.at <= frame.end:
            x = px(frame.x(tick.at))
            sign = f"M{x} 3l6 10h-12z" if tick.css == "bad" else f"M{x} 9m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0"
            shapes.append((tick.css, tick.href, tick.name, f"M{x} {px(TOP)}V{px(frame.height - BOTTOM)}", sign))
    return format_html_join(
        "",
        '<a class="tick {0}" href="{1}" aria-label="{2}"><title>{2}</title><path class="stem" d="{3}"/>'
        '<path class="sign" d="{4}"/></a>',
        shapes,
    )
