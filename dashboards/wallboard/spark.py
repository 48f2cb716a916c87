"""The line under a number: its last days against its mark, drawn on the server."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboards.charts.paths import path, px, runs

WIDTH, HEIGHT = 396.0, 92.0
# Room for the ring and the dot at the end, and for the ring above.
LEFT, RIGHT, TOP, BOTTOM = 13.0, 20.0, 14.0, 0.0
_RING = 8.5

Point = tuple[float, float]


def spark(values: Sequence[float | None], mark: float | None, title: str) -> SafeString:
    """Return the line of values, oldest first; None is a gap. The scale begins at zero, and its mark fits on it."""
    known = [value for value in values if value is not None]
    if not known:
        return mark_safe("")
    top = max([*known, mark or 0.0]) or 1.0
    step = (WIDTH - LEFT - RIGHT) / max(len(values) - 1, 1)
    points = [None if value is None else (LEFT + index * step, _y(value, top)) for index, value in enumerate(values)]
    lines = runs(points)
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}{}{}{}</svg>',
        px(WIDTH),
        px(HEIGHT),
        title,
        format_html_join("", '<path class="area" d="{}"/>', ((_area(run),) for run in lines if len(run) > 1)),
        _mark(mark, top, points[-1] is not None),
        format_html_join("", '<path class="line" d="{}"/>', ((path(run),) for run in lines)),
        format_html('<g class="end">{}</g>', _dots(*lines[-1][-1], "hole", "dot")),
    )


def _y(value: float, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)


def _area(run: Sequence[Point]) -> str:
    return f"{path(run)}V{px(HEIGHT)}H{px(run[0][0])}Z"


def _mark(mark: float | None, top: float, has_end: bool) -> SafeString:
    """Draw the mark: a dashed line, and its sign near the end."""
    if mark is None:
        return mark_safe("")
    x, y = WIDTH - RIGHT - (5 if has_end else 0), _y(mark, top)
    return format_html(
        '<path class="limit" d="M{} {}H{}"/><g class="sign">{}<path d="M{} {}h{}"/></g>',
        px(LEFT - 5), px(y), px(x - _RING), _dots(x, y, "dot", "hole"), px(x - _RING - 5), px(y), px(2 * _RING + 10),
    )  # fmt: skip


def _dots(x: float, y: float, *kinds: str) -> SafeString:
    """Draw dots one on the other: a circle would be no circle in a drawing that is as low as its room."""
    return format_html_join("", '<path class="{}" d="M{} {}h.01"/>', ((kind, px(x), px(y)) for kind in kinds))
