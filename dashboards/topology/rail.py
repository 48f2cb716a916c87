"""The time rail below the map: the last hours with their deployments, and the window that is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.frame.freshness import clock
from dashboards.frame.page import Visit
from dashboards.topology.asked import Asked
from dashboards.topology.compare import environments, named
from plimsoll.store.queries.rollouts import Rollout, rollouts

_SPANS: Final = ((timedelta(hours=1), timedelta(hours=3)), (timedelta(hours=6), timedelta(hours=12)))
_LONGEST: Final = timedelta(hours=48)
_TICKS: Final = {
    timedelta(hours=3): timedelta(minutes=15),
    timedelta(hours=12): timedelta(hours=1),
    _LONGEST: timedelta(hours=6),
}
_MINUTE: Final = timedelta(minutes=1)
# As near to the end of the window as this is now.
_LIVE: Final = timedelta(minutes=2)
WORDS: Final = {
    "held": gettext_lazy("held"),
    "failed": gettext_lazy("failed"),
    "undecided": gettext_lazy("undecided"),
    "running": gettext_lazy("rolling out"),
    "pending": gettext_lazy("watched"),
}


@dataclass(frozen=True, slots=True)
class Tick:
    """A time on the rail: where it is (percent of the length), what it says, and the query that shows it."""

    x: str
    label: str
    query: str
    is_wide: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """A deployment on the rail; `width` is how long one under way has run."""

    id: int
    x: str
    width: str
    outcome: str
    word: str
    name: str
    time: str
    is_compared: bool


@dataclass(frozen=True, slots=True)
class Rail:
    """What the rail shows. Positions are in percent; times for the script are in seconds since 1970."""

    start: datetime
    end: datetime
    ticks: tuple[Tick, ...]
    signs: tuple[Sign, ...]
    window_x: str
    window_width: str
    head_x: str
    begin: datetime
    head: datetime
    head_said: str
    is_live: bool
    live_query: str
    earlier_query: str
    later_query: str
    step_s: int
    # The last deployments of all, where the rail goes up to now.
    latest: tuple[Rollout, ...] = ()

    @property
    def seconds(self) -> tuple[int, ...]:
        """The rail's begin and end, and the window's end and begin, as the script counts."""
        return tuple(int(moment.timestamp()) for moment in (self.start, self.end, self.head, self.begin))


def rail(visit: Visit, asked: Asked, compared: Rollout | None = None) -> Rail:
    """Return the rail for the window that is shown."""
    length = next((span for longest, span in _SPANS if asked.length <= longest), _LONGEST)
    end = _end(visit.now, asked, length)
    start = end - length
    at = _Scale(start, end)
    shown = rollouts(
        start, end, now=visit.now, environments=environments(asked.scope), teams=asked.scope.teams
    )  # fmt: skip
    step = max(_MINUTE, asked.length / 5)
    return Rail(
        start=start,
        end=end,
        ticks=_ticks(visit, at, _TICKS[length]),
        signs=_signs(visit, shown, at, compared),
        window_x=at.percent(asked.start),
        window_width=at.width(asked.start, asked.end),
        head_x=at.percent(asked.end),
        begin=asked.start,
        head=asked.end,
        head_said=_("The map shows %(start)s to %(end)s") % {
            "start": clock(asked.start, visit.now, visit.zone), "end": clock(asked.end, visit.now, visit.zone),
        },
        is_live=visit.now - asked.end < _LIVE,
        live_query=visit.filters.query(at=None, **{"from": None, "to": None}),
        earlier_query=visit.filters.query(at=_written(asked.end - step)),
        later_query=visit.filters.query(at=_written(min(asked.end + step, visit.now))),
        step_s=int(step.total_seconds()),
        latest=tuple(shown) if end >= visit.now else (),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where moments are between the ends of the rail."""

    start: datetime
    end: datetime

    def percent(self, moment: datetime) -> str:
        """Return a place on the rail; what is beyond an end is at it."""
        share = (min(max(moment, self.start), self.end) - self.start) / (self.end - self.start)
        return f"{share * 100:.2f}"

    def width(self, begin: datetime, end: datetime) -> str:
        """Return a length on the rail."""
        return f"{max(0.0, float(self.percent(end)) - float(self.percent(begin))):.2f}"


def _end(now: datetime, asked: Asked, length: timedelta) -> datetime:
    """Return where the rail ends: now, unless the window would be off it; then the window is in its middle."""
    now = now.replace(second=0, microsecond=0) + _MINUTE
    if asked.start >= now - length:
        return now
    return min(now, asked.end + (length - asked.length) / 2)


def _ticks(visit: Visit, at: _Scale, every: timedelta) -> tuple[Tick, ...]:
    """Return the round times between the ends, in the page's zone."""
    local = at.start.astimezone(visit.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight + -(-(local - midnight) // every) * every
    moments = []
    while first.astimezone(UTC) <= at.end:
        moments.append(first.astimezone(UTC))
        # In absolute time: a day may have 23 hours.
        first = (first.astimezone(UTC) + every).astimezone(visit.zone)
    return tuple(
        Tick(
            x=at.percent(moment),
            label=f"{moment.astimezone(visit.zone):%H:%M}",
            query=visit.filters.query(at=_written(moment)),
            is_wide=n % 2 == 0,
        )
        for n, moment in enumerate(moments)
    )


def _signs(visit: Visit, shown: Iterable[Rollout], at: _Scale, compared: Rollout | None) -> tuple[Sign, ...]:
    # In the reader's language: a rail says them a hundred times.
    words = {outcome: str(word) for outcome, word in WORDS.items()}
    return tuple(
        Sign(
            id=each.id,
            x=at.percent(each.began_at),
            width=at.width(each.began_at, visit.now if each.is_running else each.began_at),
            outcome="undecided" if each.outcome == "pending" else each.outcome,
            word=words[each.outcome],
            name=named(each),
            time=clock(each.began_at, visit.now, visit.zone),
            is_compared=compared is not None and compared.id == each.id,
        )
        for each in shown
    )


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(second=0, microsecond=0).isoformat().replace("+00:00", "Z")
