"""Yesterday: how many deployments, which held, and each failure by name with the reason that is known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import words
from dashboards.times import written
from dashboards.wallboard.line import day_line
from dashboards.wallboard.say import rolled_back
from plimsoll.insight.board.day import Day
from plimsoll.insight.metrics.population import PLANNED
from plimsoll.store.marks import Marks
from plimsoll.store.naming import whole_name
from plimsoll.store.queries.board import FailedDeployment

# Lines that the panel has for failures: one of two lines, or several of one.
ROOM, ROOM_BELOW_BAR = 3, 2
# How long a failure without a known end is looked at.
_WINDOW: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Measured:
    """What telemetry says of a service over a stretch of time; None where it says nothing."""

    p95_ms: float | None = None
    error_rate: float | None = None


# Of a service, of a namespace, in an environment, from when until when.
Measure = Callable[[str, str | None, str | None, datetime, datetime], Measured]


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed deployment in words."""

    service: str
    version: str
    figures: str
    end: str

    @property
    def why(self) -> str:
        """All that is known of it."""
        return " · ".join(filter(None, (self.figures, self.end)))


@dataclass(frozen=True, slots=True)
class Yesterday:
    """The panel. `words` stand for the line where there is nothing to draw."""

    count: str
    words: str
    chips: tuple[tuple[str, str], ...] = ()
    line: SafeString | str = ""
    failures: tuple[Failure, ...] = ()
    more: int = 0
    is_dense: bool = False
    all_list: str = ""
    failed_list: str = ""


def yesterday(
    day: Day,
    failed: Sequence[FailedDeployment],
    team: str | None,
    marks: Marks,
    measure: Measure,
    *,
    is_known: bool,
    last: datetime | None,
    room: int = ROOM,
) -> Yesterday:
    """Return the panel; `last` is when the last deployment before was, for a day on which none came."""
    if not is_known:
        return Yesterday(
            "",
            _("Not connected: no deployment was reported yet. Point your CI at a source under Setup."),
        )
    n = len(day.landings)
    count = ngettext("%(n)d deployment", "%(n)d deployments", n) % {"n": n}
    if not n:
        return Yesterday(count, _nothing(last, day))
    shown, more = _fitting(len(failed), room)
    return Yesterday(
        count=count,
        words="",
        chips=_chips(day),
        line=day_line(day, count),
        failures=tuple(failure(each, marks, measure) for each in failed[:shown]),
        more=more,
        is_dense=len(failed) > 1,
        all_list=_list(day, team, "held", "failed", "pending"),
        failed_list=_list(day, team, "failed"),
    )


def failure(failed: FailedDeployment, marks: Marks, measure: Measure) -> Failure:
    """Return a failure in words: figures where telemetry has them and they are over their mark, and how it ended."""
    return Failure(
        service=failed.service or _("unknown service"),
        version=failed.version or "",
        figures=_figures(failed, marks, measure),
        end=_end(failed),
    )


def _fitting(count: int, room: int) -> tuple[int, int]:
    """Return how many failures are shown, and how many more there are."""
    if count <= 1:
        return count, 0
    return (count, 0) if count <= room else (room - 1, count - room + 1)


def _chips(day: Day) -> tuple[tuple[str, str], ...]:
    held, failed, undecided = (day.count(outcome) for outcome in ("held", "failed", "undecided"))
    chips = []
    if held:
        chips.append(("ok", _("%(n)d held") % {"n": held}))
    if failed:
        chips.append(("bad", _("%(n)d failed") % {"n": failed}))
    if undecided:
        chips.append(("unk", _("%(n)d undecided") % {"n": undecided}))
    return tuple(chips)


def _nothing(last: datetime | None, day: Day) -> str:
    if last is None:
        return _("There was none yesterday.")
    on = date_format(last.astimezone(day.window.zone), _("j M"))
    return _("There was none yesterday. The last one was on %(day)s.") % {"day": on}


def _figures(failed: FailedDeployment, marks: Marks, measure: Measure) -> str:
    start = failed.started_at or failed.finished_at
    if start is None or failed.service is None:
        return ""
    end = failed.undone_at or failed.finished_at
    if end is None or end <= start or failed.undone_at is None:
        end = (failed.finished_at or start) + _WINDOW
    service = whole_name(failed.namespace, failed.service)
    limits = {m: marks.of(m, team=failed.team, service=service) for m in ("p95_ms", "error_rate")}
    if not any(limit is not None for limit in limits.values()):
        return ""
    told = measure(failed.service, failed.namespace, failed.environment, start, end)
    found = []
    if told.p95_ms is not None and (limit := limits["p95_ms"]) is not None and told.p95_ms > limit:
        found.append(
            _("P95 %(value)s ms, mark %(mark)s ms") % {"value": words.whole(told.p95_ms), "mark": words.whole(limit)}
        )
    if told.error_rate is not None and (limit := limits["error_rate"]) is not None and told.error_rate > limit:
        values = {"value": words.fixed(told.error_rate, 1, 0.01), "mark": words.fixed(limit, 1, 0.01)}
        found.append(_("errors %(value)s %%, mark %(mark)s %%") % values)
    return " · ".join(found)


def _end(failed: FailedDeployment) -> str:
    """Return how it ended, or else why it counts as failed."""
    return rolled_back(failed) or _reasons().get(failed.reason or "", "")


def _reasons() -> Mapping[str, str]:
    return {
        "explicit": _("an incident names it"),
        "rollback": _("rolled back"),
        "rolled_back": _("rolled back by itself"),
        "revert": _("a change of it was reverted"),
        "incident": _("an incident followed it"),
    }


def _list(day: Day, team: str | None, *outcomes: str) -> str:
    """Return the address of the day's deployments with these outcomes, as the lists call them."""
    query: dict[str, object] = {
        "from": written(day.window.start),
        "to": written(day.window.end),
        "kind": PLANNED,
        "outcome": outcomes,
    }
    if team is not None:
        query["team"] = team
    return f"{reverse('deployments')}?{urlencode(query, doseq=True)}"
