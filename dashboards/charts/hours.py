"""When things happen in a week: seven days by twenty-four hours, as SVG drawn on the server."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

_SIDE, _GAP, _LEFT, _TOP = 22.0, 3.0, 40.0, 16.0
SHADES: Final = 4

Grid = Counter[tuple[int, int]]


def grid(moments: Iterable[datetime], zone: ZoneInfo) -> Grid:
    """Return how many moments there are by weekday (Monday is 0) and hour of the zone's clock."""
    return Counter(cell(moment, zone) for moment in moments)


def cell(moment: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """Return the weekday and the hour of a moment by the zone's clock."""
    local = moment.astimezone(zone)
    return local.weekday(), local.hour


def shade(n: int, most: int) -> int:
    """Return how dark a cell is, 0 for none: each shade stands for an equal part of the most."""
    return -(-n * SHADES // most) if n else 0


def hours(counts: Grid, href: Callable[[int, int], str]) -> SafeString:
    """Return the grid; each cell says its count, and where that is anything, leads to the list of what it counts."""
    most = max(counts.values(), default=0)
    width, height = _LEFT + 24 * (_SIDE + _GAP), _TOP + 7 * (_SIDE + _GAP)
    every = [(day, hour) for day in range(7) for hour in range(24)]
    full = [(href(*cell), _cell(*cell, counts[cell], most)) for cell in every if counts[cell]]
    empty = [(_cell(*cell, 0, most),) for cell in every if not counts[cell]]
    return format_html(
        '<svg class="hours" viewBox="0 0 {} {}" role="group" aria-label="{}">'
        '<g aria-hidden="true">{}{}{}</g>{}</svg>',
        f"{width:g}", f"{height:g}", summary(counts),
        format_html_join("", '<text x="0" y="{}">{}</text>', _days()),
        format_html_join("", '<text x="{}" y="10">{}</text>', _clock()),
        format_html_join("", "<g>{}</g>", empty),
        # Of a link in a drawing the title is the name.
        format_html_join("", '<a href="{}">{}</a>', full),
    )  # fmt: skip


def _cell(day: int, hour: int, n: int, most: int) -> SafeString:
    return format_html(
        '<title>{}: {}</title><rect class="h{}" x="{}" y="{}" width="22" height="22" rx="4"/>',
        f"{WEEKDAYS[day]} {hour:02d}:00", n, shade(n, most),
        f"{_LEFT + hour * (_SIDE + _GAP):g}", f"{_TOP + day * (_SIDE + _GAP):g}",
    )  # fmt: skip


def fullest(counts: Grid) -> tuple[int, int] | None:
    """Return the weekday and hour that has the most, the first of several; None where nothing has any."""
    return max(counts, key=lambda cell: (counts[cell], -cell[0], -cell[1]), default=None)


def summary(counts: Grid) -> str:
    """Return the grid in words."""
    cell = fullest(counts)
    if cell is None:
        return _("Nothing happened in this range.")
    day, hour = cell
    return _("Most on %(day)s from %(hour)s: %(n)d of %(all)d.") % {
        "day": WEEKDAYS[day],
        "hour": f"{hour:02d}:00",
        "n": counts[cell],
        "all": counts.total(),
    }


def _days() -> list[tuple[str, str]]:
    return [(f"{_TOP + day * (_SIDE + _GAP) + 15:g}", str(WEEKDAYS_ABBR[day])) for day in range(7)]


def _clock() -> list[tuple[str, str]]:
    return [(f"{_LEFT + hour * (_SIDE + _GAP):g}", f"{hour:02d}") for hour in range(0, 24, 3)]
