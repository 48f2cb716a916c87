"""Levels as people write them: `60 min`, `1 %`, `350 ms`, `3 a day`."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Final

_NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)"
_PIECE = re.compile(rf"({_NUMBER})\s*([a-z]+)", re.ASCII)
_SHARE = re.compile(rf"({_NUMBER})\s*%", re.ASCII)
_RATE = re.compile(rf"({_NUMBER})\s*(?:/|an?\s|per\s)\s*(day|week|month|hour)", re.ASCII)

_SECONDS: Final = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3_600.0),
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604_800.0),
}
_DAYS: Final = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0}


def duration_s(text: str) -> float | None:
    """Return the seconds of `90 s`, `60 min`, `1 h 30 min` or `2 days`, None when it is no duration."""
    folded = text.strip().lower()
    pieces = _PIECE.findall(folded)
    rest = _PIECE.sub("", folded).strip()
    if not pieces or rest or any(unit not in _SECONDS for _, unit in pieces):
        return None
    return _usable(math.fsum(float(number) * _SECONDS[unit] for number, unit in pieces))


def duration_ms(text: str) -> float | None:
    """Return the milliseconds of `350 ms` or `1.2 s`, None when it is no duration."""
    seconds = duration_s(text)
    return None if seconds is None else round(seconds * 1000, 6)


def share(text: str) -> float | None:
    """Return the ratio of `1 %`, None when it is no share from 0 to 100 %."""
    found = _SHARE.fullmatch(text.strip())
    ratio = float(found[1]) / 100 if found else -1.0
    return round(ratio, 12) if 0 <= ratio <= 1 else None


def per_day(text: str) -> float | None:
    """Return how often a day `3 a day`, `2/week` or `1 per month` (30 days) is, None when it is no rate."""
    found = _RATE.fullmatch(text.strip().lower())
    return _usable(float(found[1]) / _DAYS[found[2]]) if found else None


def _usable(value: float) -> float | None:
    return value if 0 < value < 1e12 else None


# A mark's name in the file: the metric it is of, what reads it, and what is right.
MARKS: Final[Mapping[str, tuple[str, Callable[[str], float | None], str]]] = {
    "deployment_frequency": ("deployment_frequency", per_day, "a rate such as 3 a day or 2 a week"),
    "lead_time": ("lead_time", duration_s, "a duration such as 60 min or 1 h 30 min"),
    "change_failure_rate": ("change_failure_rate", share, "a share from 0 % to 100 %, such as 5 %"),
    "recovery_time": ("recovery_time", duration_s, "a duration such as 60 min or 1 h 30 min"),
    "error_rate": ("error_rate", share, "a share from 0 % to 100 %, such as 1 %"),
    "p95": ("p95_ms", duration_ms, "a duration such as 350 ms or 1.2 s"),
}
