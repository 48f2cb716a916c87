"""The small series of the side panel: a line a figure, with the moment that divides before and after."""

from collections.abc import Sequence
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboards.charts.paths import path, px, runs

WIDTH: Final = 80.0
HEIGHT: Final = 22.0
_MARGIN: Final = 2.0


def strip(values: Sequence[float | None], *, split: int | None = None, label: str, is_bad: bool = False) -> SafeString:
    """Return values, oldest first, as a line from zero on; None is a gap. At `split` the second part begins."""
    known = [value for value in values if value is not None]
    if not known:
        return mark_safe("")
    top = max(known) or 1.0
    step = (WIDTH - 2 * _MARGIN) / max(len(values) - 1, 1)
    points = [
        None if value is None else (_MARGIN + index * step, HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * value / top)
        for index, value in enumerate(values)
    ]
    lines = format_html_join("", '<path class="line" d="{}"/>', ((path(run),) for run in runs(points)))
    divider = "" if split is None else format_html('<path class="split" d="M{} 0V{}"/>', *_divider(split, step))
    return format_html(
        '<svg class="strip{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>',
        " bad" if is_bad else "", px(WIDTH), px(HEIGHT), label, divider, lines,
    )  # fmt: skip


def _divider(split: int, step: float) -> tuple[str, str]:
    return px(_MARGIN + max(split - 0.5, 0.0) * step), px(HEIGHT)
