"""How a screen wants its board, all of it in the address; what is not understood falls back and is told."""

import re
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

THEMES: Final = ("dark", "light")
ROTATE_S: Final = 30
LEAST_ROTATE_S, MOST_ROTATE_S = 5, 3600
# In tenths, because the style sheet has a rule for each.
LEAST_SCALE, MOST_SCALE = 8, 16
NIGHT: Final = re.compile(r"([01]?\d|2[0-3])-([01]?\d|2[0-3])")
_KNOWN: Final = ("k", "rotate", "scale", "night", "theme", "lang")


@dataclass(frozen=True, slots=True)
class Options:
    """How often it turns to the next board (0: never), how large, when dark, and what was not understood."""

    rotate_s: int = ROTATE_S
    scale: str = "1.0"
    # the hours between which it is dimmed, such as 20-07; empty: never
    night: str = ""
    theme: str = THEMES[0]
    notices: tuple[str, ...] = ()


def options(given: QueryDict) -> Options:
    """Return what the address asks for."""
    notices: list[str] = []
    if unknown := sorted(set(given) - set(_KNOWN)):
        notices.append(_("Not understood and left out: %(names)s.") % {"names": ", ".join(unknown)[:60]})
    language = given.get("lang", "")
    if language and language.casefold() not in dict(settings.LANGUAGES):
        notices.append(_("There is no language “%(name)s”.") % {"name": language[:20]})
    return Options(
        rotate_s=_rotate(given.get("rotate", ""), notices),
        scale=_scale(given.get("scale", ""), notices),
        night=_night(given.get("night", ""), notices),
        theme=_theme(given.get("theme", ""), notices),
        notices=tuple(notices),
    )


def _rotate(asked: str, notices: list[str]) -> int:
    if not asked:
        return ROTATE_S
    if asked.isascii() and asked.isdigit() and len(asked) < 6:
        seconds = int(asked)
        if seconds == 0 or LEAST_ROTATE_S <= seconds <= MOST_ROTATE_S:
            return seconds
    limits = {"least": LEAST_ROTATE_S, "most": MOST_ROTATE_S}
    notices.append(_("rotate is 0 (never) or %(least)d to %(most)d seconds.") % limits)
    return ROTATE_S


def _scale(asked: str, notices: list[str]) -> str:
    if not asked:
        return "1.0"
    if re.fullmatch(r"\d(\.\d{1,2})?", asked) and LEAST_SCALE <= round(float(asked) * 10) <= MOST_SCALE:
        return f"{round(float(asked) * 10) / 10:.1f}"
    notices.append(_("scale is 0.8 to 1.6."))
    return "1.0"


def _night(asked: str, notices: list[str]) -> str:
    if not asked or NIGHT.fullmatch(asked):
        return asked
    notices.append(_("night is two hours, such as 20-07."))
    return ""


def _theme(asked: str, notices: list[str]) -> str:
    if not asked or asked in THEMES:
        return asked or THEMES[0]
    notices.append(_("There is no theme “%(name)s”, but dark and light.") % {"name": asked[:20]})
    return THEMES[0]
