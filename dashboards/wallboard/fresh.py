"""How current a board is: the pill at its top, and the bar above the numbers when something is silent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards.frame.freshness import NEARLY_LIVE, STALE, clock, silent
from plimsoll.store.queries.board import Heard

_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Fresh:
    """The pill (shape, word, the rest), and the bar: its first words, what follows, and the names of what is silent.

    `through` is until when telemetry is complete; `is_stale` when the numbers may not stand for now.
    """

    state: str
    word: str
    text: str
    through: datetime | None
    is_stale: bool = False
    bar: str = ""
    more: str = ""
    silent: tuple[str, ...] = ()
    after: str = ""


def fresh(heard: Heard, now: datetime, zone: ZoneInfo) -> Fresh:
    """Return how current everything is at a moment."""
    through = heard.telemetry
    if through is None:
        return Fresh("unk", _("No telemetry yet"), "", None)
    behind = now - through
    if behind > STALE:
        return _stale(heard, through, now, zone)
    quiet = silent(heard.clusters, now)
    state = Fresh(
        "ok" if behind <= NEARLY_LIVE else "warn",
        _("Live") if behind <= NEARLY_LIVE else _("%(n)d min behind") % {"n": _minutes(behind)},
        _("data through %(time)s") % {"time": clock(through, now, zone)} if behind <= NEARLY_LIVE else "",
        through,
    )
    if not quiet:
        return state
    longest = min(quiet.values())
    bar = _("No telemetry from a part for %(n)d min.") % {"n": _minutes(now - longest)}
    more = ngettext("Silent since %(time)s: collector", "Silent since %(time)s: collectors", len(quiet))
    return Fresh(
        state.state,
        state.word,
        state.text,
        through,
        bar=bar,
        more=more % {"time": clock(longest, now, zone)},
        silent=tuple(quiet)[:_MOST_NAMED],
        after=_("The others are live."),
    )


def unheard() -> Fresh:
    """Return what is said where it could not be found out."""
    return Fresh("unk", _("Unknown"), _("until when data is complete"), None)


def _stale(heard: Heard, through: datetime, now: datetime, zone: ZoneInfo) -> Fresh:
    ends = clock(through, now, zone)
    quiet = silent(heard.clusters, now)
    more = _("The numbers below end at %(time)s.") % {"time": ends}
    if quiet:
        more = f"{more} {ngettext('Collector', 'Collectors', len(quiet))}"
    return Fresh(
        "bad",
        _("Stale"),
        _("data ends %(time)s") % {"time": ends},
        through,
        is_stale=True,
        bar=_("No new data for %(time)s.") % {"time": _lasting(now - through)},
        more=more,
        silent=tuple(quiet)[:_MOST_NAMED],
        after=_after(heard, through, now, zone, len(quiet)),
    )


def _after(heard: Heard, through: datetime, now: datetime, zone: ZoneInfo, silent: int) -> str:
    still = heard.webhooks is not None and heard.webhooks > through
    if silent and still:
        return ngettext("is silent; webhooks still arrive.", "are silent; webhooks still arrive.", silent)
    if silent:
        return ngettext("is silent, and no webhook came since.", "are silent, and no webhook came since.", silent)
    return _("Webhooks still arrive.") if still else _("No webhook came since.")


def _minutes(lasting: timedelta) -> int:
    return int(lasting.total_seconds() // 60)


def _lasting(lasting: timedelta) -> str:
    minutes = _minutes(lasting)
    if minutes < 120:
        return _("%(n)d min") % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(n)d h") % {"n": minutes // 60}
    return _("%(n)d d") % {"n": minutes // 1440}
