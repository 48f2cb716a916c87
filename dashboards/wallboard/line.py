"""The day line: each deployment of a day where it came, drawn on the server."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from plimsoll.insight.board.day import Day, Landing, Outcome

WIDTH, HEIGHT = 982.0, 100.0
_LEFT, _RIGHT, _TOP, _AXIS, _LABELS = 12.0, 14.0, 2.0, 60.0, 94.0
# More hours than this are labelled every four.
_MANY_HOURS: Final = 14
# Failures on top, however many held around them.
_ORDER: Final[tuple[Outcome, ...]] = ("held", "undecided", "failed")
_HEADS: Final[dict[Outcome, str]] = {
    "held": '<circle cx="{x}" cy="30" r="8"/>',
    "undecided": '<circle cx="{x}" cy="30" r="7"/>',
    "failed": '<path d="M{x} 5l14 25h-28z"/>',
}


def day_line(day: Day, title: str) -> SafeString:
    """Return the line: hours below, a stem with a head for each deployment."""
    first, last = day.hours
    step = 4 if last - first > _MANY_HOURS else 2
    hours = range(first, last + 1, step)
    return format_html(
        '<svg class="dayline" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '{}{}<path class="axis" d="M0 {}H{}"/>{}</svg>',
        _n(WIDTH), _n(HEIGHT), title,
        format_html_join("", '<path class="hour" d="M{} {}V{}"/>', ((_x(h, first, last), _TOP, _AXIS) for h in hours)),
        format_html_join("", '<text class="{}" x="{}" y="{}">{}</text>', (_label(h, first, last) for h in hours)),
        _AXIS, _n(WIDTH),
        format_html_join("", "{}", ((_pin(each, day, first, last),) for each in _ordered(day.landings))),
    )  # fmt: skip


def _ordered(landings: Iterable[Landing]) -> list[Landing]:
    return sorted(landings, key=lambda landing: (_ORDER.index(landing.outcome), landing.at))


def _label(hour: int, first: int, last: int) -> tuple[str, str, float, str]:
    place = "first" if hour == first else "last" if hour == last else "between"
    return place, _x(hour, first, last), _LABELS, f"{hour:02d}:00"


def _pin(landing: Landing, day: Day, first: int, last: int) -> SafeString:
    x = _x(_hour(landing.at, day), first, last)
    return format_html(
        '<g class="pin {}"><path class="stem" d="M{} {}V{}"/>' + _HEADS[landing.outcome] + "</g>",
        landing.outcome, x, _AXIS, "38" if landing.outcome != "failed" else "30", x=x,
    )  # fmt: skip


def _hour(at: datetime, day: Day) -> float:
    """Return the time of day as the clock shows it: an hour that clocks repeat is drawn over itself."""
    local = at.astimezone(day.window.zone)
    return timedelta(hours=local.hour, minutes=local.minute, seconds=local.second) / timedelta(hours=1)


def _x(hour: float, first: int, last: int) -> str:
    return _n(_LEFT + (WIDTH - _LEFT - _RIGHT) * (hour - first) / (last - first))


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
