"""A small map of one service: its callers on the left, those it calls on the right, as the tables beside it say."""

from collections.abc import Sequence
from math import log10
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from dashboards.charts.paths import px
from dashboards.frame.marks import Status
from dashboards.pages.neighbours import Neighbour

# More than these say less: the tables have all.
MOST: Final = 6
WIDTH: Final = 560.0
_NODE: Final = (150.0, 26.0)
_ROW: Final = 34.0
_LONGEST_NAME: Final = 20
_SHAPES: Final[dict[Status, str]] = {"ok": "●", "warn": "◆", "bad": "▲", "unk": "○"}


def little_map(name: str, own: Status, callers: Sequence[Neighbour], called: Sequence[Neighbour]) -> SafeString:
    """Return the map; nothing when the service has no neighbours."""
    left, right = callers[:MOST], called[:MOST]
    if not left and not right:
        return mark_safe("")
    rows = max(len(left), len(right), 1)
    height = rows * _ROW + 12
    middle = height / 2
    label = ngettext(
        "Map: %(callers)d caller, %(called)d called.", "Map: %(callers)d callers, %(called)d called.", len(callers)
    ) % {"callers": len(callers), "called": len(called)}
    x_own = (WIDTH - _NODE[0]) / 2
    edges = [
        *(_edge(each, _NODE[0], _y(n, len(left), height), x_own, middle) for n, each in enumerate(left)),
        *(
            _edge(each, x_own + _NODE[0], middle, WIDTH - _NODE[0], _y(n, len(right), height))
            for n, each in enumerate(right)
        ),
    ]
    nodes = [
        *(_node(each.name, each.worst, 0.0, _y(n, len(left), height)) for n, each in enumerate(left)),
        _node(name, own, x_own, middle, is_own=True),
        *(_node(each.name, each.worst, WIDTH - _NODE[0], _y(n, len(right), height)) for n, each in enumerate(right)),
    ]
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>',
        px(WIDTH), px(height), label,
        format_html_join("", "{}", ((edge,) for edge in edges)),
        format_html_join("", "{}", ((node,) for node in nodes)),
    )  # fmt: skip


def _y(n: int, of: int, height: float) -> float:
    """Return the middle of a row; a column stands in the middle of the map."""
    return height / 2 + (n - (of - 1) / 2) * _ROW


def _edge(each: Neighbour, x1: float, y1: float, x2: float, y2: float) -> SafeString:
    width = 0.8 + 0.75 * log10(max(each.rate or 0.0, 0.1) * 10)
    kind = each.became if each.became in ("new", "gone") else each.worst
    bend = (x2 - x1) / 2
    path = f"M{px(x1)} {px(y1)}C{px(x1 + bend)} {px(y1)} {px(x2 - bend)} {px(y2)} {px(x2 - 5)} {px(y2)}"
    arrow = f"M{px(x2 - 6)} {px(y2 - 4)}l6 4l-6 4z"
    return format_html('<g class="edge {}"><path class="w{}" d="{}"/><path class="arrow" d="{}"/></g>',
                       kind, min(5, max(1, round(width))), path, arrow)  # fmt: skip


def _node(name: str, kind: Status, x: float, y: float, *, is_own: bool = False) -> SafeString:
    short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
    return format_html(
        '<g class="node {}{}"><title>{}</title><rect x="{}" y="{}" width="{}" height="{}" rx="7"/>'
        '<text x="{}" y="{}"><tspan class="sign">{}</tspan> {}</text></g>',
        kind, " own" if is_own else "", name, px(x + 0.75), px(y - _NODE[1] / 2), px(_NODE[0] - 1.5), px(_NODE[1]),
        px(x + 9), px(y + 4), _SHAPES[kind], short,
    )  # fmt: skip
