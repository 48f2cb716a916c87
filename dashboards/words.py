"""Values as people read them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Reading:
    """A number and its unit, as large type shows them."""

    number: str
    unit: str = ""

    def __str__(self) -> str:
        """Both, as running text has them."""
        return f"{self.number} {self.unit}"


def duration(seconds: float) -> Reading:
    """Return a duration in the unit that keeps it short: 42 s, 4.2 min, 28 min, 2.1 h, 3.4 d."""
    # What rounds up to one of the next unit is said in that unit: never 60 s.
    if round(seconds) < 60:
        return Reading(f"{seconds:.0f}", _("s"))
    for unit, size, below in ((_("min"), 60, 60), (_("h"), 3600, 48)):
        if round(seconds / size) < below:
            return Reading(short(seconds / size), unit)
    return Reading(short(seconds / 86400), _("d"))


def share(rate: float) -> Reading:
    """Return a ratio in percent."""
    return Reading(short(rate * 100), "%")


def per_day(rate: float) -> Reading:
    """Return a rate per day; under one it needs a second place."""
    return Reading(f"{rate:.2f}" if 0 < rate < 1 else f"{rate:.1f}", _("per day"))


def number(value: float) -> str:
    """Return a count in at most six characters: 12,345 or 360 k or 1.2 M."""
    for unit, size in ((" G", 1e9), (" M", 1e6), (" k", 1e3)):
        if value >= size and value >= 99_999.5:
            return f"{short(value / size)}{unit}"
    return f"{value:,.0f}"


def short(value: float) -> str:
    """Return a number with one place under ten, without from there on."""
    return f"{value:.1f}" if round(value, 1) < 10 else f"{value:.0f}"


def milliseconds(value: float) -> str:
    """Return a latency."""
    if value < 10:
        return f"{value:.1f} {_('ms')}"
    return f"{value:.0f} {_('ms')}" if value < 1000 else f"{value / 1000:.1f} {_('s')}"


def per_second(value: float) -> str:
    """Return a rate per second, shown short: 0.02/s, 41/s, 1.1k/s."""
    if value >= 999.5:
        return f"{short(value / 1000)}k/s"
    return f"{value:.2g}/s" if 0 < value < 1 else f"{short(value)}/s"
