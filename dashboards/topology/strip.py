"""The small series of the side panel: a line a figure, with the moment that divides before and after."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

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
    runs = [[point for point in run if point] for there, run in groupby(points, key=bool) if there]
    lines = format_html_join("", '<path class="line" d="{}"/>', ((_path(run),) for run in runs))
    divider = "" if split is None else format_html('<path class="split" d="M{} 0V{}"/>', *_divider(split, step))
    return format_html(
        '<svg class="strip{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>',
        " bad" if is_bad else "", _n(WIDTH), _n(HEIGHT), label, divider, lines,
    )  # fmt: skip


def _divider(split: int, step: float) -> tuple[str, str]:
    return _n(_MARGIN + max(split - 0.5, 0.0) * step), _n(HEIGHT)


def _path(run: Sequence[tuple[float, float]]) -> str:
    if len(run) == 1:
        ((x, y),) = run
        return f"M{_n(x)} {_n(y)}h.01"
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in run)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
