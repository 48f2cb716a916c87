"""The day line: each deployment of a day where it came, drawn on the server."""

from datetime import datetime
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dashboards.charts.paths import px
from plimsoll.insight.board.day import Day, Outcome

WIDTH, HEIGHT = 982.0, 100.0
_LEFT, _RIGHT, _TOP, _AXIS, _LABELS = 12.0, 14.0, 2.0, 60.0, 94.0
# More hours than this are labelled every four.
_MANY_HOURS: Final = 14
# Failures on top, however many held around them.
_ORDER: Final[tuple[Outcome, ...]] = ("held", "undecided", "failed")
# A stem with a head; what is inside the braces is the place.
_PINS: Final[dict[Outcome, str]] = {
    "held": '<g class="pin held"><path class="stem" d="M{0} 60V38"/><circle cx="{0}" cy="30" r="8"/></g>',
    "undecided": '<g class="pin undecided"><path class="stem" d="M{0} 60V38"/><circle cx="{0}" cy="30" r="7"/></g>',
    "failed": '<g class="pin failed"><path class="stem" d="M{0} 60V30"/><path d="M{0} 5l14 25h-28z"/></g>',
}


def day_line(day: Day, title: str) -> SafeString:
    """Return the line: hours below, a stem with a head for each deployment."""
    first, last = day.hours
    step = 4 if last - first > _MANY_HOURS else 2
    hours = range(first, last + 1, step)
    return format_html(
        '<svg class="dayline" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '{}{}<path class="axis" d="M0 {}H{}"/>{}</svg>',
        px(WIDTH), px(HEIGHT), title,
        format_html_join("", '<path class="hour" d="M{} {}V{}"/>', ((_x(h, first, last), _TOP, _AXIS) for h in hours)),
        format_html_join("", '<text class="{}" x="{}" y="{}">{}</text>', (_label(h, first, last) for h in hours)),
        _AXIS, px(WIDTH),
        format_html_join("", "{}", ((_pins(outcome, day, first, last),) for outcome in _ORDER)),
    )  # fmt: skip


def _label(hour: int, first: int, last: int) -> tuple[str, str, float, str]:
    place = "first" if hour == first else "last" if hour == last else "between"
    return place, _x(hour, first, last), _LABELS, f"{hour:02d}:00"


def _pins(outcome: Outcome, day: Day, first: int, last: int) -> SafeString:
    """Return the pins of an outcome. There may be a thousand: one text for all of them, with a place each."""
    hours = (_hour(landing.at, day) for landing in day.landings if landing.outcome == outcome)
    return format_html_join("", _PINS[outcome], ((_x(hour, first, last),) for hour in hours))


def _hour(at: datetime, day: Day) -> float:
    """Return the time of day as the clock shows it: an hour that clocks repeat is drawn over itself."""
    local = at.astimezone(day.window.zone)
    return (3600 * local.hour + 60 * local.minute + local.second) / 3600


def _x(hour: float, first: int, last: int) -> str:
    return px(_LEFT + (WIDTH - _LEFT - _RIGHT) * (hour - first) / (last - first))
