"""Bars by day or week as SVG drawn on the server: what a chart shows before, and without, plotly.js.

Each bar is a link; names and values are in its title.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TypeVar

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboards.charts.level import Level
from dashboards.charts.paths import path, px, runs

Named = TypeVar("Named")

WIDTH, HEIGHT = 640.0, 200.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 8.0, 14.0, 22.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its place on the axis, its height (None: nothing known), what it says, and where it leads."""

    name: str
    value: float | None
    title: str
    href: str = ""
    is_open: bool = False
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid and its label."""

    value: float
    name: str


def ticks_for(top: float, most: int = 4, *, whole: bool = False) -> list[float]:
    """Return round values from zero up to at least `top`; of what is counted, whole ones."""
    if top <= 0:
        return [0.0, 1.0]
    rough = max(top / most, 1.0 if whole else 0.0)
    size = 10 ** floor(log10(rough))
    factors = (1, 2, 5, 10) if whole else (1, 2, 2.5, 5, 10)
    step = next(factor * size for factor in factors if factor * size >= rough)
    return [index * step for index in range(ceil(top / step - 1e-9) + 1)]


def bars(
    shown: Sequence[Bar], ticks: Sequence[Tick], *, line: Sequence[float | None] = (), mark: Level | None = None,
    dots: Sequence[tuple[float, Bar]] = (), label: str = "",
) -> SafeString:  # fmt: skip
    """Return the bars with an optional line through their middles, a mark, and dots at (place, height)."""
    top = ticks[-1].value or 1.0
    right = WIDTH - (mark.room if mark else _RIGHT)
    step = (right - _LEFT) / max(len(shown), 1)
    return format_html(
        '<svg class="bars" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}{}{}</svg>',
        px(WIDTH), px(HEIGHT), label, _grid(ticks, top, right),
        format_html_join("", "{}", ((_bar(bar, index, step, top),) for index, bar in enumerate(shown))),
        _line(line, step, top), mark.drawn(_y(mark.value, top), _LEFT, right) if mark else "",
        _dots(dots, step, top), _names(shown, step),
    )  # fmt: skip


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * min(value / top, 1.0)


def _grid(ticks: Sequence[Tick], top: float, right: float) -> SafeString:
    rows = ((px(_LEFT), px(_y(tick.value, top)), px(right), px(_y(tick.value, top) + 4), tick.name) for tick in ticks)
    return format_html_join(
        "",
        '<path class="grid" d="M{0} {1}H{2}"/><text class="tick" x="' + px(_LEFT - 6) + '" y="{3}">{4}</text>',
        rows,
    )


def _bar(bar: Bar, index: int, step: float, top: float) -> SafeString:
    if not bar.value:
        return mark_safe("")
    y = _y(bar.value, top)
    rect = format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}</title></rect>',
        " ".join(filter(None, ("bar", "open" if bar.is_open else "", "chosen" if bar.is_chosen else ""))),
        px(_LEFT + index * step + step * 0.14), px(y), px(step * 0.72), px(HEIGHT - _BOTTOM - y), bar.title,
    )  # fmt: skip
    return format_html('<a href="{}" aria-label="{}">{}</a>', bar.href, bar.title, rect) if bar.href else rect


def _line(line: Sequence[float | None], step: float, top: float) -> SafeString:
    points = (
        None if value is None else (_LEFT + (index + 0.5) * step, _y(value, top)) for index, value in enumerate(line)
    )
    drawn = "".join(map(path, runs(points)))
    return format_html('<path class="median" d="{}"/>', drawn) if drawn else mark_safe("")


def _dots(dots: Sequence[tuple[float, Bar]], step: float, top: float) -> SafeString:
    def shape(place: float, bar: Bar) -> SafeString:
        x, y = _LEFT + place * step, _y(bar.value or 0.0, top)
        # Above what it stands on, the axis or its bar.
        triangle = f"M{px(x)} {px(y - 12.5)}l6 10.5h-12z"
        drawn = format_html(
            '<path class="event {}" d="{}"><title>{}</title></path>', "open" if bar.is_open else "", triangle, bar.title
        )
        return format_html('<a href="{}" aria-label="{}">{}</a>', bar.href, bar.title, drawn) if bar.href else drawn

    return format_html_join("", "{}", ((shape(place, bar),) for place, bar in dots))


def some(shown: Sequence[Named]) -> list[Named]:
    """Return the few that an axis has room to name, the last one of all among them."""
    every = max(ceil(len(shown) / 6), 1)
    return [each for index, each in enumerate(shown) if (len(shown) - 1 - index) % every == 0]


def _names(shown: Sequence[Bar], step: float) -> SafeString:
    places = [(px(_LEFT + (index + 0.5) * step), px(HEIGHT - 6), bar.name) for index, bar in enumerate(shown)]
    return format_html_join("", '<text class="name" x="{}" y="{}">{}</text>', some(places))
