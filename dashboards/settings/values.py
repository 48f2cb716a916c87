"""Levels of marks as people write them: 17 a day, 30 min, 1.5 %, 350 ms; and the same back."""

import math
import re
from typing import Final

from django.utils.translation import gettext as _

_SECONDS: Final = {
    "s": 1.0,
    "min": 60.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "秒": 1.0,
    "分钟": 60.0,
    "小时": 3600.0,
    "天": 86400.0,
}
_DURATIONS: Final = frozenset({"lead_time", "recovery_time"})
_RATIOS: Final = frozenset({"change_failure_rate", "error_rate"})
_NUMBER: Final = re.compile(r"\s*(\d{1,12}(?:[.,]\d{1,6})?)\s*(\S*)\s*")


class NotALevel(ValueError):
    """What was written is no level of this figure; the words say what would be."""


def level(metric: str, text: str) -> float:
    """Return the level that a text means, in the unit that it is kept in."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise NotALevel(_example(metric))
    value, unit = float(found[1].replace(",", ".")), found[2].casefold()
    if metric in _DURATIONS:
        if unit not in _SECONDS:
            raise NotALevel(_example(metric))
        value *= _SECONDS[unit]
    elif metric in _RATIOS:
        if unit not in ("", "%") or value > 100:
            raise NotALevel(_example(metric))
        value /= 100
    elif metric == "p95_ms":
        if unit not in ("", "ms", "s", "毫秒", "秒"):
            raise NotALevel(_example(metric))
        value *= 1000 if unit in ("s", "秒") else 1
    elif unit:
        raise NotALevel(_example(metric))
    if not math.isfinite(value) or (value <= 0 and metric not in _RATIOS):
        raise NotALevel(_("A level is more than zero."))
    return value


def shown(metric: str, value: float) -> str:
    """Return a level with its unit, exactly enough to be written again."""
    if metric in _DURATIONS:
        for unit in ("d", "h", "min"):
            if value >= _SECONDS[unit] and value % _SECONDS[unit] == 0:
                return f"{value / _SECONDS[unit]:g} {_units()[unit]}"
        return f"{value:g} {_units()['s']}"
    if metric in _RATIOS:
        return f"{round(value * 100, 6):g} %"
    if metric == "p95_ms":
        return f"{value:g} ms"
    return f"{value:g}"


def _units() -> dict[str, str]:
    return {"s": _("s"), "min": _("min"), "h": _("h"), "d": _("d")}


def _example(metric: str) -> str:
    if metric in _DURATIONS:
        return _("Write a number and a unit: 45 s, 30 min, 2 h or 1 d.")
    if metric in _RATIOS:
        return _("Write a percentage from 0 to 100, such as 1.5 %.")
    if metric == "p95_ms":
        return _("Write milliseconds or seconds: 350 ms or 1.2 s.")
    return _("Write how many a day, such as 2 or 0.5.")
