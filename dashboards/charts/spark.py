"""Small lines of values as inline SVG: no script, also on the wallboard and in print."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboards.charts.paths import path, px, runs

WIDTH, HEIGHT, MARGIN = 120.0, 32.0, 4.0


def spark(
    values: Sequence[float | None], *, mark: float | None = None, label: str = "", css: str = "",
    width: float = WIDTH, height: float = HEIGHT,
) -> SafeString:  # fmt: skip
    """Return values, oldest first, as a line; None is a gap. `mark` is drawn dashed, with its ring at the end.

    The scale begins at zero, so that half as much looks like half; `label` is what it says to those who hear the page.
    """
    known = [value for value in values if value is not None]
    if not known:
        return mark_safe("")
    top = max([*known, mark or 0.0]) or 1.0
    step = (width - 2 * MARGIN) / max(len(values) - 1, 1)
    points = [
        None if value is None else (MARGIN + index * step, _height(value, top, height))
        for index, value in enumerate(values)
    ]
    lines = runs(points)
    return format_html(
        '<svg class="spark {}" viewBox="0 0 {} {}" preserveAspectRatio="none" {}>{}{}{}{}</svg>',
        css, px(width), px(height), _spoken(label), _areas(lines, height), _mark_line(mark, top, width, height),
        format_html_join("", '<path class="line" d="{}"/>', ((path(line),) for line in lines)),
        _end(lines),
    )  # fmt: skip


def _height(value: float, top: float, height: float) -> float:
    return height - MARGIN - (height - 2 * MARGIN) * value / top


def _areas(lines: Sequence[Sequence[tuple[float, float]]], height: float) -> SafeString:
    shapes = ((f"{path(line)}V{px(height)}H{px(line[0][0])}Z",) for line in lines if len(line) > 1)
    return format_html_join("", '<path class="area" d="{}"/>', shapes)


def _mark_line(mark: float | None, top: float, width: float, height: float) -> SafeString:
    if mark is None:
        return mark_safe("")
    y = px(_height(mark, top, height))
    return format_html('<path class="limit" d="M{} {}H{}"/>', px(MARGIN), y, px(width - MARGIN))


def _end(lines: Sequence[Sequence[tuple[float, float]]]) -> SafeString:
    x, y = lines[-1][-1]
    return format_html('<path class="end" d="M{} {}h.01"/>', px(x), px(y))


def _spoken(label: str) -> SafeString:
    return format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
