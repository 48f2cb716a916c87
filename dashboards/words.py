"""Values as people read them. All are rounded in one place, as people round: 17.25 is 17.3, not the even 17.2."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Final

from django.utils.translation import gettext as _

# With fewer last places than this a quotient of floats is off by less than half a millionth of one: four roundings.
_LARGE: Final = 1e9
_NEARLY: Final = 1e-6


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
        return Reading(fixed(seconds), _("s"))
    for unit, size, below in ((_("min"), 60, 60), (_("h"), 3600, 48)):
        if round(seconds / size) < below:
            return Reading(short(seconds, size), unit)
    return Reading(short(seconds, 86400), _("d"))


def share(rate: float) -> Reading:
    """Return a ratio in percent."""
    return Reading(short(rate, 0.01), "%")


def per_day(rate: float) -> Reading:
    """Return a rate per day; under one it needs a second place."""
    return Reading(fixed(rate, 2 if 0 < rate < 1 else 1), _("per day"))


def number(value: float) -> str:
    """Return a count in at most six characters: 12,345 or 360 k or 1.2 M."""
    for unit, size in ((" G", 1e9), (" M", 1e6), (" k", 1e3)):
        if value >= size and value >= 99_999.5:
            return f"{short(value, size)}{unit}"
    return whole(value)


def short(value: float, unit: float = 1) -> str:
    """Return a number of units with one place under ten, without from there on."""
    written = fixed(value, 1, unit)
    return written if float(written) < 10 else fixed(value, 0, unit)


def fixed(value: float, places: int = 0, unit: float = 1) -> str:
    """Return a number of units to so many places."""
    return _rounded(value, places, unit)


def signed(value: float, places: int = 0, unit: float = 1) -> str:
    """Return a difference of units to so many places, with its sign; one that rounds to nothing has none."""
    written = _rounded(value, places, unit, "+")
    return written.replace("-", "−") if float(written) else written[1:]


def whole(value: float) -> str:
    """Return a whole number, its thousands apart."""
    return _rounded(value, 0, 1, ",")


def _rounded(value: float, places: int, unit: float, form: str = "") -> str:
    """Write the number that people see: 0.0725 is 7.25 %, though the nearest binary numbers are a little less.

    Only near a half do the two round differently; a page has thousands of figures, and few of them are there.
    """
    form = f"{form}.{places}f"
    near = float(value) / unit
    beyond = abs(near) * 10**places
    if beyond < _LARGE and abs(beyond % 1 - 0.5) > _NEARLY:
        return format(near, form)
    return _exactly(value, form, unit)


def _exactly(value: float, form: str, unit: float) -> str:
    with localcontext(rounding=ROUND_HALF_UP):
        return format(Decimal(str(value)) / Decimal(str(unit)), form)


def milliseconds(value: float, units: tuple[str, str] | None = None) -> str:
    """Return a latency; `units` are those of latencies, for whoever writes hundreds."""
    ms, s = units or latency_units()
    if value < 10:
        return f"{fixed(value, 1)} {ms}"
    return f"{fixed(value)} {ms}" if value < 1000 else f"{fixed(value, 1, 1000)} {s}"


def latency_units() -> tuple[str, str]:
    """Return what milliseconds and seconds are written with, in the reader's language."""
    return _("ms"), _("s")


def per_second(value: float) -> str:
    """Return a rate per second, shown short: 0.02/s, 41/s, 1.1k/s."""
    if value >= 999.5:
        return f"{short(value, 1000)}k/s"
    if 0 < value < 1:
        return f"{float(Context(prec=2, rounding=ROUND_HALF_UP).create_decimal(str(value))):.2g}/s"
    return f"{short(value)}/s"
